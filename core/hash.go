package core

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"path"
	"slices"
	"strings"
)

// A Hash identifies the content of a version: equal hashes, equal content,
// whatever the order of fields, the number format or the zone it was written in.
type Hash [16]byte

// String returns the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether no hash was taken.
func (h Hash) IsZero() bool { return h == Hash{} }

// Hasher computes hashes and keeps its buffers; it serves one goroutine.
type Hasher struct {
	buf    []byte
	orders [hasherOrders]fieldOrder // that of the last record first
}

// hasherOrders is how many orders of fields a Hasher keeps: records come with their
// components, and those of one table mostly have the same fields in the same order.
const hasherOrders = 4

// A fieldOrder is how fields stand by their names.
type fieldOrder struct {
	names []string // as they came
	order []int    // their numbers, sorted by name
}

// Hash returns the hash of r's content.
func (r *Record) Hash() Hash { return new(Hasher).Sum(r) }

// Sum returns the hash of r's content: its fields, its deletion, what it was
// replaced by, and what it carries of unknown things. Not of it are stamps,
// users, mci, representations and components, which are records of their own.
// A null and an empty text count as absent.
func (h *Hasher) Sum(r *Record) Hash {
	b := h.buf[:0]
	if r.Deleted {
		b = append(append(b, "deleted\x00"...), r.ReplacedBy...)
	} else {
		for _, i := range h.sorted(r.Fields) {
			b = appendField(b, &r.Fields[i])
		}
		for _, a := range r.Attrs {
			b = append(append(append(append(append(b, 1), a.Name...), 0), a.Value...), 0)
		}
		if r.Unknown != "" {
			b = append(append(b, 2), r.Unknown...)
		}
	}
	h.buf = b
	sum := sha256.Sum256(b)
	return Hash(sum[:16])
}

// sorted returns the numbers of the fields in the order of their names.
func (h *Hasher) sorted(fields []Field) []int {
	known := 0
	for known < len(h.orders)-1 && !h.orders[known].fits(fields) {
		known++
	}
	o := h.orders[known]
	copy(h.orders[1:], h.orders[:known])
	if !o.fits(fields) {
		o = orderOf(fields, o)
	}
	h.orders[0] = o
	return o.order
}

// fits reports whether the fields are named like those whose order it is.
func (o *fieldOrder) fits(fields []Field) bool {
	if len(fields) != len(o.names) {
		return false
	}
	for i := range fields { // by index: a field is large
		if fields[i].Name != o.names[i] {
			return false
		}
	}
	return true
}

// orderOf returns the order of the fields, in the room of another one.
func orderOf(fields []Field, room fieldOrder) fieldOrder {
	room.names, room.order = room.names[:0], room.order[:0]
	for i := range fields {
		room.order = append(room.order, i)
		room.names = append(room.names, fields[i].Name)
	}
	slices.SortFunc(room.order, func(x, y int) int { return strings.Compare(fields[x].Name, fields[y].Name) })
	return room
}

// derivedAttrs stand on references for convenience and change without the
// record: they are no content (spec s3xml-format §6).
var derivedAttrs = map[string]bool{"lat": true, "lon": true}

func appendField(b []byte, f *Field) []byte {
	start := len(b)
	b = append(append(b, f.Name...), 0)
	mark := len(b)
	b = appendCanonical(b, f.Value)
	if len(b) == mark {
		return b[:start]
	}
	for _, a := range f.Attrs {
		if !derivedAttrs[a.Name] {
			b = append(append(append(append(b, 1), a.Name...), '='), a.Value...)
		}
	}
	return append(b, 0)
}

// SameValue reports whether two values are the same content.
func SameValue(a, b Value) bool {
	if a == b {
		return true
	}
	return bytes.Equal(appendCanonical(nil, a), appendCanonical(nil, b))
}

// SameContent reports whether two versions have the same content.
func SameContent(a, b *Record) bool {
	var h Hasher
	return h.Sum(a) == h.Sum(b)
}

