package livestream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"chohue/market"
	"chohue/store"
)

// Call is a time at which a seller may be spoken to face to face, and who has
// booked it. The buyer waits until he is let in; the seller lets him in; either
// ends it. Nothing of it is recorded.
type Call struct {
	store.Doc  `bson:",inline"`
	Seller     market.ID  `bson:"seller"`
	Buyer      market.ID  `bson:"buyer,omitempty"` // empty: nobody has booked
	BuyerName  string     `bson:"buyer_name,omitempty"`
	About      string     `bson:"about,omitempty"` // what the buyer wants to talk about
	StartsAt   time.Time  `bson:"starts_at"`
	EndsAt     time.Time  `bson:"ends_at"`
	Cancelled  bool       `bson:"cancelled,omitempty"` // by the seller
	WaitingAt  *time.Time `bson:"waiting_at,omitempty"`
	AdmittedAt *time.Time `bson:"admitted_at,omitempty"`
	EndedAt    *time.Time `bson:"ended_at,omitempty"`
}

var callSpec = store.Spec{Name: "calls", Indexes: []store.Index{
	{Name: "seller", Fields: []string{"seller", "starts_at"}},
	{Name: "buyer", Fields: []string{"buyer", "starts_at"}},
}}

// Events of calls. The subject is the call; the payload is a CallNews.
const (
	EventCallBooked    = "livestream.call_booked"
	EventCallCancelled = "livestream.call_cancelled"
)

// CallNews is what happened to a booking.
type CallNews struct {
	Call      market.ID `json:"call"`
	Seller    market.ID `json:"seller"`
	Buyer     market.ID `json:"buyer"`
	BuyerName string    `json:"buyer_name"`
	About     string    `json:"about,omitempty"`
	StartsAt  time.Time `json:"starts_at"`
	By        string    `json:"by"` // "buyer" or "seller"
}

func (s *Studio) callNews(what string, c *Call, side string) []market.Event {
	return []market.Event{market.NewEvent(s.env, what, c.ID, CallNews{c.ID, c.Seller, c.Buyer, c.BuyerName, c.About, c.StartsAt, side})}
}

// Limits of calls.
const (
	MinCall       = 5 * time.Minute
	MaxCall       = time.Hour
	maxCallAhead  = 60 * 24 * time.Hour
	callEarly     = 10 * time.Minute // before its time a call may be entered
	callLate      = 10 * time.Minute // after its time it may still go on
	maxBookings   = 3                // calls to come of one buyer
	maxCallAbout  = 200
	callIDLength  = 32
	callPublisher = "seller"
	callVisitor   = "buyer"
)

var (
	errCallTaken = market.Conflict("call.taken")
	errCallTime  = market.Conflict("call.time")
	errCallWait  = market.Conflict("call.wait")
	errCallOver  = market.Conflict("call.over")
	errCallMany  = market.Conflict("call.many").With("max", maxBookings)
)

// callID is the same for the same seller and time, so that one time is offered
// once however often the form is sent.
func callID(seller market.ID, start time.Time) market.ID {
	sum := sha256.Sum256(fmt.Appendf(nil, "call %s %d", seller, start.Unix()))
	return market.ID(hex.EncodeToString(sum[:])[:callIDLength])
}

// OfferCall lets buyers book a call with the seller at a time.
func (s *Studio) OfferCall(ctx context.Context, by market.Actor, seller market.ID, start time.Time, length time.Duration) (*Call, error) {
	if err := mayManage(by, seller); err != nil {
		return nil, err
	}
	var c market.Checks
	now := s.env.Now()
	c.That(start.After(now) && start.Before(now.Add(maxCallAhead)), "starts_at", "call.starts")
	c.That(length >= MinCall && length <= MaxCall, "minutes", "call.length")
	if err := c.Err(); err != nil {
		return nil, err
	}
	call := &Call{Doc: store.Doc{ID: callID(seller, start)}, Seller: seller, StartsAt: start.UTC(), EndsAt: start.UTC().Add(length)}
	err := s.calls.Insert(ctx, call)
	if store.Exists(err) {
		return s.calls.Update(ctx, call.ID, func(c *Call) ([]market.Event, error) {
			c.Cancelled = c.Cancelled && c.Buyer != ""
			return nil, nil
		})
	}
	return call, err
}

