package notices

import (
	"context"
	"encoding/json"

	"chohue/catalog"
	"chohue/market"
)

func decode(raw []byte, v any) error { return json.Unmarshal(raw, v) }

// shop tells the keepers of the shop that a product belongs to.
func shop(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	seller, name, err := s.rooms.Goods.Good(ctx, e.Subject)
	if err != nil {
		return nil, err
	}
	return s.keepersTold(ctx, seller, "/nong-ho/san-pham", text("name", name))
}

// keepersOfSubject tells the keepers of the shop that the event is about.
func keepersOfSubject(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	return s.keepersTold(ctx, e.Subject, "/nong-ho")
}

func (s *Service) keepersTold(ctx context.Context, seller market.ID, link string, args ...Arg) ([]telling, error) {
	readers, err := s.keepers(ctx, seller)
	var all []telling
	for _, r := range readers {
		all = append(all, telling{to: r, args: args, link: link})
	}
	return all, err
}

// reminded tells the keepers that a certificate ends soon.
func reminded(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	var r catalog.Reminded
	if err := e.Decode(&r); err != nil {
		return nil, err
	}
	return s.keepersTold(ctx, r.Seller, "/nong-ho/san-pham",
		text("name", r.Name), word("no", r.DecisionNo), count("days", int64(r.Days)), moment("to", r.ValidTo))
}
