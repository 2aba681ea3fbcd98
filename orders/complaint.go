package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Complaint is one grievance about a parcel or a product, with the deadlines
// that were published for its category when it was made.
type Complaint struct {
	store.Doc  `bson:",inline"`
	Category   string         `bson:"category"`
	Order      market.ID      `bson:"order,omitempty"`
	Code       string         `bson:"code,omitempty"` // of the order
	Parcel     market.ID      `bson:"parcel,omitempty"`
	Product    market.ID      `bson:"product,omitempty"`
	Subject    market.Text    `bson:"subject"` // what it is about, as people call it
	Seller     market.ID      `bson:"seller"`
	By         market.ID      `bson:"by,omitempty"` // who made it; empty for a guest with an order's key
	State      ComplaintState `bson:"state"`
	Says       []Say          `bson:"says"`
	MadeAt     time.Time      `bson:"made_at"`
	AnswerBy   time.Time      `bson:"answer_by"`
	ResolveBy  time.Time      `bson:"resolve_by"`
	AnsweredAt *time.Time     `bson:"answered_at,omitempty"`
	EndedAt    *time.Time     `bson:"ended_at,omitempty"`
	Outcome    *Outcome       `bson:"outcome,omitempty"`
	Due        *time.Time     `bson:"due,omitempty"` // when something happens by itself
	Board      []string       `bson:"board"`         // the worklists that it is on
}

// Outcome is how a complaint ended, in writing.
type Outcome struct {
	Kind     string    `bson:"kind"`
	Text     string    `bson:"text"`
	Takedown market.ID `bson:"takedown,omitempty"` // of the product, if it came to that
	By       market.ID `bson:"by,omitempty"`       // empty when it ended by itself
	At       time.Time `bson:"at"`
}

// The kinds of outcome.
const (
	OutcomeUpheld   = "upheld"
	OutcomePartly   = "partly"
	OutcomeRejected = "rejected"
	OutcomeSettled  = "settled" // between the sides
	OutcomeSilence  = "silence" // nobody said more after the answer
)

// contentAfter is how long an answered complaint waits for its maker's word.
const contentAfter = 72 * time.Hour

// EventComplaint is the event with which a complaint reaches the state.
func EventComplaint(state ComplaintState) string { return "orders.complaint_" + string(state) }

// ComplaintNews is the payload of those events. Their subject is the complaint.
type ComplaintNews struct {
	Complaint market.ID      `json:"complaint"`
	Order     market.ID      `json:"order,omitempty"`
	Code      string         `json:"code,omitempty"`
	Parcel    market.ID      `json:"parcel,omitempty"`
	Product   market.ID      `json:"product,omitempty"`
	Seller    market.ID      `json:"seller"`
	By        market.ID      `json:"by,omitempty"`
	State     ComplaintState `json:"state"`
	Category  string         `json:"category"`
	Outcome   string         `json:"outcome,omitempty"`
}

var complaintSpec = store.Spec{Name: "complaints", Indexes: []store.Index{
	{Name: "board", Fields: []string{"board", "made_at"}},
	{Name: "due", Fields: []string{"due"}},
}}

var errComplaint = market.NotFound("complaint.missing")

// Grievance is what somebody complains of: a parcel of an order, or a product.
type Grievance struct {
	ID       market.ID // made by the complainer, so that sending twice is once; empty for a new one
	Category string
	Order    market.ID
	Key      string // of the order, for guests
	Parcel   market.ID
	Product  market.ID
	Text     string
	Photos   [][]byte
}

// Complain makes a complaint. About a parcel its buyer may, with the order's
// key too; about a product whoever is signed in.
func (s *Service) Complain(ctx context.Context, by market.Actor, g Grievance) (*Complaint, error) {
	if g.ID == "" {
		g.ID = s.env.NewID()
	}
	if c, err := s.Complaint(ctx, by, g.ID, g.Key); err == nil {
		return c, nil
	}
	c, err := s.grieve(ctx, by, g)
	if err != nil {
		return nil, err
	}
	for i, photo := range g.Photos {
		id, err := s.keepEvidence(ctx, c.ID, photo)
		if err != nil {
			return nil, at(fmt.Sprintf("photos/%d", i), err)
		}
		c.Says[0].Photos = append(c.Says[0].Photos, id)
	}
	err = s.complaints.Insert(ctx, c, s.complaintNews(c))
	if store.Exists(err) {
		return s.Complaint(ctx, by, g.ID, g.Key)
	}
	return c, err
}

