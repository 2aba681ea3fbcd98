package api

import (
	"context"
	"net/http"
	"time"

	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// InvoiceWish is what an invoice is asked for with.
type InvoiceWish struct {
	Buyer     InvoiceBuyer       `json:"buyer"`
	Delegated bool               `json:"delegated,omitempty" doc:"The market issues for the seller, by contract"`
	Corrects  *InvoiceCorrection `json:"corrects,omitempty" doc:"The invoice that this one adjusts or replaces"`
}

// InvoiceBuyer is what a buyer gives for an invoice; all of it may be missing.
type InvoiceBuyer struct {
	Name    string `json:"name,omitempty" maxLength:"400" pattern:"^[^\\x00-\\x1f]*$"`
	TaxCode string `json:"tax_code,omitempty" maxLength:"14"`
	Address string `json:"address,omitempty" maxLength:"400" pattern:"^[^\\x00-\\x1f]*$"`
	Email   string `json:"email,omitempty" maxLength:"254" pattern:"^[^\\x00-\\x1f]*$"`
}

// InvoiceCorrection names an invoice that was wrong.
type InvoiceCorrection struct {
	Kind   string    `json:"kind" enum:"adjust,replace"`
	Symbol string    `json:"symbol" minLength:"1" maxLength:"20" pattern:"^[^\\x00-\\x1f]*$"`
	Number string    `json:"number" minLength:"1" maxLength:"20" pattern:"^[^\\x00-\\x1f]*$"`
	Date   time.Time `json:"date"`
	Reason string    `json:"reason" minLength:"1" maxLength:"400" pattern:"^[^\\x00-\\x1f]*$"`
}

func (w InvoiceWish) plain(id market.ID) orders.InvoiceWish {
	out := orders.InvoiceWish{ID: id, Buyer: orders.InvoiceBuyer(w.Buyer), Delegated: w.Delegated}
	if k := w.Corrects; k != nil {
		out.Corrects = &orders.InvoiceCorrection{Kind: k.Kind, Symbol: k.Symbol, Number: k.Number, Date: k.Date, Reason: k.Reason}
	}
	return out
}

func (d *Door) addInvoices() error {
	add(d, operation{
		method: http.MethodPost, path: "/orders/{order}/parcels/{parcel}/invoice", id: "exportInvoice", tag: "money",
		vi: "Yêu cầu hoá đơn điện tử của kiện", en: "A parcel's request for an electronic invoice (template 7), for the seller's provider",
		about:   "Everything but the signature and the number. The same wish has the same id.",
		returns: map[string]any{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceNeeded},
	}, func(ctx context.Context, in *struct {
		ParcelPath
		Body InvoiceWish
	},
	) (*answer, error) {
		by, err := signedIn(ctx)
		if err != nil {
			return nil, err
		}
		got, err := d.Orders.Invoice(ctx, by, in.id(), market.ID(in.Parcel), in.Body.plain(web.OnceID(ctx)))
		if err != nil {
			return nil, err
		}
		return &answer{
			Status: http.StatusOK, ContentType: got.ContentType, CacheControl: "private, no-store",
			Disposition: `attachment; filename="` + got.FileName + `"`, Body: got.File,
		}, nil
	})
	return nil
}
