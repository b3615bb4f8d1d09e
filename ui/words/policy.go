package words

import (
	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// A Choice is one way to set something: a plain label with Eden's term beside
// it, and what it does.
type Choice struct {
	Label   string
	Explain string
}

// UpdatePolicies lists the policies an administrator may choose for updates.
func UpdatePolicies() []core.Policy {
	return []core.Policy{core.PolicyNewer, core.PolicyOther, core.PolicyThis, core.PolicyMaster}
}

// ConflictPolicies lists those for conflicts.
func ConflictPolicies() []core.Policy { return append(UpdatePolicies(), core.PolicyAsk) }

// UpdatePolicy explains an update policy.
func UpdatePolicy(p core.Policy) Choice {
	switch p {
	case core.PolicyThis:
		return Choice{tr.L("This laptop's version always stays (THIS)"), tr.L("Nothing that the server changed ever replaces a record that is already here. New records still arrive.")}
	case core.PolicyOther:
		return Choice{tr.L("The server's version always wins (OTHER)"), tr.L("Every change from the server replaces the record here, whenever it was made.")}
	case core.PolicyMaster:
		return Choice{tr.L("Only from where it was made (MASTER)"), tr.L("A record is only updated by the place where it was first entered. Copies of copies are not taken.")}
	}
	return Choice{tr.L("The newest version wins (NEWER)"), tr.L("The version that was changed last is kept. Different clocks are taken into account. Recommended.")}
}

// ConflictPolicy explains a conflict policy.
func ConflictPolicy(p core.Policy) Choice {
	switch p {
	case core.PolicyThis:
		return Choice{tr.L("This laptop's version stays (THIS)"), tr.L("If both sides changed the same field, yours stays and is sent. The other version is kept in the history.")}
	case core.PolicyOther:
		return Choice{tr.L("The server's version wins (OTHER)"), tr.L("If both sides changed the same field, the server's is taken. Your version is kept in the history.")}
	case core.PolicyMaster:
		return Choice{tr.L("The place where it was made wins (MASTER)"), tr.L("If both sides changed the same field, the version of the place where the record was first entered counts.")}
	case core.PolicyAsk:
		return Choice{tr.L("Ask a person each time (ASK)"), tr.L("Both versions wait under “Needs you” until somebody decides. Everything else goes on. This one is Fieldsync's own; Eden does not have it.")}
	}
	return Choice{tr.L("The newest version wins (NEWER)"), tr.L("If both sides changed the same field, the later change counts. The other version is kept in the history. Recommended.")}
}

// Modes lists the modes in the order they are offered.
func Modes() []core.Mode {
	return []core.Mode{core.ModeBoth, core.ModePull, core.ModePush, core.ModeNone}
}

// Mode explains in which directions a resource is exchanged.
func Mode(m core.Mode) Choice {
	switch m {
	case core.ModePull:
		return Choice{tr.L("Receive only (pull)"), tr.L("Records come from the server; changes made here stay here.")}
	case core.ModePush:
		return Choice{tr.L("Send only (push)"), tr.L("Records made or changed here are sent; nothing is fetched.")}
	case core.ModeNone:
		return Choice{tr.L("Switched off (none)"), tr.L("Nothing is exchanged, but the settings are kept.")}
	}
	return Choice{tr.L("Receive and send (pull and push)"), tr.L("Records are fetched from the server first, then your changes are sent.")}
}

// Method explains what an import may do.
func Method(m core.Method) string {
	switch m {
	case core.MethodCreate:
		return tr.L("add new records (create)")
	case core.MethodUpdate:
		return tr.L("change records (update)")
	case core.MethodDelete:
		return tr.L("delete records (delete)")
	}
	return tr.L("join duplicates (merge)")
}
