package storage

import (
	"database/sql/driver"
	"encoding/hex"
)

const uuidPrefix = "urn:uuid:"

// uuidValue returns how a uuid is stored: sixteen bytes for the canonical form
// "urn:uuid:" with lower-case hexadecimal digits, NULL for none, the text itself
// for anything else. Both come back to the letter.
func uuidValue(s string) driver.Value {
	if s == "" {
		return nil
	}
	if b, ok := packUUID(s); ok {
		return b
	}
	return s
}

func packUUID(s string) ([]byte, bool) {
	if len(s) != len(uuidPrefix)+36 || s[:len(uuidPrefix)] != uuidPrefix {
		return nil, false
	}
	s = s[len(uuidPrefix):]
	packed := make([]byte, 0, 16)
	for i := 0; i < 36; {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return nil, false
			}
			i++
			continue
		}
		high, low := nibble(s[i]), nibble(s[i+1])
		if high > 15 || low > 15 {
			return nil, false
		}
		packed = append(packed, high<<4|low)
		i += 2
	}
	return packed, true
}

func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// uuidText is the opposite of uuidValue.
func uuidText(v driver.Value) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		if len(v) != 16 {
			return string(v)
		}
		var b [len(uuidPrefix) + 36]byte
		copy(b[:], uuidPrefix)
		out := b[len(uuidPrefix):]
		hex.Encode(out[0:8], v[0:4])
		out[8] = '-'
		hex.Encode(out[9:13], v[4:6])
		out[13] = '-'
		hex.Encode(out[14:18], v[6:8])
		out[18] = '-'
		hex.Encode(out[19:23], v[8:10])
		out[23] = '-'
		hex.Encode(out[24:36], v[10:16])
		return string(b[:])
	}
	return ""
}
