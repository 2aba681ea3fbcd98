package payments

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// taxMonthsBack is how many months an operator sees.
const taxMonthsBack = 24

// TaxMonth is what is withheld of one month's sales and how much of it is with
// the tax office.
type TaxMonth struct {
	Period   string
	Due      time.Time // the last day to declare and to pay
	Open     bool      // it is not over, and no figure final
	VAT, PIT TaxSums
	Payments []*TaxPayment // of the month, the first prepared first
}

// TaxSums are one tax of a month. Left is below zero where more came back than
// was sold after the tax was paid.
type TaxSums struct{ Withheld, Paid, Left market.VND }

// Withheld is both taxes together.
func (m TaxMonth) Withheld() market.VND { return m.VAT.Withheld + m.PIT.Withheld }

// Paid is what the tax office has of both.
func (m TaxMonth) Paid() market.VND { return m.VAT.Paid + m.PIT.Paid }

// Left is what is still to be paid of both.
func (m TaxMonth) Left() market.VND { return m.VAT.Left + m.PIT.Left }

// Waiting is the payment that a second person has to decide on; nil for none.
func (m TaxMonth) Waiting() *TaxPayment {
	for _, t := range m.Payments {
		if t.State == TaxPrepared || t.State == TaxApproved {
			return t
		}
	}
	return nil
}

// Late reports whether money is still owed to the tax office after the last
// day.
func (m TaxMonth) Late(now time.Time) bool { return m.Left() > 0 && now.After(m.Due.AddDate(0, 0, 1)) }

// TaxMonths lists the months of the last two years of which something was
// withheld or paid, the newest first. Allowed to operators.
func (s *Service) TaxMonths(ctx context.Context, by market.Actor) ([]TaxMonth, error) {
	if err := operatorOnly(by); err != nil {
		return nil, err
	}
	paid := map[string][]*TaxPayment{}
	err := s.taxPaid.Each(ctx, store.Query{Index: "prepared"}, func(t *TaxPayment) error {
		paid[t.Period] = append(paid[t.Period], t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []TaxMonth
	first := s.env.Now().In(market.HueZone)
	first = first.AddDate(0, 0, 1-first.Day())
	for back := range taxMonthsBack {
		m, err := s.taxMonth(ctx, Period(first.AddDate(0, -back, 0)), paid)
		if err != nil {
			return nil, err
		}
		if m.Withheld() != 0 || m.Left() != 0 || len(m.Payments) > 0 {
			out = append(out, m)
		}
	}
	return out, nil
}

// taxMonth reads one month from the ledger: what is left is on its accounts,
// and what was withheld is that and what was paid.
func (s *Service) taxMonth(ctx context.Context, period string, paid map[string][]*TaxPayment) (TaxMonth, error) {
	m := TaxMonth{Period: period, Open: Period(s.env.Now()) <= period, Payments: paid[period]}
	var err error
	if m.Due, err = s.taxes.Due(period); err != nil {
		return m, err
	}
	for _, t := range m.Payments {
		if t.State == TaxPaid {
			m.VAT.Paid, m.PIT.Paid = m.VAT.Paid+t.VAT, m.PIT.Paid+t.PIT
		}
	}
	if m.VAT.Left, err = s.Balance(ctx, TaxVAT(period)); err != nil {
		return m, err
	}
	if m.PIT.Left, err = s.Balance(ctx, TaxPIT(period)); err != nil {
		return m, err
	}
	m.VAT.Withheld, m.PIT.Withheld = m.VAT.Left+m.VAT.Paid, m.PIT.Left+m.PIT.Paid
	return m, nil
}
