package livestream

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Draft is an order that a comment asked for: goods held at the price of that
// moment, until the writer confirms by a private link or the time is over.
type Draft struct {
	store.Doc `bson:",inline"` // the id is comment-number
	Show      market.ID        `bson:"show"`
	Comment   market.ID        `bson:"comment"`
	Voice     string           `bson:"voice,omitempty"` // of the writer
	Name      string           `bson:"name"`
	Phone     string           `bson:"phone,omitempty"` // E.164, for the host's people alone
	Code      string           `bson:"code"`
	Seller    market.ID        `bson:"seller"`
	Product   market.ID        `bson:"product"`
	Variant   market.ID        `bson:"variant"`
	Goods     market.Text      `bson:"goods"`
	Unit      string           `bson:"unit"`
	Quantity  int64            `bson:"quantity"`
	Price     market.VND       `bson:"price"` // of one unit, promised until ExpiresAt
	State     DraftState       `bson:"state"`
	At        time.Time        `bson:"at"`
	ExpiresAt time.Time        `bson:"expires_at"`
	TakenBy   string           `bson:"taken_by,omitempty"` // voice of who followed the link
	Order     market.ID        `bson:"order,omitempty"`
	SentAt    *time.Time       `bson:"sent_at,omitempty"` // the host has passed the link on
}

// DraftState is how far a draft is.
type DraftState string

// The states. A draft that is held or taken and whose time is over has
// expired: no write is needed for that.
const (
	DraftHeld    DraftState = "held"
	DraftShort   DraftState = "short" // there was not enough
	DraftTaken   DraftState = "taken" // its link was followed
	DraftOrdered DraftState = "ordered"
	DraftDropped DraftState = "dropped" // taken back by the writer or the host
	DraftExpired DraftState = "expired" // never written
)

// DraftHold is for how long a comment holds goods: the market's own rule, told
// in the room.
const DraftHold = 30 * time.Minute

var draftSpec = store.Spec{Name: "show-drafts", Indexes: []store.Index{
	{Name: "show", Fields: []string{"show", "at"}},
	{Name: "comment", Fields: []string{"comment"}},
	{Name: "voice", Fields: []string{"voice", "at"}},
}}

// StateAt is the draft's state at now.
func (d *Draft) StateAt(now time.Time) DraftState {
	if d.Good(now) || d.State != DraftHeld && d.State != DraftTaken {
		return d.State
	}
	return DraftExpired
}

// Good reports whether the draft may still become an order.
func (d *Draft) Good(now time.Time) bool {
	return (d.State == DraftHeld || d.State == DraftTaken) && now.Before(d.ExpiresAt)
}

func (d *Draft) claim() market.ID { return "draft:" + d.ID }

// drafted holds what a comment asks for, one draft for each offer. Whoever's
// goods are held first has them: the order of holds at the stock decides, and
// it is the order in which comments came in, for each is held at once.
func (s *Service) drafted(ctx context.Context, show *Show, k *Comment, wish Wish) ([]*Draft, error) {
	if wish.Kind != WishOrder || !show.OnAir(s.env.Now()) {
		return nil, nil
	}
	var out []*Draft
	for i, w := range wish.Wants {
		d, ok := s.draft(show, k, wish, w, i)
		if !ok {
			continue
		}
		kept, err := s.keepDraft(ctx, d)
		if err != nil {
			return out, err
		}
		out = append(out, kept)
	}
	return out, nil
}

// draft turns a wish into a draft; false when nothing that is offered fits it.
func (s *Service) draft(show *Show, k *Comment, wish Wish, w Want, i int) (*Draft, bool) {
	code := w.Code
	if code == "" {
		code = show.Pinned
	}
	o, ok := show.Offer(code)
	if !ok || !o.Open() {
		return nil, false
	}
	quantity, ok := units(o, w.Amount)
	now := s.env.Now()
	d := &Draft{
		Doc:  store.Doc{ID: k.ID + "-" + market.ID(strconv.Itoa(i))},
		Show: show.ID, Comment: k.ID, Voice: k.Visitor, Name: k.Name, Phone: wish.Phone, Code: code, Seller: o.Seller,
		Product: o.Product, Variant: o.Variant, Goods: o.Name, Unit: o.Unit, Quantity: quantity, Price: o.Price,
		State: DraftHeld, At: now, ExpiresAt: now.Add(DraftHold),
	}
	return d, ok
}

// units is how many sold units an amount is. Half a box is none: somebody asks.
func units(o Offer, a Amount) (int64, bool) {
	switch {
	case a.Grams > 0 && o.Size.Base == market.Grams && o.Size.Amount > 0:
		return a.Grams / o.Size.Amount, a.Grams%o.Size.Amount == 0 && a.Grams >= o.Size.Amount
	case a.Grams > 0:
		return 0, false
	case a.Count == 0:
		return 1, true
	case a.Unit == "" || strings.EqualFold(a.Unit, market.Fold(o.Unit)) || o.Size.Base == market.Grams:
		return a.Count, a.Count <= orders.MaxQuantity
	case o.Size.Base == market.Pieces && o.Size.Amount > 1:
		return a.Count / o.Size.Amount, a.Count%o.Size.Amount == 0
	}
	return a.Count, a.Count <= orders.MaxQuantity
}

// keepDraft holds the goods, then writes the draft; a hold without a draft ends
// by itself.
func (s *Service) keepDraft(ctx context.Context, d *Draft) (*Draft, error) {
	if kept, err := s.drafts.Get(ctx, d.ID); !store.Missing(err) {
		return kept, err
	}
	err := s.holdDraft(ctx, d)
	if market.KindOf(err) == market.KindConflict {
		d.State, err = DraftShort, nil
	}
	if err != nil {
		return nil, err
	}
	err = s.drafts.Insert(ctx, d)
	if store.Exists(err) {
		return s.drafts.Get(ctx, d.ID)
	}
	return d, err
}

