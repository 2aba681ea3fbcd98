package pages

import (
	"cmp"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
)

// linesShown is how many lines a page explains one by one.
const linesShown = 100

// earned is what shows and links have sold for a seller in a month.
func (p *Pages) earned(c *gin.Context, w *workplace) error {
	s := p.speaker(c)
	month := s.now.In(market.HueZone)
	if asked, err := time.ParseInLocation("2006-01", c.Query("thang"), market.HueZone); err == nil {
		month = asked
	}
	from := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, market.HueZone)
	r, err := p.Livestream.EarnedBy(c.Request.Context(), w.by, w.seller.ID, from, from.AddDate(0, 1, 0))
	if err != nil {
		return err
	}
	v := resultView{workView: p.workPage(c, w, s.t("live.earned.title")), Lead: s.t("live.earned.lead"), Back: w.here("/phien")}
	for _, at := range []time.Time{from.AddDate(0, -1, 0), from, from.AddDate(0, 1, 0)} {
		if !at.After(s.now) {
			v.Months = append(v.Months, ui.NavItem{Label: s.t("live.earned.month", "month", at.Format("01/2006")), Href: w.here("/phien/doanh-thu?thang=" + at.Format("2006-01")), Current: at.Equal(from)})
		}
	}
	return p.drawResult(c, w, s, v, r)
}

// drawResult shows what something earned: in all, by what led to it, and line
// by line.
func (p *Pages) drawResult(c *gin.Context, w *workplace, s speaker, v resultView, r *livestream.Result) error {
	v.Sheets = liveSheets
	v.Stats = []ui.Stat{
		{Label: s.t("live.result.orders"), Value: s.number(int64(r.All.Orders))},
		{Label: s.t("live.result.revenue"), Value: s.vnd(r.All.Revenue)},
		{Label: s.t("live.result.settled"), Value: s.vnd(r.All.Settled)},
		{Label: s.t("live.result.reversed"), Value: s.vnd(r.All.Reversed)},
	}
	for _, t := range []struct {
		key   string
		parts []livestream.Part
		name  func(string) string
	}{
		{"how", r.How, func(k string) string { return s.t("live.how." + k) }},
		{"show", r.Show, func(k string) string { return p.showName(c, s, market.ID(k)) }},
		{"channel", r.Channel, func(k string) string { return s.t("channel." + k) }},
		{"link", r.Link, func(k string) string { return p.linkName(c, s, k) }},
		{"person", r.Person, func(k string) string { return p.personName(s, w, market.ID(k)) }},
		{"seller", r.Seller, func(k string) string { return p.sellerName(c, s, market.ID(k)) }},
	} {
		told := t.key == "seller" || t.key == "show" && v.Months == nil // the page's own title says it
		if len(t.parts) > 1 || len(t.parts) == 1 && !told {
			v.Tables = append(v.Tables, s.showSums(s.t("live.result."+t.key), t.parts, r.All, t.name))
		}
	}
	lines, err := p.resultLines(c, s, w, r.Lines)
	if err != nil {
		return err
	}
	v.Lines = lines
	return web.Render(c, http.StatusOK, resultPage(v))
}

func (p *Pages) showName(c *gin.Context, s speaker, id market.ID) string {
	if show, err := p.Livestream.Show(c.Request.Context(), id); id != "" && err == nil {
		return s.text(show.Title)
	}
	return s.t("live.result.noshow")
}

// linkName says where a link was shared, as its maker noted it.
func (p *Pages) linkName(c *gin.Context, s speaker, code string) string {
	if code == "" {
		return s.t("live.result.nolink")
	}
	l, err := p.Livestream.Link(c.Request.Context(), code)
	if err != nil {
		return code
	}
	return s.t("channel."+l.Channel) + " · " + cmp.Or(l.Label, l.Code)
}

