package livestream

import (
	"context"
	"slices"
	"strconv"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Attribution says which link one sold line is owed to. What was decided when
// the order was confirmed does not change; only the line's fate does.
type Attribution struct {
	store.Doc   `bson:",inline"` // the id is order:parcel:line
	Link        market.ID        `bson:"link,omitempty"` // empty for what was bought in the room
	Comment     market.ID        `bson:"comment,omitempty"`
	Show        market.ID        `bson:"show,omitempty"`
	Person      market.ID        `bson:"person,omitempty"`
	Seller      market.ID        `bson:"seller"`
	Order       market.ID        `bson:"order"`
	Parcel      market.ID        `bson:"parcel"`
	Product     market.ID        `bson:"product"`
	Channel     string           `bson:"channel"`
	Amount      market.VND       `bson:"amount"` // what the buyer pays for the line, without shipping
	Excluded    Exclusion        `bson:"excluded,omitempty"`
	State       string           `bson:"state"` // confirmed, delivered or cancelled
	ClickedAt   time.Time        `bson:"clicked_at"`
	PlacedAt    time.Time        `bson:"placed_at"`
	DeliveredAt *time.Time       `bson:"delivered_at,omitempty"`
	Returns     []Reversal       `bson:"returns,omitempty"` // what its buyer got back of Amount
}

// Reversal is money that went back for a line that was delivered.
type Reversal struct {
	Return market.ID  `bson:"return"`
	Amount market.VND `bson:"amount"`
}

// Net is what the line came to in the end.
func (a *Attribution) Net() market.VND {
	net := a.Amount
	for _, r := range a.Returns {
		net -= r.Amount
	}
	return net
}

// The fates of an attributed line.
const (
	StateConfirmed = "confirmed"
	StateDelivered = "delivered"
	StateCancelled = "cancelled"
)

// Exclusion is why a line earns its link nothing; empty when it does.
type Exclusion string

// The reasons.
const (
	ExcludedLate    Exclusion = "late"    // the click was outside the policy's window
	ExcludedOwn     Exclusion = "own"     // the buyer shared the link
	ExcludedMember  Exclusion = "member"  // the buyer belongs to the seller
	ExcludedForeign Exclusion = "foreign" // the link is for another seller's goods
	ExcludedUnknown Exclusion = "unknown" // there is no such link
)

var attributionSpec = store.Spec{Name: "attributions", Indexes: []store.Index{
	{Name: "link", Fields: []string{"link", "placed_at"}},
	{Name: "show", Fields: []string{"show", "placed_at"}},
	{Name: "order", Fields: []string{"order"}},
	{Name: "seller", Fields: []string{"seller", "placed_at"}},
}}

// Counts reports whether the line earns its link something.
func (a *Attribution) Counts() bool { return a.Excluded == "" && a.State != StateCancelled }

// sale is what orders tell of a parcel, in whichever event.
type sale struct {
	order, buyer market.ID
	placedAt     time.Time
	parcel       orders.Parcel
}

// entries are the attributions of a sale, one for each line with a touch, yet
// without exclusions.
func (s sale) entries() []Attribution {
	var out []Attribution
	for i, l := range s.parcel.Lines {
		if l.Touch == nil || l.Touch.Link == "" && l.Touch.Show == "" {
			continue
		}
		out = append(out, Attribution{
			Doc:  store.Doc{ID: entryID(s.order, s.parcel.ID, i)},
			Link: l.Touch.Link, Comment: l.Touch.Comment, Show: l.Touch.Show, Person: l.Touch.Person, Channel: l.Touch.Channel,
			Seller: s.parcel.Seller, Order: s.order, Parcel: s.parcel.ID, Product: l.Product, Amount: l.Amount,
			State: StateConfirmed, ClickedAt: l.Touch.At, PlacedAt: s.placedAt,
		})
	}
	return out
}

func entryID(order, parcel market.ID, line int) market.ID {
	return order + ":" + parcel + ":" + market.ID(strconv.Itoa(line))
}

// exclusion decides about one entry. It is asked once, at the first news of the
// order: memberships change later, the decision does not.
func (s *Service) exclusion(ctx context.Context, a *Attribution, buyer market.ID) (Exclusion, error) {
	sellers, person, window, err := s.source(ctx, a)
	switch {
	case err != nil:
		return "", err
	case sellers == nil:
		return ExcludedUnknown, nil
	case !slices.Contains(sellers, a.Seller):
		return ExcludedForeign, nil
	case a.PlacedAt.Sub(a.ClickedAt) > window:
		return ExcludedLate, nil
	case buyer == "":
		return "", nil
	case buyer == person:
		return ExcludedOwn, nil
	}
	return s.memberExclusion(ctx, a.Seller, buyer)
}

// source is what led to a line: whose goods it may lead to, who shared it, and
// for how long it counts, which a show has fixed for all that leads to it. No
// sellers when there is no such link or show.
func (s *Service) source(ctx context.Context, a *Attribution) (sellers []market.ID, person market.ID, window time.Duration, err error) {
	window = s.policies.At(a.ClickedAt).Window
	if a.Link != "" {
		link, err := s.links.Get(ctx, a.Link)
		if err != nil {
			return nil, "", 0, unlessMissing(err)
		}
		sellers, person = []market.ID{link.Seller}, link.Person
	}
	if a.Show == "" {
		return sellers, person, window, nil
	}
	show, err := s.shows.Get(ctx, a.Show)
	if err != nil {
		return nil, "", 0, unlessMissing(err)
	}
	if show.Window > 0 {
		window = show.Window
	}
	for _, p := range show.Parties {
		sellers = append(sellers, p.Seller)
	}
	if a.Link == "" {
		person = show.Person
	}
	return append(sellers, show.Seller), person, window, nil
}

func unlessMissing(err error) error {
	if store.Missing(err) {
		return nil
	}
	return err
}

func (s *Service) memberExclusion(ctx context.Context, seller, buyer market.ID) (Exclusion, error) {
	theirs, err := s.sellers.Of(ctx, buyer)
	if err != nil {
		return "", err
	}
	for _, of := range theirs {
		if of.ID == seller {
			return ExcludedMember, nil
		}
	}
	return "", nil
}
