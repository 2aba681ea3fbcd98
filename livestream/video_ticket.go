package livestream

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Role is what a ticket lets its holder do at a stage.
type Role string

// The roles. HLS has no connection that could keep a right once it was checked,
// so its tickets are shown again for every file.
const (
	RolePublish Role = "publish"
	RoleWatch   Role = "watch"
	RoleHLS     Role = "hls"
)

// ticketLife is how long a ticket waits to be used. A browser asks for one and
// uses it at once; a connection that stands needs it no more.
const ticketLife = 2 * time.Minute

// Ticket is the right to one role at one stage, for a while. It is signed by
// the market; those to publish and watch open one connection only.
type Ticket struct {
	Stage  Stage
	Role   Role
	Person market.ID // empty for guests
	Until  time.Time
	nonce  string
}

// errTicket is one answer for every ticket that is not good here.
var errTicket = market.Unauthenticated("video.ticket")

const ticketParts = 6

// issue writes a ticket down and signs it.
func (s *Studio) issue(t Ticket) string {
	t.nonce = market.NewSecret()
	text := strings.Join([]string{string(t.Stage), string(t.Role), string(t.Person), strconv.FormatInt(t.Until.Unix(), 36), t.nonce}, ".")
	return text + "." + s.sign(text)
}

func (s *Studio) sign(text string) string {
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte("video " + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// read verifies a ticket for one of the roles, at any stage.
func (s *Studio) read(token string, roles ...Role) (Ticket, error) {
	parts := strings.Split(token, ".")
	if len(parts) != ticketParts {
		return Ticket{}, errTicket
	}
	text := strings.Join(parts[:ticketParts-1], ".")
	if !hmac.Equal([]byte(parts[ticketParts-1]), []byte(s.sign(text))) {
		return Ticket{}, errTicket
	}
	until, err := strconv.ParseInt(parts[3], 36, 64)
	t := Ticket{Stage: Stage(parts[0]), Role: Role(parts[1]), Person: market.ID(parts[2]), Until: time.Unix(until, 0).UTC(), nonce: parts[4]}
	if err != nil || !slices.Contains(roles, t.Role) || !s.env.Now().Before(t.Until) {
		return Ticket{}, errTicket
	}
	return t, nil
}

// usedTicket remembers that a ticket has opened its connection.
type usedTicket struct {
	store.Doc `bson:",inline"`
	Until     time.Time `bson:"until"`
}

var usedTicketSpec = store.Spec{Name: "video_tickets", Indexes: []store.Index{{Name: "until", Fields: []string{"until"}}}}

// use verifies a ticket for the stage and spends it: the same a second time is
// refused, by whichever process.
func (s *Studio) use(ctx context.Context, stage Stage, token string, role Role) (Ticket, error) {
	t, err := s.read(token, role)
	if err != nil {
		return t, err
	}
	if t.Stage != stage {
		return t, errTicket
	}
	err = s.used.Insert(ctx, &usedTicket{Doc: store.Doc{ID: market.ID(t.nonce)}, Until: t.Until})
	if store.Exists(err) {
		return t, errTicket
	}
	return t, err
}

// ForgetTickets forgets tickets that have run out anyway. It is a chore.
func (s *Studio) ForgetTickets(ctx context.Context) (int, error) {
	n := 0
	err := s.used.Each(ctx, store.Query{Index: "until", To: s.env.Now()}, func(t *usedTicket) error {
		n++
		return s.used.Delete(ctx, t.ID)
	})
	return n, err
}
