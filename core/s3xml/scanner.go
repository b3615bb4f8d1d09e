package s3xml

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/fieldsync/fieldsync/core"
)

// A token is what the scanner stands on.
type token uint8

const (
	startToken token = iota // name and attrs are set; every start is followed by its end
	endToken                // also after an empty element
	textToken               // character data or one CDATA section: text, plain, cdata
	eofToken                // the proper end: after the document element
)

// A span is a part of a buffer.
type span struct{ from, to int }

// An attribute lies in the scanner's buffer. A plain value needs no decoding.
type attribute struct {
	name, value span
	plain       bool
}

const (
	bufferSize    = 256 << 10
	maxAttributes = 128 // of one element; no two names may be equal, which is checked in pairs
)

// A scanner splits a document into tokens and checks that it is well formed.
// The buffer only grows within a top-level element, so spans stay valid until
// release. A token that is not complete yet is scanned again from its beginning
// after at least as many bytes again were read: linear in the sum.
type scanner struct {
	r      io.Reader
	limits Limits

	buf    []byte // read and not released
	ready  int    // buf[:ready] is valid UTF-8 and has only characters of XML
	pos    int    // behind the token
	begin  int    // where the token begins
	record int    // where the top-level element begins, -1 outside
	base   int64  // bytes before buf[0]
	lines  int    // line ends before buf[0]
	broken error  // why nothing comes after buf[:ready]

	root  []byte // name of the document element
	open  []span // names of the elements open below it
	depth int    // elements open, with the document element
	done  bool   // the document element has ended

	name  span
	attrs []attribute
	usual []string // how the attributes of a record were written the last time: ` name="`
	empty bool     // the start tag was an empty element: its end comes next
	text  span
	plain bool
	cdata bool
}

// errCharacter and errLength stand in scanner.broken until the bytes before
// them are used up.
var (
	errCharacter = errors.New("invalid character")
	errLength    = errors.New("document too long")
)

func newScanner(r io.Reader, limits Limits) scanner {
	return scanner{r: r, limits: limits.filled(), record: -1}
}

// next moves to the next token. Comments and processing instructions are
// checked and passed over.
func (s *scanner) next() (token, error) {
	if s.empty {
		s.empty = false
		return s.closed(), nil
	}
	for {
		s.begin = s.pos
		kind, complete, err := s.scan()
		if err != nil {
			return 0, err
		}
		if complete {
			if kind != skipToken {
				return kind, nil
			}
			if s.record < 0 {
				s.release()
			}
			continue
		}
		kind, err = s.more()
		if err != nil || kind != skipToken {
			return kind, err
		}
	}
}

// skipToken stands for comments and the like, which next passes over.
const skipToken token = 255

// scan reads the token at begin; complete is false if the buffer ends in it.
func (s *scanner) scan() (kind token, complete bool, err error) {
	b, i := s.buf[:s.ready], s.begin
	if i >= len(b) {
		return 0, false, nil
	}
	if b[i] != '<' {
		return s.scanText(b, i)
	}
	if i+1 >= len(b) {
		return 0, false, nil
	}
	switch b[i+1] {
	case '/':
		return s.scanEnd(b, i+2)
	case '!':
		return s.scanMarkup(b, i)
	case '?':
		return s.scanInstruction(b, i+2)
	}
	return s.scanStart(b, i+1)
}

func (s *scanner) scanText(b []byte, i int) (token, bool, error) {
	if s.depth == 0 {
		return s.scanBlanks(b, i)
	}
	plain := true
	for {
		if i = plainText(b, i); i >= len(b) {
			return 0, false, s.tooLong(len(b))
		}
		switch b[i] {
		case '<':
			return s.textUpTo(i, plain)
		case '&':
			_, n := entity(b[i:])
			if n == 0 {
				return 0, false, s.tooLong(len(b))
			}
			if n < 0 {
				return 0, false, s.malformed(i, "an entity that is not predefined, or a lone &")
			}
			plain, i = false, i+n
		case '\r':
			plain, i = false, i+1
		case ']':
			if bytes.HasPrefix(b[i:], []byte("]]>")) {
				return 0, false, s.malformed(i, "]]> outside of a CDATA section")
			}
			i++
		}
	}
}

