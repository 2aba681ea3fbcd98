package cooperatives

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// The states of an authority's request.
const (
	TakedownReceived = "received"
	TakedownDone     = "done"
	TakedownRefused  = "refused" // with the reason in law
)

// Takedown is an authority's request to take goods out of the shop, with the
// clock that runs from its receipt (Law 122/2025/QH15, Art. 17.1.c).
type Takedown struct {
	store.Doc  `bson:",inline" json:"-"`
	Authority  string     `bson:"authority"` // who asks
	Officer    string     `bson:"officer"`
	Document   string     `bson:"document"` // number of the letter
	Basis      string     `bson:"basis"`    // law that the letter rests on
	Grounds    string     `bson:"grounds"`  // what is wrong with the goods; sellers read it
	Product    market.ID  `bson:"product"`
	Seller     market.ID  `bson:"seller"`
	State      string     `bson:"state"`
	ReceivedAt time.Time  `bson:"received_at"`
	DueAt      time.Time  `bson:"due_at"`
	UrgentAt   time.Time  `bson:"urgent_at"`
	Duty       string     `bson:"duty"` // where the hours come from
	EnteredBy  market.ID  `bson:"entered_by"`
	EndedBy    market.ID  `bson:"ended_by,omitempty"`
	EndedAt    *time.Time `bson:"ended_at,omitempty"`
	Answer     string     `bson:"answer,omitempty"` // why it was refused
}

// Left is how much time there was, or is, to answer; below zero when late.
func (t *Takedown) Left(now time.Time) time.Duration {
	if t.EndedAt != nil {
		now = *t.EndedAt
	}
	return t.DueAt.Sub(now)
}

// Urgent reports whether the clock is to be shown in red.
func (t *Takedown) Urgent(now time.Time) bool {
	return t.State == TakedownReceived && now.After(t.UrgentAt)
}

// Shop is what takedowns need of the catalogue.
type Shop interface {
	// Owner returns the seller of the product, not found when there is none.
	Owner(ctx context.Context, product market.ID) (market.ID, error)
	// TakeDown takes the product out of the shop if it is there, at once.
	TakeDown(ctx context.Context, by market.Actor, product market.ID, reason string) error
}

// Takedowns is the queue of authorities' requests.
type Takedowns struct {
	sellers *Service
	shop    Shop
	all     *store.Collection[Takedown]
}

// NewTakedowns opens the queue.
func NewTakedowns(ctx context.Context, e store.Engine, s *Service, shop Shop) (*Takedowns, error) {
	all, err := store.Open[Takedown](ctx, e, store.Spec{Name: "takedowns", Indexes: []store.Index{
		{Name: "state", Fields: []string{"state", "due_at"}},
	}})
	return &Takedowns{s, shop, all}, err
}

// errNoTakedown is what everybody hears who has nothing to do with requests.
var errNoTakedown = market.NotFound("takedown.missing")

// Request is an authority's letter as it is entered.
type Request struct {
	ID         market.ID // made by the client, optional: the same id again is the same request
	Authority  string
	Officer    string
	Document   string
	Basis      string
	Grounds    string
	Product    market.ID
	ReceivedAt time.Time // zero for now
}

// latest is how long ago a letter may have come that is entered now.
const latest = 30 * 24 * time.Hour

// Receive enters a request: officials for their own authority, moderators and
// operators what came by letter.
func (t *Takedowns) Receive(ctx context.Context, by market.Actor, r Request) (*Takedown, error) {
	if !by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
		return nil, errNoTakedown
	}
	now := t.sellers.env.Now()
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = now
	}
	if err := r.check(now); err != nil {
		return nil, err
	}
	seller, err := t.shop.Owner(ctx, r.Product)
	if market.KindOf(err) == market.KindNotFound {
		return nil, market.Invalid("takedown.product", "product")
	}
	if err != nil {
		return nil, err
	}
	return t.enter(ctx, by, r, seller)
}

func (r *Request) check(now time.Time) error {
	var c market.Checks
	c.That(r.ID == "" || idForm.MatchString(string(r.ID)), "id", "cooperatives.id")
	for _, f := range []struct {
		name        string
		text        *string
		least, most int
	}{
		{"authority", &r.Authority, 3, 200},
		{"officer", &r.Officer, 0, 120},
		{"document", &r.Document, 1, 80},
		{"basis", &r.Basis, 3, 300},
		{"grounds", &r.Grounds, 3, 400},
	} {
		*f.text = tidy(*f.text)
		c.That(within(*f.text, f.least, f.most), f.name, "takedown."+f.name)
	}
	c.That(!r.ReceivedAt.After(now) && now.Sub(r.ReceivedAt) <= latest, "received_at", "takedown.received_at")
	return c.Err()
}