// OpenCalls are the times at which the seller can be booked, for everybody.
func (s *Studio) OpenCalls(ctx context.Context, seller market.ID) ([]*Call, error) {
	found, err := s.callsFrom(ctx, "seller", seller, s.env.Now())
	var open []*Call
	for _, c := range found {
		if c.Buyer == "" && !c.Cancelled {
			open = append(open, c)
		}
	}
	return open, err
}

// CallsOf are the seller's calls of today and later, for its people.
func (s *Studio) CallsOf(ctx context.Context, by market.Actor, seller market.ID) ([]*Call, error) {
	if err := mayManage(by, seller); err != nil {
		return nil, err
	}
	return s.callsFrom(ctx, "seller", seller, s.env.Now().Add(-24*time.Hour))
}

// MyCalls are the calls that by has booked, of today and later.
func (s *Studio) MyCalls(ctx context.Context, by market.Actor) ([]*Call, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	return s.callsFrom(ctx, "buyer", by.Person, s.env.Now().Add(-24*time.Hour))
}

func (s *Studio) callsFrom(ctx context.Context, index string, whose market.ID, from time.Time) ([]*Call, error) {
	page, err := s.calls.Find(ctx, store.Query{Index: index, Eq: []any{whose}, From: from})
	return page.Items, err
}

// Call is a call for those who take part in it, and for everybody while nobody
// has booked it.
func (s *Studio) Call(ctx context.Context, by market.Actor, id market.ID) (*Call, error) {
	c, err := s.calls.Get(ctx, id)
	if err != nil {
		return nil, noVideo(err)
	}
	if _, ok := c.side(by); !ok && c.Buyer != "" {
		return nil, errNoVideo
	}
	return c, nil
}

// side is the part that by has in the call.
func (c *Call) side(by market.Actor) (string, bool) {
	switch {
	case by.Guest() || by.Is(market.RoleSystem):
		return "", false
	case by.For(c.Seller):
		return callPublisher, true
	default:
		return callVisitor, c.Buyer != "" && c.Buyer == by.Person
	}
}

// IsSeller reports whether by answers the call.
func (c *Call) IsSeller(by market.Actor) bool {
	side, ok := c.side(by)
	return ok && side == callPublisher
}

// Enterable reports whether the call can be entered at that time.
func (c *Call) Enterable(now time.Time) bool {
	return c.Buyer != "" && !c.Cancelled && c.EndedAt == nil && !now.Before(c.StartsAt.Add(-callEarly)) && now.Before(c.EndsAt.Add(callLate))
}

// BookCall takes an open time. Of two who want it one gets it.
func (s *Studio) BookCall(ctx context.Context, by market.Actor, id market.ID, about string) (*Call, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	about = strings.TrimSpace(about)
	if utf8.RuneCountInString(about) > maxCallAbout {
		return nil, market.Invalid("call.about", "about")
	}
	now := s.env.Now()
	mine, err := s.callsFrom(ctx, "buyer", by.Person, now)
	if err != nil {
		return nil, err
	}
	return s.changeCall(ctx, id, func(c *Call) ([]market.Event, error) {
		switch {
		case c.Buyer == by.Person:
			return nil, nil
		case c.Buyer != "":
			return nil, errNoVideo
		case c.Cancelled || by.For(c.Seller):
			return nil, errCallTaken
		case !now.Before(c.EndsAt):
			return nil, errCallOver
		case len(mine) >= maxBookings:
			return nil, errCallMany
		}
		c.Buyer, c.BuyerName, c.About = by.Person, by.Name, about
		return s.callNews(EventCallBooked, c, callVisitor), nil
	})
}

func (s *Studio) changeCall(ctx context.Context, id market.ID, change func(*Call) ([]market.Event, error)) (*Call, error) {
	c, err := s.calls.Update(ctx, id, change)
	return c, noVideo(err)
}

// asParty runs change for whoever takes part; for others there is no such call.
func (s *Studio) asParty(ctx context.Context, by market.Actor, id market.ID, change func(c *Call, side string) ([]market.Event, error)) (*Call, error) {
	return s.changeCall(ctx, id, func(c *Call) ([]market.Event, error) {
		side, ok := c.side(by)
		if !ok {
			return nil, errNoVideo
		}
		return change(c, side)
	})
}

