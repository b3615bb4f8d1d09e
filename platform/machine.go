package platform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Machine returns a fingerprint of this installation of the operating system: the
// same at every start, another one on every other computer; "" if the system does
// not tell. It says nothing about the computer to whoever sees it.
func Machine() string {
	id := machineID()
	if id == "" {
		return ""
	}
	// Keyed by the id, as systemd's machine-id(5) asks of those who store it.
	mac := hmac.New(sha256.New, []byte(id))
	_, _ = mac.Write([]byte("fieldsync")) // a hash takes everything
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