func (t *Takedowns) enter(ctx context.Context, by market.Actor, r Request, seller market.ID) (*Takedown, error) {
	d, ok := duty(t.sellers.rules.takedown, r.ReceivedAt)
	if !ok {
		return nil, market.Conflict("takedown.no_duty")
	}
	if r.ID == "" {
		r.ID = t.sellers.env.NewID()
	}
	at := r.ReceivedAt.UTC().Truncate(time.Millisecond)
	down := &Takedown{
		Doc: store.Doc{ID: r.ID}, Authority: r.Authority, Officer: r.Officer, Document: r.Document, Basis: r.Basis, Grounds: r.Grounds,
		Product: r.Product, Seller: seller, State: TakedownReceived, ReceivedAt: at, DueAt: at.Add(d.Hours), UrgentAt: at.Add(d.Hours - d.Urgent),
		Duty: d.Basis, EnteredBy: by.Person,
	}
	err := t.all.Insert(ctx, down, t.sellers.noted(by, down.note("")))
	if !store.Exists(err) {
		return down, err
	}
	old, err := t.all.Get(ctx, r.ID)
	if err == nil && (old.Product != r.Product || old.Document != r.Document) {
		err = market.Conflict("cooperatives.id_taken")
	}
	return old, err
}

func (t *Takedown) note(before string) Note {
	return Note{Seller: t.Seller, What: "takedown." + t.State, Object: t.ID, Words: joinWords(t.Document, t.Answer), Before: before, After: digest(*t)}
}

// Do takes the goods out of the shop and says so. Doing it again changes
// nothing.
func (t *Takedowns) Do(ctx context.Context, by market.Actor, id market.ID) (*Takedown, error) {
	down, err := t.judged(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if down.State == TakedownRefused {
		return nil, market.Conflict("takedown.answered")
	}
	if err := t.shop.TakeDown(ctx, by, down.Product, joinWords(down.Document, down.Grounds)); err != nil {
		return nil, err
	}
	return t.end(ctx, by, id, TakedownDone, "")
}

// Refuse answers the authority that the goods stay, and why in law.
func (t *Takedowns) Refuse(ctx context.Context, by market.Actor, id market.ID, answer string) (*Takedown, error) {
	if _, err := t.judged(ctx, by, id); err != nil {
		return nil, err
	}
	if answer = tidy(answer); !within(answer, 3, 400) {
		return nil, market.Invalid("takedown.answer", "answer")
	}
	return t.end(ctx, by, id, TakedownRefused, answer)
}

// judged returns the request to those who decide: not officials, who asked.
func (t *Takedowns) judged(ctx context.Context, by market.Actor, id market.ID) (*Takedown, error) {
	if !by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
		return nil, errNoTakedown
	}
	down, err := t.all.Get(ctx, id)
	if store.Missing(err) {
		return nil, errNoTakedown
	}
	if err == nil && !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, market.Forbidden("cooperatives.moderator_only")
	}
	return down, err
}

func (t *Takedowns) end(ctx context.Context, by market.Actor, id market.ID, state, answer string) (*Takedown, error) {
	return t.all.Update(ctx, id, func(d *Takedown) ([]market.Event, error) {
		switch d.State {
		case state:
			return nil, nil
		case TakedownReceived:
		default:
			return nil, market.Conflict("takedown.answered")
		}
		before, now := digest(*d), t.sellers.env.Now()
		d.State, d.Answer, d.EndedBy, d.EndedAt = state, answer, by.Person, &now
		return []market.Event{t.sellers.noted(by, d.note(before))}, nil
	})
}

// Queue lists the requests of one state, those due first, to officials,
// moderators and operators.
func (t *Takedowns) Queue(ctx context.Context, by market.Actor, state string, q store.Query) (store.Page[Takedown], error) {
	if !by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator) {
		return store.Page[Takedown]{}, errNoTakedown
	}
	if !slices.Contains([]string{TakedownReceived, TakedownDone, TakedownRefused}, state) {
		return store.Page[Takedown]{}, market.Invalid("takedown.state", "state")
	}
	return t.all.Find(ctx, store.Query{Index: "state", Eq: []any{state}, Desc: state != TakedownReceived, Limit: q.Limit, After: q.After})
}
