package report

import (
	"bytes"
	"math"
	"strconv"
	"testing"
	"time"

	"chohue/frontend/ui"
)

func sample() Report {
	write := func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }
	names := []string{"Phú Xuân", "Thuận An", "Chân Mây – Lăng Cô"}
	bars := ui.Chart{Title: "Giá trị", Labels: names, Series: []ui.Series{{Values: []float64{5, math.NaN(), 9}}}, Marks: &ui.Series{Name: "Năm trước", Values: []float64{4, 0, math.NaN()}}, Strong: 3, Write: write, Missing: "bảo mật"}
	rows := make([][]ui.Cell, 120)
	for i := range rows {
		rows[i] = []ui.Cell{{Text: "Phường số " + strconv.Itoa(i)}, {Text: "−12"}}
	}
	return Report{
		Office: "Chợ Huế", Title: "Thương mại OCOP", Sub: "Tháng 10/2026", Page: func(n int) string { return strconv.Itoa(n) }, More: "(tiếp)",
		KPIs:  []ui.KPI{{Label: "Đơn", Value: "12", Moves: []ui.Move{{Text: "5%", Trend: ui.Up, Since: "so với 09/26"}}}, {Label: "Kín", Value: "bảo mật", Hidden: true}},
		Trend: bars, Ranks: []ui.Chart{bars, bars},
		Map: ui.Map{Title: "Bản đồ", Hidden: "kín", Places: []ui.Place{
			{Name: "a", Lng: 107.1, Lat: 16.2, Value: 4, KM2: 30}, {Name: "b", Lng: 107.6, Lat: 16.5, Value: math.NaN(), KM2: 10}, {Name: "c", Lng: 107.9, Lat: 16.3, KM2: 90},
		}},
		Parts:  []ui.Parts{{Title: "Kênh", Parts: []ui.Part{{Name: "x", Value: 3, Of: 4, Share: "75%"}, {Name: "y", Value: math.NaN(), Of: 4, Share: "bảo mật"}}}},
		Tables: []ui.Table{{Caption: "Bảng", Columns: []ui.Column{{Label: "Tên"}, {Label: "Giá trị", Number: true}}, Rows: rows}},
		Notes:  []string{"Nguồn: Chợ Huế."},
	}
}

func TestTheSameReportIsTheSameBytes(t *testing.T) {
	at := time.Date(2026, 11, 15, 8, 0, 0, 0, time.UTC)
	first, err := PDF(sample(), at)
	if err != nil {
		t.Fatal(err)
	}
	again, err := PDF(sample(), at)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("printed twice it differs, %v", err)
	}
	if pages := bytes.Count(first, []byte("/Type /Page\n")); pages < 4 {
		t.Errorf("120 rows on %d pages", pages)
	}
}

func TestAnEmptyReportIsPrinted(t *testing.T) {
	r := Report{Title: "Chưa có gì", Page: func(int) string { return "1" }}
	if pdf, err := PDF(r, time.Unix(0, 0)); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Error(err)
	}
}
