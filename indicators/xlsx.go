package indicators

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// writeXLSX writes a sheet with names beside codes for each table, and one of
// indicators.
func (s *Service) writeXLSX(w io.Writer, r *Release) (err error) {
	book := excelize.NewFile()
	defer func() { err = cmp.Or(err, book.Close()) }()
	stamp := r.Embargo.UTC().Format("2006-01-02T15:04:05Z")
	if err := book.SetDocProps(&excelize.DocProperties{Title: title(r).VI, Creator: "Chợ Huế", Created: stamp, Modified: stamp, Language: "vi"}); err != nil {
		return err
	}
	lists := s.codeLists()
	if err := s.figureSheet(book, r, lists); err != nil {
		return err
	}
	for _, d := range divided {
		if err := s.tableSheet(book, r, d.table, d.columns, lists); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (s *Service) figureSheet(book *excelize.File, r *Release, lists map[string][]Code) error {
	const sheet = "indicators"
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	rows := [][]any{{title(r).VI}, {"Mã", "Chỉ tiêu", "Giá trị", "Đơn vị", "Trạng thái"}}
	for _, f := range r.Figures {
		o := figureObservation(r, f)
		rows = append(rows, []any{o.Measure, labelOf(lists["MEASURE"], o.Measure), number(o.Value), o.Unit, o.Status})
	}
	return putRows(book, sheet, rows)
}

func (s *Service) tableSheet(book *excelize.File, r *Release, table string, columns []string, lists map[string][]Code) error {
	if _, err := book.NewSheet(table); err != nil {
		return err
	}
	head := []any{}
	for range columns {
		head = append(head, "Mã", "Tên")
	}
	rows := [][]any{{title(r).VI}, append(head, "Giá trị giao ròng (đồng)", "Dòng hàng", "Trạng thái")}
	for _, c := range r.Cells {
		if c.Table() != table {
			continue
		}
		var row []any
		for i, code := range divisions(r, c, columns) {
			row = append(row, code, labelOf(lists[columns[i]], code))
		}
		if c.Hidden {
			rows = append(rows, append(row, nil, nil, "Q"))
			continue
		}
		rows = append(rows, append(row, c.Value, c.Lines, "A"))
	}
	return putRows(book, table, rows)
}

func number(text string) any {
	if v, err := json.Number(text).Float64(); err == nil {
		return v
	}
	return nil
}

func putRows(book *excelize.File, sheet string, rows [][]any) error {
	for i, row := range rows {
		if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	return book.SetColWidth(sheet, "B", "C", 32)
}