// personName is who shared a link, as far as they belong to the seller.
func (p *Pages) personName(s speaker, w *workplace, person market.ID) string {
	for _, m := range w.seller.Members {
		if m.Person == person && m.Name != "" {
			return m.Name
		}
	}
	return s.t("live.result.nobody")
}

func (p *Pages) sellerName(c *gin.Context, s speaker, id market.ID) string {
	if seller, err := p.Sellers.Seller(c.Request.Context(), id); err == nil {
		return s.text(seller.Name)
	}
	return string(id)
}

func (s speaker) showSums(caption string, parts []livestream.Part, all livestream.Sums, name func(string) string) ui.Table {
	number := func(key string) ui.Column { return ui.Column{Label: s.t("live.result." + key), Number: true} }
	t := ui.Table{Caption: caption, Columns: []ui.Column{{Label: s.t("live.result.what")}, number("orders"), number("revenue"), number("settled"), number("reversed")}}
	for _, p := range parts {
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: name(p.Key)}, {Text: s.number(int64(p.Sums.Orders))}, {Text: s.vnd(p.Sums.Revenue)}, {Text: s.vnd(p.Sums.Settled)}, {Text: s.vnd(p.Sums.Reversed)},
		})
	}
	if len(parts) > 1 {
		t.Totals = []string{s.t("table.total"), s.number(int64(all.Orders)), s.vnd(all.Revenue), s.vnd(all.Settled), s.vnd(all.Reversed)}
	}
	return t
}

// resultLines explain every đồng: which line of which order, how it came, what
// became of it, and why it earns nothing when it does not.
func (p *Pages) resultLines(c *gin.Context, s speaker, w *workplace, all []*livestream.Attribution) (ui.Table, error) {
	t := ui.Table{Caption: s.t("live.lines.title"), Columns: []ui.Column{
		{Label: s.t("live.lines.goods")}, {Label: s.t("live.lines.how")}, {Label: s.t("live.lines.at")}, {Label: s.t("live.lines.state")}, {Label: s.t("live.lines.amount"), Number: true},
	}}
	shown := all[:min(len(all), linesShown)]
	ids := make([]market.ID, len(shown))
	for i, a := range shown {
		ids[i] = a.Product
	}
	products, err := p.Catalog.Products(c.Request.Context(), ids...)
	if err != nil {
		return t, err
	}
	for _, a := range shown {
		goods := ui.Cell{Text: s.t("farm.link.gone")}
		if product := products[a.Product]; product != nil {
			goods.Text = s.text(product.Name)
		}
		if w.by.For(a.Seller) {
			goods.Href = w.here(parcelPath(a.Order, a.Parcel))
		}
		amount := ui.Cell{Text: s.vnd(a.Net())}
		if a.Net() != a.Amount {
			amount.Sub = s.t("live.lines.of", "amount", a.Amount)
		}
		t.Rows = append(t.Rows, []ui.Cell{goods, {Text: s.t("live.how." + a.How())}, {Text: s.moment(a.PlacedAt)}, s.lineState(a), amount})
	}
	if len(shown) < len(all) {
		t.Note = s.t("live.lines.more", "n", s.number(int64(len(all)-len(shown))))
	}
	return t, nil
}

func (s speaker) lineState(a *livestream.Attribution) ui.Cell {
	switch {
	case a.Excluded != "":
		return ui.Cell{Text: s.t("live.lines.excluded"), Sub: s.t("live.excluded." + string(a.Excluded)), Tag: ui.Warning}
	case a.State == livestream.StateCancelled:
		return ui.Cell{Text: s.t("live.lines.cancelled"), Tag: ui.Info}
	case a.Net() != a.Amount:
		return ui.Cell{Text: s.t("live.lines.returned"), Tag: ui.Problem}
	case a.State == livestream.StateDelivered:
		return ui.Cell{Text: s.t("live.lines.delivered"), Tag: ui.Success}
	}
	return ui.Cell{Text: s.t("live.lines.confirmed"), Tag: ui.Info}
}
