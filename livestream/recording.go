package livestream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"time"

	"chohue/market"
	"chohue/store"
)

// Recording is what was kept of one publication of a show. A show whose sender
// was cut off and came back has several. Its file is its parts in their order.
type Recording struct {
	store.Doc `bson:",inline"`
	Show      market.ID     `bson:"show"`
	Seller    market.ID     `bson:"seller"`
	Container Container     `bson:"container"`
	StartedAt time.Time     `bson:"started_at"`
	EndedAt   *time.Time    `bson:"ended_at,omitempty"` // nil while it goes on
	Open      bool          `bson:"open"`               // it goes on, or was cut off and nobody has looked yet
	Cut       bool          `bson:"cut,omitempty"`      // the market stopped in the middle; what was kept is whole
	Parts     int           `bson:"parts"`              // once it has ended
	Size      int64         `bson:"size"`               // bytes, once it has ended
	Length    time.Duration `bson:"length"`             // once it has ended
	SHA256    string        `bson:"sha256,omitempty"`   // of the whole file, in hexadecimal, once it has ended
	Hidden    bool          `bson:"hidden,omitempty"`   // the seller shows it no more; it is kept all the same
	// KeepUntil is the day before which it must not be deleted, and KeptFor the
	// rule that says so.
	KeepUntil time.Time `bson:"keep_until"`
	KeptFor   string    `bson:"kept_for"`
	// Due is when a worker must look whether it may be deleted; nil once it is.
	Due       *time.Time `bson:"due,omitempty"`
	DeletedAt *time.Time `bson:"deleted_at,omitempty"` // its files are gone; its sum remains
}

var recordingSpec = store.Spec{Name: "recordings", Indexes: []store.Index{
	{Name: "show", Fields: []string{"show", "started_at"}},
	{Name: "open", Fields: []string{"open"}},
	{Name: "due", Fields: []string{"due"}},
}}

// recordingPart is one file of a recording. Part 0 is the head. Its document
// is written after its file, so that what is listed is there.
type recordingPart struct {
	store.Doc `bson:",inline"`
	Recording market.ID     `bson:"recording"`
	N         int           `bson:"n"`
	Start     time.Duration `bson:"start"`
	Length    time.Duration `bson:"length"`
	Size      int64         `bson:"size"`
	At        time.Time     `bson:"at"`
}

var recordingPartSpec = store.Spec{Name: "recording_parts", Indexes: []store.Index{
	{Name: "recording", Fields: []string{"recording", "n"}},
}}

func partID(recording market.ID, n int) market.ID {
	return market.ID(fmt.Sprintf("%s:%06d", recording, n))
}

func partKey(recording market.ID, n int, c Container) string {
	return fmt.Sprintf("video/%s/%06d.%s", recording, n, c)
}

// recordingRef is how the record of a show names a recording.
func recordingRef(id market.ID) string { return "video/" + string(id) }

// partLength is how much is gathered before it is written: what a crash loses.
const partLength = 8 * time.Second

// take writes a recording. Its context outlives the request that began it.
type take struct {
	ctx    context.Context
	studio *Studio
	rec    *Recording
	n      int // next part
	size   int64
	sum    hash.Hash
	wait   []byte // gathered, not yet written
	start  time.Duration
	end    time.Duration
}

func (s *Studio) newTake(ctx context.Context, show *Show) Take {
	return &take{
		ctx: context.WithoutCancel(ctx), studio: s, sum: sha256.New(),
		rec: &Recording{Doc: store.Doc{ID: s.env.NewID()}, Show: show.ID, Seller: show.Seller, Open: true},
	}
}

// Begin implements Take.
func (t *take) Begin(c Container, head []byte) error {
	now := t.studio.env.Now()
	t.rec.Container, t.rec.StartedAt = c, now
	t.rec.KeepUntil, t.rec.KeptFor = t.studio.keeping.Until(now)
	t.rec.Due = &t.rec.KeepUntil
	if err := t.studio.recordings.Insert(t.ctx, t.rec); err != nil {
		return err
	}
	return t.write(head, 0, 0)
}

