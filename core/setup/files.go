package setup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/fieldsync/fieldsync/core"
)

// Folder keeps certificates of authorities in the data folder.
func Folder(dir string) Files {
	return Files{
		Read: func(path string) (string, error) {
			file, err := os.ReadFile(path)
			if err != nil {
				return "", unreadable(path, err)
			}
			return core.CertificatesPEM(core.Certificates(file)), nil
		},
		Write: func(name, text string) (string, error) {
			path := unused(filepath.Join(dir, "authority-"+plain(name)), text)
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				return "", unreadable(path, err)
			}
			return path, nil
		},
	}
}

// unused returns the name of a file that is not there, or is the same: another server may
// have a name that differs in a sign only.
func unused(name, text string) string {
	for n := 1; ; n++ {
		path := name + ".pem"
		if n > 1 {
			path = fmt.Sprintf("%s-%d.pem", name, n)
		}
		there, err := os.ReadFile(path)
		if err != nil || string(there) == text {
			return path
		}
	}
}

// plain makes part of a file's name of a repository's.
func plain(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return '-'
	}, name)
}

// Read reads a setup file. The error is Faults, or a Problem FileUnreadable.
func Read(path string) (Setup, error) {
	info, err := os.Stat(path)
	if err == nil && (info.IsDir() || info.Size() > maxSize) {
		err = fmt.Errorf("%d bytes", info.Size())
	}
	if err != nil {
		return Setup{}, unreadable(path, err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Setup{}, unreadable(path, err)
	}
	return Parse(data)
}

// Save writes a setup file. One that would set no server up is refused.
func Save(path string, s Setup) error {
	if len(s.Repositories) == 0 {
		return core.Invalid("setup", "There is nothing to save: no server is set up here, or only the one to practise with.")
	}
	text, err := s.Write()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, text, 0o644); err != nil {
		return &core.Problem{Op: "save setup", Kind: core.FileUnreadable, Subject: path, Words: "The file %s cannot be written.", Values: []any{path}, Err: err}
	}
	return nil
}

func unreadable(path string, err error) error {
	return &core.Problem{Op: "read file", Kind: core.FileUnreadable, Subject: path, Err: err}
}