// appendCanonical appends v in the one form in which equal values are equal
// bytes; nothing for null and blank text.
func appendCanonical(b []byte, v Value) []byte {
	switch v.Kind {
	case Null:
		return b
	case Integer, Number:
		return appendNumber(b, v.Str)
	case Boolean:
		return append(b, strings.ToLower(v.Str)...)
	case Bare:
		return appendBare(b, v.Str)
	case JSON:
		return appendJSON(b, v.Str)
	case Reference:
		return append(b, v.Str...)
	case References:
		uuids := v.UUIDs()
		slices.Sort(uuids)
		for _, u := range uuids {
			b = append(append(b, u...), ' ')
		}
		return b
	case File:
		return append(append(append(b, v.Aux...), '|'), fileKey(v.Str)...)
	}
	return appendText(b, v.Str)
}

// appendText unifies line ends and cuts blanks at both ends.
func appendText(b []byte, s string) []byte {
	s = strings.TrimSpace(s)
	for {
		i := strings.IndexByte(s, '\r')
		if i < 0 {
			return append(b, s...)
		}
		b = append(append(b, s[:i]...), '\n')
		s = strings.TrimPrefix(s[i+1:], "\n")
	}
}

// appendNumber removes what does not change a number: a plus, leading zeros,
// zeros at the end of the fraction, an exponent. Digits are never rounded.
func appendNumber(b []byte, s string) []byte {
	if plainNumber(s) {
		return append(b, s...)
	}
	s = strings.TrimSpace(s)
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	mantissa, exponentText, _ := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	shift := 0
	if exponentText != "" {
		n, ok := digits(strings.TrimLeft(exponentText, "+-"))
		if !ok || len(exponentText) > 5 || n > 400 { // the length first: n may have overflowed
			return append(b, s...)
		}
		if shift = n; exponentText[0] == '-' {
			shift = -n
		}
	}
	for ; shift > 0; shift-- {
		if fraction == "" {
			fraction = "0"
		}
		whole, fraction = whole+fraction[:1], fraction[1:]
	}
	for ; shift < 0; shift++ {
		if whole == "" {
			whole = "0"
		}
		whole, fraction = whole[:len(whole)-1], whole[len(whole)-1:]+fraction
	}
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	if whole == "" {
		whole = "0"
	}
	if negative && (whole != "0" || fraction != "") {
		b = append(b, '-')
	}
	b = append(b, whole...)
	if fraction != "" {
		b = append(append(b, '.'), fraction...)
	}
	return b
}

// plainNumber reports whether s is a whole number in its one form, as nearly all are.
func plainNumber(s string) bool {
	if s == "" || s[0] == '0' && len(s) > 1 {
		return false
	}
	_, ok := digits(s)
	return ok
}

// appendBare unifies the ways to write a date-time; everything else, and a date
// alone, stays as it is. Eden also writes numbers bare (decimals).
func appendBare(b []byte, s string) []byte {
	s = strings.TrimSpace(s)
	if len(s) > 10 && s[4:5] == "-" && (s[10] == 'T' || s[10] == ' ') {
		if m, err := ParseMTime(s); err == nil && m != 0 {
			return append(b, m.String()...)
		}
	}
	if s == "True" || s == "False" {
		return append(b, strings.ToLower(s)...)
	}
	return append(b, s...)
}

func appendJSON(b []byte, s string) []byte {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return append(b, s...)
	}
	out, err := json.Marshal(v) // sorts the keys
	if err != nil {
		return append(b, s...)
	}
	return append(b, out...)
}

// fileKey is the part of an upload's URL that changes with its content: Eden
// stores each upload under a new random name.
func fileKey(url string) string {
	if i := strings.IndexAny(url, "?#"); i >= 0 {
		url = url[:i]
	}
	if url == "" || strings.HasPrefix(url, "data:") {
		return ""
	}
	return path.Base(url)
}

// UUIDs returns the targets of a reference or list of references.
func (v Value) UUIDs() []string {
	switch v.Kind {
	case Reference:
		if v.Str != "" {
			return []string{v.Str}
		}
	case References:
		var uuids []string
		if json.Unmarshal([]byte(v.Str), &uuids) == nil {
			return uuids
		}
	}
	return nil
}
