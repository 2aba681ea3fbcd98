package main

import (
	"context"
	"fmt"
	"time"

	"chohue/indicators"
	"chohue/market"
)

// The two officials of people.json.
const (
	firstOfficial  = "0900000921"
	secondOfficial = "0900000922"
)

// publish lets two officials release the months that are over, and the quarters
// that they make up, each on the fifteenth of the month after. The last month
// is checked and waits for the second official: whoever tries the market may be
// that.
func (s *seeder) publish(ctx context.Context, end time.Time) error {
	first, err := s.official(ctx, firstOfficial)
	if err != nil {
		return err
	}
	second, err := s.official(ctx, secondOfficial)
	if err != nil {
		return err
	}
	var months []indicators.Span
	for _, month := range indicators.SpanAt(indicators.SpanMonth, end).Back(1).Series(yearMonths) {
		if month >= indicators.SpanAt(indicators.SpanMonth, yearBegan(end)) {
			months = append(months, month)
		}
	}
	told := 0 // months in a row that were published
	for i, month := range months {
		out, err := s.release(ctx, first, second, month, end, i == len(months)-1)
		if err != nil {
			return err
		}
		if told++; !out {
			told = 0
		}
		if month.Number()%3 != 0 || told < 3 {
			continue
		}
		if _, err := s.release(ctx, first, second, quarterOf(month), end, false); err != nil {
			return err
		}
	}
	*s.clock = end
	return s.house.relay.Drain(ctx)
}

func quarterOf(month indicators.Span) indicators.Span {
	return indicators.Span(fmt.Sprintf("%s-Q%d", month.Year(), month.Number()/3))
}

// release takes a span through both hands and reports whether it is published;
// with open the second one waits. One in which even the total must be withheld
// is sent back: it would tell nothing.
func (s *seeder) release(ctx context.Context, first, second market.Actor, span indicators.Span, end time.Time, open bool) (bool, error) {
	months := span.Months()
	at, err := time.ParseInLocation("2006-01", months[len(months)-1], market.HueZone)
	if err != nil {
		return false, err
	}
	*s.clock = at.AddDate(0, 1, 14).Add(8 * time.Hour)
	if s.clock.After(end) {
		*s.clock = end
	}
	r, err := s.house.indicators.Draft(ctx, first, string(span), "", *s.clock)
	if err != nil {
		return false, fmt.Errorf("%s: %w", span, err)
	}
	if _, err := s.house.indicators.Check(ctx, first, r.ID); err != nil || open {
		return false, err
	}
	if total, _ := r.Cell(indicators.TableTotal + "/_T"); total.Hidden {
		_, err = s.house.indicators.Reject(ctx, second, r.ID, "Cả tổng số cũng phải giữ bảo mật, chưa có gì để công bố")
		return false, err
	}
	_, err = s.house.indicators.Approve(ctx, second, r.ID)
	return true, err
}

func (s *seeder) official(ctx context.Context, phone string) (market.Actor, error) {
	person, err := s.house.accounts.ByPhone(ctx, s.staff, phone)
	if err != nil {
		return market.Actor{}, err
	}
	return market.Actor{Person: person.ID, Name: person.Name, Roles: person.Roles}, nil
}