// scanBlanks reads what may stand outside of the document element.
func (s *scanner) scanBlanks(b []byte, i int) (token, bool, error) {
	for ; i < len(b) && b[i] != '<'; i++ {
		if class[b[i]]&isBlank == 0 {
			return 0, false, s.malformed(i, "text outside of the document element")
		}
	}
	s.pos = i
	return skipToken, true, nil
}

func (s *scanner) textUpTo(end int, plain bool) (token, bool, error) {
	if err := s.tooLong(end); err != nil {
		return 0, false, err
	}
	s.text, s.plain, s.cdata, s.pos = span{s.begin, end}, plain, false, end
	return textToken, true, nil
}

// tooLong is the error for a token from begin to end that is over the limit
// for a field.
func (s *scanner) tooLong(end int) error {
	if end-s.begin > s.limits.Field {
		return s.dangerous(fmt.Sprintf("a text longer than %d bytes", s.limits.Field))
	}
	return nil
}

func (s *scanner) scanEnd(b []byte, i int) (token, bool, error) {
	end := nameEnd(b, i)
	name := b[i:end]
	for end < len(b) && class[b[end]]&isBlank != 0 {
		end++
	}
	if end >= len(b) {
		return 0, false, s.tooLong(len(b))
	}
	if b[end] != '>' {
		return 0, false, s.malformed(end, "an end tag that is none")
	}
	if s.depth == 0 || string(name) != string(s.innermost()) {
		return 0, false, s.malformed(i, "</"+clip(name)+"> ends nothing here")
	}
	s.pos = end + 1
	return s.closed(), true, nil
}

// leaf reads the rest of the element whose start was read, if that is plain text
// and the end tag, as it mostly is. If not, nothing has changed.
func (s *scanner) leaf() (text span, ok bool) {
	if s.empty {
		s.empty = false
		s.closed()
		return span{}, true
	}
	b := s.buf[:s.ready]
	i := plainText(b, s.pos)
	name := b[s.name.from:s.name.to]
	end := i + 2 + len(name)
	if end >= len(b) || b[i] != '<' || b[i+1] != '/' || b[end] != '>' || string(b[i+2:end]) != string(name) ||
		i-s.pos > s.limits.Field {
		return span{}, false
	}
	text = span{s.pos, i}
	s.pos = end + 1
	s.closed()
	return text, true
}

// innermost returns the name of the innermost open element.
func (s *scanner) innermost() []byte {
	if n := len(s.open); n > 0 {
		return s.buf[s.open[n-1].from:s.open[n-1].to]
	}
	return s.root
}

func (s *scanner) closed() token {
	s.depth--
	if n := len(s.open); n > 0 {
		s.open = s.open[:n-1]
	} else {
		s.done = true
	}
	return endToken
}

func (s *scanner) scanStart(b []byte, i int) (token, bool, error) {
	end := nameEnd(b, i)
	if end >= len(b) {
		return 0, false, s.tooLong(len(b))
	}
	if !validName(b[i:end]) {
		return 0, false, s.malformed(i, "a tag without a name")
	}
	s.name = span{i, end}
	s.attrs = s.attrs[:0]
	record := string(b[i:end]) == "resource"
	if record {
		end = s.scanUsual(b, end)
	}
	end, complete, err := s.scanAttributes(b, end)
	if !complete || err != nil {
		return 0, false, err
	}
	if record && len(s.attrs) > len(s.usual) {
		s.learnUsual(b)
	}
	s.empty = b[end] == '/'
	if s.empty {
		if end++; end >= len(b) {
			return 0, false, nil
		}
	}
	if b[end] != '>' {
		return 0, false, s.malformed(end, "a tag that does not end")
	}
	s.pos = end + 1
	return startToken, true, s.opened()
}

func (s *scanner) opened() error {
	if s.done {
		return s.malformed(s.begin, "a second document element")
	}
	if s.depth++; s.depth > s.limits.Depth {
		return s.dangerous(fmt.Sprintf("elements nested deeper than %d", s.limits.Depth))
	}
	if s.depth == 1 {
		s.root = append(s.root[:0], s.buf[s.name.from:s.name.to]...)
		return nil
	}
	s.open = append(s.open, s.name)
	return nil
}