func (s *Service) grieve(ctx context.Context, by market.Actor, g Grievance) (*Complaint, error) {
	now := s.env.Now()
	kind, ok := s.kinds.category(now, g.Category)
	var checks market.Checks
	checks.That(ok, "category", "complaint.category")
	checks.That(len(g.Photos) <= maxPhotos, "photos", "say.photos")
	said, err := say(s.env, SideBuyer, g.Text, nil, "text")
	checks.Add("text", err)
	if err := checks.Err(); err != nil {
		return nil, err
	}
	c := &Complaint{
		Doc: store.Doc{ID: g.ID}, Category: kind.Code, By: by.Person, State: ComplaintOpen, Says: []Say{said},
		MadeAt: now, AnswerBy: now.Add(kind.Answer), ResolveBy: now.Add(kind.Resolve),
	}
	c.plan()
	if kind.About == AboutProduct {
		return c, s.aboutProduct(ctx, by, g, c)
	}
	return c, s.aboutParcel(ctx, by, g, c)
}

func (s *Service) aboutProduct(ctx context.Context, by market.Actor, g Grievance, c *Complaint) error {
	if by.Person == "" {
		return market.Unauthenticated("signin.needed")
	}
	found, err := s.shelf.Products(ctx, g.Product)
	if err != nil {
		return err
	}
	p := found[g.Product]
	if p == nil {
		return market.NotFound("catalog.missing")
	}
	c.Product, c.Seller, c.Subject = p.ID, p.Seller, p.Name
	c.plan()
	return nil
}

func (s *Service) aboutParcel(ctx context.Context, by market.Actor, g Grievance, c *Complaint) error {
	o, err := s.orders.Get(ctx, g.Order)
	if err != nil || !o.owned(by, g.Key) {
		return errOrder
	}
	p := o.parcel(g.Parcel)
	if p == nil {
		return errOrder
	}
	c.Order, c.Code, c.Parcel, c.Seller, c.Subject = o.ID, o.Code, p.ID, p.Seller, p.SellerName
	c.plan()
	return nil
}

// plan sets what happens by itself, and the worklists.
func (c *Complaint) plan() {
	c.Due = nil
	switch c.State {
	case ComplaintOpen:
		c.Due = &c.AnswerBy
	case ComplaintAnswered:
		c.Due = new(c.AnsweredAt.Add(contentAfter))
	}
	c.Board = []string{string(c.Seller)}
	if c.By != "" {
		c.Board = append(c.Board, "by:"+string(c.By))
	}
	if c.Order != "" {
		c.Board = append(c.Board, "order:"+string(c.Order))
	}
	if c.State.Open() {
		c.Board = append(c.Board, string(c.Seller)+":open")
	}
	if c.State == ComplaintEscalated {
		c.Board = append(c.Board, boardComplaints)
	}
}

const boardComplaints = "platform:complaint"

func (s *Service) complaintNews(c *Complaint) market.Event {
	news := ComplaintNews{
		Complaint: c.ID, Order: c.Order, Code: c.Code, Parcel: c.Parcel, Product: c.Product, Seller: c.Seller, By: c.By,
		State: c.State, Category: c.Category,
	}
	if c.Outcome != nil {
		news.Outcome = c.Outcome.Kind
	}
	return market.NewEvent(s.env, EventComplaint(c.State), c.ID, news)
}

// Complaint returns a complaint to the three sides: whoever made it, with the
// order's key too, the seller, and the platform. Not found to others.
func (s *Service) Complaint(ctx context.Context, by market.Actor, id market.ID, key string) (*Complaint, error) {
	c, err := s.complaints.Get(ctx, id)
	if store.Missing(err) {
		return nil, errComplaint
	}
	if err != nil {
		return nil, err
	}
	if by.For(c.Seller) || by.Is(market.RoleModerator, market.RoleOperator) {
		return c, nil
	}
	if mine, err := s.complainer(ctx, by, c, key); err != nil || !mine {
		return nil, errors.Join(err, errComplaint)
	}
	return c, nil
}

// complainer reports whether the actor is on the side that made the complaint.
func (s *Service) complainer(ctx context.Context, by market.Actor, c *Complaint, key string) (bool, error) {
	if c.By != "" && c.By == by.Person {
		return true, nil
	}
	if c.Order == "" || key == "" {
		return false, nil
	}
	o, err := s.orders.Get(ctx, c.Order)
	return err == nil && o.owned(by, key), err
}

