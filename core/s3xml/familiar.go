package s3xml

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/fieldsync/fieldsync/core"
)

// Records of one table have the same fields in the same order, written by the
// same program. So each table remembers the bytes with which the elements of its
// fields began. Where those bytes come again and the element has nothing out of
// the ordinary, it is read here without being split into tokens: equal bytes are
// as well-formed as they were the first time. Everything else is left to the
// scanner, as it stands.

// A familiar field is one that a table had before.
type familiar struct {
	start  string // how its element began
	field  *name
	target *name // the resource that it refers to, nil for <data>
	shared bool  // the same field stands with another target too
}

const (
	maxFamiliar = 64 // fields of one table; the rest is read the usual way
	lookAhead   = 4  // fields that may be missing from a record
)

// Ends of the elements that are read here.
var (
	dataEnd      = []byte("</data>")
	referenceEnd = []byte("</reference>")
)

// learn notes a field of a record that was written in the usual words, and
// expects after it what came after it the last time.
func (d *Decoder) learn(record int, field, target *name) {
	r := &d.draft.records[record]
	if r.table == nil || !field.field || !field.kept || target != nil && !(target.table && target.kept) {
		return
	}
	order := r.table.order
	for i := range order {
		if order[i].field == field && order[i].target == target {
			r.expect = i + 1
			return
		}
	}
	if len(order) >= maxFamiliar {
		return
	}
	start := `<data field="` + field.text + `"`
	if target != nil {
		start = `<reference field="` + field.text + `" resource="` + target.text + `" uuid="`
	}
	shared := false
	for i := range order {
		if order[i].field == field {
			order[i].shared, shared = true, true
		}
	}
	at := min(r.expect, len(order))
	r.table.order = slices.Insert(order, at, familiar{start, field, target, shared})
	r.expect = at + 1
}

// readFamiliar reads the next child of a record if it is a field that is
// expected here, in the same words. If not, nothing has changed.
func (d *Decoder) readFamiliar(record int) bool {
	r := &d.draft.records[record]
	if r.table == nil || d.s.empty || d.s.depth >= d.s.limits.Depth {
		return false
	}
	b := d.s.buf[d.s.pos:d.s.ready]
	order := r.table.order
	for i := r.expect; i < len(order) && i < r.expect+lookAhead; i++ {
		n := &order[i]
		if len(b) < len(n.start) || string(b[:len(n.start)]) != n.start {
			continue
		}
		if !d.readAsFamiliar(record, n, b) {
			return false
		}
		r.expect = i + 1
		r.mixed = r.mixed || n.shared
		return true
	}
	return false
}

func (d *Decoder) readAsFamiliar(record int, n *familiar, b []byte) bool {
	mark, count := len(d.draft.arena), len(d.draft.fields)
	d.draft.fields = append(d.draft.fields, fieldDraft{owner: record, name: n.field.id, aux: -1})
	f := &d.draft.fields[count]
	end := 0
	if n.target != nil {
		end = d.familiarReference(f, n, b)
	} else {
		end = d.familiarData(f, b, len(n.start))
	}
	if end <= 0 || end > d.s.limits.Field {
		d.draft.arena, d.draft.fields = d.draft.arena[:mark], d.draft.fields[:count]
		return false
	}
	d.s.pos += end
	d.draft.records[record].fields++
	return true
}

// familiarData reads a <data> from behind its field attribute at i. It returns
// where the element ends, 0 if it is not plain.
func (d *Decoder) familiarData(f *fieldDraft, b []byte, i int) (end int) {
	if i < len(b) && b[i] == '>' {
		f.kind = core.String
		f.value, end = d.familiarText(b, i+1, dataEnd)
		return end
	}
	const opening = ` value="`
	if len(b) < i+len(opening) || string(b[i:i+len(opening)]) != opening {
		return 0
	}
	i += len(opening)
	stop := plainValue(b, i)
	switch {
	case stop < len(b) && b[stop] == '"':
		f.kind, f.value = d.readValue(d.put(b[i:stop]))
	case stop == i:
		if stop = d.familiarString(f, b, i); stop == 0 {
			return 0
		}
	default:
		return 0
	}
	f.text, end = d.familiarRest(b, stop+1, dataEnd)
	if d.needless(f) {
		f.text = span{}
	}
	return end
}

// familiarString reads a JSON string without escapes between two &quot; at i. It may
// hold entities.
func (d *Decoder) familiarString(f *fieldDraft, b []byte, i int) (stop int) {
	const quote = "&quot;"
	if len(b) < i+len(quote) || string(b[i:i+len(quote)]) != quote {
		return 0
	}
	f.kind, f.value.from = core.String, len(d.draft.arena)
	for i += len(quote); ; {
		to := plainValue(b, i)
		if bytes.IndexByte(b[i:to], '\\') >= 0 {
			return 0
		}
		d.draft.arena = append(d.draft.arena, b[i:to]...)
		if to >= len(b) || b[to] != '&' {
			return 0
		}
		r, n := entity(b[to:])
		if i = to + n; n <= 0 || r < ' ' || r == '\\' {
			return 0
		}
		if r == '"' {
			break
		}
		d.draft.arena = utf8.AppendRune(d.draft.arena, r)
	}
	f.value.to = len(d.draft.arena)
	if i >= len(b) || b[i] != '"' {
		return 0
	}
	return i
}

// familiarReference reads a <reference> from behind the beginning that n
// remembers.
func (d *Decoder) familiarReference(f *fieldDraft, n *familiar, b []byte) (end int) {
	i := len(n.start)
	stop := plainValue(b, i)
	if stop >= len(b) || b[stop] != '"' || b[i] == '[' || plainUUIDReason(b[i:stop]) != "" {
		return 0
	}
	f.kind, f.aux, f.value = core.Reference, n.target.id, d.put(b[i:stop])
	f.text, end = d.familiarRest(b, stop+1, referenceEnd)
	if text := d.draft.arena[f.text.from:f.text.to]; len(text) > 0 && class[text[0]]&isBlank != 0 {
		return 0 // perhaps nothing but blanks
	}
	if d.same(f.text, f.value) {
		f.text = span{}
	}
	return end
}

// familiarRest reads the end of a start tag at i, and the text behind it.
func (d *Decoder) familiarRest(b []byte, i int, closing []byte) (text span, end int) {
	switch {
	case i < len(b) && b[i] == '>':
		return d.familiarText(b, i+1, closing)
	case i+1 < len(b) && b[i] == '/' && b[i+1] == '>':
		return span{}, i + 2
	}
	return span{}, 0
}

// familiarText reads text at i up to the closing tag. It may hold entities, but
// no line ends to unify.
func (d *Decoder) familiarText(b []byte, i int, closing []byte) (text span, end int) {
	text.from = len(d.draft.arena)
	for {
		stop := plainText(b, i)
		d.draft.arena = append(d.draft.arena, b[i:stop]...)
		if stop >= len(b) {
			return span{}, 0
		}
		switch b[stop] {
		case '<':
			if end = stop + len(closing); end > len(b) || string(b[stop:end]) != string(closing) {
				return span{}, 0
			}
			text.to = len(d.draft.arena)
			return text, end
		case '&':
			r, n := entity(b[stop:])
			if n <= 0 {
				return span{}, 0
			}
			d.draft.arena = utf8.AppendRune(d.draft.arena, r)
			i = stop + n
		default:
			return span{}, 0
		}
	}
}

// put copies what needs no decoding to the end of the arena.
func (d *Decoder) put(b []byte) span {
	from := len(d.draft.arena)
	d.draft.arena = append(d.draft.arena, b...)
	return span{from, len(d.draft.arena)}
}
