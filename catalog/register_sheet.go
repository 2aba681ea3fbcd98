package catalog

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"chohue/market"
)

// Limits of a decision list.
const (
	MaxListBytes = 5 << 20
	maxListRows  = 5000
)

// maxUnzipped is how many bytes a workbook may unpack to.
const maxUnzipped = 64 << 20

// sheetLimits bound a file that somebody sends to be read.
type sheetLimits struct{ bytes, rows int }

var listLimits = sheetLimits{MaxListBytes, maxListRows}

func (l sheetLimits) long() error {
	return market.Invalid("decisions.long", "file").With("max", l.rows)
}

var errListFormat = market.Invalid("decisions.format", "file")

// readSheet reads the rows of a CSV file or of the first sheet of a workbook;
// which it is, is read from its content. The heading does not count as a row.
func readSheet(data []byte, limits sheetLimits) ([][]string, error) {
	if len(data) > limits.bytes {
		return nil, market.Invalid("decisions.large", "file").With("mb", limits.bytes>>20)
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		return readWorkbook(data, limits)
	}
	return readCSV(data, limits)
}

// readCSV takes commas, semicolons and tabs, whichever the header has most of:
// spreadsheets write what the country of their user does.
func readCSV(data []byte, limits sheetLimits) ([][]string, error) {
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
		if rows = append(rows, row); len(rows) > limits.rows+1 {
			return nil, limits.long()
		}
	}
}

// readWorkbook reads the values as they are kept, dates as numbers of days.
func readWorkbook(data []byte, limits sheetLimits) ([][]string, error) {
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
		if out = append(out, row); len(out) > limits.rows+1 {
			return nil, limits.long()
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
// when it is exported again (ASVS 5.0, 1.2.10; wide signs run in East Asian
// spreadsheets).
func formula(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", first)
}

// PlainCell returns text as a cell that no spreadsheet runs as a formula: with
// a quote before it where it needs one.
func PlainCell(text string) string {
	if formula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// typedCell undoes PlainCell.
func typedCell(cell string) string {
	if text, quoted := strings.CutPrefix(cell, "'"); quoted && formula(strings.TrimLeft(text, "'")) {
		return text
	}
	return cell
}