// Plea is what one side adds to a complaint.
type Plea struct {
	ID     market.ID // made by the speaker, so that sending twice is once; may be empty
	Side   Side
	Key    string // of the order, for guests
	Text   string
	Photos [][]byte
	Kept   []string // photos that AddComplaintEvidence has kept before
	// End withdraws the complaint (its maker, before an answer), says that the
	// answer was enough (after one), or asks the platform (Escalate).
	End      bool
	Escalate bool
}

// Speak adds to a complaint: the seller's word is its answer; its maker may say
// more, be content, withdraw, or ask the platform.
func (s *Service) Speak(ctx context.Context, by market.Actor, id market.ID, p Plea) (*Complaint, error) {
	c, err := s.Complaint(ctx, by, id, p.Key)
	if err != nil {
		return nil, err
	}
	if err := s.mayPlead(ctx, by, c, p); err != nil {
		return nil, err
	}
	photos, err := s.pleaPhotos(ctx, c.ID, p)
	if err != nil {
		return nil, err
	}
	needs := "text"
	if p.End {
		needs = ""
	}
	said, err := say(s.env, p.Side, p.Text, photos, needs)
	if err != nil {
		return nil, err
	}
	said.ID = p.ID
	return s.complaints.Update(ctx, id, func(c *Complaint) ([]market.Event, error) { return s.plead(c, p, said) })
}

func (s *Service) mayPlead(ctx context.Context, by market.Actor, c *Complaint, p Plea) error {
	ok, err := by.For(c.Seller), error(nil)
	switch p.Side {
	case SideBuyer:
		ok, err = s.complainer(ctx, by, c, p.Key)
	case SidePlatform:
		ok = by.Is(market.RoleModerator, market.RoleOperator)
	}
	if err != nil || !ok {
		return errors.Join(err, errComplaint)
	}
	return nil
}

func (s *Service) pleaPhotos(ctx context.Context, subject market.ID, p Plea) ([]string, error) {
	if len(p.Photos)+len(p.Kept) > maxPhotos {
		return nil, market.Invalid("say.photos", "photos")
	}
	ids := slices.Clone(p.Kept)
	for _, photo := range p.Photos {
		id, err := s.keepEvidence(ctx, subject, photo)
		if err != nil {
			return nil, at("photos", err)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (s *Service) plead(c *Complaint, p Plea, said Say) ([]market.Event, error) {
	if said.ID != "" && slices.ContainsFunc(c.Says, func(was Say) bool { return was.ID == said.ID }) {
		return nil, nil
	}
	if !c.State.Open() {
		return nil, market.Conflict("complaint.over")
	}
	if len(c.Says) >= maxSays {
		return nil, market.Conflict("complaint.long").With("max", maxSays)
	}
	was, now := c.State, s.env.Now()
	switch {
	case p.Side == SideSeller && c.State == ComplaintOpen:
		c.State, c.AnsweredAt = ComplaintAnswered, &now
	case p.Side == SideBuyer && p.Escalate:
		if err := ComplaintSteps.move(&c.State, ComplaintEscalated); err != nil {
			return nil, err
		}
	case p.Side == SideBuyer && p.End && c.State == ComplaintAnswered:
		c.end(ComplaintResolved, Outcome{Kind: OutcomeSettled, Text: said.Text, At: now})
	case p.Side == SideBuyer && p.End:
		c.end(ComplaintWithdrawn, Outcome{Kind: OutcomeWithdrawn, At: now})
	case p.Side == SidePlatform && p.Escalate:
		c.State = ComplaintEscalated
	}
	if said.Text != "" || len(said.Photos) > 0 {
		c.Says = append(c.Says, said)
	}
	c.plan()
	if c.State == was {
		return nil, nil
	}
	return []market.Event{s.complaintNews(c)}, nil
}

func (c *Complaint) end(state ComplaintState, out Outcome) {
	c.State, c.Outcome, c.EndedAt = state, &out, &out.At
}

// Resolve ends a complaint with the platform's decision, in writing.
func (s *Service) Resolve(ctx context.Context, by market.Actor, id market.ID, out Outcome) (*Complaint, error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, errComplaint
	}
	out.Text, out.By, out.At = strings.TrimSpace(out.Text), by.Person, s.env.Now()
	var checks market.Checks
	checks.That(out.Kind == OutcomeUpheld || out.Kind == OutcomePartly || out.Kind == OutcomeRejected, "outcome", "complaint.outcome")
	checks.That(out.Text != "" && len(out.Text) <= maxSay, "text", "say.text")
	if err := checks.Err(); err != nil {
		return nil, err
	}
	c, err := s.complaints.Update(ctx, id, func(c *Complaint) ([]market.Event, error) {
		next := c.State
		if err := ComplaintSteps.move(&next, ComplaintResolved); err != nil || c.State == ComplaintResolved {
			return nil, err
		}
		c.end(next, out)
		c.plan()
		return []market.Event{s.complaintNews(c)}, nil
	})
	if store.Missing(err) {
		return nil, errComplaint
	}
	return c, err
}

// KeepComplaints hands unanswered complaints to the platform and ends answered
// ones about which nothing more is said. It returns how many it moved.
func (s *Service) KeepComplaints(ctx context.Context) (int, error) {
	moved, now := 0, s.env.Now()
	err := s.complaints.Each(ctx, store.Query{Index: "due", To: now.Add(time.Millisecond)}, func(c *Complaint) error {
		moved++
		_, err := s.complaints.Update(ctx, c.ID, func(c *Complaint) ([]market.Event, error) {
			if c.Due == nil || c.Due.After(now) {
				return nil, nil
			}
			if c.State == ComplaintOpen {
				c.State = ComplaintEscalated
			} else {
				c.end(ComplaintResolved, Outcome{Kind: OutcomeSilence, At: now})
			}
			c.plan()
			return []market.Event{s.complaintNews(c)}, nil
		})
		return err
	})
	return moved, err
}

// ComplaintEvidence returns a photo of a complaint to its three sides.
func (s *Service) ComplaintEvidence(ctx context.Context, by market.Actor, id market.ID, key, photo string) ([]byte, error) {
	c, err := s.Complaint(ctx, by, id, key)
	if err != nil {
		return nil, err
	}
	if !shows(c.Says, photo) || s.files == nil {
		return nil, market.NotFound("photo.missing")
	}
	return s.files.Get(ctx, evidenceFile(c.ID, photo))
}

// ComplaintsOf lists a seller's complaints, newest first.
func (s *Service) ComplaintsOf(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Complaint], error) {
	if !by.For(seller) && !by.Is(market.RoleOperator) {
		return store.Page[Complaint]{}, market.NotFound("cooperatives.missing")
	}
	return s.onBoard(ctx, string(seller), after, limit)
}

// MyComplaints lists those that the signed-in person made, newest first.
func (s *Service) MyComplaints(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Complaint], error) {
	if by.Person == "" {
		return store.Page[Complaint]{}, market.Unauthenticated("signin.needed")
	}
	return s.onBoard(ctx, "by:"+string(by.Person), after, limit)
}

