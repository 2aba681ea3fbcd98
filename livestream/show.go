package livestream

import (
	"context"
	"time"
	"unicode/utf8"

	"chohue/market"
	"chohue/store"
)

// Show is one livestream of a seller, announced ahead with what it will offer.
type Show struct {
	store.Doc `bson:",inline"`
	Title     market.Text `bson:"title"`
	Seller    market.ID   `bson:"seller"`
	Person    market.ID   `bson:"person,omitempty"` // who announced it
	Products  []market.ID `bson:"products"`         // pinned, in the order of offering
	StartsAt  time.Time   `bson:"starts_at"`
	EndsAt    time.Time   `bson:"ends_at"`
	CreatedAt time.Time   `bson:"created_at"`
}

// OnAir reports whether now is within the announced time.
func (s *Show) OnAir(now time.Time) bool { return !now.Before(s.StartsAt) && now.Before(s.EndsAt) }

var showSpec = store.Spec{Name: "shows", Cache: 1000, Indexes: []store.Index{
	{Name: "seller", Fields: []string{"seller", "starts_at"}},
	{Name: "ends", Fields: []string{"ends_at"}},
}}

// ShowDraft is what is said of a show when it is announced.
type ShowDraft struct {
	ID       market.ID // made by the client, optional: the same id again is the same show
	Title    market.Text
	Seller   market.ID
	Products []market.ID
	StartsAt time.Time
	EndsAt   time.Time
}

// Limits of a show.
const (
	MaxShowProducts = 50
	MaxShowLength   = 12 * time.Hour
	maxShowAhead    = 365 * 24 * time.Hour
)

// CreateShow announces a show of a seller that by belongs to. Its products
// must be in the shop and the seller's own.
func (s *Service) CreateShow(ctx context.Context, by market.Actor, d ShowDraft) (*Show, error) {
	if err := mayManage(by, d.Seller); err != nil {
		return nil, err
	}
	now := s.env.Now()
	if err := s.checkShow(ctx, d, now); err != nil {
		return nil, err
	}
	show := &Show{
		Doc: store.Doc{ID: d.ID}, Title: d.Title, Seller: d.Seller, Person: by.Person, Products: d.Products,
		StartsAt: d.StartsAt.UTC(), EndsAt: d.EndsAt.UTC(), CreatedAt: now,
	}
	if show.ID == "" {
		show.ID = s.env.NewID()
	}
	err := s.shows.Insert(ctx, show)
	if store.Exists(err) {
		return s.sameShow(ctx, show)
	}
	return show, err
}

// sameShow answers a repeated call; an id of somebody else's show tells nothing.
func (s *Service) sameShow(ctx context.Context, wanted *Show) (*Show, error) {
	kept, err := s.shows.Get(ctx, wanted.ID)
	if err == nil && kept.Seller != wanted.Seller {
		return nil, market.Conflict("livestream.taken")
	}
	return kept, missing(err)
}

func (s *Service) checkShow(ctx context.Context, d ShowDraft, now time.Time) error {
	var c market.Checks
	letters := utf8.RuneCountInString(d.Title.VI)
	c.That(letters >= 3 && letters <= 120 && utf8.RuneCountInString(d.Title.EN) <= 120, "title", "show.title")
	c.That(len(d.ID) <= 64, "id", "show.id")
	c.That(d.StartsAt.After(now.Add(-time.Hour)) && d.StartsAt.Before(now.Add(maxShowAhead)), "starts_at", "show.starts")
	c.That(d.EndsAt.After(d.StartsAt) && d.EndsAt.Sub(d.StartsAt) <= MaxShowLength, "ends_at", "show.ends")
	c.That(len(d.Products) > 0 && len(d.Products) <= MaxShowProducts, "products", "show.products")
	if err := c.Err(); err != nil {
		return err
	}
	found, err := s.shelf.Products(ctx, d.Products...)
	if err != nil {
		return err
	}
	for _, id := range d.Products {
		p := found[id]
		c.That(p != nil && p.Seller == d.Seller, "products", "show.product")
	}
	return c.Err()
}

// Show returns a show to anybody.
func (s *Service) Show(ctx context.Context, id market.ID) (*Show, error) {
	show, err := s.shows.Get(ctx, id)
	return show, missing(err)
}

// Shows lists a seller's shows, the latest first.
func (s *Service) Shows(ctx context.Context, seller market.ID, after store.Cursor, limit int) (store.Page[Show], error) {
	return s.shows.Find(ctx, store.Query{Index: "seller", Eq: []any{seller}, Desc: true, After: after, Limit: limit})
}

// Upcoming lists shows that have not ended, the soonest to end first.
func (s *Service) Upcoming(ctx context.Context, limit int) ([]*Show, error) {
	page, err := s.shows.Find(ctx, store.Query{Index: "ends", From: s.env.Now().Add(time.Millisecond), Limit: limit})
	return page.Items, err
}