// Part implements Take.
func (t *take) Part(start, length time.Duration, data []byte) error {
	if len(t.wait) == 0 {
		t.start = start
	}
	t.wait, t.end = append(t.wait, data...), start+length
	if t.end-t.start < partLength {
		return nil
	}
	return t.flush()
}

func (t *take) flush() error {
	if len(t.wait) == 0 {
		return nil
	}
	err := t.write(t.wait, t.start, t.end-t.start)
	t.wait = nil
	return err
}

// write keeps one file and lists it. A file that could not be kept leaves a
// hole in the picture, not in the file.
func (t *take) write(data []byte, start, length time.Duration) error {
	key := partKey(t.rec.ID, t.n, t.rec.Container)
	if err := t.studio.Files.Put(t.ctx, key, t.rec.Container.MediaType(), data); err != nil {
		return err
	}
	err := t.studio.parts.Insert(t.ctx, &recordingPart{
		Doc: store.Doc{ID: partID(t.rec.ID, t.n)}, Recording: t.rec.ID, N: t.n,
		Start: start, Length: length, Size: int64(len(data)), At: t.studio.env.Now(),
	})
	if err != nil {
		return err
	}
	t.n++
	t.size += int64(len(data))
	_, _ = t.sum.Write(data) // a hash never fails
	return nil
}

// End implements Take.
func (t *take) End() error {
	if t.n == 0 {
		return nil
	}
	failed := t.flush()
	sum := taken{parts: t.n, size: t.size, length: t.end, sum: t.sum.Sum(nil)}
	if err := t.studio.close(t.ctx, t.rec.ID, sum, false); err != nil {
		return err
	}
	return failed
}

// taken is what all parts are together.
type taken struct {
	parts  int
	size   int64
	length time.Duration
	sum    []byte
}

// close writes down what the recording has become, first in the record of its
// show: what a crash leaves open is closed once more, by the same sum.
func (s *Studio) close(ctx context.Context, id market.ID, w taken, cut bool) error {
	now := s.env.Now()
	rec, err := s.recordings.Get(ctx, id)
	if err != nil {
		return err
	}
	if err := s.Shows.KeepFootage(ctx, market.System, rec.Show, recordingRef(id), hex.EncodeToString(w.sum)); err != nil {
		return err
	}
	_, err = s.recordings.Update(ctx, id, func(r *Recording) ([]market.Event, error) {
		if !r.Open && cut {
			return nil, nil
		}
		ended := now
		if cut {
			ended = r.StartedAt.Add(w.length)
		}
		r.Open, r.Cut, r.EndedAt = false, cut, &ended
		r.Parts, r.Size, r.Length, r.SHA256 = w.parts, w.size, w.length, hex.EncodeToString(w.sum)
		return nil, nil
	})
	return err
}

// silence is how long nothing is written before a recording counts as cut off.
const silence = 2 * time.Minute

// MendRecordings closes recordings that the market left open when it was
// stopped in the middle, and returns how many. It is a chore.
func (s *Studio) MendRecordings(ctx context.Context) (int, error) {
	mended := 0
	err := s.recordings.Each(ctx, store.Query{Index: "open", Eq: []any{true}}, func(r *Recording) error {
		w, last, err := s.addUp(ctx, r)
		if err != nil || s.env.Now().Sub(last) < silence {
			return err
		}
		mended++
		return s.close(ctx, r.ID, w, true)
	})
	return mended, err
}

// addUp reads every part again and tells when the last was written.
func (s *Studio) addUp(ctx context.Context, r *Recording) (taken, time.Time, error) {
	w, last, sum := taken{}, r.StartedAt, sha256.New()
	err := s.eachPart(ctx, r.ID, func(p *recordingPart) error {
		data, err := s.Files.Get(ctx, partKey(r.ID, p.N, r.Container))
		if err != nil {
			return err
		}
		_, _ = sum.Write(data)
		w.parts, w.size, w.length, last = w.parts+1, w.size+int64(len(data)), p.Start+p.Length, p.At
		return nil
	})
	w.sum = sum.Sum(nil)
	return w, last, err
}

func (s *Studio) eachPart(ctx context.Context, recording market.ID, do func(*recordingPart) error) error {
	return s.parts.Each(ctx, store.Query{Index: "recording", Eq: []any{recording}}, do)
}
