package livestream

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// Channels as statistics see them.
const (
	channelLive   = "livestream"
	channelSocial = "social"
	channelStore  = orders.ChannelStore
)

// Visitor is who opens a link, as far as one can know.
type Visitor struct {
	ID        string // the same for the same browser for a day at least; who has none is not counted
	UserAgent string
	Purpose   string // the headers Sec-Purpose and Purpose
	Method    string // GET or HEAD
}

// visit says that a visitor opened a link on a day. The visitor is hashed with
// link and day, so that nobody can be followed from one to the next.
type visit struct {
	store.Doc `bson:",inline"`
	At        time.Time `bson:"at"`
}

var visitSpec = store.Spec{Name: "visits", Indexes: []store.Index{{Name: "at", Fields: []string{"at"}}}}

// visitsKept is for how long visitors are told apart: a day, and what clocks
// and time zones add.
const visitsKept = 48 * time.Hour

// Follow returns where a link leads and the touch to be kept with what the
// visitor puts into the cart. It counts the visitor once a day; not HEAD
// requests, not what a browser fetches ahead, not machines. One whose time is
// over leads nobody: not found "link.expired".
func (s *Service) Follow(ctx context.Context, code string, v Visitor) (*Link, orders.Touch, error) {
	l, err := s.Link(ctx, code)
	if err != nil {
		return nil, orders.Touch{}, err
	}
	now := s.env.Now()
	if l.Over(now) {
		return nil, orders.Touch{}, errLinkOver
	}
	touch := orders.Touch{Link: l.ID, Channel: l.counted(), Show: l.Show, Person: l.Person, At: now}
	if !s.person(v) {
		return l, touch, nil
	}
	err = s.visits.Insert(ctx, &visit{Doc: store.Doc{ID: visitID(l.Code, v.ID, now)}, At: now})
	if store.Exists(err) {
		return l, touch, nil
	}
	if err != nil {
		return nil, orders.Touch{}, err
	}
	l, err = s.links.Update(ctx, l.ID, func(l *Link) ([]market.Event, error) {
		l.Clicks++
		return nil, nil
	})
	return l, touch, missing(err)
}

var errLinkOver = market.NotFound("link.expired")

// Reach is whose goods a link may sell, and for how long after a click.
func (s *Service) Reach(ctx context.Context, l *Link) ([]market.ID, time.Duration, error) {
	sellers, _, window, err := s.source(ctx, &Attribution{Link: l.ID, Show: l.Show, ClickedAt: s.env.Now()})
	return sellers, window, err
}

func visitID(code, visitor string, now time.Time) market.ID {
	day := now.In(market.HueZone).Format(time.DateOnly)
	sum := sha256.Sum256([]byte(code + "\n" + day + "\n" + visitor))
	return market.ID(base64.RawURLEncoding.EncodeToString(sum[:18]))
}

// ForgetVisitors removes what is no longer needed to tell visitors apart and
// returns how many were forgotten. For a daily worker.
func (s *Service) ForgetVisitors(ctx context.Context) (int, error) {
	forgotten := 0
	old := store.Query{Index: "at", To: s.env.Now().Add(-visitsKept)}
	err := s.visits.Each(ctx, old, func(v *visit) error {
		forgotten++
		return s.visits.Delete(ctx, v.ID)
	})
	return forgotten, err
}

//go:embed bots.txt
var botFile string

// bots are parts of the User-Agent by which machines make themselves known.
type bots []string

func loadBots() bots {
	var list bots
	for line := range strings.Lines(botFile) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

func (s *Service) person(v Visitor) bool {
	purpose := strings.ToLower(v.Purpose)
	ahead := strings.Contains(purpose, "prefetch") || strings.Contains(purpose, "prerender") || strings.Contains(purpose, "preview")
	return v.ID != "" && v.Method != http.MethodHead && !ahead && !s.bots.know(v.UserAgent)
}

func (b bots) know(agent string) bool {
	agent = strings.ToLower(agent)
	for _, name := range b {
		if strings.Contains(agent, name) {
			return true
		}
	}
	return agent == ""
}
