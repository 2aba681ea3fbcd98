package orders

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Review is what a buyer thinks of goods that were delivered: one for each line
// of an order. Nothing is ever deleted: a moderator hides with a reason.
type Review struct {
	store.Doc `bson:",inline"` // the id is order-variant: one review of a line
	Order     market.ID        `bson:"order"`
	Product   market.ID        `bson:"product"`
	Variant   market.ID        `bson:"variant"`
	Name      market.Text      `bson:"name"` // of the goods
	Seller    market.ID        `bson:"seller"`
	Author    string           `bson:"author"` // initials
	Stars     int              `bson:"stars"`
	Text      string           `bson:"text"`
	Photos    []string         `bson:"photos,omitempty"`
	At        time.Time        `bson:"at"`
	Reply     string           `bson:"reply,omitempty"`
	ReplyAt   *time.Time       `bson:"reply_at,omitempty"`
	Reports   []Flag           `bson:"reports,omitempty"`
	Hidden    string           `bson:"hidden,omitempty"` // why; empty when everybody may read it
	Shown     string           `bson:"shown,omitempty"`  // the product while it is shown, so that an index has only those
	Board     []string         `bson:"board"`
}

// Flag is somebody's word that a review should not be there.
type Flag struct {
	By   market.ID `bson:"by"`
	Text string    `bson:"text"`
	At   time.Time `bson:"at"`
}

// Rating is what all shown reviews of a product come to. It is made from them
// whenever one changes, so making it again gives the same.
type Rating struct {
	store.Doc `bson:",inline"` // the id is the product's
	Count     int64            `bson:"count"`
	Sum       int64            `bson:"sum"`     // of stars
	Stars     [5]int64         `bson:"stars"`   // how many reviews have one star, two, up to five
	Version   int64            `bson:"version"` // grows with each change
}

// Tenths is the average in tenths of a star, rounded to the nearest; 0 without
// reviews.
func (r *Rating) Tenths() int64 {
	if r == nil || r.Count == 0 {
		return 0
	}
	return (r.Sum*20 + r.Count) / (2 * r.Count)
}

// EventReviewed tells that a product's reviews changed. Its subject is the
// review.
const EventReviewed = "orders.reviewed"

// Reviewed is the payload of orders.reviewed.
type Reviewed struct {
	Review  market.ID `json:"review"`
	Product market.ID `json:"product"`
	Seller  market.ID `json:"seller"`
	Stars   int       `json:"stars"`
	New     bool      `json:"new,omitempty"` // it was just written
	Reply   bool      `json:"reply,omitempty"`
	Hidden  bool      `json:"hidden,omitempty"`
}

// EventRated tells what a product's reviews come to now. Its subject is the
// product.
const EventRated = "orders.rated"

// Rated is the payload of orders.rated.
type Rated struct {
	Count   int64 `json:"count"`
	Sum     int64 `json:"sum"`
	Version int64 `json:"version"` // news with a lower one has been overtaken
}

var (
	reviewSpec = store.Spec{Name: "reviews", Indexes: []store.Index{
		{Name: "newest", Fields: []string{"shown", "at"}},
		{Name: "stars", Fields: []string{"shown", "stars", "at"}},
		{Name: "board", Fields: []string{"board", "at"}},
	}}
	errReview = market.NotFound("review.missing")
)

const maxFlags = 20

// Opinion is what a buyer writes.
type Opinion struct {
	Variant market.ID
	Stars   int
	Text    string
	Photos  [][]byte
}

// WriteReview writes a buyer's opinion of a line that was delivered. With the
// order's key a guest may too. The same line is reviewed once.
func (s *Service) WriteReview(ctx context.Context, by market.Actor, order market.ID, key string, op Opinion) (*Review, error) {
	o, err := s.orders.Get(ctx, order)
	if err != nil || !o.owned(by, key) {
		return nil, errOrder
	}
	p, l := o.lineOf(op.Variant)
	if l == nil {
		return nil, errOrder
	}
	if p.State != ParcelDelivered {
		return nil, market.Conflict("review.not_delivered")
	}
	r, err := s.review(ctx, o, p, l, op)
	if err != nil {
		return nil, err
	}
	err = s.reviews.Insert(ctx, r, s.reviewed(r, true))
	if store.Exists(err) {
		return nil, market.Conflict("review.once")
	}
	return r, err
}

func (o *Order) lineOf(variant market.ID) (*Parcel, *Line) {
	for i := range o.Parcels {
		for j := range o.Parcels[i].Lines {
			if o.Parcels[i].Lines[j].Variant == variant {
				return &o.Parcels[i], &o.Parcels[i].Lines[j]
			}
		}
	}
	return nil, nil
}

