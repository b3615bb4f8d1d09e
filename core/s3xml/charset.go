package s3xml

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/fieldsync/fieldsync/core"
)

// declarationSize bounds the XML declaration: it is looked for in that many
// bytes at the beginning.
const declarationSize = 1024

// charsets are the encodings that a document may declare. ASCII is a part of
// UTF-8; who declares it and sends UTF-8 is understood.
var charsets = map[string]encoding.Encoding{
	"utf-8": nil, "utf8": nil, "us-ascii": nil, "ascii": nil,
	"iso-8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "latin-1": charmap.ISO8859_1, "iso_8859-1": charmap.ISO8859_1,
	"windows-1252": charmap.Windows1252, "cp1252": charmap.Windows1252,
}

// A transcoder passes on a document as UTF-8 without byte order mark. It looks
// at the beginning with the first Read, not before.
type transcoder struct {
	source io.Reader
	utf8   io.Reader
}

// Read reads UTF-8.
func (t *transcoder) Read(p []byte) (int, error) {
	if t.utf8 == nil {
		head, err := readHead(t.source)
		if err != nil {
			return 0, err
		}
		if t.utf8, err = transcode(head, t.source); err != nil {
			return 0, err
		}
	}
	return t.utf8.Read(p)
}

// readHead reads until the first '>' or the end of the input.
func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, 0, declarationSize)
	for idle := 0; len(head) < cap(head) && bytes.IndexByte(head, '>') < 0; {
		n, err := r.Read(head[len(head):cap(head)])
		head = head[:len(head)+n]
		if errors.Is(err, io.EOF) && len(head) > 0 {
			return head, nil
		}
		if err != nil {
			return nil, err
		}
		if idle++; n > 0 {
			idle = 0
		} else if idle > 100 {
			return nil, io.ErrNoProgress
		}
	}
	return head, nil
}

func transcode(head []byte, rest io.Reader) (io.Reader, error) {
	all := io.MultiReader(bytes.NewReader(head), rest)
	switch {
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		return io.MultiReader(bytes.NewReader(head[3:]), rest), nil
	case bytes.HasPrefix(head, []byte("\xFE\xFF")), bytes.HasPrefix(head, []byte("\xFF\xFE")):
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Reader(all), nil
	}
	name := declaredEncoding(head)
	if name == "" {
		return all, nil
	}
	charset, known := charsets[strings.ToLower(name)]
	if !known {
		return nil, &SyntaxError{Line: 1, Reason: "the encoding " + clip([]byte(name)) + " is not supported", Kind: core.Malformed}
	}
	if charset == nil {
		return all, nil
	}
	return charset.NewDecoder().Reader(all), nil
}

// declaredEncoding returns the encoding in the XML declaration; "" if there is
// none. The scanner checks the declaration itself.
func declaredEncoding(head []byte) string {
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	declaration, _, _ := bytes.Cut(head, []byte("?>"))
	_, after, found := bytes.Cut(declaration, []byte("encoding"))
	after = bytes.TrimLeft(after, " \t\r\n=")
	if !found || len(after) == 0 {
		return ""
	}
	name, _, found := bytes.Cut(after[1:], after[:1])
	if !found {
		return "" // cut off
	}
	return string(name)
}
