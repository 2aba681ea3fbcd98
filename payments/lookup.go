package payments

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// Booked is a movement outside as the books know it: the payment that it belongs
// to and its entry in the ledger, nil while its event is on the way.
type Booked struct {
	Payment *Intent
	Entry   *Transaction
}

// Lookup finds what a provider's transaction was booked as, by provider, type of
// notice ("capture", "refund") and the provider's own number: for matching
// reports and statements. Not found when nobody told us of it. Allowed to
// operators.
func (s *Service) Lookup(ctx context.Context, by market.Actor, provider, kind, transaction string) (Booked, error) {
	if !by.Is(market.RoleOperator) {
		return Booked{}, errMissing
	}
	told, err := s.claims.Get(ctx, market.ID(provider+":"+kind+":"+transaction))
	if store.Missing(err) {
		return Booked{}, errMissing
	}
	if err != nil {
		return Booked{}, err
	}
	in, err := s.Intent(ctx, told.Payment)
	if err != nil {
		return Booked{}, err
	}
	for _, m := range in.movements()[kind] {
		if m.transaction == transaction {
			entry, err := s.ledger.Get(ctx, market.ID(m.document))
			if store.Missing(err) {
				return Booked{Payment: in}, nil
			}
			return Booked{in, entry}, err
		}
	}
	return Booked{}, errMissing
}

// Entries lists the ledger's entries about one thing: a payment, a payout, a
// settlement. Allowed to operators.
func (s *Service) Entries(ctx context.Context, by market.Actor, ref market.ID) ([]*Transaction, error) {
	if !by.Is(market.RoleOperator) {
		return nil, errMissing
	}
	page, err := s.ledger.Find(ctx, store.Query{Index: "ref", Eq: []any{string(ref)}})
	return page.Items, err
}
