package cooperatives

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Note is one entry of a seller's audit trail: who did what, on whose behalf,
// to what. Each holds the hash of the one before, so that an entry that is
// changed, taken out or put in between breaks the chain. What is noted leaves
// the acting document as an event of the same write and so is never lost; it
// is entered here once, by its event.
type Note struct {
	store.Doc `bson:",inline" json:"-"`
	Seller    market.ID `bson:"seller" json:"seller"`
	Seq       int64     `bson:"seq" json:"seq"` // 1, 2, 3, … without a gap
	Event     market.ID `bson:"event" json:"event"`
	At        time.Time `bson:"at" json:"at"`
	By        market.ID `bson:"by" json:"by"` // empty for the system
	ByName    string    `bson:"by_name" json:"by_name"`
	For       market.ID `bson:"for" json:"for"` // the member on whose behalf; empty for oneself
	ForName   string    `bson:"for_name" json:"for_name"`
	What      string    `bson:"what" json:"what"`
	Object    market.ID `bson:"object" json:"object"`
	Words     string    `bson:"words" json:"words"`   // reason or evidence as given
	Before    string    `bson:"before" json:"before"` // SHA-256 of the object before; empty when it was not there
	After     string    `bson:"after" json:"after"`
	Prev      string    `bson:"prev" json:"prev"` // Hash of Seq-1; empty for the first
	Hash      string    `bson:"hash" json:"-"`    // SHA-256 of all the above as JSON, in this order
}

// chainHead is the last entry of a seller's trail as its writer saw it, so that a
// trail that was cut short is noticed.
type chainHead struct {
	store.Doc `bson:",inline"`
	Seq       int64  `bson:"seq"`
	Hash      string `bson:"hash"`
}

// trail keeps the notes of all sellers.
type trail struct {
	notes *store.Collection[Note]
	heads *store.Collection[chainHead]
}

func openTrail(ctx context.Context, e store.Engine) (*trail, error) {
	notes, err := store.Open[Note](ctx, e, store.Spec{Name: "seller-notes", Indexes: []store.Index{
		{Name: "chain", Fields: []string{"seller", "seq"}},
		{Name: "event", Fields: []string{"event"}},
	}})
	if err != nil {
		return nil, err
	}
	heads, err := store.Open[chainHead](ctx, e, store.Spec{Name: "seller-note-heads"})
	return &trail{notes, heads}, err
}

// digest is the SHA-256 of v as JSON; "" for nil.
func digest(v any) string {
	if v == nil {
		return ""
	}
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("digest: %v", err)) // a mistake in the program
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// sum is what Hash must be.
func (n Note) sum() string {
	n.At = n.At.UTC()
	return digest(n)
}

func noteID(seller market.ID, seq int64) market.ID {
	return market.ID(fmt.Sprintf("%s:%012d", seller, seq))
}

// noted is the event that brings a note to the trail. The subject is the
// document that changed.
func (s *Service) noted(by market.Actor, n Note) market.Event {
	n.At, n.By, n.ByName = s.env.Now(), by.Person, by.Name
	return market.NewEvent(s.env, EventNoted, n.Object, n)
}

// Consumes lists the events that Consume wants.
func Consumes() []string {
	return []string{EventNoted, EventRegistered, EventVerified, EventSuspended, EventMemberAdded, EventMemberRemoved}
}

// Consume enters what happened into the audit trail of its seller, once
// however often it comes.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	if !slices.Contains(Consumes(), e.Type) {
		return nil
	}
	n, err := noteOf(e)
	if err != nil {
		return err
	}
	n.Event = e.ID
	return s.trail.append(ctx, n)
}

// noteOf reads the note that an event carries or, for the events of sellers
// themselves, tells.
func noteOf(e market.Event) (Note, error) {
	var n Note
	if e.Type == EventNoted {
		err := e.Decode(&n)
		return n, err
	}
	var told struct {
		Seller, By, Person market.ID
		Role               MemberRole
	}
	err := e.Decode(&told)
	object := told.Person
	if object == "" {
		object = told.Seller
	}
	return Note{
		Seller: told.Seller, At: e.At, By: told.By, What: e.Type[len("cooperatives."):], Object: object,
		Words: string(told.Role), After: digest(e.Data),
	}, err
}

// chainPatience is how often an entry looks for the end of a trail that others
// are writing to.
const chainPatience = 200

// append claims the next number by Insert, so that of two writers one has to
// look again and the chain cannot fork. The end is read before the event is
// looked for: whoever entered the same event first is then seen.
func (t *trail) append(ctx context.Context, n Note) error {
	for range chainPatience {
		last, err := t.last(ctx, n.Seller)
		if err != nil {
			return err
		}
		if old, err := t.byEvent(ctx, n.Event); err != nil || old != nil {
			return err
		}
		n.Seq, n.Prev = last.Seq+1, last.Hash
		n.ID, n.At = noteID(n.Seller, n.Seq), n.At.UTC().Truncate(time.Millisecond)
		n.Hash = n.sum()
		if err = t.notes.Insert(ctx, &n); !store.Exists(err) {
			return t.crown(ctx, n, err)
		}
	}
	return market.Unavailable("cooperatives.trail_busy")
}