// scanUsual reads the attributes of a record as long as they are written as the
// last time: names that were good and different then are so now. It returns where
// that ends.
func (s *scanner) scanUsual(b []byte, i int) int {
	for _, opening := range s.usual {
		from := i + len(opening)
		if from > len(b) || string(b[i:from]) != opening {
			break
		}
		end := plainValue(b, from)
		if end >= len(b) || b[end] != '"' || end-i > s.limits.Field {
			break
		}
		s.attrs = append(s.attrs, attribute{span{i + 1, from - 2}, span{from, end}, true})
		i = end + 1
	}
	return i
}

// maxUsual is how many attributes of a record are remembered: all that Eden
// writes.
const maxUsual = 16

// learnUsual remembers how the attributes just read were written.
func (s *scanner) learnUsual(b []byte) {
	s.usual = s.usual[:0]
	for _, a := range s.attrs[:min(len(s.attrs), maxUsual)] {
		s.usual = append(s.usual, " "+string(b[a.name.from:a.name.to])+`="`)
	}
}

// scanAttributes reads attributes from i to the byte that ends the tag, which
// is '>', '/' or '?'.
func (s *scanner) scanAttributes(b []byte, i int) (end int, complete bool, err error) {
	for {
		if i, err = s.scanPlain(b, i); err != nil {
			return 0, false, err
		}
		start := i
		for i < len(b) && class[b[i]]&isBlank != 0 {
			i++
		}
		if i >= len(b) {
			return 0, false, s.tooLong(len(b) - (start - s.begin))
		}
		if c := b[i]; c == '>' || c == '/' || c == '?' {
			return i, true, nil
		}
		if i == start {
			return 0, false, s.malformed(i, "attributes that are not set apart")
		}
		if i, complete, err = s.scanAttribute(b, i); !complete || err != nil {
			return 0, false, err
		}
	}
}

// scanPlain reads attributes as long as they look as they mostly do: one space,
// an ASCII name, an equals sign, a value between double quotation marks without
// anything to decode. It returns where that ends.
func (s *scanner) scanPlain(b []byte, i int) (int, error) {
	for i+1 < len(b) && b[i] == ' ' && class[b[i+1]]&isFirst != 0 {
		to := i + 2
		for to < len(b) && class[b[to]]&isName != 0 {
			to++
		}
		if to+1 >= len(b) || b[to] != '=' || b[to+1] != '"' {
			return i, nil
		}
		end := plainValue(b, to+2)
		if end >= len(b) || b[end] != '"' || end-to > s.limits.Field {
			return i, nil
		}
		if err := s.add(b, attribute{span{i + 1, to}, span{to + 2, end}, true}); err != nil {
			return 0, err
		}
		i = end + 1
	}
	return i, nil
}

func (s *scanner) scanAttribute(b []byte, i int) (end int, complete bool, err error) {
	at := attribute{name: span{i, nameEnd(b, i)}, plain: true}
	i = at.name.to
	for i < len(b) && class[b[i]]&isBlank != 0 {
		i++
	}
	if i >= len(b) {
		return 0, false, s.tooLong(len(b) - (at.name.from - s.begin))
	}
	if b[i] != '=' || !validName(b[at.name.from:at.name.to]) {
		return 0, false, s.malformed(i, "an attribute without a name or a value")
	}
	for i++; i < len(b) && class[b[i]]&isBlank != 0; i++ {
	}
	if i >= len(b) {
		return 0, false, s.tooLong(len(b) - (at.name.from - s.begin))
	}
	if b[i] != '"' && b[i] != '\'' {
		return 0, false, s.malformed(i, "an attribute value without quotation marks")
	}
	at.value.from = i + 1
	if at.value.to, at.plain, err = s.scanValue(b, i+1, b[i]); at.value.to < 0 || err != nil {
		return 0, false, err
	}
	return at.value.to + 1, true, s.add(b, at)
}

// scanValue returns where the closing quotation mark is, -1 if not yet there.
func (s *scanner) scanValue(b []byte, i int, quote byte) (end int, plain bool, err error) {
	from := i
	plain = true
	for {
		if quote == '"' {
			i = plainValue(b, i)
		} else {
			i = aposValue(b, i)
		}
		if i >= len(b) {
			return -1, false, s.valueTooLong(i - from)
		}
		switch c := b[i]; {
		case c == quote:
			return i, plain, s.valueTooLong(i - from)
		case c == '<':
			return 0, false, s.malformed(i, "< in an attribute value")
		case c == '&':
			_, n := entity(b[i:])
			if n == 0 {
				return -1, false, s.valueTooLong(i - from)
			}
			if n < 0 {
				return 0, false, s.malformed(i, "an entity that is not predefined, or a lone &")
			}
			plain, i = false, i+n
		default: // the other quotation mark, or a blank that becomes a space
			plain, i = plain && (c == '"' || c == '\''), i+1
		}
	}
}

