package core

import (
	"crypto/sha256"
	"encoding/binary"
)

// A Seal stands for one version of one record, as a node has it: equal seals, the
// same record with the same content and the same stamp. A Fieldsync that was sent
// records answers with the seals of those that stand there now as they came, after
// it has stored them.
type Seal [16]byte

// SealOf returns the seal of a version.
func SealOf(l Link, content Hash, modifiedOn MTime) Seal {
	b := make([]byte, 0, 160)
	b = append(append(append(append(b, l.Resource...), 0), l.UUID...), 0)
	b = append(b, content[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(modifiedOn))
	sum := sha256.Sum256(b)
	return Seal(sum[:16])
}
