package livestream

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
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
	// ExpiresAt is when it leads nobody any more. What was clicked before counts
	// as long as clicks do.
	ExpiresAt time.Time `bson:"expires_at"`
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

// Over reports whether the link leads nobody any more.
func (l *Link) Over(now time.Time) bool { return !l.ExpiresAt.IsZero() && !now.Before(l.ExpiresAt) }

// LinkDraft says what a link leads to and where it will be shared. A product,
// a show, or a product within a show.
type LinkDraft struct {
	Product market.ID
	Show    market.ID
	Channel string
	Label   string
	Until   time.Time // none for the usual: see LinkLife
}

// LinkLife is for how long links of a channel lead somewhere when nothing else
// is said: what is printed hangs longer than a post is read. The market's own
// rule.
func LinkLife(channel string) time.Duration {
	if channels[channel] == channelStore {
		return 365 * 24 * time.Hour
	}
	return 90 * 24 * time.Hour
}

// MaxLinkLife is for how long a link may lead somewhere.
const MaxLinkLife = 2 * 365 * 24 * time.Hour

// CreateLink makes a link for a member of the seller. Codes are ten letters of
// fifty random bits, and four that sign them: short enough to type, not to be
// guessed, and what was made up is refused before anything is looked up.
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
	now := s.env.Now()
	if d.Until.IsZero() {
		d.Until = now.Add(LinkLife(d.Channel))
	}
	if !d.Until.After(now) || d.Until.Sub(now) > MaxLinkLife {
		return nil, market.Invalid("link.until", "until")
	}
	for {
		code := s.newCode()
		l := &Link{
			Doc: store.Doc{ID: market.ID(code)}, Code: code, Product: d.Product, Show: d.Show, Seller: seller,
			Person: by.Person, Channel: d.Channel, Label: strings.TrimSpace(d.Label), CreatedAt: now, ExpiresAt: d.Until.UTC(),
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
		if show.State == ShowCancelled {
			return "", market.Conflict("show.over")
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

const (
	codeLength = 10
	signLength = 4
)

// newCode leaves out a secret's first letter, which holds three bits only.
func (s *Service) newCode() string {
	code := market.NewSecret()[1 : 1+codeLength]
	return code + s.codeSign(code)
}

// letters are those that codes are written with, as in ids.
var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

func (s *Service) codeSign(code string) string {
	return letters.EncodeToString(s.mac(forLink, code))[:signLength]
}

// readCode undoes what people do to a code that they read and type: small
// letters, O for 0, I or L for 1. One that the market did not sign is none.
func (s *Service) readCode(code string) market.ID {
	if len(code) != codeLength+signLength {
		return ""
	}
	code = strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	if subtle.ConstantTimeCompare([]byte(code[codeLength:]), []byte(s.codeSign(code[:codeLength]))) != 1 {
		return ""
	}
	return market.ID(code)
}

// Link returns the link of that code to anybody, without what it earned.
func (s *Service) Link(ctx context.Context, code string) (*Link, error) {
	id := s.readCode(code)
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
