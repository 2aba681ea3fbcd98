package cooperatives

import (
	"context"
	"slices"

	"chohue/market"
	"chohue/store"
)

// Verify lets the seller sell: every paper that it needs is approved and its
// identity is checked (Law 122/2025/QH15, Art. 17.1.c), and whoever says so is a
// moderator or operator without a part in it. The system may verify what was
// checked elsewhere. Verifying a verified seller changes nothing.
func (s *Service) Verify(ctx context.Context, by market.Actor, id market.ID) (*Seller, error) {
	if !by.Is(market.RoleSystem) {
		if err := s.mayVerify(ctx, by, id); err != nil {
			return nil, err
		}
	}
	return s.move(ctx, by, id, StatusVerified, EventVerified)
}

func (s *Service) mayVerify(ctx context.Context, by market.Actor, id market.ID) error {
	seller, err := s.judging(ctx, by, id)
	if err != nil || seller.Status == StatusVerified {
		return err
	}
	d, err := s.dossier(ctx, id)
	if err != nil {
		return err
	}
	if c := s.checklist(seller, d, s.env.Now()); !c.Ready() {
		return market.Conflict("cooperatives.papers_missing").With("done", c.Done).With("needed", c.Needed)
	}
	return nil
}

// Suspend stops the seller from selling; orders under way go on.
func (s *Service) Suspend(ctx context.Context, by market.Actor, id market.ID) (*Seller, error) {
	return s.move(ctx, by, id, StatusSuspended, EventSuspended)
}

func (s *Service) move(ctx context.Context, by market.Actor, id market.ID, to, event string) (*Seller, error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, s.refuse(ctx, by, id)
	}
	return s.change(ctx, id, func(seller *Seller) ([]market.Event, error) {
		if seller.Status == to {
			return nil, nil
		}
		if !slices.Contains(moves[seller.Status], to) {
			return nil, market.Conflict("cooperatives.move").With("from", seller.Status).With("to", to)
		}
		seller.Status = to
		return []market.Event{market.NewEvent(s.env, event, id, Decided{Seller: id, By: by.Person})}, nil
	})
}

// refuse tells members that they may not, and everybody else that there is no
// such seller.
func (s *Service) refuse(ctx context.Context, by market.Actor, id market.ID) error {
	found, err := s.Seller(ctx, id)
	if err != nil {
		return err
	}
	if found.RoleOf(by.Person) != "" {
		return market.Forbidden("cooperatives.moderator_only")
	}
	return errMissing
}

func (s *Service) change(ctx context.Context, id market.ID, change func(*Seller) ([]market.Event, error)) (*Seller, error) {
	found, err := s.sellers.Update(ctx, id, change)
	if store.Missing(err) {
		return nil, errMissing
	}
	return found, err
}
