package carrierwire

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"chohue/market"
	"chohue/orders"
)

const largestStatement = 32 << 20

// Columns names a statement's columns; each may have several names. Of the
// money, Collected and Fee must be there; Net, when it is, is checked.
type Columns struct{ Tracking, Reference, Collected, Fee, Net, At []string }

// Statement reads a carrier's CSV: a heading somewhere in the first lines, then
// a parcel a line; a line without a tracking number ends it (totals).
func Statement(r io.Reader, names Columns) ([]orders.CODLine, error) {
	raw, err := io.ReadAll(io.LimitReader(r, largestStatement+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > largestStatement {
		return nil, market.Invalid("carrier.statement_large", "file")
	}
	sheet := csv.NewReader(bufio.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))))
	sheet.Comma, sheet.FieldsPerRecord, sheet.TrimLeadingSpace = comma(raw), -1, true
	columns, err := heading(sheet, names)
	if err != nil {
		return nil, err
	}
	return columns.lines(sheet)
}

func comma(raw []byte) rune {
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		return ';'
	}
	return ','
}

// places are the numbers of the columns; −1 for one that is not there.
type places struct{ tracking, reference, collected, fee, net, at int }

func heading(sheet *csv.Reader, names Columns) (places, error) {
	for range 15 {
		row, err := sheet.Read()
		if err != nil {
			break
		}
		p := places{
			find(row, names.Tracking), find(row, names.Reference), find(row, names.Collected),
			find(row, names.Fee), find(row, names.Net), find(row, names.At),
		}
		if p.tracking >= 0 && p.collected >= 0 && p.fee >= 0 {
			return p, nil
		}
	}
	return places{}, market.Invalid("carrier.statement_heading", "file")
}

func find(row, names []string) int {
	for i, cell := range row {
		for _, name := range names {
			if market.Fold(strings.TrimSpace(cell)) == market.Fold(name) {
				return i
			}
		}
	}
	return -1
}

func (p places) lines(sheet *csv.Reader) ([]orders.CODLine, error) {
	var out []orders.CODLine
	for {
		row, err := sheet.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		n := lineOf(sheet, row)
		if err != nil {
			return nil, badLine(n, row)
		}
		if cell(row, p.tracking) == "" {
			continue
		}
		line, err := p.line(row)
		if err != nil {
			return nil, badLine(n, row)
		}
		line.Line = n
		out = append(out, line)
	}
}

func lineOf(sheet *csv.Reader, row []string) int {
	if len(row) == 0 {
		return 0
	}
	n, _ := sheet.FieldPos(0)
	return n
}

func (p places) line(row []string) (l orders.CODLine, err error) {
	l.Tracking, l.Reference = cell(row, p.tracking), cell(row, p.reference)
	if l.Collected, err = Amount(cell(row, p.collected)); err != nil {
		return l, err
	}
	if l.Fee, err = Amount(cell(row, p.fee)); err != nil {
		return l, err
	}
	l.Net = l.Collected - l.Fee
	if p.net >= 0 {
		if net, err := Amount(cell(row, p.net)); err != nil || net != l.Net {
			return l, fmt.Errorf("%d − %d is not %s", l.Collected, l.Fee, cell(row, p.net))
		}
	}
	if p.at >= 0 && cell(row, p.at) != "" {
		l.At, err = Time(cell(row, p.at))
	}
	return l, err
}

func cell(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	return strings.TrimSpace(row[i])
}

// badLine shows the line as it stands, so that a person sees what is wrong.
func badLine(n int, row []string) error {
	return market.Invalid("carrier.statement_line", "file").With("line", n).With("text", Cut(strings.Join(row, " | ")))
}
