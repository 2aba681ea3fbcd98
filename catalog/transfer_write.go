package catalog

import (
	"context"

	"chohue/market"
)

// transferSheet names the one sheet of a workbook of products.
const transferSheet = "Sản phẩm"

// ExportProducts writes all products of a seller that by may act for, as they
// were last said, with ids: read again as they are they change nothing.
func (s *Service) ExportProducts(ctx context.Context, by market.Actor, seller market.ID, workbook bool) ([]byte, error) {
	if !by.For(seller) {
		return nil, errMissing
	}
	columns := s.sets.sheetColumns()
	rows := [][]string{headings(columns)}
	err := s.eachOf(ctx, seller, func(p *Product) error {
		rows = append(rows, productRows(columns, p.Draft())...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return writeTransfer(rows, workbook)
}

func headings(columns []sheetColumn) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.vi
	}
	return out
}

// productRows writes one row per variant. What is said of the product stands
// in the first, its id and name in all.
func productRows(columns []sheetColumn, d Draft) [][]string {
	variants := d.Variants
	if len(variants) == 0 {
		variants = []VariantDraft{{}}
	}
	rows := make([][]string, len(variants))
	for i := range variants {
		rows[i] = make([]string, len(columns))
		for j, c := range columns {
			if i == 0 || c.ofVariant || c.key == keyProduct || c.key == keyName {
				rows[i][j] = PlainCell(c.write(&d, &variants[i]))
			}
		}
	}
	return rows
}

func writeTransfer(rows [][]string, workbook bool) ([]byte, error) {
	if workbook {
		return WriteWorkbook(transferSheet, rows)
	}
	return writeCSV(rows)
}

// ProductTemplate returns a sheet with one example to write over: a fruit sold
// by the piece and by the kilogram.
func (s *Service) ProductTemplate(workbook bool) ([]byte, error) {
	columns := s.sets.sheetColumns()
	return writeTransfer(append([][]string{headings(columns)}, productRows(columns, templateExample())...), workbook)
}

func templateExample() Draft {
	return Draft{
		Set: 1, Name: market.Text{VI: "Thanh trà Thủy Biều (ví dụ)", EN: "Thủy Biều pomelo (example)"},
		Description: market.Text{VI: "Ngọt thanh, hái trong ngày."}, ShelfLifeDays: 30,
		Keeping: Keeping{
			Storage: market.Text{VI: "Nơi khô mát"}, MaxHours: 72, Packing: "ventilated",
			ShipDays: DaysOf(1, 2, 3, 4, 5), Season: MonthsOf(7, 8, 9),
		},
		Variants: []VariantDraft{
			{
				SKU: "TT-TRAI", Name: market.Text{VI: "Từng trái"}, Unit: "trái", Size: market.Size{Base: market.Pieces, Amount: 1},
				Price: 65_000, Stock: 100, Terms: Terms{Band: Band{Min: 900, Max: 1200}, Min: 2},
			},
			{
				SKU: "TT-KG", Name: market.Text{VI: "1 kg"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000},
				Price: 50_000, Stock: 40, Terms: Terms{Catch: true},
			},
		},
	}
}