// crown remembers the entry as the last one unless a later one was.
func (t *trail) crown(ctx context.Context, n Note, err error) error {
	if err != nil {
		return err
	}
	_, err = t.heads.Upsert(ctx, n.Seller, func(h *chainHead) ([]market.Event, error) {
		if n.Seq > h.Seq {
			h.Seq, h.Hash = n.Seq, n.Hash
		}
		return nil, nil
	})
	return err
}

func (t *trail) last(ctx context.Context, seller market.ID) (Note, error) {
	page, err := t.notes.Find(ctx, store.Query{Index: "chain", Eq: []any{seller}, Desc: true, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return Note{}, err
	}
	return *page.Items[0], nil
}

func (t *trail) byEvent(ctx context.Context, event market.ID) (*Note, error) {
	page, err := t.notes.Find(ctx, store.Query{Index: "event", Eq: []any{event}, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	return page.Items[0], nil
}

// Trail lists a seller's audit trail, newest first, to its managers, to
// officials, moderators and operators; to others there is no such seller.
func (s *Service) Trail(ctx context.Context, by market.Actor, seller market.ID, q store.Query) (store.Page[Note], error) {
	if err := s.mayAudit(ctx, by, seller); err != nil {
		return store.Page[Note]{}, err
	}
	return s.trail.notes.Find(ctx, store.Query{Index: "chain", Eq: []any{seller}, Desc: true, Limit: q.Limit, After: q.After})
}

func (s *Service) mayAudit(ctx context.Context, by market.Actor, seller market.ID) error {
	found, err := s.Seller(ctx, seller)
	if err != nil || by.Is(market.RoleOfficial, market.RoleModerator) {
		return err
	}
	return found.mayManage(by)
}

// Chain is how a seller's trail was found: how long it is, the hash that it
// ends with, and the first thing that is wrong with it.
type Chain struct {
	Seller market.ID
	Length int64
	Head   string
	Broken string // empty for a whole chain
}

// CheckTrail walks a seller's trail from its beginning and holds every entry
// against its hash, its number and the one before. Who may read it may check it.
func (s *Service) CheckTrail(ctx context.Context, by market.Actor, seller market.ID) (Chain, error) {
	if err := s.mayAudit(ctx, by, seller); err != nil {
		return Chain{}, err
	}
	return s.trail.check(ctx, seller)
}

func (t *trail) check(ctx context.Context, seller market.ID) (Chain, error) {
	c := Chain{Seller: seller}
	err := t.notes.Each(ctx, store.Query{Index: "chain", Eq: []any{seller}}, func(n *Note) error {
		c.link(n)
		return nil
	})
	if err != nil || c.Broken != "" {
		return c, err
	}
	end, err := t.heads.Get(ctx, seller)
	if store.Missing(err) {
		return c, nil
	}
	if err == nil && (end.Seq > c.Length || (end.Seq == c.Length && end.Hash != c.Head)) {
		c.Broken = fmt.Sprintf("%d entries, the last known to be written is %d", c.Length, end.Seq)
	}
	return c, err
}

// link adds an entry to what was walked; after the first break nothing is
// looked at.
func (c *Chain) link(n *Note) {
	if c.Broken != "" {
		return
	}
	switch want := c.Length + 1; {
	case n.Seq != want || n.ID != noteID(c.Seller, want):
		c.Broken = fmt.Sprintf("entry %d is missing", want)
	case n.Prev != c.Head:
		c.Broken = fmt.Sprintf("entry %d does not follow entry %d", n.Seq, c.Length)
	case n.Hash != n.sum():
		c.Broken = fmt.Sprintf("entry %d was changed", n.Seq)
	default:
		c.Length, c.Head = n.Seq, n.Hash
	}
}

// CheckTrails checks the trail of every seller. It returns how each was found,
// so that the ends can be kept elsewhere, and the breaks as one internal error.
func (s *Service) CheckTrails(ctx context.Context) ([]Chain, error) {
	var all []Chain
	var broken []string
	err := s.sellers.Each(ctx, store.Query{}, func(seller *Seller) error {
		c, err := s.trail.check(ctx, seller.ID)
		if c.Broken != "" {
			broken = append(broken, fmt.Sprintf("%s: %s", seller.ID, c.Broken))
		}
		all = append(all, c)
		return err
	})
	if err == nil && broken != nil {
		err = fmt.Errorf("audit trails: %v", broken)
	}
	return all, err
}
