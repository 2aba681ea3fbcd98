package notices

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Settings are how a person wants to be told; the id is the person's. A person
// who never chose is told in the inbox alone: no address is used that its
// owner has not proven and no browser that has not asked.
type Settings struct {
	store.Doc `bson:",inline"`
	Email     string    `bson:"email,omitempty"` // proven
	Asked     *Proof    `bson:"asked,omitempty"` // an address that waits for its proof
	Browsers  []Browser `bson:"browsers,omitempty"`
	// Muted are "<channel>:<topic>" pairs that the person does not want.
	Muted []string `bson:"muted,omitempty"`
}

// Proof is an address that somebody has typed and must still prove to be
// theirs. Only the hash of its secret is kept.
type Proof struct {
	Email  string    `bson:"email"`
	Hash   string    `bson:"hash"`
	Until  time.Time `bson:"until"`
	SentAt time.Time `bson:"sent_at"`
}

// Browser is a browser that may be pushed to, as
// https://www.w3.org/TR/push-api/ serialises its subscription.
type Browser struct {
	ID           market.ID `bson:"id"` // hash of its endpoint
	Subscription string    `bson:"subscription"`
	Agent        string    `bson:"agent"` // what the browser says of itself
	Since        time.Time `bson:"since"`
}

// Limits of settings.
const (
	MostBrowsers = 10
	proofLife    = 24 * time.Hour
	proofPause   = time.Minute // between two letters that ask for proof
	mostEndpoint = 2048
)

// Settings returns how the actor wants to be told.
func (s *Service) Settings(ctx context.Context, by market.Actor) (*Settings, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	return s.settingsOf(ctx, by.Person)
}

func (s *Service) settingsOf(ctx context.Context, person market.ID) (*Settings, error) {
	found, err := s.settings.Get(ctx, person)
	if store.Missing(err) {
		return &Settings{Doc: store.Doc{ID: person}}, nil
	}
	return found, err
}

// Wants reports whether the person wants the topic by the channel.
func (t *Settings) Wants(channel string, topic Topic) bool {
	return !slices.Contains(t.Muted, pair(channel, topic))
}

func pair(channel string, topic Topic) string { return channel + ":" + string(topic) }

// Choose keeps the channels of each topic: what is not in wanted (pairs
// "<channel>:<topic>") is not used.
func (s *Service) Choose(ctx context.Context, by market.Actor, wanted []string) (*Settings, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	return s.settings.Upsert(ctx, by.Person, func(t *Settings) ([]market.Event, error) {
		t.Muted = nil
		for _, c := range s.channels {
			for _, topic := range Topics() {
				if p := pair(c.Name(), topic); !slices.Contains(wanted, p) {
					t.Muted = append(t.Muted, p)
				}
			}
		}
		return nil, nil
	})
}

// AskEmail sends a letter to the address with a link that proves it to be the
// actor's, and keeps the address apart until then. An empty address forgets the
// one in use. No more than one letter a minute.
func (s *Service) AskEmail(ctx context.Context, by market.Actor, address string) (*Settings, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	if address = strings.TrimSpace(address); address == "" {
		return s.forgetEmail(ctx, by.Person)
	}
	channel := s.channel(ChannelEmail)
	if channel == nil {
		return nil, market.Unavailable("notices.no_email")
	}
	if !goodEmail(address) {
		return nil, market.Invalid("notices.email", "email")
	}
	secret := market.NewSecret()
	asked, err := s.keepProof(ctx, by.Person, address, secret)
	if err != nil {
		return nil, err
	}
	reader, err := s.rooms.People.Reader(ctx, by.Person)
	if err != nil {
		return nil, err
	}
	letter, err := s.rooms.Writer.WriteProof(reader.Lang, "/tai-khoan/thong-bao/email?ma="+secret)
	if err != nil {
		return nil, err
	}
	letter.ID, letter.To = s.env.NewID(), address
	return asked, channel.Send(ctx, letter)
}

// goodEmail accepts what a mail server can be asked about; whether there is a
// mailbox only a letter tells.
func goodEmail(address string) bool {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 {
		return false
	}
	_, domain, _ := strings.Cut(address, "@")
	return strings.Contains(domain, ".") && !strings.ContainsAny(address, "\r\n")
}

func (s *Service) keepProof(ctx context.Context, person market.ID, address, secret string) (*Settings, error) {
	now := s.env.Now()
	return s.settings.Upsert(ctx, person, func(t *Settings) ([]market.Event, error) {
		if t.Asked != nil && now.Before(t.Asked.SentAt.Add(proofPause)) {
			return nil, market.Conflict("notices.email_soon").At("email")
		}
		t.Asked = &Proof{Email: address, Hash: digest(secret), Until: now.Add(proofLife), SentAt: now}
		return nil, nil
	})
}

func (s *Service) forgetEmail(ctx context.Context, person market.ID) (*Settings, error) {
	return s.settings.Upsert(ctx, person, func(t *Settings) ([]market.Event, error) {
		t.Email, t.Asked = "", nil
		return nil, nil
	})
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// ProveEmail takes the secret of a letter into use. The actor must be the one
// who asked: a link that was sent on proves nothing.
func (s *Service) ProveEmail(ctx context.Context, by market.Actor, secret string) (*Settings, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	now := s.env.Now()
	return s.settings.Upsert(ctx, by.Person, func(t *Settings) ([]market.Event, error) {
		if t.Asked == nil || t.Asked.Hash != digest(secret) || !now.Before(t.Asked.Until) {
			return nil, market.Invalid("notices.email_proof", "ma")
		}
		t.Email, t.Asked = t.Asked.Email, nil
		return nil, nil
	})
}

// AddBrowser lets the person be pushed to by a browser. The subscription is the
// browser's own JSON; asking again changes nothing. The oldest browser makes
// room for a new one beyond MostBrowsers.
func (s *Service) AddBrowser(ctx context.Context, by market.Actor, subscription, agent string) (*Settings, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	endpoint, err := endpointOf(subscription)
	if err != nil {
		return nil, err
	}
	fresh := Browser{ID: browserID(endpoint), Subscription: subscription, Agent: cut(agent, 200), Since: s.env.Now()}
	return s.settings.Upsert(ctx, by.Person, func(t *Settings) ([]market.Event, error) {
		for i, b := range t.Browsers {
			if b.ID == fresh.ID {
				t.Browsers[i].Subscription = subscription
				return nil, nil
			}
		}
		t.Browsers = append(t.Browsers, fresh)
		t.Browsers = t.Browsers[max(0, len(t.Browsers)-MostBrowsers):]
		return nil, nil
	})
}

// DropBrowser stops pushing to a browser.
func (s *Service) DropBrowser(ctx context.Context, by market.Actor, id market.ID) (*Settings, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	return s.dropBrowser(ctx, by.Person, id)
}

func (s *Service) dropBrowser(ctx context.Context, person, id market.ID) (*Settings, error) {
	return s.settings.Upsert(ctx, person, func(t *Settings) ([]market.Event, error) {
		t.Browsers = slices.DeleteFunc(t.Browsers, func(b Browser) bool { return b.ID == id })
		return nil, nil
	})
}

func (t *Settings) browser(id market.ID) (Browser, bool) {
	i := slices.IndexFunc(t.Browsers, func(b Browser) bool { return b.ID == id })
	if i < 0 {
		return Browser{}, false
	}
	return t.Browsers[i], true
}

func browserID(endpoint string) market.ID { return market.ID(digest(endpoint)[:32]) }

func cut(s string, most int) string { return strings.ToValidUTF8(s[:min(len(s), most)], "") }
