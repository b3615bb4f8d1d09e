package responder

import (
	"encoding/hex"

	"github.com/google/uuid"

	"github.com/fieldsync/fieldsync/core"
)

// identify gives a uuid to records that came without one, made from who sent
// them, where they stand and what they say: pushed again, they are the same
// records. (Eden looks for a similar record instead; spec eden-sync-protocol
// §11.3.)
func identify(rec *core.Record, owner string) {
	if rec.UUID == "" {
		hash := rec.Hash()
		name := owner + " " + string(rec.Resource) + " " + rec.Alias + " " + hex.EncodeToString(hash[:])
		rec.UUID = "urn:uuid:" + uuid.NewSHA1(uuid.NameSpaceOID, []byte(name)).String()
	}
	for i := range rec.Components {
		part := &rec.Components[i]
		part.Master = rec.Link()
		identify(part, rec.UUID)
	}
}
