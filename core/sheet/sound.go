package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A sound workbook is one whose texts and sheets are there to their ends. Excelize
// passes over what it cannot read: a sheet that breaks off is a shorter sheet, and a
// cell whose text is missing is an empty one, which in an import clears a field.
type sound struct {
	texts int // how many texts the sheets share
}

// checkSound reads a workbook of that many bytes and returns what is broken in it.
func checkSound(file io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(file, size)
	if err != nil {
		return err
	}
	var s sound
	var sheets []*zip.File
	for _, f := range archive.File {
		switch name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/")); {
		case strings.HasSuffix(name, "xl/sharedstrings.xml"):
			if err := eachToken(f, s.countText); err != nil {
				return err
			}
		case strings.Contains(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml"):
			sheets = append(sheets, f)
		}
	}
	for _, f := range sheets {
		if err := eachToken(f, s.checkTexts()); err != nil {
			return err
		}
	}
	return nil
}

func (s *sound) countText(token xml.Token) error {
	if e, ok := token.(xml.StartElement); ok && e.Name.Local == "si" {
		s.texts++
	}
	return nil
}

// checkTexts returns what looks at a sheet's cells, one token after the other: the
// text that each names must be among those that are shared.
func (s *sound) checkTexts() func(xml.Token) error {
	shared, within := false, false // in such a cell; in its value
	return func(token xml.Token) error {
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "c" {
				shared = false
				for _, a := range token.Attr {
					shared = shared || a.Name.Local == "t" && a.Value == "s"
				}
			}
			within = shared && token.Name.Local == "v"
		case xml.EndElement:
			within = false
		case xml.CharData:
			if within {
				return s.named(strings.TrimSpace(string(token)))
			}
		}
		return nil
	}
}

func (s *sound) named(number string) error {
	if n, err := strconv.Atoi(number); err != nil || n < 0 || n >= s.texts {
		return fmt.Errorf("there is no text %q among %d", number, s.texts)
	}
	return nil
}

// eachToken reads a part of a workbook to its end, which is where its checksum is
// known.
func eachToken(f *zip.File, fn func(xml.Token) error) (err error) {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	d := xml.NewDecoder(io.LimitReader(r, maxUnzipped))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = fn(token)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
}
