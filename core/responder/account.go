package responder

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/fieldsync/fieldsync/core"
)

// argon is the cost of a password: Argon2id with 7 MiB and five passes. Of the settings that
// OWASP's Password Storage Cheat Sheet recommends as equal in defence (19 MiB and two
// passes, 12 and three, …) it takes the least memory: a hub is a laptop, too, and gets a
// login of each of the others in the middle of an export.
var argon = cost{memory: 7 << 10, time: 5, threads: 1}

const (
	saltLength  = 16
	keyLength   = 32
	maxPassword = 1024 // bytes
)

// cost are the parameters of Argon2id; memory is in KiB.
type cost struct {
	memory, time uint32
	threads      uint8
}

// HashPassword returns a password's Argon2id hash in the PHC string format, for
// core.Account.Hash. An empty or very long password is a Problem.
func HashPassword(password core.Secret) (string, error) {
	if password == "" {
		return "", core.Invalid("password", "Enter a password.")
	}
	if len(password) > maxPassword {
		return "", core.Invalid("password", "The password is too long.")
	}
	salt := make([]byte, saltLength)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	key := argon.key(password, salt, keyLength)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argon.memory, argon.time, argon.threads,
		b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// VerifyPassword reports whether the password belongs to the hash. It takes
// the same time whatever differs; a hash that cannot be read belongs to none.
func VerifyPassword(hash string, password core.Secret) bool {
	c, salt, want, err := parseHash(hash)
	if err != nil || len(password) > maxPassword {
		return false
	}
	return subtle.ConstantTimeCompare(c.key(password, salt, uint32(len(want))), want) == 1
}

func (c cost) key(password core.Secret, salt []byte, length uint32) []byte {
	return argon2.IDKey([]byte(password.Reveal()), salt, c.time, c.memory, c.threads, length)
}

var errHash = errors.New("not an Argon2id hash in the PHC format")

// parseHash reads "$argon2id$v=19$m=…,t=…,p=…$salt$key". Costs beyond reason are
// refused, so that a damaged database cannot bring the program down.
func parseHash(hash string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.time, &c.threads); err != nil {
		return c, nil, nil, errHash
	}
	if c.memory < 8 || c.memory > 1<<20 || c.time < 1 || c.time > 32 || c.threads < 1 || c.threads > 32 {
		return c, nil, nil, errHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(key) < 16 || len(key) > 128 {
		return c, nil, nil, errHash
	}
	return c, salt, key, nil
}