// Disputed lists the complaints that the platform has to decide, oldest first.
func (s *Service) Disputed(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Complaint], error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return store.Page[Complaint]{}, market.Forbidden("orders.forbidden")
	}
	return s.complaints.Find(ctx, store.Query{Index: "board", Eq: []any{boardComplaints}, After: after, Limit: limit})
}

// DisputedReturns lists the orders with a return that the platform has to
// decide on or to see to, oldest first.
func (s *Service) DisputedReturns(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Order], error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return store.Page[Order]{}, market.Forbidden("orders.forbidden")
	}
	return s.orders.Find(ctx, store.Query{Index: "board", Eq: []any{boardDisputes}, After: after, Limit: limit})
}

func (s *Service) onBoard(ctx context.Context, board string, after store.Cursor, limit int) (store.Page[Complaint], error) {
	return s.complaints.Find(ctx, store.Query{Index: "board", Eq: []any{board}, Desc: true, After: after, Limit: limit})
}

// complained keeps an order's parcel from closing while a complaint is open.
func (s *Service) complained(ctx context.Context, e market.Event) error {
	var news ComplaintNews
	if err := e.Decode(&news); err != nil || news.Parcel == "" {
		return err
	}
	_, err := s.orders.Update(ctx, news.Order, func(o *Order) ([]market.Event, error) {
		p := o.parcel(news.Parcel)
		if p == nil {
			return nil, errOrder
		}
		if !p.complained(news.Complaint, news.State.Open()) {
			return nil, nil
		}
		o.note(s.env.Now(), "complaint_"+string(news.State), p.ID)
		o.arrange()
		return nil, nil
	})
	return err
}

// complained notes an open complaint, or that it has ended, and reports whether
// that is news.
func (p *Parcel) complained(id market.ID, open bool) bool {
	for i, c := range p.Complaints {
		if c == id {
			if open {
				return false
			}
			p.Complaints = append(p.Complaints[:i], p.Complaints[i+1:]...)
			return true
		}
	}
	if open {
		p.Complaints = append(p.Complaints, id)
	}
	return open
}
