package livestream

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"chohue/market"
	"chohue/store"
)

// Accepted is what a host agreed to before going live.
type Accepted struct {
	Rules string    `bson:"rules" json:"rules"` // version of the livestream rules
	By    market.ID `bson:"by" json:"by"`
	At    time.Time `bson:"at" json:"at"`
}

// HostIdentity is how it was made sure who stands behind the host, as it was
// when the show went live (Law 122/2025/QH15).
type HostIdentity struct {
	Seller     market.ID `bson:"seller" json:"seller"`
	Person     string    `bson:"person" json:"person"`
	Method     string    `bson:"method" json:"method"`
	Level      int       `bson:"level" json:"level"`
	VerifiedAt time.Time `bson:"verified_at" json:"verified_at"`
	Host       market.ID `bson:"host" json:"host"` // who pressed the button
}

// early is how long before its announced time a show may begin.
const early = time.Hour

type went struct {
	Accepted Accepted     `json:"accepted"`
	Identity HostIdentity `json:"identity"`
	Offers   []Offer      `json:"offers"`
}

// GoLive begins the show. Whoever does it accepts the rules in force, their
// seller's identity must have been checked, and something must be offered whose
// papers are in order and whose seller has agreed. The goods are set apart
// first: if they are not there, nothing begins.
func (s *Service) GoLive(ctx context.Context, by market.Actor, show market.ID, rules string) (*Show, error) {
	kept, err := s.hosted(ctx, by, show)
	if err != nil {
		return nil, err
	}
	if kept.State == ShowLive {
		return kept, nil
	}
	identity, err := s.ready(ctx, by, kept, rules)
	if err != nil {
		return nil, err
	}
	for i, o := range kept.Offers {
		if err := s.setApart(ctx, kept, o); err != nil {
			return nil, errors.Join(err, s.giveBack(ctx, kept, kept.Offers[:i]))
		}
	}
	now := s.env.Now()
	accepted := Accepted{rules, by.Person, now}
	live, err := s.change(ctx, by, show, EventShowLive, func(sh *Show) (any, error) {
		if err := sh.to(ShowLive); err != nil {
			return nil, err
		}
		over := now.Add(MaxShowLength)
		sh.Accepted, sh.Identity, sh.LiveAt, sh.Running = &accepted, identity, &now, &over
		return went{accepted, *identity, sh.Offers}, nil
	})
	if err != nil {
		return nil, s.unlessLive(ctx, kept, err)
	}
	return live, nil
}

// unlessLive gives the goods back when going live failed, but not when somebody
// else went live with them at the same moment.
func (s *Service) unlessLive(ctx context.Context, show *Show, err error) error {
	if now, found := s.shows.Get(ctx, show.ID); found == nil && now.State == ShowLive {
		return err
	}
	return errors.Join(err, s.giveBack(ctx, show, show.Offers))
}

func (s *Service) ready(ctx context.Context, by market.Actor, show *Show, rules string) (*HostIdentity, error) {
	now := s.env.Now()
	switch {
	case show.State != ShowAnnounced:
		return nil, market.Conflict("show.over")
	case now.Before(show.StartsAt.Add(-early)):
		return nil, market.Conflict("show.early")
	case now.After(show.EndsAt):
		return nil, market.Conflict("show.late")
	case rules != s.rules.At(now).Version:
		return nil, market.Invalid("show.rules", "rules").With("version", s.rules.At(now).Version)
	}
	identity, err := s.sellers.IdentityOf(ctx, show.Seller)
	if err != nil {
		return nil, err
	}
	if identity == nil {
		return nil, market.Conflict("show.identity")
	}
	if p := show.party(show.Seller); p == nil || p.AgreedAt == nil {
		return nil, market.Conflict("show.host_agrees")
	}
	if err := s.proven(ctx, show); err != nil {
		return nil, err
	}
	return &HostIdentity{show.Seller, identity.Person, identity.Method, identity.Level, identity.VerifiedAt, by.Person}, nil
}

// proven checks the papers of everything that is offered once more: what was
// right when the show was announced may be revoked by now.
func (s *Service) proven(ctx context.Context, show *Show) error {
	open := 0
	for _, o := range show.Offers {
		if o.AgreedAt == nil {
			continue
		}
		if _, err := s.shelf.PapersFor(ctx, o.Product); err != nil {
			return atOffer(err, o.Code)
		}
		open++
	}
	if open == 0 {
		return market.Conflict("show.empty")
	}
	return nil
}

// setApart fences the goods of an offer until the show must be over. An offer
// whose goods were set apart before gets more of them, or gives some back.
func (s *Service) setApart(ctx context.Context, show *Show, o Offer) error {
	if !o.Open() {
		return nil
	}
	if o.Stock == 0 {
		return s.shelf.Release(ctx, fence(show.ID, o.Code), o.Variant)
	}
	until := s.env.Now().Add(MaxShowLength + time.Hour)
	return atOffer(s.shelf.SetApart(ctx, fence(show.ID, o.Code), o.Variant, o.Stock, until), o.Code)
}

func (s *Service) giveBack(ctx context.Context, show *Show, offers []Offer) error {
	var err error
	for _, o := range offers {
		err = errors.Join(err, s.shelf.Release(ctx, fence(show.ID, o.Code), o.Variant))
	}
	return err
}

