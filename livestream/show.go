package livestream

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"chohue/market"
	"chohue/store"
)

// Show is one livestream, announced ahead with what it will offer. It is one
// document: its state, its offers and the head of its record change together.
type Show struct {
	store.Doc `bson:",inline"`
	Title     market.Text `bson:"title"`
	Seller    market.ID   `bson:"seller"`           // whose people are on camera
	Ward      string      `bson:"ward,omitempty"`   // of a commune's show, in which several of its sellers offer
	Person    market.ID   `bson:"person,omitempty"` // who announced it
	Products  []market.ID `bson:"products"`         // announced, in the order of offering
	StartsAt  time.Time   `bson:"starts_at"`
	EndsAt    time.Time   `bson:"ends_at"`
	CreatedAt time.Time   `bson:"created_at"`

	State     ShowState     `bson:"state"`
	Parties   []Party       `bson:"parties"` // the sellers in it, the host's first
	Offers    []Offer       `bson:"offers,omitempty"`
	Pinned    string        `bson:"pinned,omitempty"` // code of the offer on screen
	Broadcast Broadcast     `bson:"broadcast"`
	Window    time.Duration `bson:"window"` // for how long a click counts: fixed when it was announced
	Accepted  *Accepted     `bson:"accepted,omitempty"`
	Identity  *HostIdentity `bson:"identity,omitempty"` // as it was when it went live
	LiveAt    *time.Time    `bson:"live_at,omitempty"`
	OverAt    *time.Time    `bson:"over_at,omitempty"`
	Why       string        `bson:"why,omitempty"` // it was stopped or cancelled
	Warnings  []Warning     `bson:"warnings,omitempty"`
	Footage   []Footage     `bson:"footage,omitempty"`
	// RetainUntil is until when its record must be kept; set when it is over.
	RetainUntil *time.Time `bson:"retain_until,omitempty"`
	// Running is when a worker must look after it; nil when nothing is to do.
	Running *time.Time `bson:"running,omitempty"`
	Seq     int64      `bson:"seq"`            // entries of its record
	Head    string     `bson:"head,omitempty"` // hash of the last
}

// Party is a seller in a show. Nothing of theirs is offered before they agree.
type Party struct {
	Seller   market.ID  `bson:"seller"`
	AgreedAt *time.Time `bson:"agreed_at,omitempty"`
	By       market.ID  `bson:"by,omitempty"`
}

// OnAir reports whether the show is live: not announced for now, but begun by
// its host and not over.
func (s *Show) OnAir(now time.Time) bool {
	return s.State == ShowLive && s.LiveAt != nil && now.Before(s.LiveAt.Add(MaxShowLength))
}

// Sells reports whether the seller is in the show.
func (s *Show) Sells(seller market.ID) bool { return s.party(seller) != nil }

func (s *Show) party(seller market.ID) *Party {
	for i := range s.Parties {
		if s.Parties[i].Seller == seller {
			return &s.Parties[i]
		}
	}
	return nil
}

var showSpec = store.Spec{Name: "shows", Cache: 1000, Indexes: []store.Index{
	{Name: "seller", Fields: []string{"seller", "starts_at"}},
	{Name: "party", Fields: []string{"parties.seller", "starts_at"}},
	{Name: "state", Fields: []string{"state", "starts_at"}},
	{Name: "running", Fields: []string{"running"}},
	{Name: "ends", Fields: []string{"ends_at"}},
}}

// ShowDraft is what is said of a show when it is announced.
type ShowDraft struct {
	ID       market.ID // made by the client, optional: the same id again is the same show
	Title    market.Text
	Seller   market.ID
	Ward     string      // a commune's show
	Guests   []market.ID // sellers who are asked to join
	Products []market.ID
	StartsAt time.Time
	EndsAt   time.Time
	Video    string // address of a broadcast elsewhere; see ReadBroadcast
}

// Limits of a show.
const (
	MaxShowProducts = 50
	MaxShowSellers  = 20
	MaxShowLength   = 12 * time.Hour
	maxShowAhead    = 365 * 24 * time.Hour
)

