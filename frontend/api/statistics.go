package api

import (
	"bytes"
	"context"
	"net/http"

	"chohue/frontend/web"
	"chohue/indicators"
)

// TradeTable is what was delivered in some months. It names no person and no
// seller; cells marked small are not for publication.
type TradeTable struct {
	From    string                 `json:"from" example:"2026-01"`
	To      string                 `json:"to"`
	By      []string               `json:"by"`
	Cells   []TradeCell            `json:"cells"`
	Margins map[string][]TradeCell `json:"margins" doc:"For each dimension, the cells of it alone"`
	Total   TradeCell              `json:"total"`
}

// TradeCell is one figure with what it is made of.
type TradeCell struct {
	Month   string `json:"month,omitempty"`
	Ward    string `json:"ward,omitempty"`
	Set     int    `json:"set,omitempty"`
	Channel string `json:"channel,omitempty"`
	Value   Money  `json:"value"`
	Orders  int64  `json:"orders"`
	Lines   int64  `json:"lines"`
	Units   int64  `json:"units" doc:"As sold: bottles, boxes, kilograms"`
	Grams   int64  `json:"grams" doc:"Of what is sold by weight"`
	Pieces  int64  `json:"pieces" doc:"Of what is sold by the piece"`
	Sellers int    `json:"sellers"`
	Small   bool   `json:"small,omitempty" doc:"So few sellers that one might be known by it"`
}

type tradeInput struct {
	From string   `query:"from" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"First month; a year before the last when left out"`
	To   string   `query:"to" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"Last month; the present one when left out"`
	By   []string `query:"by" maxItems:"8" doc:"Dimensions, between commas: month, ward, set, channel; all when left out"`
	Conditional
}

func (in *tradeInput) query() indicators.TableQuery {
	return indicators.TableQuery{From: in.From, To: in.To, By: in.By}
}

func (d *Door) addStatistics() error {
	op := operation{
		method: http.MethodGet, path: "/statistics/trade", id: "tradeTable", tag: "statistics",
		vi: "Doanh số đã giao theo tháng, phường, bộ sản phẩm, kênh", en: "Delivered sales by month, ward, set and channel",
		about:   "For officials and the platform's operator.",
		returns: TradeTable{}, headers: []string{"ETag"}, signedIn: true,
		errors: []int{http.StatusForbidden, http.StatusUnprocessableEntity},
	}
	add(d, op, d.trade)
	op.path, op.id, op.media, op.returns = op.path+".csv", "tradeCSV", "text/csv", ""
	op.about += " RFC 4180 in UTF-8, codes beside names."
	add(d, op, d.tradeCSV)
	return nil
}

func (d *Door) trade(ctx context.Context, in *tradeInput) (*answer, error) {
	t, err := d.Indicators.Table(ctx, web.Actor(ctx), in.query())
	if err != nil {
		return nil, err
	}
	out := TradeTable{
		From: t.From, To: t.To, By: t.By, Cells: tradeCells(t.Cells),
		Margins: map[string][]TradeCell{}, Total: tradeCell(t.Total),
	}
	for name, cells := range t.Margins {
		out.Margins[name] = tradeCells(cells)
	}
	return show(out)
}

func tradeCells(cells []indicators.Cell) []TradeCell {
	out := make([]TradeCell, len(cells))
	for i, c := range cells {
		out[i] = tradeCell(c)
	}
	return out
}

func tradeCell(c indicators.Cell) TradeCell {
	return TradeCell{
		Month: c.Month, Ward: c.Ward, Set: c.Set, Channel: c.Channel, Value: money(c.Value), Orders: c.Orders,
		Lines: c.Lines, Units: c.Units, Grams: c.Grams, Pieces: c.Pieces, Sellers: c.Sellers, Small: c.Small,
	}
}

func (d *Door) tradeCSV(ctx context.Context, in *tradeInput) (*answer, error) {
	var b bytes.Buffer
	if err := d.Indicators.WriteCSV(ctx, web.Actor(ctx), &b, in.query(), web.Lang(ctx)); err != nil {
		return nil, err
	}
	return &answer{
		Status: http.StatusOK, ContentType: "text/csv; charset=utf-8", ETag: etag("", b.Bytes()),
		Disposition: `attachment; filename="chohue-trade.csv"`, Body: b.Bytes(),
	}, nil
}
