package livestream

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"chohue/market"
	"chohue/store"
)

// Comment is what a viewer wrote under a show. Its place in line is At, the
// moment at which the market got it; of two at the same millisecond the one
// with the lower id. Phone numbers are never in Text.
type Comment struct {
	store.Doc `bson:",inline"`
	Show      market.ID `bson:"show"`
	At        time.Time `bson:"at"`
	Name      string    `bson:"name"`
	Text      string    `bson:"text"` // with phone numbers hidden
	Visitor   string    `bson:"visitor,omitempty"`
	Person    market.ID `bson:"person,omitempty"`
	Source    string    `bson:"source"`            // SourceRoom, or the platform it was imported from
	SaidAt    time.Time `bson:"said_at,omitempty"` // by the platform's clock
	Kind      WishKind  `bson:"kind"`
	Phone     bool      `bson:"phone,omitempty"` // a number was hidden
	Late      bool      `bson:"late,omitempty"`  // it came when nothing could be promised: a person decides
	Hidden    bool      `bson:"hidden,omitempty"`
	HiddenBy  market.ID `bson:"hidden_by,omitempty"`
	// Line is show and visibility, so that what everybody sees is one walk.
	Line string `bson:"line"`
}

// SourceRoom is the source of comments written in the market's own room.
const SourceRoom = "room"

var commentSpec = store.Spec{Name: "show-comments", Indexes: []store.Index{
	{Name: "show", Fields: []string{"show", "at"}},
	{Name: "line", Fields: []string{"line", "at"}},
}}

func line(show market.ID, hidden bool) string {
	if hidden {
		return string(show) + ":hidden"
	}
	return string(show) + ":open"
}

// Saying is a comment as it comes in.
type Saying struct {
	Show    market.ID
	ID      market.ID // made by the client, optional: the same id again is the same comment
	Visitor string
	Name    string
	Text    string
}

// How a room is kept usable: how fast one visitor may write, and how much talk
// is taken at once. What asks for goods waits its turn instead and is not lost.
const (
	sayEvery   = time.Second
	sayBurst   = 5
	talkAtOnce = 64
	maxName    = 40
)

var (
	errBusy = market.Unavailable("show.busy")
	errFast = market.Conflict("show.fast")
)

// Say takes a comment in the room of a live show: it hides phone numbers, reads
// what is asked for, and holds those goods. The drafts are the writer's own.
func (s *Service) Say(ctx context.Context, by market.Actor, in Saying) (*Comment, []*Draft, error) {
	show, err := s.Show(ctx, in.Show)
	if err != nil {
		return nil, nil, err
	}
	now := s.env.Now()
	if !show.OnAir(now) {
		return nil, nil, market.Conflict("show.not_live")
	}
	in.Text, in.Name = strings.TrimSpace(in.Text), strings.TrimSpace(in.Name)
	var c market.Checks
	n := utf8.RuneCountInString(in.Text)
	c.That(n >= 1 && n <= MaxComment && utf8.ValidString(in.Text), "text", "show.comment")
	c.That(utf8.RuneCountInString(in.Name) <= maxName, "name", "show.name")
	if err := c.Err(); err != nil {
		return nil, nil, err
	}
	if !s.crowd.may(in.Visitor, now) {
		return nil, nil, errFast
	}
	return s.take(ctx, by, show, in, now)
}

func (s *Service) take(ctx context.Context, by market.Actor, show *Show, in Saying, now time.Time) (*Comment, []*Draft, error) {
	wish := ReadComment(in.Text, show.coded())
	if wish.Kind == WishTalk {
		if !s.crowd.enter() {
			return nil, nil, errBusy
		}
		defer s.crowd.leave()
	}
	k := s.comment(show.ID, in, wish, now)
	k.Person, k.Visitor, k.Source = by.Person, Voice(in.Visitor), SourceRoom
	return s.keep(ctx, show, k, wish)
}

func (s *Service) comment(show market.ID, in Saying, wish Wish, now time.Time) *Comment {
	k := &Comment{
		Doc: store.Doc{ID: market.NewID(now)}, Show: show, At: now, Name: HidePhones(in.Name), Text: HidePhones(in.Text), Kind: wish.Kind,
	}
	if in.ID != "" {
		k.ID = voiceID(show, in.Visitor, in.ID)
	}
	k.Phone, k.Line = k.Text != in.Text, line(show, false)
	return k
}

// voiceID names a comment by who made it, so that nobody can take the place of
// another's.
func voiceID(show market.ID, visitor string, id market.ID) market.ID {
	sum := sha256.Sum256([]byte(string(show) + "\n" + visitor + "\n" + string(id)))
	return market.ID(base64.RawURLEncoding.EncodeToString(sum[:15]))
}

// Voice is a visitor as a show remembers them: enough to give them what they
// ordered, not enough to know them elsewhere.
func Voice(visitor string) string {
	if visitor == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("voice\n" + visitor))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// keep writes the comment, then holds what it asks for. One that was kept
