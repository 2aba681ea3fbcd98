package pages

import (
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/market"
	"chohue/payments"
)

// payoutsShown is how many payouts a seller sees at once.
const payoutsShown = 12

// moneyParts tell a seller what the next payout is made of, to the đồng, which
// payouts there were, and where the tax papers are.
func (p *Pages) moneyParts(c *gin.Context, w *workplace, s speaker) ([]sheetPart, error) {
	ctx := c.Request.Context()
	next, err := p.Payouts.Upcoming(ctx, w.by, w.seller.ID)
	if err != nil {
		return nil, err
	}
	part := sheetPart{Title: s.t("payout.next"), Text: s.t("payout.next.text", "days", next.HoldFor), Body: s.nextBill(next)}
	if next.Why != "" && next.Balance != 0 {
		part.Text = s.t("payout.skip." + next.Why)
	}
	part.Links = []ui.NavItem{{Label: s.t("fiscal.title"), Href: w.here(fiscalPath)}}
	list, err := p.payoutList(c, w, s)
	if err != nil {
		return nil, err
	}
	year := p.Env.Now().In(market.HueZone).Year()
	tax := sheetPart{Title: s.t("tax.mine"), Text: s.t("tax.mine.text")}
	for _, y := range []int{year, year - 1} {
		if y >= 2025 {
			tax.Links = append(tax.Links, ui.NavItem{Label: s.t("tax.mine.year", "year", strconv.Itoa(y)), Href: w.here("/tien/chung-tu/" + strconv.Itoa(y))})
		}
	}
	return []sheetPart{part, list, tax}, nil
}

// nextBill is what the next payout is made of; nil when there is nothing.
func (s speaker) nextBill(next payments.Next) templ.Component {
	bill := ui.Breakdown{Total: ui.PriceLine{Label: s.t("payout.next.ready"), Amount: s.vnd(next.Ready)}}
	for _, row := range s.sums(next.Opening, next.By) {
		bill.Lines = append(bill.Lines, ui.PriceLine{Label: row[0], Amount: row[1]})
	}
	if len(bill.Lines) == 0 {
		return nil
	}
	bill.Lines = append(bill.Lines,
		ui.PriceLine{Label: s.t("payout.next.balance"), Amount: s.vnd(next.Balance)},
		ui.PriceLine{Label: s.t("payout.next.held"), Amount: s.signed(-next.Held)})
	return billPanel(bill)
}

func (p *Pages) payoutList(c *gin.Context, w *workplace, s speaker) (sheetPart, error) {
	part := sheetPart{Title: s.t("payout.mine")}
	mine, _, err := p.Payouts.OfSeller(c.Request.Context(), w.by, w.seller.ID, "", payoutsShown)
	if err != nil {
		return part, err
	}
	t := ui.Table{Caption: part.Title, Quiet: true, Columns: []ui.Column{
		{Label: s.t("payout.reference")}, {Label: s.t("payout.amount"), Number: true, Lead: true}, {Label: s.t("cert.state")}, {Label: s.t("payout.why")},
	}}
	for _, one := range mine {
		l := one.Line
		state := ui.Cell{Text: s.t("payout.line." + l.State), Tag: payoutLineTones[l.State], Sub: l.Reason}
		if l.AnsweredAt != nil {
			state.Sub = joined(s.date(*l.AnsweredAt), l.Reason)
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: l.Reference, Sub: s.source(one.Source)}, {Text: s.vnd(l.Amount)}, state, {Other: sumLines(s.explained(l))}})
	}
	if part.Table = t; len(t.Rows) == 0 {
		part.Text = s.t("payout.mine.none")
	}
	return part, nil
}
