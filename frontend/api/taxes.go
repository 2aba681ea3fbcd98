package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// TaxDeclaration is a month's withholding, as form 01/CNKD-TMĐT and its list
// 01-1/BK-CNKD-TMĐT want it.
type TaxDeclaration struct {
	Month string     `json:"month" example:"2026-11"`
	Due   *time.Time `json:"due" doc:"The last day to declare and to pay"`
	Open  bool       `json:"open" doc:"The month is not over, so no row is final"`
	Rows  []TaxRow   `json:"rows"`
	Total TaxSum     `json:"total"`
}

// TaxRow is what was withheld from one seller in one category.
type TaxRow struct {
	Seller     market.ID `json:"seller"`
	Kind       string    `json:"kind"`
	TaxCode    string    `json:"tax_code,omitempty"`
	Residency  string    `json:"residency"`
	Category   string    `json:"category"`
	VATRate    int64     `json:"vat_bp"`
	PITRate    int64     `json:"pit_bp"`
	Highest    string    `json:"highest,omitempty" doc:"Why the highest rates were taken"`
	Incomplete bool      `json:"incomplete,omitempty" doc:"The tax office would refuse it: it names no taxpayer"`
	Sales      int       `json:"sales"`
	Returns    int       `json:"returns"`
	TaxSum
}

// TaxSum is a base and what was withheld of it. Below zero when more came back
// than was sold.
type TaxSum struct {
	Base Sum `json:"base"`
	VAT  Sum `json:"vat"`
	PIT  Sum `json:"pit"`
}

func taxSum(r payments.DeclaredRow) TaxSum { return TaxSum{sum(r.Base), sum(r.VAT), sum(r.PIT)} }

// TaxCertificate is a year's withholding from one seller, as form 01/CTKT-TMĐT
// certifies it.
type TaxCertificate struct {
	Seller   market.ID  `json:"seller"`
	Year     int        `json:"year"`
	Kind     string     `json:"kind,omitempty"`
	TaxCode  string     `json:"tax_code,omitempty"`
	Over     bool       `json:"over" doc:"The year has ended"`
	Months   []TaxMonth `json:"months"`
	Total    TaxSum     `json:"total"`
	IssuedAt *time.Time `json:"issued_at"`
}

// TaxMonth is one month of a certificate.
type TaxMonth struct {
	Month string `json:"month"`
	TaxSum
}

// TaxPayment is a month's withheld tax, paid to the tax office by a partner.
type TaxPayment struct {
	ID         market.ID  `json:"id" example:"2026-11.1"`
	Month      string     `json:"month"`
	Source     string     `json:"source" doc:"The provider that pays, out of what it owes"`
	State      string     `json:"state" enum:"prepared,approved,paid,dropped"`
	VAT        Money      `json:"vat"`
	PIT        Money      `json:"pit"`
	Total      Money      `json:"total"`
	Receipt    string     `json:"receipt,omitempty" doc:"Of the state treasury"`
	PreparedBy string     `json:"prepared_by,omitempty"`
	PreparedAt *time.Time `json:"prepared_at"`
	ApprovedBy string     `json:"approved_by,omitempty" doc:"Never who prepared it"`
	ApprovedAt *time.Time `json:"approved_at,omitempty"`
}

func taxPayment(t *payments.TaxPayment, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return shownTaxPayment(t), nil
}

func shownTaxPayment(t *payments.TaxPayment) TaxPayment {
	return TaxPayment{
		ID: t.ID, Month: t.Period, Source: string(t.Source), State: string(t.State), VAT: money(t.VAT), PIT: money(t.PIT), Total: money(t.Total()), Receipt: t.Receipt,
		PreparedBy: t.PreparedName, PreparedAt: utc(t.PreparedAt), ApprovedBy: t.ApprovedName, ApprovedAt: utcAt(t.ApprovedAt),
	}
}

// TaxPaymentPage is one page of payments of tax, the newest first.
type TaxPaymentPage struct {
	Items []TaxPayment `json:"items"`
	Next  string       `json:"next,omitempty"`
}

// TaxToPay names a month and who pays.
type TaxToPay struct {
	Month  string `json:"month" pattern:"^[0-9]{4}-[0-9]{2}$" example:"2026-11"`
	Source string `json:"source" pattern:"^[a-z:_-]{1,64}$" example:"clearing:momo"`
}

// TaxReceipt is the treasury's.
type TaxReceipt struct {
	Receipt string `json:"receipt,omitempty" maxLength:"100" pattern:"^[^\\x00-\\x1f]*$"`
}

// TaxPaymentPath names a payment of tax.
type TaxPaymentPath struct {
	Payment string `path:"taxpayment" pattern:"^[0-9.-]{9,12}$" doc:"Id of the payment"`
}

func (p TaxPaymentPath) id() market.ID { return market.ID(p.Payment) }

