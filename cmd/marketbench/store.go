package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
	"chohue/store/sqlite"
)

const (
	documents = 10_000
	writers   = 64
	rounds    = 4 // ours and theirs take turns, so that both meet the same machine
)

// note is a document of about a kilobyte.
type note struct {
	store.Doc `bson:",inline"`
	Count     int64  `bson:"count"`
	Text      string `bson:"text"`
}

// comparison is one rate of the store beside that of the bare driver.
type comparison struct {
	name       string
	ours, bare float64 // a second
	bar        float64 // least ratio that is wanted; 0 when none is
}

func (c comparison) ratio() float64 { return c.ours / c.bare }

// pair holds the same documents twice: in the store and by hand.
type pair struct {
	engine *sqlite.Engine
	notes  *store.Collection[note]
	bare   *bare
	ids    []string
}

func openPair(ctx context.Context, dir string) (*pair, error) {
	p := &pair{}
	var err error
	if p.engine, err = sqlite.Open(ctx, filepath.Join(dir, "store.db")); err != nil {
		return nil, err
	}
	if p.notes, err = store.Open[note](ctx, p.engine, store.Spec{Name: "notes"}); err != nil {
		return nil, err
	}
	if p.bare, err = openBare(ctx, filepath.Join(dir, "bare.db")); err != nil {
		return nil, err
	}
	return p, p.fill(ctx)
}

func (p *pair) fill(ctx context.Context) error {
	text := strings.Repeat("một nghìn chữ ", 58)
	bodies := make([][]byte, documents)
	for i := range documents {
		id := market.ID(fmt.Sprintf("%026d", i))
		body, err := bson.Marshal(note{Doc: store.Doc{ID: id, Rev: 1}, Text: text})
		if err != nil {
			return err
		}
		p.ids, bodies[i] = append(p.ids, string(id)), body
	}
	if err := p.bare.fill(ctx, p.ids, bodies); err != nil {
		return err
	}
	return together(writers, documents, func(i int) error {
		return p.engine.Insert(ctx, "notes", store.Write{Body: bodies[i]})
	})
}

// together does n jobs on some goroutines.
func together(goroutines, n int, do func(i int) error) error {
	errs := make(chan error, goroutines)
	for g := range goroutines {
		go func() {
			for i := g; i < n; i += goroutines {
				if err := do(i); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	var first error
	for range goroutines {
		if err := <-errs; first == nil {
			first = err
		}
	}
	return first
}

// measureStore compares the store with the bare driver and reports.
func measureStore(ctx context.Context, dir string, o options) (string, error) {
	say("store: %d documents of a kilobyte", documents)
	p, err := openPair(ctx, dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = p.engine.Close() }()
	var found []comparison
	for _, c := range []struct {
		name       string
		clients    int
		bar        float64
		ours, bare func(id string) error
	}{
		{"get by id, 1 reader", 1, 0.7, p.get(ctx), p.getBare},
		{"get by id, 16 readers", 16, 0.7, p.get(ctx), p.getBare},
		{"get by id and decode, 16 readers", 16, 0, p.getDecoded(ctx), p.getBare},
		{"durable update, 64 writers", writers, 0.6, p.update(ctx), p.updateBare},
		{"durable update with decoding, 64 writers", writers, 0, p.updateDecoded(ctx), p.updateBare},
	} {
		say("store: %s", c.name)
		ours, theirs, err := p.inTurns(ctx, c.clients, o.step()/rounds, c.ours, c.bare)
		if err != nil {
			return "", err
		}
		found = append(found, comparison{c.name, ours, theirs, c.bar})
	}
	return storeTable(found), nil
}

func (p *pair) inTurns(ctx context.Context, clients int, length time.Duration, ours, theirs func(id string) error) (a, b float64, err error) {
	for range rounds {
		for _, side := range []struct {
			sum *float64
			do  func(id string) error
		}{{&a, ours}, {&b, theirs}} {
			s, err := repeat(ctx, clients, length, func(int) error { return side.do(p.any()) })
			if err != nil {
				return 0, 0, err
			}
			*side.sum += s.perSecond() / rounds
		}
	}
	return a, b, nil
}

func (p *pair) any() string { return p.ids[rand.IntN(len(p.ids))] }

func (p *pair) get(ctx context.Context) func(string) error {
	return func(id string) error {
		found, err := p.engine.Get(ctx, "notes", market.ID(id))
		if err == nil && len(found) != 1 {
			return store.ErrMissing
		}
		return err
	}
}

// getBare reads without a context that can end: to watch for that takes the
// driver goroutines of its own.
func (p *pair) getBare(id string) error {
	_, err := p.bare.get(context.Background(), id)
	return err
}

func (p *pair) getDecoded(ctx context.Context) func(string) error {
	return func(id string) error {
		_, err := p.notes.Get(ctx, market.ID(id))
		return err
	}
}

func (p *pair) update(ctx context.Context) func(string) error {
	return func(id string) error {
		return p.engine.Update(ctx, "notes", market.ID(id), false, func(old bson.Raw) (store.Write, error) {
			return store.Write{Body: counted(old)}, nil
		})
	}
}

func (p *pair) updateBare(id string) error { return p.bare.update(id, counted) }

func (p *pair) updateDecoded(ctx context.Context) func(string) error {
	return func(id string) error {
		_, err := p.notes.Update(ctx, market.ID(id), func(n *note) ([]market.Event, error) {
			n.Count++
			return nil, nil
		})
		return err
	}
}

// countAt is where the eight bytes of note.Count stand in its BSON: behind the
// document's length, _id (1+4+4+26+1 bytes), _rev (1+5+8) and the field's name.
const countAt = 4 + (1 + 4 + 4 + 26 + 1) + (1 + 5 + 8) + (1 + 6)

// counted adds one to the count of an encoded note.
func counted(old []byte) []byte {
	next := append([]byte(nil), old...)
	at := next[countAt : countAt+8]
	binary.LittleEndian.PutUint64(at, binary.LittleEndian.Uint64(at)+1)
	return next
}
