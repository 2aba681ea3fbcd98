// Package pages is the door for people: every page of the market as HTML that
// works without script.
//
// A page is a view struct that embeds ui.Page, a templ component that draws
// it, and a handler that fills it from the rooms. Handlers return errors; one
// adapter turns them into error pages. Forms answer with a redirect, or with
// 422 and everything that was typed.
package pages

import (
	"context"
	"time"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/indicators"
	"chohue/livestream"
	"chohue/market"
	"chohue/notices"
	"chohue/orders"
	"chohue/payments"
	"chohue/search"
)

// Rooms are the rooms that pages show.
type Rooms struct {
	Env        market.Env
	Areas      *market.Areas
	Sets       catalog.Sets
	Accounts   *accounts.Service
	Sellers    *cooperatives.Service
	Papers     *cooperatives.Papers
	Pool       *cooperatives.Pool
	Takedowns  *cooperatives.Takedowns
	Catalog    *catalog.Service
	Orders     *orders.Service
	Payments   *payments.Service
	Payouts    *payments.Payouts
	Search     *search.Service
	Notebook   *search.Notebook
	Livestream *livestream.Service
	Feed       RoomFeed // nil leaves rooms to reloading
	Notices    *notices.Service
	Studio     *livestream.Studio // nil without live video
	Indicators *indicators.Service
	Files      catalog.Files
	Rates      orders.Rates    // for telling delivery prices before there is a cart
	Inbox      *accounts.Inbox // nil outside a demonstration
	Wallet     Wallet          // nil without the sandbox provider
}

// Wallet is the sandbox's other party, as its page needs it.
type Wallet interface {
	// Open verifies the query that a payer arrived with.
	Open(ctx context.Context, query string) (WalletView, error)
	// Decide takes the payer's decision and returns where to go back to.
	Decide(ctx context.Context, id market.ID, approve bool) (string, error)
}

// WalletView is what a payer sees at the sandbox wallet.
type WalletView struct {
	ID          market.ID
	Merchant    string
	OrderCode   string
	Description string
	Amount      market.VND
	Balance     market.VND
	ExpiresAt   time.Time
	Open        bool   // nothing is decided and there is time
	Short       bool   // the balance is less than the amount
	ReturnURL   string // once decided
}

// Config is what pages must know of the place they run in.
type Config struct {
	BaseURL string // scheme and host, without a slash at the end
	Source  string // address of the program's source; may be empty
	PushKey string // public key that browsers are asked with; empty without pushing
	Video   bool   // shows can be filmed here
	Demo    bool   // say on every page that nothing here is for sale
}

// Pages is the door.
type Pages struct {
	Rooms

	assets  *ui.Assets
	texts   *locale.Catalog
	cfg     Config
	front   *memo[front]
	seasons []season
	pulses  pulses
	drawn   cardCache
	banks   []bank
	leads   orders.Leads

	deadlineRows orders.Deadlines
	categories   orders.Categories
}

// New opens the door.
func New(rooms Rooms, assets *ui.Assets, texts *locale.Catalog, cfg Config) (*Pages, error) {
	p := &Pages{Rooms: rooms, assets: assets, texts: texts, cfg: cfg}
	p.front = newMemo(rooms.Env.Now, frontFor, p.loadFront)
	var err error
	if p.seasons, err = loadSeasons(); err != nil {
		return nil, err
	}
	if p.leads, err = orders.LoadLeads(); err != nil {
		return nil, err
	}
	if p.deadlineRows, err = orders.LoadDeadlines(); err != nil {
		return nil, err
	}
	if p.categories, err = orders.LoadCategories(); err != nil {
		return nil, err
	}
	p.banks, err = loadBanks()
	return p, err
}