func atOffer(err error, code string) error {
	var e *market.Error
	if errors.As(err, &e) {
		return e.At("offers/" + code)
	}
	return err
}

// Pin puts an offer on screen. Its papers are checked at that moment: without
// them it is refused (Law 122/2025/QH15, Art. 24).
func (s *Service) Pin(ctx context.Context, by market.Actor, show market.ID, code string) (*Show, error) {
	kept, err := s.hosted(ctx, by, show)
	if err != nil {
		return nil, err
	}
	o, ok := kept.Offer(code)
	if !ok {
		return nil, market.NotFound("offer.missing")
	}
	if !o.Open() {
		return nil, market.Conflict("offer.not_agreed")
	}
	papers, err := s.shelf.PapersFor(ctx, o.Product)
	if err != nil {
		return nil, atOffer(err, code)
	}
	return s.change(ctx, by, show, EventPinned, func(sh *Show) (any, error) {
		if !sh.OnAir(s.env.Now()) {
			return nil, market.Conflict("show.not_live")
		}
		o, ok := sh.Offer(code)
		if !ok || !o.Open() {
			return nil, market.Conflict("offer.not_agreed")
		}
		if sh.Pinned == code {
			return nil, nil
		}
		o.Papers = s.checked(papers)
		sh.Pinned = code
		return o, sh.put(o)
	})
}

// Unpin clears the screen.
func (s *Service) Unpin(ctx context.Context, by market.Actor, show market.ID) (*Show, error) {
	if _, err := s.hosted(ctx, by, show); err != nil {
		return nil, err
	}
	return s.change(ctx, by, show, EventUnpinned, func(sh *Show) (any, error) {
		was := sh.Pinned
		if sh.Pinned = ""; was == "" {
			return nil, nil
		}
		return map[string]string{"code": was}, nil
	})
}

type over struct {
	Why   string    `json:"why,omitempty"`
	Until time.Time `json:"retain_until"`
}

// End ends a live show. Prices of the show end with it, at that moment, and
// what is left of the goods that were set apart goes back to the shelf.
func (s *Service) End(ctx context.Context, by market.Actor, show market.ID) (*Show, error) {
	if _, err := s.hosted(ctx, by, show); err != nil {
		return nil, err
	}
	return s.end(ctx, by, show, "")
}

// Stop ends a show on demand of those who watch over the market, with the
// reason, which everybody in the room reads.
func (s *Service) Stop(ctx context.Context, by market.Actor, show market.ID, why string) (*Show, error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, errMissing
	}
	why = strings.TrimSpace(why)
	if n := utf8.RuneCountInString(why); n < 3 || n > maxWarning {
		return nil, market.Invalid("show.why", "why")
	}
	return s.end(ctx, by, show, why)
}

func (s *Service) end(ctx context.Context, by market.Actor, show market.ID, why string) (*Show, error) {
	now := s.env.Now()
	ended, err := s.change(ctx, by, show, EventShowEnded, func(sh *Show) (any, error) {
		if sh.State == ShowEnded {
			return nil, nil
		}
		if err := sh.to(ShowEnded); err != nil {
			return nil, err
		}
		until, _ := s.keeping.Until(now)
		sh.OverAt, sh.Why, sh.Pinned, sh.RetainUntil, sh.Running = &now, why, "", &until, &now
		return over{why, until}, nil
	})
	if err != nil {
		return nil, err
	}
	return ended, s.clear(ctx, ended)
}

// clear gives back what an ended show had set apart, and notes that this is done.
func (s *Service) clear(ctx context.Context, show *Show) error {
	if err := s.giveBack(ctx, show, show.Offers); err != nil {
		return err
	}
	_, err := s.shows.Update(ctx, show.ID, func(sh *Show) ([]market.Event, error) {
		sh.Running = nil
		return nil, nil
	})
	return err
}

// CancelShow calls an announced show off.
func (s *Service) CancelShow(ctx context.Context, by market.Actor, show market.ID, why string) (*Show, error) {
	if _, err := s.hosted(ctx, by, show); err != nil {
		return nil, err
	}
	now := s.env.Now()
	return s.change(ctx, by, show, EventShowCancelled, func(sh *Show) (any, error) {
		if sh.State == ShowCancelled {
			return nil, nil
		}
		if err := sh.to(ShowCancelled); err != nil {
			return nil, err
		}
		until, _ := s.keeping.Until(now)
		sh.OverAt, sh.Why, sh.RetainUntil = &now, why, &until
		return over{why, until}, nil
	})
}

// LookAfter ends shows that have run for too long and finishes what a crash
// left of those that ended. It returns how many. For a worker.
func (s *Service) LookAfter(ctx context.Context) (int, error) {
	n := 0
	due := store.Query{Index: "running", To: s.env.Now().Add(time.Millisecond)}
	err := s.shows.Each(ctx, due, func(sh *Show) error {
		n++
		if sh.State == ShowLive {
			_, err := s.end(ctx, market.System, sh.ID, "")
			return err
		}
		return s.clear(ctx, sh)
	})
	return n, err
}