func (d *Door) addTaxes() error {
	add(d, operation{
		method: http.MethodGet, path: "/tax/declarations/{month}", id: "getTaxDeclaration", tag: "money",
		vi: "Tờ khai thuế khấu trừ của một tháng", en: "A month's withholding, for operators and officials",
		returns: TaxDeclaration{}, headers: []string{"ETag"}, signedIn: true,
	}, d.taxDeclaration)
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/tax/{year}", id: "getTaxCertificate", tag: "money",
		vi: "Chứng từ khấu trừ thuế của một năm", en: "A year's withholding from a seller, for its people, operators and officials",
		returns: TaxCertificate{}, headers: []string{"ETag"}, signedIn: true,
	}, d.taxCertificate)
	d.addTaxMonths()
	d.addTaxPayments()
	return nil
}

func (d *Door) taxDeclaration(ctx context.Context, in *struct {
	Month string `path:"month" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"As 2026-11"`
	Conditional
},
) (*answer, error) {
	return look(ctx, func(by market.Actor) (any, error) {
		found, err := d.Payments.Declare(ctx, by, in.Month)
		if err != nil {
			return nil, err
		}
		out := TaxDeclaration{Month: found.Period, Due: utc(found.Due), Open: found.Open, Rows: []TaxRow{}, Total: taxSum(found.Total)}
		for _, r := range found.Rows {
			out.Rows = append(out.Rows, TaxRow{
				Seller: r.Seller, Kind: r.Kind, TaxCode: r.TaxCode, Residency: r.Residency, Category: r.Category, VATRate: r.VATRate, PITRate: r.PITRate,
				Highest: r.Highest, Incomplete: r.Incomplete(), Sales: r.Sales, Returns: r.Returns, TaxSum: taxSum(r),
			})
		}
		return out, nil
	})
}

func (d *Door) taxCertificate(ctx context.Context, in *struct {
	SellerPath
	Year int `path:"year" minimum:"2025" maximum:"2100"`
	Conditional
},
) (*answer, error) {
	return look(ctx, func(by market.Actor) (any, error) {
		c, err := d.Payments.Certify(ctx, by, in.id(), in.Year)
		if err != nil {
			return nil, err
		}
		out := TaxCertificate{
			Seller: c.Seller, Year: c.Year, Kind: c.Kind, TaxCode: c.TaxCode, Over: c.Over, Months: []TaxMonth{}, Total: taxSum(c.Total), IssuedAt: utc(c.IssuedAt),
		}
		for i, r := range c.Rows {
			out.Months = append(out.Months, TaxMonth{c.Months[i], taxSum(r)})
		}
		return out, nil
	})
}

func (d *Door) addTaxPayments() {
	deed := func(path, id, vi, en string, limit int64) operation {
		return operation{
			method: http.MethodPost, path: path, id: id, tag: "money", vi: vi, en: en, returns: TaxPayment{}, signedIn: true,
			errors: []int{http.StatusNotFound, http.StatusConflict}, settings: settings{limit: limit, once: onceNeeded},
		}
	}
	add(d, operation{
		method: http.MethodGet, path: "/tax/payments", id: "listTaxPayments", tag: "money", vi: "Các lần nộp thuế", en: "Payments of withheld tax, for operators",
		returns: TaxPaymentPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
	}, d.taxPayments)
	prepare := deed("/tax/payments", "prepareTaxPayment", "Lập khoản nộp thuế của tháng", "Keep a month's tax for a second person to approve", smallBody)
	prepare.status = http.StatusCreated
	add(d, prepare, func(ctx context.Context, in *struct{ Body TaxToPay }) (*answer, error) {
		return act(ctx, http.StatusCreated, func(by market.Actor) (any, error) {
			return taxPayment(d.Payments.PrepareTax(ctx, by, in.Body.Month, payments.Account(in.Body.Source)))
		})
	})
	add(d, deed("/tax/payments/{taxpayment}/approve", "approveTaxPayment", "Duyệt khoản nộp thuế", "The second person's word that the tax was paid", smallBody), func(ctx context.Context, in *struct {
		TaxPaymentPath
		Body TaxReceipt
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			return taxPayment(d.Payments.ApproveTax(ctx, by, in.id(), in.Body.Receipt))
		})
	})
	add(d, deed("/tax/payments/{taxpayment}/receipt", "receiptOfTaxPayment", "Ghi giấy nộp tiền của kho bạc", "Write down the treasury's receipt of a payment that was approved without one", smallBody), func(ctx context.Context, in *struct {
		TaxPaymentPath
		Body TaxReceipt
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			return taxPayment(d.Payments.KeepTaxReceipt(ctx, by, in.id(), in.Body.Receipt))
		})
	})
	add(d, deed("/tax/payments/{taxpayment}/drop", "dropTaxPayment", "Bỏ khoản nộp thuế", "Give up a payment that nobody has approved", 0), func(ctx context.Context, in *TaxPaymentPath) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) { return taxPayment(d.Payments.DropTax(ctx, by, in.id())) })
	})
}

func (d *Door) taxPayments(ctx context.Context, in *struct {
	Paging
	Conditional
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Payments.TaxPayments(ctx, by, store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := TaxPaymentPage{Items: []TaxPayment{}, Next: string(page.Next)}
	for _, t := range page.Items {
		out.Items = append(out.Items, shownTaxPayment(t))
	}
	return linked(out, "/tax/payments", page.Next, url.Values{"limit": {strconv.Itoa(in.Limit)}})
}
