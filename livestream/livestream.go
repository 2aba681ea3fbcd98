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
}

// Sellers tells which sellers a person belongs to.
type Sellers interface {
	Of(ctx context.Context, person market.ID) ([]*cooperatives.Seller, error)
}

// Service is the room's door.
type Service struct {
	env          market.Env
	shelf        Shelf
	sellers      Sellers
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
func New(ctx context.Context, e store.Engine, env market.Env, shelf Shelf, sellers Sellers) (*Service, error) {
	s := &Service{env: env, shelf: shelf, sellers: sellers, bots: loadBots()}
	var err error
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
