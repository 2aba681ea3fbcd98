package indicators

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"chohue/market"
)

// mostLines is how many lines one answer may hold; beyond, the scope is to be
// narrowed. It keeps a file well below what one document may hold.
const mostLines = 50_000

// answer makes the files of a request, with the number of their rows.
func (s *Service) answer(ctx context.Context, by market.Actor, r *DataRequest) ([]DataFile, [][]byte, error) {
	rows, err := s.answerRows(ctx, by, r)
	if err != nil {
		return nil, nil, err
	}
	var flat bytes.Buffer
	out := csv.NewWriter(&flat)
	out.UseCRLF = true
	if err := out.WriteAll(rows); err != nil {
		return nil, nil, err
	}
	book, err := answerBook(r, rows)
	if err != nil {
		return nil, nil, err
	}
	file := func(name, media string, body []byte) DataFile {
		return DataFile{Name: name, Media: media, Size: len(body), SHA256: hashOf(body), Rows: len(rows) - 1}
	}
	return []DataFile{
		file("data.csv", "text/csv; charset=utf-8", flat.Bytes()),
		file("data.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", book),
	}, [][]byte{flat.Bytes(), book}, nil
}

func (s *Service) answerRows(ctx context.Context, by market.Actor, r *DataRequest) ([][]string, error) {
	if r.Scope.Detail == DetailLines {
		return s.answerLines(ctx, by, r.Scope)
	}
	var b bytes.Buffer
	if err := s.WriteCSV(ctx, by, &b, r.Scope.query(), "vi"); err != nil {
		return nil, err
	}
	return csv.NewReader(&b).ReadAll()
}

// lineColumns are those of the facts that an authority may see: all but the
// buyer.
var lineColumns = []string{
	"day", "kind", "order", "parcel", "line", "seller", "seller_kind", "ward", "destination", "product", "set", "stars", "certified",
	"channel", "method", "lines", "quantity", "base", "base_amount", "value_vnd", "return",
}

func (s *Service) answerLines(ctx context.Context, by market.Actor, scope DataScope) ([][]string, error) {
	rows := [][]string{lineColumns}
	err := s.EachFact(ctx, by, scope.From, scope.To, func(f *Fact) error {
		if !s.wants(scope, f) {
			return nil
		}
		if len(rows) > mostLines {
			return market.Invalid("indicators.request_large", "detail").With("most", mostLines)
		}
		rows = append(rows, f.line())
		return nil
	})
	return rows, err
}

func (s *Service) wants(scope DataScope, f *Fact) bool {
	area := scope.Area == "" || scope.Area == f.Ward || scope.Area == s.districts.of(f.Ward)
	return area && (scope.Set == 0 || scope.Set == f.Set) && (scope.Channel == "" || scope.Channel == f.Channel)
}

func (f *Fact) line() []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	return []string{
		f.Day, f.Kind, text(string(f.Order)), text(string(f.Parcel)), strconv.Itoa(f.Line), text(string(f.Seller)), text(f.SellerKind), text(f.Ward), text(f.Destination),
		text(string(f.Product)), strconv.Itoa(f.Set), strconv.Itoa(f.Stars), strconv.FormatBool(f.Certified),
		text(f.Channel), text(f.Method), number(f.Lines), number(f.Quantity), text(string(f.Base)), number(f.BaseAmount), number(int64(f.Value)), text(string(f.Return)),
	}
}

// answerBook writes the rows as a sheet, and what was asked as another.
func answerBook(r *DataRequest, rows [][]string) (body []byte, err error) {
	book := excelize.NewFile()
	defer func() { err = cmp.Or(err, book.Close()) }()
	if err := book.SetSheetName("Sheet1", "data"); err != nil {
		return nil, err
	}
	sheet, err := book.NewStreamWriter("data")
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		cells := make([]any, len(row))
		for j, c := range row {
			cells[j] = cellOf(c, i)
		}
		if err := sheet.SetRow("A"+strconv.Itoa(i+1), cells); err != nil {
			return nil, err
		}
	}
	if err := sheet.Flush(); err != nil {
		return nil, err
	}
	if _, err := book.NewSheet("request"); err != nil {
		return nil, err
	}
	about := [][]any{
		{"authority", r.Authority},
		{"letter", r.Letter},
		{"basis", r.Basis},
		{"purpose", r.Purpose},
		{"from", r.Scope.From},
		{"to", r.Scope.To},
		{"detail", r.Scope.Detail},
		{"received", r.ReceivedAt.In(market.HueZone).Format(time.RFC3339)},
	}
	if err := putRows(book, "request", about); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = book.Write(&b)
	return b.Bytes(), err
}

// cellOf is a number where it is one and nothing would be lost by it, below the
// header. Codes with a zero in front, and long ones, stay words.
func cellOf(word string, row int) any {
	n, err := strconv.ParseInt(word, 10, 64)
	if row == 0 || err != nil || strconv.FormatInt(n, 10) != word || len(word) > 15 {
		return word
	}
	return n
}
