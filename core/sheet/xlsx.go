package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// An xlsxSource hands out the rows of a sheet as they are read. A sheet that is not as
// it should be is refused where that is met: what cannot be read must not look like
// rows that are not there, or like cells that somebody emptied.
type xlsxSource struct {
	part  io.ReadCloser
	d     *xml.Decoder
	texts []string

	last  int      // the number of the row that was read last
	cells []string // of it
	left  int      // rows that are to be handed out: it, and before it those that are not in the file
	done  bool
}

// openXLSX reads the first sheet of the file.
func openXLSX(r io.Reader) (source, error) {
	w, err := openWorkbook(r)
	if err != nil {
		return nil, err
	}
	name, shared, err := w.firstSheet()
	if err != nil {
		return nil, unreadable(err, "The file is no XLSX spreadsheet, or it is damaged.")
	}
	if name == "" {
		return nil, unreadable(nil, "The file has no sheet.")
	}
	s := &xlsxSource{}
	if shared != "" && w.parts[key(shared)] != nil { // some name them although there are none
		if s.texts, err = w.texts(shared); err != nil {
			return nil, unreadable(err, "The file is no XLSX spreadsheet, or it is damaged.")
		}
	}
	if s.part, err = w.part(name); err != nil {
		return nil, unreadable(err, "The first sheet of the file cannot be read.")
	}
	s.d = xml.NewDecoder(s.part)
	return s, nil
}

// next returns the next row; those that are not in the file are blank.
func (s *xlsxSource) next() ([]string, error) {
	if s.left == 0 && !s.done {
		if err := s.advance(); err != nil {
			return nil, err
		}
	}
	if s.done {
		return nil, io.EOF
	}
	if s.left--; s.left > 0 {
		return nil, nil
	}
	return s.cells, nil
}

// advance reads the next row of the file.
func (s *xlsxSource) advance() error {
	start, err := s.find()
	if err != nil {
		return unreadable(errors.Join(err, s.part.Close()), "The sheet cannot be read to its end.")
	}
	if start == nil {
		return s.end()
	}
	number := s.last + 1
	if text := attribute(start, "r"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n > maxXLSXRows {
			return unreadable(fmt.Errorf("row %q", text), "A row of the sheet cannot be read.")
		}
		number = max(number, n)
	}
	s.left, s.last = number-s.last, number
	s.cells, err = s.row()
	return err
}

// end makes sure that the sheet is whole: its checksum is known when all was read.
func (s *xlsxSource) end() error {
	s.done = true
	_, err := io.Copy(io.Discard, s.part)
	if err = errors.Join(err, s.part.Close()); err != nil {
		return unreadable(err, "The sheet cannot be read to its end.")
	}
	return nil
}

// find returns the beginning of the next row, nil if there is none.
func (s *xlsxSource) find() (*xml.StartElement, error) {
	for {
		token, err := s.d.Token()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "row" {
				return &token, nil
			}
		case xml.EndElement:
			if token.Name.Local == "sheetData" {
				return nil, nil
			}
		}
	}
}

// row reads the cells of a row to its end.
func (s *xlsxSource) row() (cells []string, err error) {
	column := 0
	for {
		token, err := s.d.Token()
		if err != nil {
			return nil, unreadable(err, "The sheet cannot be read to its end.")
		}
		switch token := token.(type) {
		case xml.EndElement:
			return cells, nil
		case xml.StartElement:
			if token.Name.Local != "c" {
				err = s.d.Skip()
				break
			}
			var text string
			if column, text, err = s.cell(&token, column); err != nil || text == "" {
				break
			}
			if column > maxColumns {
				return nil, unreadable(nil, "The sheet has more columns than any table has fields.")
			}
			for len(cells) < column {
				cells = append(cells, "")
			}
			cells[column-1] = text
		}
		if err != nil {
			return nil, unreadable(err, "A row of the sheet cannot be read.")
		}
	}
}

// cell reads a cell to its end. The columns count from 1; one that does not say which
// it is follows the one before.
func (s *xlsxSource) cell(start *xml.StartElement, before int) (column int, text string, err error) {
	column = before + 1
	if place := attribute(start, "r"); place != "" {
		if column = columnOf(place); column == 0 {
			return 0, "", fmt.Errorf("cell %q", place)
		}
	}
	kind := attribute(start, "t")
	for {
		token, err := s.d.Token()
		if err != nil {
			return column, "", err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return column, text, nil
		case xml.StartElement:
			switch token.Name.Local {
			case "v":
				text, err = s.value(kind)
			case "is":
				text, err = readText(s.d)
			default: // its formula: what counts is the value that it had
				err = s.d.Skip()
			}
			if err != nil {
				return column, "", err
			}
		}
	}
}

// value reads the value of a cell as its kind says.
func (s *xlsxSource) value(kind string) (string, error) {
	var text strings.Builder
	for {
		token, err := s.d.Token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			return "", fmt.Errorf("there is an element %s in a value", token.Name.Local)
		case xml.EndElement:
			switch kind {
			case "s":
				return s.shared(text.String())
			case "str", "inlineStr":
				return unescape(text.String()), nil
			}
			return text.String(), nil
		}
	}
}

func (s *xlsxSource) shared(number string) (string, error) {
	if number = strings.TrimSpace(number); number == "" {
		return "", nil
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n >= len(s.texts) {
		return "", fmt.Errorf("there is no text %q among %d", number, len(s.texts))
	}
	return s.texts[n], nil
}

func attribute(e *xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// columnOf returns the number of the column of a place as in AB12; 0 if it is none.
func columnOf(place string) int {
	column := 0
	for i, c := range []byte(place) {
		switch {
		case 'a' <= c && c <= 'z':
			c -= 'a' - 'A'
		case 'A' <= c && c <= 'Z':
		case '0' <= c && c <= '9' && i > 0:
			return column
		default:
			return 0
		}
		if column = column*26 + int(c-'A') + 1; column > 1<<20 {
			return 0
		}
	}
	return 0
}
