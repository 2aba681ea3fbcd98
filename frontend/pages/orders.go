package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// myOrders lists the orders of whoever is signed in.
func (p *Pages) myOrders(c *gin.Context) error {
	list, err := p.Orders.OfBuyer(c.Request.Context(), web.Actor(c), store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := ordersView{Page: p.page(c, s.t("orders.title")), Cursor: cursor(c, string(list.Next))}
	v.NoIndex = true
	v.Table = ui.Table{Caption: s.t("orders.title"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("orders.code")}, {Label: s.t("orders.state")}, {Label: s.t("orders.placed")}, {Label: s.t("bill.total"), Number: true, Lead: true},
	}}
	for _, o := range list.Items {
		v.Table.Rows = append(v.Table.Rows, orderRow(s, o))
	}
	return web.Render(c, http.StatusOK, ordersPage(v))
}

func orderRow(s speaker, o *orders.Order) []ui.Cell {
	return []ui.Cell{
		{Text: o.Code, Href: "/don-hang/" + string(o.ID), Sub: orderSummary(s, o)},
		{Text: s.t("order.state." + string(o.State)), Tag: orderTones[o.State]},
		{Text: s.date(o.PlacedAt)},
		{Text: s.vnd(o.Total)},
	}
}

// orderSummary names the first thing bought and how many more there are.
func orderSummary(s speaker, o *orders.Order) string {
	lines := 0
	first := ""
	for _, parcel := range o.Parcels {
		for _, line := range parcel.Lines {
			if lines == 0 {
				first = s.text(line.Name)
			}
			lines++
		}
	}
	if lines <= 1 {
		return first
	}
	return s.t("orders.and", "first", first, "n", lines-1)
}

// track asks for an order's code and phone number.
func (p *Pages) track(c *gin.Context) error { return p.showTrack(c, http.StatusOK, "", "", nil) }

func (p *Pages) showTrack(c *gin.Context, status int, code, phone string, failed error) error {
	s := p.speaker(c)
	v := trackView{
		Page:  p.page(c, s.t("track.title")),
		Code:  ui.Field{Name: "code", Label: s.t("track.code"), Help: s.t("track.code.help"), Value: code, Autocomplete: "off"},
		Phone: ui.Field{Kind: ui.Phone, Name: "phone", Label: s.t("till.phone"), Help: s.t("track.phone.help"), Value: phone, Autocomplete: "tel"},
	}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"code": &v.Code.Error, "phone": &v.Phone.Error})
	return web.Render(c, status, trackPage(v))
}

// findOrder opens an order to whoever knows its code and phone number.
func (p *Pages) findOrder(c *gin.Context) error {
	code, phone := c.PostForm("code"), c.PostForm("phone")
	o, err := p.Orders.FindByCode(c.Request.Context(), code, phone)
	if err != nil && market.KindOf(err) == market.KindNotFound {
		err = market.Invalid("track.none", "code")
	}
	if mendable(err) {
		return p.showTrack(c, web.Status(err), code, phone, err)
	}
	if err != nil {
		return err
	}
	if o.Buyer != "" && o.Buyer == web.Actor(c).Person {
		return see(c, p.orderPath(c, o))
	}
	return see(c, "/don-hang/"+string(o.ID)) // whoever knows a telephone number is shown the way, not the person
}
