package pages

import (
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/market"
	"chohue/orders"
)

// invoiceRoutes give a parcel's request for an electronic invoice.
func (p *Pages) invoiceRoutes(door string) []Route {
	return []Route{post(door+"/don/:order/:parcel/hoa-don", p.work(p.parcelInvoice))}
}

// parcelInvoice gives the request as a file. A parcel whose invoice was wrong
// gets one that adjusts or replaces it.
func (p *Pages) parcelInvoice(c *gin.Context, w *workplace) error {
	order, parcel := market.ID(c.Param("order")), market.ID(c.Param("parcel"))
	wish := orders.InvoiceWish{
		Buyer: orders.InvoiceBuyer{
			Name: c.PostForm("name"), TaxCode: c.PostForm("tax_code"), Address: c.PostForm("address"), Email: c.PostForm("email"),
		},
		Delegated: c.PostForm("delegated") != "",
	}
	if kind := c.PostForm("kind"); kind != "" {
		day, _ := time.ParseInLocation(time.DateOnly, c.PostForm("date"), market.HueZone) // a day that cannot be read is missing
		wish.Corrects = &orders.InvoiceCorrection{Kind: kind, Symbol: c.PostForm("symbol"), Number: c.PostForm("number"), Date: day, Reason: c.PostForm("reason")}
	}
	got, err := p.Orders.Invoice(c.Request.Context(), w.by, order, parcel, wish)
	if mendable(err) {
		return p.sayWrong(c, w.here(parcelPath(order, parcel)), err)
	}
	if err != nil {
		return err
	}
	return sendFile(c, got.FileName, got.ContentType, got.File)
}

// invoiceParts ask for a parcel's invoice once its goods and weights are certain.
func (s speaker) invoiceParts(w *workplace, o *orders.Order, parcel orders.Parcel) []sheetPart {
	if parcel.PackedAt == nil {
		return nil
	}
	field := func(name, label, most string) ui.Field {
		return ui.Field{Name: name, ID: "invoice-" + name, Label: s.t("invoice.buyer." + label), Optional: true, MaxLength: most, Autocomplete: "off"}
	}
	return []sheetPart{{Title: s.t("invoice.title"), Text: s.t("invoice.text"), Forms: []sheetForm{{
		Action: w.here(parcelPath(o.ID, parcel.ID) + "/hoa-don"), Folded: s.t("invoice.get"),
		Fields: []ui.Field{field("name", "name", "200"), field("tax_code", "tax", "14"), field("address", "address", "300")},
		Button: ui.Button{Label: s.t("invoice.get"), Look: ui.Secondary},
	}}}}
}
