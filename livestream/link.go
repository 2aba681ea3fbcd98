package livestream

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"chohue/market"
	"chohue/store"
)

// Link is a short address that leads to a product or a show and remembers who
// shared it where.
type Link struct {
	store.Doc `bson:",inline"` // the id is the code
	Code      string           `bson:"code"`
	Product   market.ID        `bson:"product,omitempty"`
	Show      market.ID        `bson:"show,omitempty"`
	Seller    market.ID        `bson:"seller"`
	Person    market.ID        `bson:"person,omitempty"` // who made it
	Channel   string           `bson:"channel"`          // one of channels
	Label     string           `bson:"label,omitempty"`  // "nhóm Zalo chợ quê": for its maker
	CreatedAt time.Time        `bson:"created_at"`
	// Clicks counts visitors by day. A crash may lose one, none counts twice.
	Clicks int64 `bson:"clicks"`
	// What the link has earned, from its attributions: only LinksOf tells.
	Orders  int64      `bson:"-"` // confirmed and not cancelled
	Revenue market.VND `bson:"-"` // of those
	Settled market.VND `bson:"-"` // of those, delivered
}

var linkSpec = store.Spec{Name: "links", Cache: 5000, Indexes: []store.Index{
	{Name: "seller", Fields: []string{"seller", "created_at"}},
}}

// channels are where links are shared, and as what statistics count them when
// no show is named.
var channels = map[string]string{
	"facebook": channelSocial, "facebook_live": channelLive,
	"tiktok": channelSocial, "tiktok_live": channelLive,
	"youtube": channelSocial, "youtube_live": channelLive,
	"zalo":   channelSocial,
	"poster": channelStore, "store": channelStore,
}

// counted is the channel as statistics see it.
func (l *Link) counted() string {
	if l.Show != "" {
		return channelLive
	}
	return channels[l.Channel]
}

// LinkDraft says what a link leads to and where it will be shared. A product,
// a show, or a product within a show.
type LinkDraft struct {
	Product market.ID
	Show    market.ID
	Channel string
	Label   string
}

// CreateLink makes a link for a member of the seller. Codes are ten letters of
// fifty random bits: short enough to type, not to be guessed.
func (s *Service) CreateLink(ctx context.Context, by market.Actor, d LinkDraft) (*Link, error) {
	if by.Guest() {
		return nil, errSignIn
	}
	seller, err := s.target(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := mayManage(by, seller); err != nil {
		return nil, err
	}
	for {
		code := newCode()
		l := &Link{
			Doc: store.Doc{ID: market.ID(code)}, Code: code, Product: d.Product, Show: d.Show, Seller: seller,
			Person: by.Person, Channel: d.Channel, Label: strings.TrimSpace(d.Label), CreatedAt: s.env.Now(),
		}
		if err := s.links.Insert(ctx, l); !store.Exists(err) {
			return l, err
		}
	}
}

// target checks what the link leads to and returns its seller.
func (s *Service) target(ctx context.Context, d LinkDraft) (market.ID, error) {
	var c market.Checks
	c.That(channels[d.Channel] != "", "channel", "link.channel")
	c.That(utf8.RuneCountInString(d.Label) <= 80, "label", "link.label")
	c.That(d.Product != "" || d.Show != "", "product", "link.target")
	if err := c.Err(); err != nil {
		return "", err
	}
	var seller market.ID
	if d.Show != "" {
		show, err := s.Show(ctx, d.Show)
		if err != nil {
			return "", err
		}
		if seller = show.Seller; d.Product != "" && !slices.Contains(show.Products, d.Product) {
			return "", market.Invalid("link.product", "product")
		}
	}
	if d.Product != "" {
		p, err := s.shelf.PublishedProduct(ctx, d.Product)
		if err != nil {
			return "", err
		}
		seller = p.Seller
	}
	return seller, nil
}

const codeLength = 10

// newCode leaves out a secret's first letter, which holds three bits only.
func newCode() string { return market.NewSecret()[1 : 1+codeLength] }

// readCode undoes what people do to a code that they read and type: small
// letters, O for 0, I or L for 1.
func readCode(code string) market.ID {
	if len(code) != codeLength {
		return ""
	}
	return market.ID(strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code)))
}

// Link returns the link of that code to anybody, without what it earned.
func (s *Service) Link(ctx context.Context, code string) (*Link, error) {
	id := readCode(code)
	if id == "" {
		return nil, errMissing
	}
	l, err := s.links.Get(ctx, id)
	return l, missing(err)
}

// LinksOf lists a seller's links, the newest first, with what they earned.
func (s *Service) LinksOf(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Link], error) {
	if err := mayRead(by, seller); err != nil {
		return store.Page[Link]{}, err
	}
	page, err := s.links.Find(ctx, store.Query{Index: "seller", Eq: []any{seller}, Desc: true, After: after, Limit: limit})
	if err != nil {
		return page, err
	}
	for i, l := range page.Items {
		if page.Items[i], err = s.withEarnings(ctx, l); err != nil {
			return page, err
		}
	}
	return page, nil
}
