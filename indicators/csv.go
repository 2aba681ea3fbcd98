package indicators

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"chohue/market"
)

// WriteCSV writes the table as RFC 4180 in UTF-8: a header of codes, then a row
// for each cell in the table's order, codes beside names in lang ("vi" or
// "en"). The same facts give the same bytes.
func (s *Service) WriteCSV(ctx context.Context, by market.Actor, w io.Writer, q TableQuery, lang string) error {
	t, err := s.Table(ctx, by, q)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(header(t.By)); err != nil {
		return err
	}
	for _, c := range t.Cells {
		if err := out.Write(s.row(t.By, c, lang)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func header(by []string) []string {
	var columns []string
	for _, d := range by {
		columns = append(columns, d)
		if d != ByMonth {
			columns = append(columns, d+"_name")
		}
	}
	for _, m := range Measures() {
		columns = append(columns, m.Code)
	}
	return append(columns, "note")
}

func (s *Service) row(by []string, c Cell, lang string) []string {
	var out []string
	if slices.Contains(by, ByMonth) {
		out = append(out, text(c.Month))
	}
	if slices.Contains(by, ByWard) {
		out = append(out, text(c.Ward), text(s.areas.Name(c.Ward)))
	}
	if slices.Contains(by, BySet) {
		set, _ := s.sets.Find(c.Set)
		out = append(out, strconv.Itoa(c.Set), text(set.Name.In(lang)))
	}
	if slices.Contains(by, ByChannel) {
		out = append(out, text(c.Channel), text(ChannelName(c.Channel).In(lang)))
	}
	for _, n := range []int64{int64(c.Value), c.Orders, c.Lines, c.Units, c.Grams, c.Pieces, int64(c.Sellers)} {
		out = append(out, strconv.FormatInt(n, 10))
	}
	note := ""
	if c.Small {
		note = NoteSmall
	}
	return append(out, note)
}

// NoteSmall marks a cell that fewer sellers make up than the disclosure rule
// wants.
const NoteSmall = "small"

// text keeps a spreadsheet from taking words for a formula (OWASP: CSV
// injection). Numbers are written by us and need no such care.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
