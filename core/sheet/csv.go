package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/fieldsync/fieldsync/core"
)

// maxRow bounds one row of a CSV file, in bytes: a quote that is never closed
// would read the whole file into one cell.
const maxRow = 32 << 20

type csvSource struct {
	r     *csv.Reader
	limit *rowLimit
}

func openCSV(r io.Reader) (source, error) {
	limit := &rowLimit{r: r, left: maxRow}
	buf := bufio.NewReaderSize(limit, 64<<10)
	head, err := buf.Peek(buf.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, readError(err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		head = head[3:]
		if _, err := buf.Discard(3); err != nil {
			return nil, readError(err)
		}
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return nil, unreadable(nil, "The file is “Unicode text”, not CSV. Save it again as “CSV UTF-8”.")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, unreadable(nil, "The file is a spreadsheet, not CSV. Its name should end in .xlsx.")
	}
	c := csv.NewReader(buf)
	c.Comma = delimiter(head)
	c.FieldsPerRecord = -1
	return &csvSource{c, limit}, nil
}

// delimiter tells by the first line what separates the cells: where a comma is
// the decimal sign, spreadsheet programs write semicolons.
func delimiter(head []byte) rune {
	counts := map[byte]int{}
	quoted := false
	for _, c := range head {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted && c == '\n' && len(counts) > 0 {
			break
		}
		if !quoted && (c == ',' || c == ';' || c == '\t') {
			counts[c]++
		}
	}
	best := ','
	for _, c := range []byte{';', '\t'} {
		if counts[c] > counts[byte(best)] {
			best = rune(c)
		}
	}
	return best
}

func (*csvSource) days() days { return daysOfNone }

func (s *csvSource) next() ([]string, error) {
	s.limit.left = maxRow
	cells, err := s.r.Read()
	if err != nil {
		return nil, readError(err)
	}
	for i, c := range cells {
		if !utf8.ValidString(c) {
			line, _ := s.r.FieldPos(i)
			return nil, unreadable(nil, "Line %d has letters in an old encoding. Save it again as “CSV UTF-8”.", line)
		}
	}
	return cells, nil
}

// rowLimit ends a reading that takes too much for one row.
type rowLimit struct {
	r    io.Reader
	left int
}

var errRowTooLong = errors.New("row too long")

func (l *rowLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errRowTooLong
	}
	n, err := l.r.Read(p)
	l.left -= n
	return n, err
}

// readError turns what can go wrong with a CSV file into a sentence.
func readError(err error) error {
	var syntax *csv.ParseError
	var p *core.Problem
	switch {
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &p):
		return err
	case errors.Is(err, errRowTooLong):
		return unreadable(err, "A row is longer than %d MB. Perhaps a quotation mark is never closed.", maxRow>>20)
	case errors.As(err, &syntax):
		return unreadable(err, "Line %d has a quotation mark (\") in the wrong place.", syntax.Line)
	}
	return unreadable(err, "The file cannot be read to its end.")
}
