package core

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
)

// An Attachment is the content of an upload field: where the peer has it and,
// once fetched or chosen here, the file in the data folder.
type Attachment struct {
	Record   Link
	Field    string
	URL      string // at the peer; "" if it was added here and not sent yet
	Name     string // as the person knows it
	Path     string // relative to the data folder; "" until it is fetched
	Size     int64
	SHA256   string
	Attempts int
	Failed   string // why the last attempt to fetch failed
}

// Inline reports whether the address of an upload is a data: address, which
// holds the file itself, and returns what is in it. Eden takes such addresses in
// a push (spec eden-observed, "Files").
func Inline(address string) (content []byte, inline bool, err error) {
	rest, inline := strings.CutPrefix(address, "data:")
	if !inline {
		return nil, false, nil
	}
	kind, text, found := strings.Cut(rest, ",")
	if !found {
		return nil, true, errors.New("a data: address without content")
	}
	if strings.HasSuffix(kind, ";base64") {
		content, err = base64.StdEncoding.DecodeString(text)
		return content, true, err
	}
	text, err = url.PathUnescape(text)
	return []byte(text), true, err
}
