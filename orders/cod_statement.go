package orders

import (
	"context"
	"io"
	"slices"

	"chohue/market"
	"chohue/payments"
)

// ReadCODStatement reads a carrier's statement of cash collected and finds the
// payment of each parcel. A parcel that nobody here knows has none. Allowed to
// operators.
func (s *Service) ReadCODStatement(ctx context.Context, by market.Actor, carrier string, r io.Reader) ([]payments.Remittance, error) {
	if !by.Is(market.RoleOperator) {
		return nil, errOrder
	}
	i := slices.IndexFunc(s.carriers, func(c Carrier) bool { return c.Name() == carrier })
	if i < 0 {
		return nil, market.Invalid("reconcile.carrier.missing", "carrier")
	}
	lines, err := s.carriers[i].ParseCODStatement(r)
	if err != nil {
		return nil, err
	}
	out := make([]payments.Remittance, len(lines))
	for i, l := range lines {
		out[i] = payments.Remittance{Row: l.Line, Tracking: l.Tracking, Collected: l.Collected, Fee: l.Fee}
		if out[i].Payment, err = s.paymentOf(ctx, carrier, l); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) paymentOf(ctx context.Context, carrier string, l CODLine) (market.ID, error) {
	order, parcel, err := s.carried(ctx, Report{Carrier: carrier, Tracking: l.Tracking, Reference: market.ID(l.Reference)})
	if market.KindOf(err) == market.KindNotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	o, err := s.orders.Get(ctx, order)
	if err != nil {
		return "", err
	}
	return o.parcel(parcel).Payment, nil
}
