package indicators

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Sender carries files to the city's data platform. Sending the same again
// does no harm; the receipt says what the platform acknowledged.
type Sender interface {
	Send(ctx context.Context, folder string, files []Sent) (receipt string, err error)
}

// Sent is one file of a delivery. The last is the manifest: a platform that
// has it has everything.
type Sent struct {
	Name string
	Body []byte
}

// Delivery is the pushing of a release: tried until it is acknowledged.
type Delivery struct {
	store.Doc `bson:",inline"` // the release's id
	To        string           `bson:"to"` // where it goes, without secrets
	Tries     int              `bson:"tries"`
	Next      *time.Time       `bson:"next,omitempty"` // of the next try; nil when it is done
	Error     string           `bson:"error,omitempty"`
	Receipt   string           `bson:"receipt,omitempty"`
	Manifest  string           `bson:"manifest,omitempty"` // SHA-256 of the manifest that was acknowledged
	SentAt    *time.Time       `bson:"sent_at,omitempty"`
	AskedBy   market.ID        `bson:"asked_by,omitempty"` // who wanted it sent again
	Log       []Attempt        `bson:"log"`                // the latest tries
}

// Attempt is one try, with what came of it.
type Attempt struct {
	At      time.Time `bson:"at"`
	Receipt string    `bson:"receipt,omitempty"`
	Error   string    `bson:"error,omitempty"`
}

// attemptsKept is how many tries a delivery remembers.
const attemptsKept = 20

var deliverySpec = store.Spec{Name: "release_deliveries"}

// manifest lists the files of a delivery with their hashes.
type manifest struct {
	Release string         `json:"release"`
	Period  string         `json:"period"`
	Inputs  string         `json:"inputs"`
	Program string         `json:"program"`
	Files   []manifestFile `json:"files"`
}

type manifestFile struct {
	Name   string `json:"name"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

// Pusher sends published releases, signed with the market's key.
type Pusher struct {
	s     *Service
	to    Sender
	where string
	key   ed25519.PrivateKey
}

// NewPusher sends to a place, of which where is the name without secrets.
func NewPusher(s *Service, to Sender, where string, key ed25519.PrivateKey) *Pusher {
	return &Pusher{s, to, where, key}
}

// Push sends what is published and not acknowledged, each when its time has
// come, and returns how many went through. For workers.
func (p *Pusher) Push(ctx context.Context) (int, error) {
	all, err := p.s.Releases(ctx, market.Actor{})
	if err != nil {
		return 0, err
	}
	done := 0
	for _, r := range all {
		sent, err := p.one(ctx, r)
		if err != nil {
			return done, err
		}
		done += sent
	}
	return done, nil
}

// Deliveries lists how far the pushing of releases has come, the latest period
// first. For officials and operators.
func (s *Service) Deliveries(ctx context.Context, by market.Actor) ([]*Delivery, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	var all []*Delivery
	err := s.deliveries.Each(ctx, store.Query{}, func(d *Delivery) error {
		all = append(all, d)
		return nil
	})
	slices.SortFunc(all, func(a, b *Delivery) int { return strings.Compare(string(b.ID), string(a.ID)) })
	return all, err
}

var errDelivery = market.NotFound("indicators.no_delivery")

// SendAgain has a release sent once more by the workers' next round, whether it
// waits for its time or has been acknowledged. For officials and operators.
func (s *Service) SendAgain(ctx context.Context, by market.Actor, id market.ID) (*Delivery, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	d, err := s.deliveries.Update(ctx, id, func(d *Delivery) ([]market.Event, error) {
		d.SentAt, d.Next, d.AskedBy = nil, new(moment(s.env.Now())), by.Person
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errDelivery
	}
	return d, err
}

// sendTime is how long one try may take.
const sendTime = 2 * time.Minute

func (p *Pusher) one(ctx context.Context, r *Release) (int, error) {
	now := p.s.env.Now()
	d, err := p.s.deliveries.Get(ctx, r.ID)
	if err != nil && !store.Missing(err) {
		return 0, err
	}
	if d != nil && (d.SentAt != nil || d.Next != nil && now.Before(*d.Next)) {
		return 0, nil
	}
	files, err := p.files(r)
	if err != nil {
		return 0, err
	}
	trying, end := context.WithTimeout(ctx, sendTime)
	receipt, failed := p.to.Send(trying, string(r.ID), files)
	end()
	_, err = p.s.deliveries.Upsert(ctx, r.ID, func(d *Delivery) ([]market.Event, error) {
		d.note(moment(now), receipt, failed)
		if d.To = p.where; failed == nil {
			d.Manifest = hashOf(files[len(files)-1].Body)
		}
		return nil, nil
	})
	if failed != nil || err != nil {
		return 0, err
	}
	return 1, nil
}

// longestWait is the longest time between two tries.
const longestWait = 6 * time.Hour

func (d *Delivery) note(now time.Time, receipt string, failed error) {
	d.Tries++
	tried := Attempt{At: now, Receipt: receipt}
	if failed == nil {
		d.Receipt, d.SentAt, d.Next, d.Error = receipt, new(now), nil, ""
	} else {
		wait := min(time.Minute<<min(d.Tries, 10), longestWait)
		d.Next, d.Error = new(now.Add(wait)), failed.Error()
		tried = Attempt{At: now, Error: failed.Error()}
	}
	d.Log = append(d.Log, tried)
	d.Log = d.Log[max(0, len(d.Log)-attemptsKept):]
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// files are every format, the manifest's signature and last the manifest.
func (p *Pusher) files(r *Release) ([]Sent, error) {
	m := manifest{Release: string(r.ID), Period: r.Period, Inputs: r.Inputs, Program: r.Program}
	var out []Sent
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.write(p.s, &b, r); err != nil {
			return nil, err
		}
		m.Files = append(m.Files, manifestFile{f.File, b.Len(), hashOf(b.Bytes())})
		out = append(out, Sent{f.File, b.Bytes()})
	}
	var text bytes.Buffer
	if err := writeJSON(&text, m); err != nil {
		return nil, err
	}
	signature := base64.StdEncoding.EncodeToString(ed25519.Sign(p.key, text.Bytes()))
	return append(out, Sent{"manifest.json.sig", []byte(signature)}, Sent{"manifest.json", text.Bytes()}), nil
}