// before leads to the drafts of that time.
func (s *Service) keep(ctx context.Context, show *Show, k *Comment, wish Wish) (*Comment, []*Draft, error) {
	err := s.comments.Insert(ctx, k)
	if store.Exists(err) {
		if k, err = s.comments.Get(ctx, k.ID); err != nil {
			return nil, nil, err
		}
	} else if err != nil {
		return nil, nil, err
	} else {
		s.crowd.tell(show.ID, k)
	}
	if k.Kind == WishCancel {
		return k, nil, s.takeBackDrafts(ctx, k, wish)
	}
	drafts, err := s.drafted(ctx, show, k, wish)
	return k, drafts, err
}

// coded are the offers as comments may name them.
func (s *Show) coded() []Coded {
	out := make([]Coded, 0, len(s.Offers))
	for _, o := range s.Offers {
		if o.Open() {
			out = append(out, Coded{Code: o.Code})
		}
	}
	return out
}

// Comments are the last of what everybody sees, the latest first.
func (s *Service) Comments(ctx context.Context, show market.ID, limit int) ([]*Comment, error) {
	page, err := s.comments.Find(ctx, store.Query{Index: "line", Eq: []any{line(show, false)}, Desc: true, Limit: limit})
	return page.Items, err
}

// AllComments lists every comment, also the hidden ones, to those in the show
// and staff, the latest first.
func (s *Service) AllComments(ctx context.Context, by market.Actor, show market.ID, after store.Cursor, limit int) (store.Page[Comment], error) {
	if _, err := s.readable(ctx, by, show); err != nil {
		return store.Page[Comment]{}, err
	}
	return s.comments.Find(ctx, store.Query{Index: "show", Eq: []any{show}, Desc: true, After: after, Limit: limit})
}

// HideComment takes a comment out of sight, or brings it back. What it ordered
// stays ordered.
func (s *Service) HideComment(ctx context.Context, by market.Actor, show, comment market.ID, hidden bool) error {
	if !by.Is(market.RoleModerator, market.RoleOperator) {
		if _, err := s.hosted(ctx, by, show); err != nil {
			return err
		}
	}
	_, err := s.comments.Update(ctx, comment, func(k *Comment) ([]market.Event, error) {
		if k.Show != show {
			return nil, errMissing
		}
		k.Hidden, k.HiddenBy, k.Line = hidden, by.Person, line(show, hidden)
		return nil, nil
	})
	if err == nil {
		s.publish(ctx, show, News{Kind: NewsHidden, Comment: comment}, s.env.NewID())
	}
	return missing(err)
}

// crowd keeps rooms usable under a flood.
type crowd struct {
	mu     sync.Mutex
	paces  map[string]time.Time
	inside chan struct{}
	rooms  map[market.ID]*heard
	flush  func(market.ID, heard)
}

// heard is what a room has heard since it was last told to its viewers.
type heard struct {
	last []*Comment
	more int
}

// How often and how much a room is told: nobody reads more than this.
const (
	tellEvery = 250 * time.Millisecond
	tellMost  = 20
	pacesKept = 20_000
)

func newCrowd(flush func(market.ID, heard)) *crowd {
	return &crowd{paces: map[string]time.Time{}, inside: make(chan struct{}, talkAtOnce), rooms: map[market.ID]*heard{}, flush: flush}
}

// may paces one visitor.
func (c *crowd) may(visitor string, now time.Time) bool {
	if visitor == "" {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.paces) > pacesKept {
		clear(c.paces)
	}
	whole := c.paces[visitor]
	if whole.Before(now) {
		whole = now
	}
	if whole.Sub(now) > (sayBurst-1)*sayEvery {
		return false
	}
	c.paces[visitor] = whole.Add(sayEvery)
	return true
}

func (c *crowd) enter() bool {
	select {
	case c.inside <- struct{}{}:
		return true
	default:
		return false
	}
}

func (c *crowd) leave() { <-c.inside }

// tell gathers comments for a moment, so that a thousand a second are four
// messages a second.
func (c *crowd) tell(show market.ID, k *Comment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.rooms[show]
	if h == nil {
		h = &heard{}
		c.rooms[show] = h
		time.AfterFunc(tellEvery, func() { c.tellNow(show) })
	}
	if len(h.last) == tellMost {
		h.last, h.more = h.last[1:], h.more+1
	}
	h.last = append(h.last, k)
}

func (c *crowd) tellNow(show market.ID) {
	c.mu.Lock()
	h := c.rooms[show]
	delete(c.rooms, show)
	c.mu.Unlock()
	if h != nil {
		c.flush(show, *h)
	}
}

func (s *Service) tellComments(show market.ID, h heard) {
	n := News{Kind: NewsComments, More: h.more}
	for _, k := range h.last {
		n.Comments = append(n.Comments, Shown{k.ID, k.At, k.Name, k.Text})
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	s.publish(ctx, show, n, h.last[0].ID+"+"+market.ID(strconv.Itoa(len(h.last))))
}