// CreateShow announces a show of a seller that by belongs to; of a commune's
// also an official. The products must be in the shop and of sellers in the show.
func (s *Service) CreateShow(ctx context.Context, by market.Actor, d ShowDraft) (*Show, error) {
	if err := mayAnnounce(by, d); err != nil {
		return nil, err
	}
	now := s.env.Now()
	if err := s.checkShow(ctx, d, now); err != nil {
		return nil, err
	}
	video, err := ReadBroadcast(d.Video)
	if err != nil {
		return nil, err
	}
	show := &Show{
		Doc: store.Doc{ID: d.ID}, Title: d.Title, Seller: d.Seller, Ward: d.Ward, Person: by.Person, Products: d.Products,
		StartsAt: d.StartsAt.UTC(), EndsAt: d.EndsAt.UTC(), CreatedAt: now, State: ShowAnnounced,
		Parties: parties(by, d, now), Broadcast: video, Window: s.policies.At(now).Window,
	}
	if show.ID == "" {
		show.ID = s.env.NewID()
	}
	err = s.shows.Insert(ctx, show, s.noted(show, by, EventShowAnnounced, announcement{show.Title, show.Seller, show.StartsAt, show.EndsAt, show.Products, guests(show)}))
	if store.Exists(err) {
		return s.sameShow(ctx, show)
	}
	return show, err
}

type announcement struct {
	Title    market.Text `json:"title"`
	Seller   market.ID   `json:"seller"`
	StartsAt time.Time   `json:"starts_at"`
	EndsAt   time.Time   `json:"ends_at"`
	Products []market.ID `json:"products"`
	Guests   []market.ID `json:"guests,omitempty"` // who has yet to agree
}

func guests(show *Show) []market.ID {
	var out []market.ID
	for _, p := range show.Parties {
		if p.AgreedAt == nil {
			out = append(out, p.Seller)
		}
	}
	return out
}

func mayAnnounce(by market.Actor, d ShowDraft) error {
	if d.Ward != "" && by.Is(market.RoleOfficial) {
		return nil
	}
	return mayManage(by, d.Seller)
}

// parties are the sellers of a new show: only whoever announces it for their
// own seller has agreed by that.
func parties(by market.Actor, d ShowDraft, now time.Time) []Party {
	out := []Party{{Seller: d.Seller}}
	if by.For(d.Seller) {
		out[0].AgreedAt, out[0].By = &now, by.Person
	}
	for _, g := range d.Guests {
		if !slices.ContainsFunc(out, func(p Party) bool { return p.Seller == g }) {
			out = append(out, Party{Seller: g})
		}
	}
	return out
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
	c.That(len(d.Guests) < MaxShowSellers, "guests", "show.guests")
	if err := c.Err(); err != nil {
		return err
	}
	found, err := s.shelf.Products(ctx, d.Products...)
	if err != nil {
		return err
	}
	for _, id := range d.Products {
		p := found[id]
		c.That(p != nil && (p.Seller == d.Seller || slices.Contains(d.Guests, p.Seller)), "products", "show.product")
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

// ShowsWith lists the shows that a seller is in, as host or guest, the latest
// first.
func (s *Service) ShowsWith(ctx context.Context, seller market.ID, after store.Cursor, limit int) (store.Page[Show], error) {
	return s.shows.Find(ctx, store.Query{Index: "party", Eq: []any{seller}, Desc: true, After: after, Limit: limit})
}

// LiveNow lists the shows that are on air.
func (s *Service) LiveNow(ctx context.Context, limit int) ([]*Show, error) {
	page, err := s.shows.Find(ctx, store.Query{Index: "state", Eq: []any{ShowLive}, Desc: true, Limit: limit})
	return page.Items, err
}

// Past lists the shows that have ended, the latest first.
func (s *Service) Past(ctx context.Context, limit int) ([]*Show, error) {
	page, err := s.shows.Find(ctx, store.Query{Index: "state", Eq: []any{ShowEnded}, Desc: true, Limit: limit})
	return page.Items, err
}

// Upcoming lists shows that have not ended, the soonest to end first.
func (s *Service) Upcoming(ctx context.Context, limit int) ([]*Show, error) {
	page, err := s.shows.Find(ctx, store.Query{Index: "ends", From: s.env.Now().Add(time.Millisecond), Limit: limit})
	return page.Items, err
}
