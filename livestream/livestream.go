// Package livestream brings buyers from shows, posts and posters to products:
// scheduled shows, short sale links with QR codes, clicks, and which link
// earned which sold line.
//
// A line is attributed to the last link clicked before it went into the cart,
// when that was within the window of the policy. What is excluded is kept with
// its reason, so that every đồng can be explained; Replay proves the sums
// against the orders.
package livestream

import (
	"context"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/store"
)

// Shelf is what the room needs of the catalogue.
type Shelf interface {
	// PublishedProduct returns not found for what is not in the shop.
	PublishedProduct(ctx context.Context, id market.ID) (*catalog.Product, error)
	// Products returns those that are in the shop.
	Products(ctx context.Context, ids ...market.ID) (map[market.ID]*catalog.Product, error)
	// PapersFor returns an error that says which document is missing.
	PapersFor(ctx context.Context, product market.ID) (catalog.ShowPapers, error)
	Stocks(ctx context.Context, variants ...market.ID) (map[market.ID]*catalog.Stock, error)
	Hold(ctx context.Context, order, variant market.ID, quantity int64, until time.Time) error
	// SetApart makes the fence one of total units, what was taken from it
	// counted; saying it twice is saying it once.
	SetApart(ctx context.Context, fence, variant market.ID, total int64, until time.Time) error
	HoldFrom(ctx context.Context, order, variant market.ID, quantity int64, until time.Time, fences ...market.ID) error
	Release(ctx context.Context, order, variant market.ID) error
}

// Sellers tells which sellers a person belongs to, and how it was made sure
// who stands behind one: nil when it was not.
type Sellers interface {
	Of(ctx context.Context, person market.ID) ([]*cooperatives.Seller, error)
	IdentityOf(ctx context.Context, seller market.ID) (*cooperatives.Identity, error)
}

// Rooms are the neighbours that the room needs.
type Rooms struct {
	Shelf   Shelf
	Sellers Sellers
	Feed    Feed // carries news to viewers; nil tells nobody
	// Secret signs links and tokens. Without one they live as long as the
	// process.
	Secret []byte
}

// Service is the room's door.
type Service struct {
	env          market.Env
	shelf        Shelf
	sellers      Sellers
	feed         Feed
	secret       []byte
	crowd        *crowd
	rules        RulesVersions
	keeping      Retentions
	records      *store.Collection[Record]
	comments     *store.Collection[Comment]
	drafts       *store.Collection[Draft]
	complaints   *store.Collection[Complaint]
	policies     Policies
	bots         bots
	shows        *store.Collection[Show]
	links        *store.Collection[Link]
	visits       *store.Collection[visit]
	attributions *store.Collection[Attribution]
}

var (
	errMissing   = market.NotFound("livestream.missing")
	errSignIn    = market.Unauthenticated("livestream.signin")
	errForbidden = market.Forbidden("livestream.forbidden")
)

// New opens the room on the store.
func New(ctx context.Context, e store.Engine, env market.Env, rooms Rooms) (*Service, error) {
	s := &Service{env: env, shelf: rooms.Shelf, sellers: rooms.Sellers, feed: rooms.Feed, secret: rooms.Secret, bots: loadBots()}
	s.crowd = newCrowd(s.tellComments)
	if len(s.secret) == 0 {
		s.secret = []byte(market.NewSecret())
	}
	var err error
	if s.rules, err = LoadRules(); err != nil {
		return nil, err
	}
	if s.keeping, err = LoadRetentions(); err != nil {
		return nil, err
	}
	if err := s.openShows(ctx, e); err != nil {
		return nil, err
	}
	if s.policies, err = LoadPolicies(); err != nil {
		return nil, err
	}
	if s.shows, err = store.Open[Show](ctx, e, showSpec); err != nil {
		return nil, err
	}
	if s.links, err = store.Open[Link](ctx, e, linkSpec); err != nil {
		return nil, err
	}
	if s.visits, err = store.Open[visit](ctx, e, visitSpec); err != nil {
		return nil, err
	}
	s.attributions, err = store.Open[Attribution](ctx, e, attributionSpec)
	return s, err
}

// openShows opens what belongs to shows.
func (s *Service) openShows(ctx context.Context, e store.Engine) (err error) {
	if s.records, err = store.Open[Record](ctx, e, recordSpec); err != nil {
		return err
	}
	if s.comments, err = store.Open[Comment](ctx, e, commentSpec); err != nil {
		return err
	}
	if s.drafts, err = store.Open[Draft](ctx, e, draftSpec); err != nil {
		return err
	}
	s.complaints, err = store.Open[Complaint](ctx, e, complaintSpec)
	return err
}

// mayManage tells why by may not act for the seller, nil when he may.
func mayManage(by market.Actor, seller market.ID) error {
	switch {
	case by.Guest():
		return errSignIn
	case by.For(seller):
		return nil
	default:
		return errForbidden
	}
}

// mayRead lets staff look at a seller's figures too.
func mayRead(by market.Actor, seller market.ID) error {
	if by.Is(market.RoleModerator, market.RoleOperator) {
		return nil
	}
	return mayManage(by, seller)
}

func missing(err error) error {
	if store.Missing(err) {
		return errMissing
	}
	return err
}
