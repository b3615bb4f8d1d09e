package s3xml

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A node is a JSON value that remembers the order of its keys.
type node struct {
	kind byte     // '{', '[', '"', '0' for a number, 't' for true or false, 'n' for null
	text string   // of a text, a number, "true" or "false"
	keys []string // of an object
	list []node   // elements, or the values of keys
}

// maxMessage bounds a JSON document whose limits say nothing, in bytes.
const maxMessage = defaultRecord

// parseNode reads one JSON value and nothing but blanks behind it.
func parseNode(r io.Reader, depth int, size int64) (node, error) {
	if size <= 0 {
		size = maxMessage
	}
	limited := &io.LimitedReader{R: r, N: size + 1}
	dec := json.NewDecoder(skipMark(limited))
	dec.UseNumber()
	n, err := readNode(dec, depth)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return n, nil
		}
		if err == nil {
			err = errors.New("something follows the JSON value")
		}
	}
	return node{}, jsonError(err, limited)
}

// skipMark passes over a byte order mark.
func skipMark(r io.Reader) io.Reader {
	head := make([]byte, 3)
	n, err := io.ReadFull(r, head)
	if n == 3 && string(head) == "\xEF\xBB\xBF" {
		return r
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return io.MultiReader(strings.NewReader(string(head[:n])), failing{err})
	}
	return io.MultiReader(strings.NewReader(string(head[:n])), r)
}

// failing is a reader that only fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

var errDepth = errors.New("nested too deep")

func readNode(dec *json.Decoder, depth int) (node, error) {
	token, err := dec.Token()
	if err != nil {
		return node{}, err
	}
	switch v := token.(type) {
	case json.Delim:
		if depth <= 0 {
			return node{}, errDepth
		}
		return readContainer(dec, depth-1, byte(v))
	case string:
		return node{kind: '"', text: v}, nil
	case json.Number:
		return node{kind: '0', text: v.String()}, nil
	case bool:
		return node{kind: 't', text: fmt.Sprint(v)}, nil
	}
	return node{kind: 'n'}, nil
}

func readContainer(dec *json.Decoder, depth int, kind byte) (node, error) {
	n := node{kind: kind}
	for dec.More() {
		if kind == '{' {
			key, err := dec.Token()
			if err != nil {
				return n, err
			}
			name, _ := key.(string)
			n.keys = append(n.keys, name)
		}
		child, err := readNode(dec, depth)
		if err != nil {
			return n, err
		}
		n.list = append(n.list, child)
	}
	_, err := dec.Token()
	return n, err
}

// jsonError makes one of ours of what the JSON decoder said; a reader's own
// error stays as it is.
func jsonError(err error, limited *io.LimitedReader) error {
	var syntax *json.SyntaxError
	switch {
	case limited.N <= 0:
		return &SyntaxError{Line: 1, Reason: "a JSON document over the limit", Kind: core.Dangerous}
	case errors.Is(err, errDepth):
		return &SyntaxError{Line: 1, Reason: "JSON nested too deep", Kind: core.Dangerous}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &SyntaxError{Line: 1, Reason: "the JSON document breaks off", Kind: core.Truncated}
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return &SyntaxError{Line: 1, Reason: "the JSON document breaks off", Kind: core.Truncated}
	case errors.As(err, &syntax), strings.Contains(err.Error(), "JSON value"):
		return &SyntaxError{Line: 1, Reason: "no JSON: " + err.Error(), Kind: core.Malformed}
	}
	return err
}

// get returns the value of a key, a node without kind if there is none.
func (n *node) get(key string) node {
	for i, k := range n.keys {
		if k == key {
			return n.list[i]
		}
	}
	return node{}
}

// appendJSON appends n as JSON.
func (n *node) appendJSON(b []byte) []byte {
	switch n.kind {
	case '"':
		return appendJSONString(b, n.text)
	case '0', 't':
		return append(b, n.text...)
	case '{', '[':
		b = append(b, n.kind)
		for i := range n.list {
			if i > 0 {
				b = append(b, ',')
			}
			if n.kind == '{' {
				b = append(appendJSONString(b, n.keys[i]), ':')
			}
			b = n.list[i].appendJSON(b)
		}
		return append(b, n.kind+2) // '}' is '{'+2, ']' is '['+2
	}
	return append(b, "null"...)
}
