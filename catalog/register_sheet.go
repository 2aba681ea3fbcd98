package catalog

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"chohue/market"
)

// Limits of a decision list.
const (
	MaxListBytes = 5 << 20
	maxListRows  = 5000
	maxUnzipped  = 64 << 20 // bytes that a workbook may unpack to
)

var (
	errListFormat = market.Invalid("decisions.format", "file")
	errListLong   = market.Invalid("decisions.long", "file").With("max", maxListRows)
)

// readList reads the rows of a CSV file or of the first sheet of a workbook;
// which it is, is read from its content.
func readList(data []byte) ([][]string, error) {
	if len(data) > MaxListBytes {
		return nil, market.Invalid("decisions.large", "file")
	}
	read := readCSV
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		read = readWorkbook
	}
	rows, err := read(data)
	if err != nil {
		return nil, err
	}
	if len(rows) > maxListRows+1 {
		return nil, errListLong
	}
	return rows, nil
}

// readCSV takes commas, semicolons and tabs, whichever the header has most of:
// spreadsheets write what the country of their user does.
func readCSV(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	for _, comma := range []string{";", "\t"} {
		if bytes.Count(head, []byte(comma)) > bytes.Count(head, []byte(string(r.Comma))) {
			r.Comma = rune(comma[0])
		}
	}
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	var rows [][]string
	for {
		row, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, errListFormat
		}
		if rows = append(rows, row); len(rows) > maxListRows+1 {
			return nil, errListLong
		}
	}
}

// readWorkbook reads the values as they are kept, dates as numbers of days.
func readWorkbook(data []byte) ([][]string, error) {
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped, RawCellValue: true,
	})
	if err != nil {
		return nil, errListFormat
	}
	defer func() { _ = book.Close() }()
	rows, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return nil, errListFormat
	}
	var out [][]string
	for rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			return nil, errListFormat
		}
		if out = append(out, row); len(out) > maxListRows+1 {
			return nil, errListLong
		}
	}
	return out, rows.Close()
}

// dayForms are how people write days; the day comes before the month.
var dayForms = []string{time.DateOnly, "2/1/2006", "2-1-2006", "2.1.2006"}

// Days as workbooks count them, from 30 December 1899: those of 2000 to 2100.
const (
	firstSerial = 36_526
	lastSerial  = 73_050
)

// readDate reads a day of Huế as its first moment.
func readDate(text string) (time.Time, bool) {
	for _, form := range dayForms {
		if at, err := time.ParseInLocation(form, text, market.HueZone); err == nil {
			return at.UTC(), true
		}
	}
	serial, err := strconv.ParseFloat(text, 64)
	if err != nil || serial < firstSerial || serial > lastSerial {
		return time.Time{}, false
	}
	return time.Date(1899, 12, 30+int(serial), 0, 0, 0, 0, market.HueZone).UTC(), true
}

// formula reports whether a spreadsheet would run the text as a formula, now or
// when it is exported again.
func formula(text string) bool {
	return text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0]))
}

// PlainCell returns text as a cell that no spreadsheet runs as a formula.
func PlainCell(text string) string {
	if formula(text) {
		return "'" + text
	}
	return text
}