func (s *Service) holdDraft(ctx context.Context, d *Draft) error {
	show, err := s.Show(ctx, d.Show)
	if err != nil {
		return err
	}
	if o, ok := show.Offer(d.Code); ok && o.Stock > 0 {
		return s.shelf.HoldFrom(ctx, d.claim(), d.Variant, d.Quantity, d.ExpiresAt, fence(d.Show, d.Code))
	}
	return s.shelf.Hold(ctx, d.claim(), d.Variant, d.Quantity, d.ExpiresAt)
}

// takeBackDrafts gives up what the writer of a comment had ordered: the codes
// that it names, or everything.
func (s *Service) takeBackDrafts(ctx context.Context, k *Comment, wish Wish) error {
	if k.Visitor == "" {
		return nil
	}
	return s.drafts.Each(ctx, store.Query{Index: "voice", Eq: []any{k.Visitor}}, func(d *Draft) error {
		if d.Show != k.Show || !d.Good(s.env.Now()) || len(wish.Cancels) > 0 && !slices.Contains(wish.Cancels, d.Code) {
			return nil
		}
		return s.drop(ctx, d.ID)
	})
}

func (s *Service) drop(ctx context.Context, id market.ID) error {
	d, err := s.drafts.Update(ctx, id, func(d *Draft) ([]market.Event, error) {
		if d.State == DraftHeld || d.State == DraftTaken {
			d.State = DraftDropped
		}
		return nil, nil
	})
	if err != nil || d.State != DraftDropped {
		return missing(err)
	}
	return s.shelf.Release(ctx, d.claim(), d.Variant)
}

// DropDraft lets those who run the show give up a draft.
func (s *Service) DropDraft(ctx context.Context, by market.Actor, show, draft market.ID) error {
	if _, err := s.hosted(ctx, by, show); err != nil {
		return err
	}
	d, err := s.drafts.Get(ctx, draft)
	if err != nil || d.Show != show {
		return errMissing
	}
	return s.drop(ctx, draft)
}

// Drafts lists what comments have ordered, the latest first, with the phone
// numbers, to those who run the show.
func (s *Service) Drafts(ctx context.Context, by market.Actor, show market.ID, after store.Cursor, limit int) (store.Page[Draft], error) {
	if _, err := s.hosted(ctx, by, show); err != nil {
		return store.Page[Draft]{}, err
	}
	return s.drafts.Find(ctx, store.Query{Index: "show", Eq: []any{show}, Desc: true, After: after, Limit: limit})
}

// DraftsOf are what a visitor has ordered by comments under a show and may
// still confirm.
func (s *Service) DraftsOf(ctx context.Context, show market.ID, visitor string) ([]*Draft, error) {
	if visitor == "" {
		return nil, nil
	}
	page, err := s.drafts.Find(ctx, store.Query{Index: "voice", Eq: []any{Voice(visitor)}, Desc: true, Limit: 20})
	var out []*Draft
	for _, d := range page.Items {
		if d.Show == show && d.Good(s.env.Now()) {
			out = append(out, d)
		}
	}
	return out, err
}

// ConfirmToken is the private link of a draft: signed, for this draft alone,
// and over when the draft is.
func (s *Service) ConfirmToken(d *Draft) string {
	return s.token(forDraft, string(d.ID), "", d.ExpiresAt)
}

// Confirming returns the draft that a link is about. It changes nothing, so
// that programs which draw previews use nothing up.
func (s *Service) Confirming(ctx context.Context, token string) (*Draft, error) {
	id, err := s.opened(forDraft, token, "")
	if err != nil {
		return nil, err
	}
	d, err := s.drafts.Get(ctx, market.ID(id))
	if store.Missing(err) {
		return nil, errToken
	}
	if err != nil {
		return nil, err
	}
	if d.State == DraftOrdered {
		return d, nil
	}
	if !d.Good(s.env.Now()) {
		return nil, errToken
	}
	return d, nil
}

// TakeDraft uses the link up for one visitor and returns what is to be put in
// their cart. The same visitor may come back; another finds it used.
func (s *Service) TakeDraft(ctx context.Context, token, visitor string) (*Draft, orders.Touch, error) {
	d, err := s.Confirming(ctx, token)
	if err != nil {
		return nil, orders.Touch{}, err
	}
	if visitor == "" {
		return nil, orders.Touch{}, errToken
	}
	now := s.env.Now()
	d, err = s.drafts.Update(ctx, d.ID, func(d *Draft) ([]market.Event, error) {
		if !d.Good(now) || d.State == DraftTaken && d.TakenBy != Voice(visitor) {
			return nil, market.Conflict("show.used")
		}
		d.State, d.TakenBy = DraftTaken, Voice(visitor)
		return nil, nil
	})
	if err != nil {
		return nil, orders.Touch{}, err
	}
	return d, orders.Touch{Show: d.Show, Channel: channelLive, At: d.At, Room: true, Comment: d.Comment, Claim: d.claim()}, nil
}

// ordered notes which order a draft became.
func (s *Service) ordered(ctx context.Context, order market.ID, touch *orders.Touch) error {
	id, ok := strings.CutPrefix(string(touch.Claim), "draft:")
	if !ok {
		return nil
	}
	d, err := s.drafts.Update(ctx, market.ID(id), func(d *Draft) ([]market.Event, error) {
		d.State, d.Order = DraftOrdered, order
		return nil, nil
	})
	if store.Missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.shelf.Release(ctx, d.claim(), d.Variant) // what the buyer took less of goes back
}