// ReviewID names the review of a line of an order.
func ReviewID(order, variant market.ID) market.ID { return order + "-" + variant }

func (s *Service) review(ctx context.Context, o *Order, p *Parcel, l *Line, op Opinion) (*Review, error) {
	var checks market.Checks
	op.Text = strings.TrimSpace(op.Text)
	checks.That(op.Stars >= 1 && op.Stars <= 5, "stars", "review.stars")
	checks.That(len(op.Text) <= maxSay, "text", "say.long")
	checks.That(len(op.Photos) <= maxPhotos, "photos", "say.photos")
	if err := checks.Err(); err != nil {
		return nil, err
	}
	r := &Review{
		Doc: store.Doc{ID: ReviewID(o.ID, l.Variant)}, Order: o.ID, Product: l.Product, Variant: l.Variant, Name: l.Name,
		Seller: p.Seller, Author: initials(o.Address.Name), Stars: op.Stars, Text: op.Text, At: s.env.Now(),
	}
	for _, photo := range op.Photos {
		id, err := s.keepReviewPhoto(ctx, photo)
		if err != nil {
			return nil, at("photos", err)
		}
		r.Photos = append(r.Photos, id)
	}
	r.arrange()
	return r, nil
}

func (r *Review) arrange() {
	r.Shown = string(r.Product)
	r.Board = []string{string(r.Seller)}
	if r.Hidden != "" {
		r.Shown = ""
	} else if len(r.Reports) > 0 {
		r.Board = append(r.Board, boardReports)
	}
}

const boardReports = "platform:review"

// reviewPhotoFile: photos of reviews are for everybody, unlike evidence.
func reviewPhotoFile(id string) string { return "reviews/" + id + ".jpg" }

func (s *Service) keepReviewPhoto(ctx context.Context, data []byte) (string, error) {
	if s.files == nil {
		return "", market.Unavailable("photo.no_place")
	}
	clean, err := s.shelf.CleanPhoto(ctx, data)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	id := hex.EncodeToString(sum[:])[:evidenceLength]
	return id, s.files.Put(ctx, reviewPhotoFile(id), "image/jpeg", clean)
}

// ReviewPhoto returns a photo of a review that everybody may read.
func (s *Service) ReviewPhoto(ctx context.Context, review market.ID, photo string) ([]byte, error) {
	r, err := s.reviews.Get(ctx, review)
	if err != nil || r.Hidden != "" || s.files == nil {
		return nil, market.NotFound("photo.missing")
	}
	for _, id := range r.Photos {
		if id == photo {
			return s.files.Get(ctx, reviewPhotoFile(id))
		}
	}
	return nil, market.NotFound("photo.missing")
}

func (s *Service) reviewed(r *Review, written bool) market.Event {
	return market.NewEvent(s.env, EventReviewed, r.ID, Reviewed{
		Review: r.ID, Product: r.Product, Seller: r.Seller, Stars: r.Stars, New: written, Reply: r.Reply != "", Hidden: r.Hidden != "",
	})
}

// ReplyReview is the seller's reply, shown below the review. A new one replaces
// it.
func (s *Service) ReplyReview(ctx context.Context, by market.Actor, id market.ID, text string) (*Review, error) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxSay {
		return nil, market.Invalid("say.text", "text")
	}
	return s.changeReview(ctx, id, func(r *Review) error {
		if !by.For(r.Seller) {
			return errReview
		}
		r.Reply, r.ReplyAt = text, new(s.env.Now())
		return nil
	})
}

// ReportReview tells moderators that a review should not be there. Each person
// counts once.
func (s *Service) ReportReview(ctx context.Context, by market.Actor, id market.ID, text string) (*Review, error) {
	if by.Person == "" {
		return nil, market.Unauthenticated("signin.needed")
	}
	text = strings.TrimSpace(text)
	if len(text) > maxNote {
		return nil, market.Invalid("order.reason", "text")
	}
	return s.changeReview(ctx, id, func(r *Review) error {
		for _, old := range r.Reports {
			if old.By == by.Person {
				return nil
			}
		}
		if len(r.Reports) < maxFlags {
			r.Reports = append(r.Reports, Flag{By: by.Person, Text: text, At: s.env.Now()})
		}
		return nil
	})
}

