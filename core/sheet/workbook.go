package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// Limits on what an XLSX file, which is a zip archive, may become.
const (
	maxUnzipped = 1 << 30   // bytes, of all that is read
	maxTexts    = 256 << 20 // bytes, of the texts that the sheets share, which are kept in memory
	maxColumns  = 2000
)

// A workbook is an XLSX file: XML documents in a zip archive, its parts, which name each
// other by relations (ECMA-376 part 2).
type workbook struct {
	parts map[string]*zip.File // by their path as key has it
	read  int64                // bytes that were unpacked
}

// magicOLE begins the files of older spreadsheet programs, and those with a password.
const magicOLE = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

func openWorkbook(r io.Reader) (*workbook, error) {
	file, err := io.ReadAll(io.LimitReader(r, maxUnzipped))
	if err != nil {
		return nil, unreadable(err, "The file is no XLSX spreadsheet, or it is damaged.")
	}
	if bytes.HasPrefix(file, []byte(magicOLE)) {
		return nil, unreadable(nil, "The file is no XLSX spreadsheet, or it is protected by a password.")
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, unreadable(err, "The file is no XLSX spreadsheet, or it is damaged.")
	}
	w := &workbook{parts: make(map[string]*zip.File, len(archive.File))}
	for _, f := range archive.File {
		w.parts[key(f.Name)] = f
	}
	return w, nil
}

// key is how a part is found: upper and lower case are the same, and some programs
// write the separators of Windows.
func key(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// part opens a part. What is read of it counts.
func (w *workbook) part(name string) (io.ReadCloser, error) {
	f := w.parts[key(name)]
	if f == nil {
		return nil, fmt.Errorf("the part %s is missing", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return &partReader{r, w}, nil
}

type partReader struct {
	io.ReadCloser
	w *workbook
}

var errTooLarge = errors.New("the file is larger than can be read")

func (r *partReader) Read(b []byte) (int, error) {
	n, err := r.ReadCloser.Read(b)
	if r.w.read += int64(n); r.w.read > maxUnzipped {
		return n, errTooLarge
	}
	return n, err
}

// decode reads a small part into v.
func (w *workbook) decode(name string, v any) error {
	r, err := w.part(name)
	if err != nil {
		return err
	}
	err = xml.NewDecoder(r).Decode(v)
	return errors.Join(err, r.Close())
}

// A relation is how one part names another.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// is reports whether it names a part of that kind. The kinds are addresses, which two
// editions of the standard begin differently.
func (r relation) is(kind string) bool { return strings.HasSuffix(r.Type, "/"+kind) }

// relations returns what a part names, the targets as paths; "" is the file itself.
func (w *workbook) relations(of string) ([]relation, error) {
	dir, base := path.Split(of)
	var read struct {
		List []relation `xml:"Relationship"`
	}
	if err := w.decode(dir+"_rels/"+base+".rels", &read); err != nil {
		return nil, err
	}
	for i, r := range read.List {
		if !strings.HasPrefix(r.Target, "/") {
			read.List[i].Target = path.Join(dir, r.Target)
		}
	}
	return read.List, nil
}

// firstSheet returns the path of the first sheet with cells, and that of the texts that
// sheets share, "" if there are none.
func (w *workbook) firstSheet() (sheet, texts string, err error) {
	file, err := w.relations("")
	if err != nil {
		return "", "", err
	}
	at := slices.IndexFunc(file, func(r relation) bool { return r.is("officeDocument") })
	if at < 0 {
		return "", "", errors.New("there is no workbook in it")
	}
	book := file[at].Target
	var list struct {
		Sheets []struct {
			Relation string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := w.decode(book, &list); err != nil {
		return "", "", err
	}
	parts, err := w.relations(book)
	if err != nil {
		return "", "", err
	}
	byID := make(map[string]string)
	for _, r := range parts {
		switch {
		case r.is("worksheet"):
			byID[r.ID] = r.Target
		case r.is("sharedStrings"):
			texts = r.Target
		}
	}
	for _, s := range list.Sheets {
		if sheet = byID[s.Relation]; sheet != "" {
			break
		}
	}
	return sheet, texts, nil
}

// texts reads the texts that sheets share.
func (w *workbook) texts(name string) (list []string, err error) {
	r, err := w.part(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	d := xml.NewDecoder(r)
	for size := 0; ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		if e, ok := token.(xml.StartElement); !ok || e.Name.Local != "si" {
			continue
		}
		text, err := readText(d)
		if err != nil {
			return nil, err
		}
		if size += len(text); size > maxTexts {
			return nil, errTooLarge
		}
		list = append(list, text)
	}
}

// readText reads a text to the end of its element: all of its runs, without what says
// how it is pronounced.
func readText(d *xml.Decoder) (string, error) {
	var text strings.Builder
	within := false
	for depth := 0; depth >= 0; {
		token, err := d.Token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "rPh" {
				if err := d.Skip(); err != nil {
					return "", err
				}
				continue
			}
			depth++
			within = token.Name.Local == "t"
		case xml.EndElement:
			depth--
			within = false
		case xml.CharData:
			if within {
				text.Write(token)
			}
		}
	}
	return unescape(text.String()), nil
}
