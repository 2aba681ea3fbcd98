package api

import (
	"context"
	"net/http"
	"time"

	"chohue/market"
	"chohue/payments"
)

// TaxMonths are the months of which something was withheld or paid.
type TaxMonths struct {
	Items []TaxMonthSums `json:"items"`
}

// TaxMonthSums is what is withheld of a month and how much of it the tax office
// has.
type TaxMonthSums struct {
	Month    string      `json:"month" example:"2026-11"`
	Due      *time.Time  `json:"due" doc:"The last day to declare and to pay"`
	Open     bool        `json:"open" doc:"The month is not over, so no figure is final"`
	Late     bool        `json:"late,omitempty" doc:"The last day has passed, and tax is left to pay"`
	VAT      TaxStanding `json:"vat"`
	PIT      TaxStanding `json:"pit"`
	Payments []market.ID `json:"payments" doc:"Of the month, the first prepared first"`
}

// TaxStanding is one tax of a month: withheld = paid + left.
type TaxStanding struct {
	Withheld Sum `json:"withheld"`
	Paid     Sum `json:"paid"`
	Left     Sum `json:"left" doc:"Below zero where more came back than was sold after the tax was paid"`
}

func taxStanding(t payments.TaxSums) TaxStanding {
	return TaxStanding{sum(t.Withheld), sum(t.Paid), sum(t.Left)}
}

func (d *Door) addTaxMonths() {
	add(d, operation{
		method: http.MethodGet, path: "/tax/months", id: "listTaxMonths", tag: "money",
		vi: "Thuế đã khấu trừ và đã nộp theo tháng", en: "What was withheld and paid month by month, for operators, the newest first",
		returns: TaxMonths{}, headers: []string{"ETag"}, signedIn: true, errors: []int{http.StatusNotFound},
	}, func(ctx context.Context, _ *struct{ Conditional }) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) {
			months, err := d.Payments.TaxMonths(ctx, by)
			out := TaxMonths{Items: []TaxMonthSums{}}
			for _, m := range months {
				one := TaxMonthSums{Month: m.Period, Due: utc(m.Due), Open: m.Open, Late: m.Late(d.Env.Now()), VAT: taxStanding(m.VAT), PIT: taxStanding(m.PIT), Payments: []market.ID{}}
				for _, t := range m.Payments {
					one.Payments = append(one.Payments, t.ID)
				}
				out.Items = append(out.Items, one)
			}
			return out, err
		})
	})
}
