package storage

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// What is chosen in the window, as it stands in the table of settings.
const (
	settingLanguage = "window.language"
	settingLook     = "window.look"
	settingTextSize = "window.text_size"
	settingPasscode = "passcode"
	settingServe    = "serve.on"
	settingListen   = "serve.address"
	settingHosts    = "serve.hosts"
)

// Preferences returns how a person likes the window.
func (db *DB) Preferences(ctx context.Context) (core.Preferences, error) {
	stored, err := db.Settings(ctx)
	size, convErr := strconv.Atoi(stored[settingTextSize])
	if convErr != nil {
		size = 0
	}
	return core.Preferences{Language: stored[settingLanguage], Look: stored[settingLook], TextSize: size}, err
}

// SavePreferences stores them all.
func (db *DB) SavePreferences(ctx context.Context, p core.Preferences) error {
	return db.setSettings(ctx, map[string]string{settingLanguage: p.Language, settingLook: p.Look, settingTextSize: strconv.Itoa(p.TextSize)})
}

// Passcode returns the Argon2id hash of the administrator's passcode, "" if there
// is none.
func (db *DB) Passcode(ctx context.Context) (string, error) {
	hash, err := db.Setting(ctx, settingPasscode)
	if errors.Is(err, core.ErrNotFound) {
		return "", nil
	}
	return hash, err
}

// SetPasscode stores the hash of another passcode; "" takes it away.
func (db *DB) SetPasscode(ctx context.Context, hash string) error {
	return db.setSettings(ctx, map[string]string{settingPasscode: hash})
}

// Serving returns whether and where peers are answered.
func (db *DB) Serving(ctx context.Context) (core.Serving, error) {
	stored, err := db.Settings(ctx)
	s := core.DefaultServing()
	s.On = stored[settingServe] == "1"
	if stored[settingListen] != "" {
		s.Address = stored[settingListen]
	}
	s.Hosts = append(s.Hosts, strings.Fields(stored[settingHosts])...)
	return s, err
}

// SaveServing stores it.
func (db *DB) SaveServing(ctx context.Context, s core.Serving) error {
	on := "0"
	if s.On {
		on = "1"
	}
	return db.setSettings(ctx, map[string]string{settingServe: on, settingListen: s.Address, settingHosts: strings.Join(s.Hosts, " ")})
}

// setSettings stores several settings in one transaction.
func (db *DB) setSettings(ctx context.Context, values map[string]string) error {
	return db.inTx(ctx, "store settings", func(t *tx) error {
		for key, value := range values {
			if err := t.setSetting(key, value); err != nil {
				return err
			}
		}
		return nil
	})
}
