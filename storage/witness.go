package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// The witness remembers the last token outside the database: a database that
// does not know it is older than it was. It lies beside the database, in the
// operating system's keyring where passwords lie there, and in a folder that a
// restored data folder does not bring back (Options.Outside).
const witnessName = "witness"

// BearWitness remembers the token outside the database. The database must know it
// already. Both files are written side by side: each is waited for until the disk has it.
func (db *DB) BearWitness(ctx context.Context, token string) error {
	if ring, ok := db.secrets.(keyringSecrets); ok {
		if err := ring.Set(witnessName, core.Secret(token)); err != nil {
			db.log.Warn("Keyring not written", "err", err) // the files are there
		}
	}
	outside := make(chan error, 1)
	go func() { outside <- core.Caught(func() error { return db.witnessOutside(ctx, token) }) }()
	err := writePrivate(filepath.Join(db.dir, witnessName), []byte(token+"\n"))
	if err := <-outside; err != nil {
		db.log.Warn("No witness outside the data folder", "dir", db.outside, "err", err) // only an alarm is missing
	}
	return problem("handshake", err)
}

func (db *DB) witnessOutside(ctx context.Context, token string) error {
	if db.outside == "" {
		return nil
	}
	if err := os.MkdirAll(db.outside, 0o700); err != nil {
		return err
	}
	path, err := db.outsidePath(ctx)
	if err != nil {
		return err
	}
	return writePrivate(path, []byte(token+"\n"))
}

// outsidePath is where the witness of this node lies outside the data folder:
// several data folders share that place.
func (db *DB) outsidePath(ctx context.Context) (string, error) {
	uuid, err := db.Setting(ctx, settingUUID)
	sum := sha256.Sum256([]byte(uuid))
	return filepath.Join(db.outside, witnessName+"-"+hex.EncodeToString(sum[:8])), err
}

// witnesses returns what is remembered outside the database.
func (db *DB) witnesses(ctx context.Context) (tokens []string, err error) {
	if ring, ok := db.secrets.(keyringSecrets); ok {
		if token, err := ring.Get(witnessName); err == nil && token != "" {
			tokens = append(tokens, token.Reveal())
		}
	}
	paths := []string{filepath.Join(db.dir, witnessName)}
	if db.outside != "" {
		outside, err := db.outsidePath(ctx)
		if err != nil {
			return nil, err
		}
		paths = append(paths, outside)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, problem("handshake", err)
		}
		if token := strings.TrimSpace(string(content)); token != "" {
			tokens = append(tokens, token)
		}
	}
	return tokens, nil
}
