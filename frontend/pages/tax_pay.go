package pages

import (
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/payments"
)

// taxPayRoutes are for operators, who have withheld tax paid: one prepares,
// another approves, the treasury's receipt is written down.
func (p *Pages) taxPayRoutes() []Route {
	return within([]market.Role{market.RoleOperator},
		post(taxDoor+"/nop", p.prepareTax),
		post(taxDoor+"/nop/:id/duyet", p.approveTax),
		post(taxDoor+"/nop/:id/bo", p.dropTax),
		post(taxDoor+"/nop/:id/giay-nop-tien", p.keepTaxReceipt),
	)
}

// taxMonthPath is the page of a month.
func taxMonthPath(period string) string { return taxDoor + "?thang=" + period }

var taxPaymentTones = map[payments.TaxPaymentState]ui.Tone{
	payments.TaxPrepared: ui.Warning, payments.TaxApproved: ui.Info, payments.TaxPaid: ui.Success, payments.TaxDropped: ui.Info,
}

// taxMonths lists what is withheld month by month, and how much of it the tax
// office has.
func (p *Pages) taxMonths(c *gin.Context, s speaker) ([]payments.TaxMonth, sheetPart, error) {
	months, err := p.Payments.TaxMonths(c.Request.Context(), web.Actor(c))
	part := sheetPart{ID: "cac-thang", Title: s.t("taxpay.months")}
	t := ui.Table{Caption: part.Title, Quiet: true, Note: s.t("taxpay.note"), Columns: []ui.Column{
		{Label: s.t("tax.month")},
		{Label: s.t("taxpay.withheld"), Number: true},
		{Label: s.t("taxpay.paid"), Number: true},
		{Label: s.t("taxpay.left"), Number: true, Lead: true},
		{Label: s.t("cert.state")},
		{Label: s.t("tax.due")},
	}}
	for _, m := range months {
		state, tone := s.taxMonthState(m)
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: s.t("tax.of", "month", monthWords(m.Period)), Href: taxMonthPath(m.Period)},
			{Text: s.vnd(m.Withheld())},
			{Text: s.vnd(m.Paid())},
			{Text: s.vnd(m.Left())},
			{Text: state, Tag: tone},
			{Text: s.date(m.Due)},
		})
	}
	if part.Table = t; len(t.Rows) == 0 {
		part.Text = s.t("taxpay.months.none")
	}
	return months, part, err
}

// taxMonthState says in a word where a month stands.
func (s speaker) taxMonthState(m payments.TaxMonth) (string, ui.Tone) {
	switch {
	case m.Open:
		return s.t("taxpay.state.open"), ui.Info
	case m.Waiting() != nil:
		return s.t("taxpay.state.waits"), ui.Warning
	case m.Late(s.now):
		return s.t("taxpay.state.late"), ui.Problem
	case m.Left() > 0:
		return s.t("taxpay.state.due"), ui.Warning
	case m.Left() < 0:
		return s.t("taxpay.state.below"), ui.Problem
	}
	return s.t("taxpay.state.paid"), ui.Success
}

// taxPayParts are what an operator can do about a month, and its payments.
func (p *Pages) taxPayParts(c *gin.Context, s speaker, period string) ([]sheetPart, error) {
	if !web.Actor(c).Is(market.RoleOperator) {
		return nil, nil
	}
	months, list, err := p.taxMonths(c, s)
	if err != nil {
		return nil, err
	}
	var parts []sheetPart
	for _, m := range months {
		if m.Period != period {
			continue
		}
		for _, t := range m.Payments {
			parts = append(parts, s.taxPaymentPart(web.Actor(c), t))
		}
		due, err := p.taxDuePart(c, s, m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, due...)
	}
	return append(parts, list), nil
}

// taxDuePart lets what is left of a month be prepared; nothing while a payment
// waits, while the month runs, or when nothing is left.
func (p *Pages) taxDuePart(c *gin.Context, s speaker, m payments.TaxMonth) ([]sheetPart, error) {
	if m.Open || m.Left() <= 0 || m.Waiting() != nil {
		return nil, nil
	}
	sources, err := p.Payouts.Sources(c.Request.Context(), web.Actor(c))
	if err != nil {
		return nil, err
	}
	from := ui.Field{Kind: ui.Select, Name: "source", Label: s.t("taxpay.source"), Help: s.t("taxpay.source.help")}
	for _, source := range sources {
		if source != payments.PlatformVouchers {
			from.Options = append(from.Options, ui.Option{Value: string(source), Label: s.source(source)})
		}
	}
	part := sheetPart{ID: "nop", Title: s.t("taxpay.pay", "month", monthWords(m.Period)), Text: s.t("taxpay.pay.text"), Body: billPanel(s.taxBill(m.VAT.Left, m.PIT.Left))}
	if len(from.Options) == 0 {
		part.Text = s.t("taxpay.no_source")
		return []sheetPart{part}, nil
	}
	part.Forms = []sheetForm{{Action: taxDoor + "/nop", Hidden: [][2]string{{"month", m.Period}}, Fields: []ui.Field{from}, Button: ui.Button{Label: s.t("taxpay.prepare")}}}
	return []sheetPart{part}, nil
}

