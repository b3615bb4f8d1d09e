package sheet

import (
	"bytes"
	"errors"
	"io"

	"github.com/xuri/excelize/v2"
)

// Limits on what an XLSX file, which is a zip archive, may become in memory and
// on disk.
const (
	maxUnzipped    = 1 << 30
	maxUnzippedXML = 16 << 20 // a larger sheet is unpacked to a temporary file
	maxColumns     = 2000
)

type xlsxSource struct {
	file  *excelize.File
	rows  *excelize.Rows
	count days
}

func (s *xlsxSource) days() days { return s.count }

// openXLSX reads the first sheet of the file.
func openXLSX(r io.Reader) (source, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxUnzipped))
	if err != nil {
		return nil, unreadable(err, "The file is no XLSX spreadsheet, or it is damaged.")
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzippedXML, RawCellValue: true})
	if err != nil {
		if errors.Is(err, excelize.ErrWorkbookPassword) || errors.Is(err, excelize.ErrWorkbookFileFormat) {
			return nil, unreadable(err, "The file is no XLSX spreadsheet, or it is protected by a password.")
		}
		return nil, unreadable(err, "The file is no XLSX spreadsheet, or it is damaged.")
	}
	if err := checkSound(bytes.NewReader(data), int64(len(data))); err != nil {
		return nil, unreadable(errors.Join(err, f.Close()), "The file is no XLSX spreadsheet, or it is damaged.")
	}
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		f.Close()
		return nil, unreadable(nil, "The file has no sheet.")
	}
	rows, err := f.Rows(sheets[0])
	if err != nil {
		f.Close()
		return nil, unreadable(err, "The first sheet of the file cannot be read.")
	}
	count := days1900
	if book, err := f.GetWorkbookProps(); err == nil && book.Date1904 != nil && *book.Date1904 {
		count = days1904
	}
	return &xlsxSource{f, rows, count}, nil
}

func (s *xlsxSource) next() ([]string, error) {
	if !s.rows.Next() {
		err := errors.Join(s.rows.Error(), s.rows.Close(), s.file.Close())
		if err != nil {
			return nil, unreadable(err, "The sheet cannot be read to its end.")
		}
		return nil, io.EOF
	}
	cells, err := s.rows.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, unreadable(err, "A row of the sheet cannot be read.")
	}
	if len(cells) > maxColumns {
		return nil, unreadable(nil, "The sheet has more columns than any table has fields.")
	}
	return cells, nil
}
