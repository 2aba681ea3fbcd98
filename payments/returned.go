package payments

import (
	"context"

	"chohue/market"
)

// Returned says what the address claims that a payer came back with: a type of
// notice, pending when it claims nothing that can be verified or is about
// another payment. It is for the words on the page; nothing is recorded.
func (s *Service) Returned(ctx context.Context, payment market.ID, query string) (string, error) {
	in, err := s.Intent(ctx, payment)
	if err != nil {
		return "", err
	}
	r, ok := s.providers[in.Method].(Returner)
	if !ok {
		return NoticePending, nil
	}
	n, err := r.Returned(query)
	if err != nil || in.fits(n) != nil {
		return NoticePending, nil
	}
	return n.Type, nil
}