// CancelCall gives a booking back when the buyer does, and takes the time away
// when the seller does.
func (s *Studio) CancelCall(ctx context.Context, by market.Actor, id market.ID) (*Call, error) {
	return s.asParty(ctx, by, id, func(c *Call, side string) ([]market.Event, error) {
		if c.AdmittedAt != nil || c.EndedAt != nil {
			return nil, errCallOver
		}
		if side == callPublisher && c.Cancelled {
			return nil, nil
		}
		var news []market.Event
		if c.Buyer != "" {
			news = s.callNews(EventCallCancelled, c, side)
		}
		if side == callPublisher {
			c.Cancelled = true
		} else {
			c.Buyer, c.BuyerName, c.About, c.WaitingAt = "", "", "", nil
		}
		return news, nil
	})
}

// EnterCall takes a side into the call: the buyer into the waiting room, the
// seller lets him in from there.
func (s *Studio) EnterCall(ctx context.Context, by market.Actor, id market.ID) (*Call, error) {
	now := s.env.Now()
	return s.asParty(ctx, by, id, func(c *Call, side string) ([]market.Event, error) {
		switch {
		case c.EndedAt != nil || c.Cancelled:
			return nil, errCallOver
		case !c.Enterable(now):
			return nil, errCallTime
		case side == callVisitor && c.WaitingAt == nil:
			c.WaitingAt = &now
		case side == callPublisher && c.WaitingAt == nil:
			return nil, errCallWait
		case side == callPublisher && c.AdmittedAt == nil:
			c.AdmittedAt = &now
		}
		return nil, nil
	})
}

// EndCall ends the call for both.
func (s *Studio) EndCall(ctx context.Context, by market.Actor, id market.ID) (*Call, error) {
	now := s.env.Now()
	c, err := s.asParty(ctx, by, id, func(c *Call, _ string) ([]market.Event, error) {
		if c.EndedAt == nil && c.WaitingAt != nil {
			c.EndedAt = &now
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	for _, side := range []string{callPublisher, callVisitor} {
		if err := s.Video.End(ctx, CallStage(id, side)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// CallStage is where that side of a call is seen: "buyer" or "seller".
func CallStage(call market.ID, side string) Stage { return Stage("call-" + string(call) + "-" + side) }

func readCallStage(stage Stage) (call market.ID, side string, ok bool) {
	rest, ok := strings.CutPrefix(string(stage), "call-")
	id, side, found := strings.Cut(rest, "-")
	return market.ID(id), side, ok && found && (side == callPublisher || side == callVisitor)
}

// callTicket lets each side send to its own stage and watch the other's, once
// the buyer is let in.
func (s *Studio) callTicket(ctx context.Context, by market.Actor, id market.ID, side string, role Role) (string, error) {
	c, err := s.calls.Get(ctx, id)
	if err != nil {
		return "", noVideo(err)
	}
	mine, ok := c.side(by)
	if !ok || role == RoleHLS || (role == RolePublish) != (mine == side) {
		return "", errNoVideo
	}
	now := s.env.Now()
	switch {
	case c.EndedAt != nil:
		return "", errCallOver
	case c.AdmittedAt == nil:
		return "", errCallWait
	case !c.Enterable(now):
		return "", errCallTime
	}
	return s.issue(Ticket{Stage: CallStage(id, side), Role: role, Person: by.Person, Until: now.Add(ticketLife)}), nil
}

// The states of a call.
const (
	CallOpen   = "open"   // nobody has booked
	CallBooked = "booked" // the buyer is not let in yet
	CallOn     = "on"     // both may be seen
	CallOver   = "over"   // ended, cancelled, or past
)

// State is how the call stands at that time.
func (c *Call) State(now time.Time) string {
	switch {
	case c.EndedAt != nil || c.Cancelled || !now.Before(c.EndsAt.Add(callLate)):
		return CallOver
	case c.Buyer == "":
		return CallOpen
	case c.AdmittedAt == nil:
		return CallBooked
	default:
		return CallOn
	}
}
