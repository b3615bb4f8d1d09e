package s3xml

import (
	"bytes"

	"github.com/fieldsync/fieldsync/core"
)

// Most of what a peer sends a second time is what it sent the first time, byte by
// byte. So before elements are read, those that have arrived completely are looked
// over: where each begins and ends, which records it holds, and their digests. The
// caller says which it knows, and passes over them.
//
// Nothing is taken on trust here: what looks like an element and is none, or is not
// well formed, has a digest that nobody knows, and is left to Next.

// lookOver is how many bytes are waited for before elements are looked over
// together, if so many come.
const lookOver = 128 << 10

// An element is one that was looked over.
type element struct {
	from, to int64 // bytes of the document
	first    int   // of Decoder.sightings
	records  int
}

// Recognise makes the decoder give every record its Digest, by that key. ask, if not nil, is
// given the records of elements that have arrived, and marks those that it knows;
// it may not keep the slice.
func (d *Decoder) Recognise(key core.DigestKey, ask func([]core.Sighting) error) {
	d.digester, d.ask = newDigester(key), ask
}

// Pass passes over the next element and returns its records, the master first, if
// all of them are known; nil if the element has to be read with Next. They are valid
// until the next call. The error is that of ask.
func (d *Decoder) Pass() ([]core.Sighting, error) {
	if d.ask == nil || d.err != nil || len(d.pending) > 0 {
		return nil, nil //nolint:nilerr // Next says it
	}
	if _, err := d.Root(); err != nil {
		return nil, nil //nolint:nilerr // Next says it
	}
	if d.s.depth != 1 || d.s.empty {
		return nil, nil
	}
	at := d.s.base + int64(d.s.pos)
	for len(d.ahead) > 0 && d.ahead[0].from < at {
		d.ahead = d.ahead[1:]
	}
	if len(d.ahead) == 0 {
		if err := d.lookAhead(); err != nil {
			return nil, err
		}
	}
	if len(d.ahead) == 0 {
		return nil, nil
	}
	e := d.ahead[0]
	if from := int(e.from - d.s.base); len(bytes.TrimLeft(d.s.buf[d.s.pos:from], " \t\r\n")) > 0 {
		return nil, nil // it began there only as long as nobody had read what is before
	}
	sightings := d.sightings[e.first : e.first+e.records]
	for i := range sightings {
		if !sightings[i].Known {
			return nil, nil
		}
	}
	d.ahead = d.ahead[1:]
	d.s.pos = int(e.to - d.s.base)
	return sightings, nil
}

// lookAhead looks over the elements that have arrived and asks about them.
func (d *Decoder) lookAhead() error {
	d.s.release()
	for d.s.ready-d.s.pos < lookOver && d.s.broken == nil {
		d.s.read()
	}
	d.ahead, d.sightings = d.queue[:0], d.sightings[:0]
	for i := d.s.pos; ; {
		from, to, ok := d.lookAt(i)
		if !ok {
			break
		}
		first := len(d.sightings)
		if !d.sight() {
			break
		}
		d.ahead = append(d.ahead, element{d.s.base + int64(from), d.s.base + int64(to), first, len(d.sightings) - first})
		i = to
	}
	d.queue = d.ahead
	if len(d.sightings) == 0 {
		return nil
	}
	return d.ask(d.sightings)
}

var (
	resourceStart = []byte("<resource ")
	resourceEnd   = []byte("</resource>")
)

// lookAt finds where the next element begins and ends, from i on, and marks the
// records in it. ok is false if it is not complete or out of the ordinary.
func (d *Decoder) lookAt(i int) (from, to int, ok bool) {
	b := d.s.buf[:d.s.ready]
	for i < len(b) && class[b[i]]&isBlank != 0 {
		i++
	}
	d.marks, from = d.marks[:0], i
	open := -1
	for {
		next := bytes.IndexByte(b[i:], '<')
		if next < 0 || i+next+1 >= len(b) {
			return 0, 0, false
		}
		i += next
		switch {
		case bytes.HasPrefix(b[i:], resourceStart):
			d.marks = append(d.marks, mark{begin: i, parent: open})
			open = len(d.marks) - 1
			closed := false
			if i, closed, ok = d.lookAtStart(b, i+len(resourceStart)-1); !ok {
				return 0, 0, false
			}
			if !closed {
				continue
			}
		case open >= 0 && bytes.HasPrefix(b[i:], resourceEnd):
			i += len(resourceEnd)
		case open < 0 || b[i+1] == '!' || b[i+1] == '?':
			return 0, 0, false
		default:
			i++
			continue
		}
		d.marks[open].end = i
		if open = d.marks[open].parent; open < 0 {
			return from, i, true
		}
	}
}

// lookAtStart reads the attributes of a record, from the blank behind the name on,
// into the last mark. It returns where the start tag ends, and whether the element
// ends with it.
func (d *Decoder) lookAtStart(b []byte, i int) (end int, closed, ok bool) {
	m := &d.marks[len(d.marks)-1]
	var alias []byte
	for i < len(b) && b[i] == ' ' {
		to := bytes.IndexByte(b[i:], '"')
		if to < 1 || b[i+to-1] != '=' {
			break
		}
		name := b[i+1 : i+to-1]
		from := i + to + 1
		stop := plainValue(b, from)
		if stop >= len(b) || b[stop] != '"' {
			return 0, false, false
		}
		value := b[from:stop]
		switch string(name) {
		case "name":
			m.table = d.tables.get(value).text
		case "uuid":
			m.uuid = value
		case "modified_on":
			m.modified = value
		case "alias":
			alias = value
		case "deleted":
			return 0, false, false
		}
		i = stop + 1
	}
	if m.parent >= 0 {
		m.table = string(core.Resource(m.table).Unaliased(string(alias)))
	}
	closed = i < len(b) && b[i] == '/'
	if closed {
		i++
	}
	if i >= len(b) || b[i] != '>' {
		return 0, false, false
	}
	return i + 1, closed, true
}

// sight adds the records that were marked to the sightings; false if one of them is
// not one that could be known.
func (d *Decoder) sight() bool {
	for i := range d.marks {
		m := &d.marks[i]
		stamp, err := core.ParseMTime(peek(m.modified))
		if err != nil || stamp == 0 || m.table == "" || len(m.uuid) == 0 || core.Resource(m.table).Private() {
			d.sightings = d.sightings[:len(d.sightings)-i]
			return false
		}
		d.sightings = append(d.sightings, core.Sighting{
			Link:       core.Link{Resource: core.Resource(m.table), UUID: string(m.uuid)},
			ModifiedOn: stamp, Digest: d.digest(d.marks, i),
		})
	}
	return true
}