// HideReview hides a review, with a reason that its writer and the seller can
// read; without a reason it is shown again. For moderators.
func (s *Service) HideReview(ctx context.Context, by market.Actor, id market.ID, why string) (*Review, error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return nil, errReview
	}
	why = strings.TrimSpace(why)
	if len(why) > maxNote {
		return nil, market.Invalid("order.reason", "reason")
	}
	return s.changeReview(ctx, id, func(r *Review) error {
		r.Hidden = why
		if why == "" {
			r.Reports = nil
		}
		return nil
	})
}

func (s *Service) changeReview(ctx context.Context, id market.ID, change func(*Review) error) (*Review, error) {
	r, err := s.reviews.Update(ctx, id, func(r *Review) ([]market.Event, error) {
		was := *r
		if err := change(r); err != nil {
			return nil, err
		}
		r.arrange()
		if was.Hidden == r.Hidden && was.Reply == r.Reply {
			return nil, nil
		}
		return []market.Event{s.reviewed(r, false)}, nil
	})
	if store.Missing(err) {
		return nil, errReview
	}
	return r, err
}

// Reviews lists what everybody may read about a product: the newest first, or
// those with most stars.
func (s *Service) Reviews(ctx context.Context, product market.ID, byStars bool, after store.Cursor, limit int) (store.Page[Review], error) {
	index := "newest"
	if byStars {
		index = "stars"
	}
	return s.reviews.Find(ctx, store.Query{Index: index, Eq: []any{string(product)}, Desc: true, After: after, Limit: limit})
}

// ReviewsWith lists what everybody may read about a product with just so many
// stars, the newest first.
func (s *Service) ReviewsWith(ctx context.Context, product market.ID, stars int, after store.Cursor, limit int) (store.Page[Review], error) {
	return s.reviews.Find(ctx, store.Query{Index: "stars", Eq: []any{string(product), stars}, Desc: true, After: after, Limit: limit})
}

// ReviewsOf lists the reviews of a seller's goods, hidden ones too, for its
// people, newest first.
func (s *Service) ReviewsOf(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Review], error) {
	if !by.For(seller) && !by.Is(market.RoleOperator) {
		return store.Page[Review]{}, market.NotFound("cooperatives.missing")
	}
	return s.reviews.Find(ctx, store.Query{Index: "board", Eq: []any{string(seller)}, Desc: true, After: after, Limit: limit})
}

// Reported lists the reviews that a moderator has to look at, oldest first.
func (s *Service) Reported(ctx context.Context, by market.Actor, after store.Cursor, limit int) (store.Page[Review], error) {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		return store.Page[Review]{}, market.Forbidden("orders.forbidden")
	}
	return s.reviews.Find(ctx, store.Query{Index: "board", Eq: []any{boardReports}, After: after, Limit: limit})
}

// ReviewsOfOrder are the order's reviews by variant, for whoever may see the
// whole order.
func (s *Service) ReviewsOfOrder(ctx context.Context, o *Order) (map[market.ID]*Review, error) {
	var ids []market.ID
	for _, p := range o.Parcels {
		for _, l := range p.Lines {
			ids = append(ids, ReviewID(o.ID, l.Variant))
		}
	}
	found, err := s.reviews.GetMany(ctx, ids...)
	out := map[market.ID]*Review{}
	for _, r := range found {
		out[r.Variant] = r
	}
	return out, err
}

// Ratings are what reviews come to, of many products at once.
func (s *Service) Ratings(ctx context.Context, products ...market.ID) (map[market.ID]*Rating, error) {
	return s.ratings.GetMany(ctx, products...)
}

// rate makes a product's rating anew from its reviews.
func (s *Service) rate(ctx context.Context, e market.Event) error {
	var news Reviewed
	if err := e.Decode(&news); err != nil {
		return err
	}
	return s.Rate(ctx, news.Product)
}

// Rate makes a product's rating anew from its shown reviews. Doing it again
// changes nothing.
func (s *Service) Rate(ctx context.Context, product market.ID) error {
	var stars [5]int64
	err := s.reviews.Each(ctx, store.Query{Index: "newest", Eq: []any{string(product)}}, func(r *Review) error {
		stars[r.Stars-1]++
		return nil
	})
	if err != nil {
		return err
	}
	_, err = s.ratings.Upsert(ctx, product, func(r *Rating) ([]market.Event, error) {
		if r.Version > 0 && r.Stars == stars {
			return nil, nil
		}
		r.Stars, r.Count, r.Sum, r.Version = stars, 0, 0, r.Version+1
		for i, n := range stars {
			r.Count, r.Sum = r.Count+n, r.Sum+n*int64(i+1)
		}
		return []market.Event{market.NewEvent(s.env, EventRated, product, Rated{r.Count, r.Sum, r.Version})}, nil
	})
	return err
}
