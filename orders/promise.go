package orders

import (
	"context"
	"time"

	"chohue/market"
)

// Promises tells what a show has promised of goods: a price and a part of the
// stock that hold while they are claimed. It is asked whenever a line is priced,
// so a price of a show that is over is over here too.
type Promises interface {
	// Promised returns those of the claims that hold now.
	Promised(ctx context.Context, claims ...market.ID) (map[market.ID]Promise, error)
}

// Promise is the price of one variant for those who claim it.
type Promise struct {
	Variant market.ID
	Price   market.VND
	// Fences set the goods apart, Left of them; without fences they come from
	// the shelf like any others.
	Fences []market.ID
	Left   int64
}

func (w CartLine) claim() market.ID {
	if w.Touch == nil {
		return ""
	}
	return w.Touch.Claim
}

func (s *Service) promised(ctx context.Context, wishes []CartLine) (map[market.ID]Promise, error) {
	var claims []market.ID
	for _, w := range wishes {
		if c := w.claim(); c != "" {
			claims = append(claims, c)
		}
	}
	if s.promises == nil || len(claims) == 0 {
		return nil, nil
	}
	return s.promises.Promised(ctx, claims...)
}

// keep gives the line what was promised of its variant.
func (l *QuotedLine) keep(p Promise) {
	if p.Variant == "" || p.Variant != l.Variant {
		return
	}
	l.Price, l.Amount = p.Price, p.Price*market.VND(l.Quantity)
	if l.Weight != nil {
		l.Weight.Agreed = l.Amount
	}
	if len(p.Fences) > 0 {
		l.Fences, l.Available = p.Fences, p.Left
	}
}

// holdLine takes goods from where the order's line was promised them.
func (s *Service) holdLine(ctx context.Context, o *Order, l Taken, until time.Time) error {
	for _, p := range o.Parcels {
		for _, line := range p.Lines {
			if line.Variant == l.Variant && len(line.Fences) > 0 {
				return s.shelf.HoldFrom(ctx, o.ID, l.Variant, l.Quantity, until, line.Fences...)
			}
		}
	}
	return s.shelf.Hold(ctx, o.ID, l.Variant, l.Quantity, until)
}
