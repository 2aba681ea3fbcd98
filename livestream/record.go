package livestream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Events of shows. The subject is the show; the payload is a Record.
const (
	EventShowAnnounced = "livestream.show_announced"
	EventShowLive      = "livestream.show_live"
	EventShowEnded     = "livestream.show_ended"
	EventShowCancelled = "livestream.show_cancelled"
	EventJoined        = "livestream.seller_joined"
	EventOffered       = "livestream.offered"
	EventWithdrawn     = "livestream.withdrawn"
	EventPinned        = "livestream.pinned"
	EventUnpinned      = "livestream.unpinned"
	EventSaid          = "livestream.said" // what the host wrote on screen
	EventWarned        = "livestream.warned"
	EventComplained    = "livestream.complained"
	EventRecorded      = "livestream.recorded"
)

var recordEvents = []string{
	EventShowAnnounced, EventShowLive, EventShowEnded, EventShowCancelled, EventJoined, EventOffered, EventWithdrawn,
	EventPinned, EventUnpinned, EventSaid, EventWarned, EventComplained, EventRecorded,
}

// Record is one entry of what was advertised: who said, priced, pinned, warned
// what, when. Each holds the hash of the one before, and the show the last, so
// that nobody can take one out or change it unseen.
type Record struct {
	store.Doc `bson:",inline" json:"-"` // the id is show:number
	Show      market.ID                 `bson:"show" json:"show"`
	Seq       int64                     `bson:"seq" json:"seq"`
	At        time.Time                 `bson:"at" json:"at"`
	What      string                    `bson:"what" json:"what"`
	By        market.ID                 `bson:"by,omitempty" json:"by,omitempty"`
	Data      string                    `bson:"data" json:"data"` // as JSON
	Prev      string                    `bson:"prev" json:"prev"`
	Hash      string                    `bson:"hash" json:"hash"`
}

var recordSpec = store.Spec{Name: "show-records", Indexes: []store.Index{{Name: "show", Fields: []string{"show", "seq"}}}}

func (r Record) digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%s\n%s\n%s\n%s", r.Prev, r.Show, r.Seq, r.At.UTC().Format(time.RFC3339Nano), r.What, r.By, r.Data))
	return hex.EncodeToString(sum[:])
}

// noted adds an entry to the show's record and returns the event that carries
// it, to be written with the show.
func (s *Service) noted(show *Show, by market.Actor, what string, data any) market.Event {
	raw, err := json.Marshal(data)
	if err != nil {
		panic(fmt.Sprintf("record %s: %v", what, err)) // a mistake in the program
	}
	show.Seq++
	r := Record{Show: show.ID, Seq: show.Seq, At: s.env.Now().UTC().Truncate(time.Millisecond), What: what, By: by.Person, Data: string(raw), Prev: show.Head}
	r.Hash = r.digest()
	show.Head = r.Hash
	return market.NewEvent(s.env, what, show.ID, r)
}

// keepRecord writes an entry where it is kept. Its id is its number, so hearing
// of it twice keeps it once.
func (s *Service) keepRecord(ctx context.Context, e market.Event) error {
	var r Record
	if err := e.Decode(&r); err != nil {
		return err
	}
	r.ID = market.ID(fmt.Sprintf("%s:%06d", r.Show, r.Seq))
	if err := s.records.Insert(ctx, &r); err != nil && !store.Exists(err) {
		return err
	}
	return nil
}

// Records returns a show's record to those in it and to staff, checked: an
// error names the first entry that is missing or was changed.
func (s *Service) Records(ctx context.Context, by market.Actor, show market.ID) ([]*Record, error) {
	kept, err := s.readable(ctx, by, show)
	if err != nil {
		return nil, err
	}
	var all []*Record
	err = s.records.Each(ctx, store.Query{Index: "show", Eq: []any{show}}, func(r *Record) error {
		all = append(all, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return all, checkRecords(kept, all)
}

func checkRecords(show *Show, all []*Record) error {
	prev := ""
	for i, r := range all {
		if r.Seq != int64(i+1) || r.Prev != prev || r.Hash != r.digest() {
			return market.Conflict("show.record_broken").With("n", i+1)
		}
		prev = r.Hash
	}
	if prev != show.Head {
		return market.Conflict("show.record_broken").With("n", len(all)+1)
	}
	return nil
}

// Footage is where picture and sound of a show are kept: one recording. A show
// whose sender was cut off has several.
type Footage struct {
	Ref    string    `bson:"ref" json:"ref"`
	SHA256 string    `bson:"sha256" json:"sha256"`
	At     time.Time `bson:"at" json:"at"`
}

// KeepFootage notes a recording of a show in its record. For the studio that
// made it; noting the same twice is noting it once.
func (s *Service) KeepFootage(ctx context.Context, by market.Actor, show market.ID, ref, hash string) error {
	if !by.Is(market.RoleSystem) {
		return errForbidden
	}
	f := Footage{ref, hash, s.env.Now()}
	_, err := s.change(ctx, by, show, EventRecorded, func(sh *Show) (any, error) {
		if slices.ContainsFunc(sh.Footage, func(k Footage) bool { return k.Ref == ref && k.SHA256 == hash }) {
			return nil, nil
		}
		sh.Footage = append(sh.Footage, f)
		return f, nil
	})
	return err
}

// change alters a show and adds an entry to its record in one write. Data that
// is nil says that nothing happened.
func (s *Service) change(ctx context.Context, by market.Actor, show market.ID, what string, change func(*Show) (any, error)) (*Show, error) {
	kept, err := s.shows.Update(ctx, show, func(sh *Show) ([]market.Event, error) {
		data, err := change(sh)
		if err != nil || data == nil {
			return nil, err
		}
		return []market.Event{s.noted(sh, by, what, data)}, nil
	})
	return kept, missing(err)
}

// hosted returns the show to whoever runs it.
func (s *Service) hosted(ctx context.Context, by market.Actor, show market.ID) (*Show, error) {
	if by.Guest() {
		return nil, errSignIn
	}
	kept, err := s.Show(ctx, show)
	if err != nil {
		return nil, err
	}
	return kept, mayRun(by, kept)
}

// mayRun lets people of the host's seller run a show, and the official who
// announced a commune's. To others there is none.
func mayRun(by market.Actor, show *Show) error {
	announced := show.Ward != "" && by.Person != "" && by.Person == show.Person
	if by.For(show.Seller) || announced {
		return nil
	}
	return errMissing
}

// Hosted returns a show to those who run it.
func (s *Service) Hosted(ctx context.Context, by market.Actor, show market.ID) (*Show, error) {
	return s.hosted(ctx, by, show)
}

// readable lets those who sell in the show and staff look at what it keeps.
func (s *Service) readable(ctx context.Context, by market.Actor, show market.ID) (*Show, error) {
	if by.Guest() {
		return nil, errSignIn
	}
	kept, err := s.Show(ctx, show)
	if err != nil || by.Is(market.RoleModerator, market.RoleOperator) {
		return kept, err
	}
	for _, p := range kept.Parties {
		if by.For(p.Seller) {
			return kept, nil
		}
	}
	return s.hosted(ctx, by, show)
}
