package core

import "strings"

// A Resource is the name of a table, prefix and name joined by an underscore:
// "org_organisation". Only names for which Valid is true may reach a store or a
// URL.
type Resource string

// maxResourceName bounds a table name, in bytes. PostgreSQL, the strictest
// database under an Eden, allows 63.
const maxResourceName = 63

// Valid reports whether r is a table name as Eden forms them: lower-case
// letters, digits and underscores, a letter first, at least one underscore
// between prefix and name. Everything else is refused, so that a name that came
// from a peer can do no harm as an SQL identifier or in a URL.
func (r Resource) Valid() bool {
	if len(r) > maxResourceName || !validIdentifier(string(r)) {
		return false
	}
	prefix, name := r.Split()
	return prefix != "" && name != ""
}

// Split returns the controller prefix and the name: "org", "organisation".
func (r Resource) Split() (prefix, name string) {
	prefix, name, _ = strings.Cut(string(r), "_")
	return prefix, name
}

// privatePrefixes are the tables that hold accounts, credentials or a node's
// own configuration. They are never read from a document, never exported and
// never shared (DESIGN §6; spec eden-sync-protocol §12.10, W23).
var privatePrefixes = map[string]bool{"auth": true, "sync": true, "scheduler": true, "s3": true, "admin": true, "setup": true, "msg": true}

// Private reports whether the resource may not travel in either direction.
func (r Resource) Private() bool {
	prefix, _ := r.Split()
	return privatePrefixes[prefix]
}

// renamed are tables that later Edens have by another name.
var renamed = map[Resource]Resource{"req_req": "inv_req"}

// Renamed returns the name that a table has at later Edens; "" if it has the same.
func (r Resource) Renamed() Resource { return renamed[r] }

// ValidField reports whether name can be a field of a resource: a lower- or
// upper-case letter or digits and underscores (Eden has "L0" and "addr_street"),
// at most 63 bytes.
func ValidField(name string) bool {
	return len(name) <= maxResourceName && validIdentifier(name)
}

func validIdentifier(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
		case c >= '0' && c <= '9', c == '_':
			if i == 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}
