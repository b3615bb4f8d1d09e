package s3xml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/fieldsync/fieldsync/core"
)

// corpus calls fn for every message body of the recorded traffic of a real
// Eden; name says where it lies.
func corpus(t *testing.T, fn func(name string, body []byte)) {
	t.Helper()
	root := corpusFolder(t)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if filepath.Ext(path) == ".http" {
			_, after, found := bytes.Cut(body, []byte("\r\n\r\n"))
			if !found {
				_, after, _ = bytes.Cut(body, []byte("\n\n"))
			}
			body = after
		}
		name, _ := filepath.Rel(root, path)
		fn(name, body)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func corpusFolder(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			continue
		}
		folder := filepath.Join(dir, "..", "shared", "eden-corpus")
		if _, err := os.Stat(folder); err == nil {
			return folder
		}
		break
	}
	t.Skip("the recorded traffic is not beside this module: shared/eden-corpus")
	return ""
}

// isS3XML reports whether a body is an S3XML document.
func isS3XML(body []byte) bool {
	head := body[:min(len(body), 200)]
	return bytes.HasPrefix(bytes.TrimPrefix(bytes.TrimSpace(head), []byte("\xEF\xBB\xBF")), []byte("<")) && bytes.Contains(head, []byte("<s3xml"))
}

func TestEverythingEdenSentComesBackTheSame(t *testing.T) {
	documents, records := 0, 0
	corpus(t, func(name string, body []byte) {
		if !isS3XML(body) {
			return
		}
		recs, bad, err := decodeAll(bytes.NewReader(body), Limits{})
		sameWhenLent(t, name, body)
		if !wellFormed(body) {
			if err == nil {
				t.Errorf("%s: decoded, but encoding/xml refuses it", name)
			}
			return
		}
		if err != nil {
			if !bytes.Contains(body, []byte("<!DOCTYPE")) {
				t.Errorf("%s: %v", name, err)
			}
			return
		}
		documents++
		records += len(recs)
		if got, want := len(recs)+len(bad), topLevel(body); got != want {
			t.Errorf("%s: %d top-level records and inline ones, want %d", name, got, want)
		}
		again := reencode(t, recs)
		if len(again) != len(recs) {
			t.Fatalf("%s: %d records after a round trip, want %d", name, len(again), len(recs))
		}
		for i := range recs {
			if diff := difference(recs[i], again[i]); diff != "" {
				t.Errorf("%s: record %d %s: %s", name, i, recs[i].UUID, diff)
			}
		}
	})
	if documents < 100 || records < 5000 {
		t.Errorf("only %d documents with %d records were read", documents, records)
	}
	t.Logf("%d documents, %d top-level records", documents, records)
}

func reencode(t *testing.T, recs []core.Record) []core.Record {
	var out bytes.Buffer
	e := NewEncoder(&out, Root{Results: len(recs)})
	for i := range recs {
		if err := e.Encode(&recs[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	again, bad, err := decodeAll(&out, Limits{})
	if err != nil || len(bad) > 0 {
		t.Fatalf("what was encoded cannot be decoded: %v %v", err, bad)
	}
	return again
}

func wellFormed(body []byte) bool {
	dec := standard(body)
	for {
		if _, err := dec.Token(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// standard is the decoder of the standard library, which needs to be told of
// other encodings.
func standard(body []byte) *xml.Decoder {
	dec := xml.NewDecoder(bytes.NewReader(body))
	dec.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) {
		return charmap.ISO8859_1.NewDecoder().Reader(r), nil
	}
	return dec
}

// topLevel counts, with encoding/xml, the children of the root named resource
// that are not private, and the records inside of references.
func topLevel(body []byte) int {
	dec := standard(body)
	n := 0
	var path []string
	for {
		token, err := dec.Token()
		if err != nil {
			return n
		}
		switch e := token.(type) {
		case xml.StartElement:
			parent := ""
			if len(path) > 0 {
				parent = path[len(path)-1]
			}
			if e.Name.Local == "resource" && (len(path) == 1 || parent == "reference") && !core.Resource(attr(e, "name")).Private() {
				n++
			}
			path = append(path, e.Name.Local)
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestTheScannerSeesWhatEncodingXMLSees(t *testing.T) {
	compared := 0
	corpus(t, func(name string, body []byte) {
		if !bytes.HasPrefix(body, []byte("<?xml")) && !isS3XML(body) || bytes.Contains(body, []byte("<!DOCTYPE")) || !wellFormed(body) {
			return
		}
		want, got := standardTokens(body), scannerTokens(t, name, body)
		if want != got {
			t.Errorf("%s: tokens differ from those of encoding/xml", name)
		}
		compared++
	})
	t.Logf("%d documents", compared)
	if compared < 100 {
		t.Errorf("only %d documents were compared", compared)
	}
}

func standardTokens(body []byte) string {
	var out strings.Builder
	dec := standard(body)
	depth := 0
	for {
		token, err := dec.Token()
		if err != nil {
			return out.String()
		}
		switch e := token.(type) {
		case xml.StartElement:
			depth++
			out.WriteString("\n<" + e.Name.Local)
			for _, a := range e.Attr {
				out.WriteString(" " + a.Name.Local + "=" + a.Value)
			}
			out.WriteString(">")
		case xml.EndElement:
			depth--
			out.WriteString("\n/" + e.Name.Local + ">")
		case xml.CharData:
			if depth > 0 {
				out.Write(e)
			}
		}
	}
}

func scannerTokens(t *testing.T, name string, body []byte) string {
	var out strings.Builder
	s := newScanner(&transcoder{source: bytes.NewReader(body)}, Limits{})
	var open []string
	for {
		kind, err := s.next()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return ""
		}
		switch kind {
		case eofToken:
			return out.String()
		case startToken:
			element := string(s.buf[s.name.from:s.name.to])
			open = append(open, element)
			out.WriteString("\n<" + element)
			for _, a := range s.attrs {
				out.WriteString(" " + string(s.buf[a.name.from:a.name.to]) + "=" + string(appendValue(nil, s.buf[a.value.from:a.value.to])))
			}
			out.WriteString(">")
			if s.record < 0 && s.depth > 1 {
				s.record = s.begin // keeps the spans, as the decoder does
			}
		case endToken:
			out.WriteString("\n/" + open[len(open)-1] + ">")
			open = open[:len(open)-1]
		case textToken:
			if s.depth > 0 {
				out.Write(appendText(nil, s.buf[s.text.from:s.text.to], s.cdata))
			}
		}
	}
}
