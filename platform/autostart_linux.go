package platform

import (
	"os"
	"path/filepath"
	"strings"
)

// desktopFile is where desktops look for what starts at login (XDG Autostart).
func desktopFile() (string, error) {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "autostart", "fieldsync.desktop"), nil
}

func autostart() (bool, string, error) {
	path, err := desktopFile()
	if err != nil {
		return false, "", err
	}
	on, err := exists(path)
	return on, path, err
}

func addAutostart(command []string) error {
	path, err := desktopFile()
	if err != nil {
		return err
	}
	return write(path, []byte(`[Desktop Entry]
Type=Application
Name=Fieldsync
Comment=Keeps records in step with a Sahana Eden server
Exec=`+execLine(command)+`
Icon=fieldsync
Terminal=false
X-GNOME-Autostart-enabled=true
`))
}

func removeAutostart() error {
	path, err := desktopFile()
	if err != nil {
		return err
	}
	return remove(path)
}

// execLine quotes a command as the Desktop Entry Specification wants it: every
// argument in quotes, with reserved characters escaped twice and % doubled.
func execLine(command []string) string {
	quote := strings.NewReplacer(`\`, `\\\\`, `"`, `\\"`, "`", "\\\\`", `$`, `\\$`, `%`, `%%`)
	parts := make([]string, len(command))
	for i, c := range command {
		parts[i] = `"` + quote.Replace(c) + `"`
	}
	return strings.Join(parts, " ")
}
