package indicators

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
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
	Tries     int              `bson:"tries"`
	Next      *time.Time       `bson:"next,omitempty"` // of the next try; nil when it is done
	Error     string           `bson:"error,omitempty"`
	Receipt   string           `bson:"receipt,omitempty"`
	SentAt    *time.Time       `bson:"sent_at,omitempty"`
}

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
	s          *Service
	to         Sender
	key        ed25519.PrivateKey
	deliveries *store.Collection[Delivery]
}

// NewPusher opens the list of deliveries on the store.
func NewPusher(ctx context.Context, e store.Engine, s *Service, to Sender, key ed25519.PrivateKey) (*Pusher, error) {
	d, err := store.Open[Delivery](ctx, e, store.Spec{Name: "release_deliveries"})
	return &Pusher{s, to, key, d}, err
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

// Delivery returns how far the release's delivery has come.
func (p *Pusher) Delivery(ctx context.Context, id market.ID) (*Delivery, error) {
	return p.deliveries.Get(ctx, id)
}

func (p *Pusher) one(ctx context.Context, r *Release) (int, error) {
	now := p.s.env.Now()
	d, err := p.deliveries.Get(ctx, r.ID)
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
	receipt, failed := p.to.Send(ctx, string(r.ID), files)
	_, err = p.deliveries.Upsert(ctx, r.ID, func(d *Delivery) ([]market.Event, error) {
		d.note(moment(now), receipt, failed)
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
	if failed == nil {
		d.Receipt, d.SentAt, d.Next, d.Error = receipt, new(now), nil, ""
		return
	}
	wait := min(time.Minute<<min(d.Tries, 10), longestWait)
	d.Next, d.Error = new(now.Add(wait)), failed.Error()
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
		sum := sha256.Sum256(b.Bytes())
		m.Files = append(m.Files, manifestFile{f.File, b.Len(), hex.EncodeToString(sum[:])})
		out = append(out, Sent{f.File, b.Bytes()})
	}
	var text bytes.Buffer
	if err := writeJSON(&text, m); err != nil {
		return nil, err
	}
	signature := base64.StdEncoding.EncodeToString(ed25519.Sign(p.key, text.Bytes()))
	return append(out, Sent{"manifest.json.sig", []byte(signature)}, Sent{"manifest.json", text.Bytes()}), nil
}
