package platform

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
)

// agentName is the label of the launch agent and the name of its file.
const agentName = "io.github.fieldsync.fieldsync"

func agentFile() (string, error) {
	home, err := os.UserHomeDir()
	return filepath.Join(home, "Library", "LaunchAgents", agentName+".plist"), err
}

func autostart() (bool, string, error) {
	path, err := agentFile()
	if err != nil {
		return false, "", err
	}
	on, err := exists(path)
	return on, path, err
}

func addAutostart(command []string) error {
	path, err := agentFile()
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>Label</key><string>` + agentName + `</string>
<key>RunAtLoad</key><true/>
<key>ProgramArguments</key><array>
`)
	for _, c := range command {
		b.WriteString("<string>")
		if err := xml.EscapeText(&b, []byte(c)); err != nil {
			return err
		}
		b.WriteString("</string>\n")
	}
	b.WriteString("</array></dict></plist>\n")
	return write(path, []byte(b.String()))
}

func removeAutostart() error {
	path, err := agentFile()
	if err != nil {
		return err
	}
	return remove(path)
}