func (s *scanner) valueTooLong(n int) error {
	if n > s.limits.Field {
		return s.dangerous(fmt.Sprintf("an attribute longer than %d bytes", s.limits.Field))
	}
	return nil
}

func (s *scanner) add(b []byte, at attribute) error {
	name := b[at.name.from:at.name.to]
	for i := range s.attrs {
		o := s.attrs[i].name
		if o.to-o.from == len(name) && b[o.from] == name[0] && string(b[o.from:o.to]) == string(name) {
			return s.malformed(at.name.from, "the attribute "+clip(name)+" stands twice")
		}
	}
	if len(s.attrs) >= maxAttributes {
		return s.dangerous(fmt.Sprintf("more than %d attributes in one element", maxAttributes))
	}
	s.attrs = append(s.attrs, at)
	return nil
}

// scanMarkup reads a comment or a CDATA section and refuses declarations.
func (s *scanner) scanMarkup(b []byte, i int) (token, bool, error) {
	rest := b[i:]
	for _, m := range [...]struct {
		opening, closing string
		kind             token
	}{{"<!--", "-->", skipToken}, {"<![CDATA[", "]]>", textToken}} {
		if !bytes.HasPrefix(rest, []byte(m.opening)) {
			if bytes.HasPrefix([]byte(m.opening), rest) {
				return 0, false, nil
			}
			continue
		}
		return s.scanSection(b, i+len(m.opening), m.closing, m.kind)
	}
	for _, opening := range []string{"<!DOCTYPE", "<!ENTITY", "<!ELEMENT", "<!ATTLIST", "<!NOTATION"} {
		if bytes.HasPrefix(rest, []byte(opening)) {
			return 0, false, s.dangerous("a declaration: " + opening)
		}
		if bytes.HasPrefix([]byte(opening), rest) {
			return 0, false, nil
		}
	}
	return 0, false, s.malformed(i, "<! that begins nothing")
}

func (s *scanner) scanSection(b []byte, from int, closing string, kind token) (token, bool, error) {
	n := bytes.Index(b[from:], []byte(closing))
	if n < 0 {
		return 0, false, s.tooLong(len(b))
	}
	end := from + n
	if err := s.tooLong(end); err != nil {
		return 0, false, err
	}
	s.pos = end + len(closing)
	if kind == skipToken {
		if bytes.Contains(b[from:end], []byte("--")) || n > 0 && b[end-1] == '-' {
			return 0, false, s.malformed(from, "-- in a comment")
		}
		return kind, true, nil
	}
	if s.depth == 0 {
		return 0, false, s.malformed(s.begin, "text outside of the document element")
	}
	s.text, s.cdata = span{from, end}, true
	s.plain = bytes.IndexByte(b[from:end], '\r') < 0
	return kind, true, nil
}

// scanInstruction reads a processing instruction. The XML declaration is one
// that may stand at the very beginning only.
func (s *scanner) scanInstruction(b []byte, i int) (token, bool, error) {
	n := bytes.Index(b[i:], []byte("?>"))
	if n < 0 {
		return 0, false, s.tooLong(len(b))
	}
	target := b[i:min(nameEnd(b, i), i+n)]
	if !validName(target) {
		return 0, false, s.malformed(i, "a processing instruction without a name")
	}
	if behind := i + len(target); behind < i+n && class[b[behind]]&isBlank == 0 {
		return 0, false, s.malformed(behind, "a processing instruction that is none")
	}
	if bytes.EqualFold(target, []byte("xml")) {
		if err := s.declaration(b, i, i+n); err != nil {
			return 0, false, err
		}
	}
	s.pos = i + n + 2
	return skipToken, true, nil
}

