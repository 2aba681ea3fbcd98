package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// stock shows what there is of everything the seller sells, and how long each
// recognition still holds.
func (p *Pages) stock(c *gin.Context, w *workplace) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	page, err := p.Catalog.OfSeller(ctx, w.by, w.seller.ID, store.Cursor(c.Query("after")), todayShown)
	if err != nil {
		return err
	}
	var ids []market.ID
	for _, product := range page.Items {
		ids = append(ids, variantIDs(product)...)
	}
	stocks, err := p.Catalog.Stocks(ctx, ids...)
	if err != nil {
		return err
	}
	v := stockView{workView: p.workPage(c, w, s.t("coop.stock.title")), Cursor: cursor(c, string(page.Next)), Empty: len(page.Items) == 0}
	v.Stock = ui.Table{Caption: s.t("coop.stock.caption"), Quiet: true, Columns: s.stockColumns(), Note: s.t("coop.stock.note")}
	v.Papers = ui.Table{Caption: s.t("coop.papers"), Columns: []ui.Column{
		{Label: s.t("coop.stock.product")}, {Label: s.t("cert.stars")}, {Label: s.t("stars.decision")}, {Label: s.t("cert.to")}, {Label: s.t("cert.state")},
	}}
	for _, product := range page.Items {
		for _, variant := range product.Variants {
			v.Stock.Rows = append(v.Stock.Rows, s.stockRow(w, product, variant, stocks[variant.ID]))
		}
		if last, ok := lastCertificate(product); ok {
			v.Papers.Rows = append(v.Papers.Rows, s.paperRow(product, last))
		}
	}
	return web.Render(c, http.StatusOK, stockPage(v))
}

func (s speaker) stockColumns() []ui.Column {
	columns := []ui.Column{{Label: s.t("coop.stock.product")}, {Label: s.t("cert.state")}}
	for _, key := range []string{"price", "available", "held", "sold", "lost"} {
		columns = append(columns, ui.Column{Label: s.t("coop.stock." + key), Number: true})
	}
	return columns
}

func (s speaker) stockRow(w *workplace, product *catalog.Product, v catalog.Variant, k *catalog.Stock) []ui.Cell {
	if k == nil {
		k = &catalog.Stock{}
	}
	row := []ui.Cell{
		{Text: s.text(product.Name), Sub: s.text(v.Name), Href: w.to(farmDoor + "/san-pham#" + string(product.ID))},
		{Text: s.status(product.Status), Tag: statusTones[product.Status]},
		{Text: s.vnd(v.Price), Sub: "/" + v.Unit},
	}
	for _, n := range []int64{k.Available, k.Held, k.Sold, k.Lost} {
		row = append(row, ui.Cell{Text: s.number(n)})
	}
	return row
}

func (s speaker) paperRow(product *catalog.Product, c catalog.Certificate) []ui.Cell {
	left, tone := s.certificateLeft(c)
	return []ui.Cell{
		{Text: s.text(product.Name)},
		{Other: ui.StarMark(s.t, c.Stars)},
		{Text: c.DecisionNo, Sub: c.Issuer},
		{Text: s.date(lastDay(c))},
		{Text: left, Tag: tone},
	}
}
