package words

import tr "github.com/fieldsync/fieldsync/ui/translations"

// CheckName is what the doctor looked at, by storage's name of it.
func CheckName(name string) string {
	switch name {
	case "database":
		return tr.L("Database")
	case "links":
		return tr.L("Links")
	case "records":
		return tr.L("Records")
	case "files":
		return tr.L("Files")
	case "runs":
		return tr.L("Syncs")
	case "passwords":
		return tr.L("Passwords")
	case "numbering":
		return tr.L("Order of changes")
	case "progress":
		return tr.L("Progress")
	case "versions":
		return tr.L("Older versions")
	case "waiting":
		return tr.L("What waits")
	case "unsent":
		return tr.L("Unsent changes")
	}
	return Capital(name)
}