// declaration checks the XML declaration; charset.go has already acted on it.
func (s *scanner) declaration(b []byte, i, end int) error {
	if s.base != 0 || s.begin != 0 || string(b[i:i+3]) != "xml" {
		return s.malformed(i, "an XML declaration that is not at the beginning")
	}
	s.attrs = s.attrs[:0]
	stop, complete, err := s.scanAttributes(b[:end+1], i+3)
	if err != nil {
		return err
	}
	names := ""
	for _, at := range s.attrs {
		names += " " + string(b[at.name.from:at.name.to])
	}
	switch names {
	case " version", " version encoding", " version standalone", " version encoding standalone":
	default:
		return s.malformed(i, "an XML declaration that cannot be understood")
	}
	if !complete || stop != end {
		return s.malformed(i, "an XML declaration that does not end")
	}
	if !bytes.HasPrefix(b[s.attrs[0].value.from:], []byte("1.")) {
		return s.malformed(i, "a version of XML that is not known")
	}
	return nil
}

// more reads on because the token at begin is not complete. It returns
// skipToken if there is more to scan; at the end of the input the token that
// may stand there.
func (s *scanner) more() (token, error) {
	from := s.begin
	if s.record >= 0 {
		from = s.record
	}
	if s.ready-from > s.limits.Record {
		return 0, s.dangerous(fmt.Sprintf("a record larger than %d bytes", s.limits.Record))
	}
	had := s.ready
	for want := s.ready + max(1, s.ready-s.begin); s.ready < want && s.broken == nil; {
		s.read()
	}
	if s.ready > had {
		return skipToken, nil
	}
	return s.ended()
}

// read reads once, or notes in broken why not.
func (s *scanner) read() {
	if cap(s.buf)-len(s.buf) < bufferSize/8 {
		grown := make([]byte, len(s.buf), max(bufferSize, 2*cap(s.buf)))
		copy(grown, s.buf)
		s.buf = grown
	}
	for try := 0; ; try++ {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if n == 0 && err == nil {
			if try < 100 {
				continue
			}
			err = io.ErrNoProgress
		}
		if limit := s.limits.Bytes; limit > 0 && s.base+int64(len(s.buf)) > limit {
			s.buf, err = s.buf[:max(int64(s.ready), limit-s.base)], errLength
		}
		s.broken = err
		break
	}
	n, ok := validPrefix(s.buf[s.ready:])
	if s.ready += n; !ok {
		s.broken = errCharacter
	}
}

// ended says what it means that nothing comes any more.
func (s *scanner) ended() (token, error) {
	switch {
	case errors.Is(s.broken, io.EOF), errors.Is(s.broken, io.ErrUnexpectedEOF):
	case errors.Is(s.broken, errCharacter):
		return 0, s.malformed(s.ready, "a character that XML does not allow, or no UTF-8")
	case errors.Is(s.broken, errLength):
		return 0, s.dangerous(fmt.Sprintf("a document larger than %d bytes", s.limits.Bytes))
	default:
		return 0, s.broken
	}
	if s.done && errors.Is(s.broken, io.EOF) && s.begin == len(s.buf) {
		return eofToken, nil
	}
	return 0, s.fail(len(s.buf), core.Truncated, "the document breaks off")
}

// release lets go of what lies before the next token. Spans end here.
func (s *scanner) release() {
	s.record = -1
	if s.pos < bufferSize/2 && s.pos < len(s.buf) {
		return
	}
	s.lines += bytes.Count(s.buf[:s.pos], []byte{'\n'})
	s.base += int64(s.pos)
	rest := s.buf[s.pos:]
	if cap(s.buf) > 4*bufferSize && len(rest) < bufferSize/2 {
		s.buf = append(make([]byte, 0, bufferSize), rest...)
	} else {
		s.buf = s.buf[:copy(s.buf, rest)]
	}
	s.ready -= s.pos
	s.pos, s.begin = 0, 0
}

// line returns the line, from 1, of the byte at i.
func (s *scanner) line(i int) int {
	return s.lines + bytes.Count(s.buf[:i], []byte{'\n'}) + 1
}

func (s *scanner) malformed(at int, reason string) error { return s.fail(at, core.Malformed, reason) }

func (s *scanner) dangerous(reason string) error { return s.fail(s.begin, core.Dangerous, reason) }

func (s *scanner) fail(at int, kind core.Trouble, reason string) error {
	e := &SyntaxError{Line: s.line(min(at, len(s.buf))), Reason: reason, Kind: kind}
	if s.depth > 0 {
		e.Element = clip(s.innermost())
	}
	return e
}

// clip returns a name from the document, short enough for a message.
func clip(b []byte) string {
	if len(b) > 40 {
		return string(bytes.ToValidUTF8(b[:40], nil)) + "…"
	}
	return string(b)
}