func (s speaker) taxBill(vat, pit market.VND) ui.Breakdown {
	return ui.Breakdown{
		Lines: []ui.PriceLine{{Label: s.t("tax.vat"), Amount: s.vnd(vat)}, {Label: s.t("tax.pit"), Amount: s.vnd(pit)}},
		Total: ui.PriceLine{Label: s.t("table.total"), Amount: s.vnd(vat + pit)},
	}
}

// taxPaymentPart shows one payment of tax and what the reader can do with it.
func (s speaker) taxPaymentPart(by market.Actor, t *payments.TaxPayment) sheetPart {
	part := sheetPart{
		ID: "nop-" + string(t.ID), Title: s.t("taxpay.one", "month", monthWords(t.Period)), State: s.t("taxpay.payment." + string(t.State)), Tone: taxPaymentTones[t.State],
		Body: billPanel(s.taxBill(t.VAT, t.PIT)),
		Rows: [][2]string{{s.t("taxpay.source"), s.source(t.Source)}, {s.t("payout.prepared"), joined(t.PreparedName, s.moment(t.PreparedAt))}},
	}
	if t.ApprovedAt != nil {
		part.Rows = append(part.Rows, [2]string{s.t("payout.approved"), joined(t.ApprovedName, s.moment(*t.ApprovedAt))})
	}
	if t.Receipt != "" {
		part.Rows = append(part.Rows, [2]string{s.t("taxpay.receipt"), t.Receipt})
	}
	s.taxDeeds(&part, by, t)
	return part
}

func (s speaker) taxDeeds(part *sheetPart, by market.Actor, t *payments.TaxPayment) {
	here := taxDoor + "/nop/" + string(t.ID)
	receipt := ui.Field{Name: "receipt", ID: "receipt-" + string(t.ID), Label: s.t("taxpay.receipt"), Help: s.t("taxpay.receipt.help"), MaxLength: "100", Autocomplete: "off"}
	drop := sheetForm{Action: here + "/bo", Button: ui.Button{Label: s.t("taxpay.drop"), Look: ui.Secondary}}
	switch {
	case t.State == payments.TaxPrepared && by.Person == t.PreparedBy:
		part.Text, part.Forms = s.t("payout.wait_second"), []sheetForm{drop}
	case t.State == payments.TaxPrepared:
		receipt.Optional = true
		approve := sheetForm{Action: here + "/duyet", Fields: []ui.Field{receipt}, Button: ui.Button{Label: s.t("taxpay.approve"), Confirm: s.t("taxpay.sure", "total", t.Total())}}
		part.Text, part.Forms = s.t("taxpay.approve.text"), []sheetForm{approve, drop}
	case t.ApprovedAt != nil && t.Receipt == "":
		part.Text = s.t("taxpay.receipt.missing")
		part.Forms = []sheetForm{{Action: here + "/giay-nop-tien", Fields: []ui.Field{receipt}, Button: ui.Button{Label: s.t("taxpay.receipt.keep"), Look: ui.Secondary}}}
	}
}

func (p *Pages) prepareTax(c *gin.Context) error {
	month := c.PostForm("month")
	_, err := p.Payments.PrepareTax(c.Request.Context(), web.Actor(c), month, payments.Account(c.PostForm("source")))
	return p.afterTax(c, month, err, "taxpay.prepared.done")
}

func (p *Pages) approveTax(c *gin.Context) error {
	return p.changeTax(c, "taxpay.approved.done", func(by market.Actor, id market.ID) (*payments.TaxPayment, error) {
		return p.Payments.ApproveTax(c.Request.Context(), by, id, c.PostForm("receipt"))
	})
}

func (p *Pages) dropTax(c *gin.Context) error {
	return p.changeTax(c, "taxpay.dropped.done", func(by market.Actor, id market.ID) (*payments.TaxPayment, error) {
		return p.Payments.DropTax(c.Request.Context(), by, id)
	})
}

func (p *Pages) keepTaxReceipt(c *gin.Context) error {
	return p.changeTax(c, "taxpay.receipt.done", func(by market.Actor, id market.ID) (*payments.TaxPayment, error) {
		return p.Payments.KeepTaxReceipt(c.Request.Context(), by, id, c.PostForm("receipt"))
	})
}

func (p *Pages) changeTax(c *gin.Context, done string, change func(market.Actor, market.ID) (*payments.TaxPayment, error)) error {
	by, id := web.Actor(c), market.ID(c.Param("id"))
	t, err := p.Payments.TaxPayment(c.Request.Context(), by, id)
	if err != nil {
		return err
	}
	_, err = change(by, id)
	return p.afterTax(c, t.Period, err, done)
}

// afterTax shows the month again. What the reader can mend, and that another
// person is needed, is said there.
func (p *Pages) afterTax(c *gin.Context, period string, err error, done string) error {
	if mendable(err) || market.KindOf(err) == market.KindForbidden {
		return p.sayWrong(c, safeMonth(period), err)
	}
	if err != nil {
		return err
	}
	return tell(c, safeMonth(period), done)
}

// safeMonth is the page of a month, or of the newest when it is none.
func safeMonth(period string) string {
	if _, err := time.Parse("2006-01", period); err != nil {
		return taxDoor
	}
	return taxMonthPath(period)
}
