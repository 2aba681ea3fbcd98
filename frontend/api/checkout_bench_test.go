package api

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/catalog"
	"chohue/market"
	"chohue/payments/sandbox"
	"chohue/store"
	"chohue/store/sqlite"
)

// BenchmarkCheckoutBesideBareWrites buys at the API, from the empty cart to the
// confirmed order with its ledger entry, statistics and messages to consumers,
// and then makes the very same writes bare against a store of its own. The aims:
// a checkout costs 1 ms of processor time at most, and is made at half the rate
// of its bare writes at least.
func BenchmarkCheckoutBesideBareWrites(b *testing.B) {
	for _, buyers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("buyers=%d", buyers), func(b *testing.B) {
			s, all := stocked(b)
			ctx, stop := context.WithCancel(s.ctx)
			defer stop()
			go s.relay.Run(ctx)
			tape := s.record(all[0])
			bare := newBareStore(b, tape)
			for i := range 50 { // caches and statements
				s.purchase(b, all[i])
				bare.play(b)
			}
			whole := together(b, buyers, b.N, func(i int) { s.purchase(b, all[i%len(all)]) })
			alone := together(b, buyers, b.N, func(int) { bare.play(b) })
			b.ReportMetric(whole.cpu, "cpu-ms/op")
			b.ReportMetric(whole.rate, "checkouts/s")
			b.ReportMetric(alone.cpu, "bare-cpu-ms/op")
			b.ReportMetric(whole.rate/alone.rate, "of-bare-rate")
			b.ReportMetric(float64(len(tape.writes)), "writes/op")
		})
	}
}

type pace struct{ rate, cpu float64 }

// together does something n times by so many at once.
func together(b *testing.B, clients, n int, do func(i int)) pace {
	b.Helper()
	var next atomic.Int64
	var wait sync.WaitGroup
	used, began := cpu(b), time.Now()
	for range clients {
		wait.Go(func() {
			for i := int(next.Add(1)); i <= n; i = int(next.Add(1)) {
				do(i)
			}
		})
	}
	wait.Wait()
	took := time.Since(began)
	return pace{
		rate: float64(n) / took.Seconds(),
		cpu:  float64((cpu(b) - used).Microseconds()) / 1000 / float64(n),
	}
}

// purchase is one buyer's way, with the wallet's signed notice.
func (s *shop) purchase(b *testing.B, p *catalog.Product) {
	b.Helper()
	v := s.guest()
	cart := ok[Cart](b, v.do("POST", "/carts", nil, "Idempotency-Key", noKey))
	path := "/carts/" + string(cart.ID)
	ok[Cart](b, v.do("PUT", path+"/lines/"+string(p.Variants[0].ID), LineWish{Quantity: 2}))
	placed := ok[Placed](b, v.do("POST", path+"/checkout", Checkout{Address: home, Method: "sandbox"}))
	body, signature := sandbox.CaptureNotice(sandbox.WalletConfig{Merchant: "CHOHUE", Secret: "an agreed secret"},
		placed.Order.ID, market.VND(placed.Order.Total.Amount), "bench-"+string(placed.Order.ID), s.clock())
	if w := v.do("POST", "/payments/sandbox/notices", body, "Idempotency-Key", noKey, sandbox.SignatureHeader, signature); w.Code >= http.StatusMultipleChoices {
		b.Fatalf("notice: %d %s", w.Code, w.Body)
	}
	look := "/orders/" + string(placed.Order.ID) + "?key=" + placed.Order.Key
	for pause := 10 * time.Millisecond; get[Order](v, look).State != "confirmed"; pause = min(2*pause, 100*time.Millisecond) {
		time.Sleep(pause)
	}
}

// tape is what one purchase writes, in order.
type tape struct {
	store.Engine

	mu     sync.Mutex
	specs  []store.Spec
	taking bool
	writes []written
}

type written struct {
	collection string
	id         market.ID
	insert     bool
	store.Write
}

func (t *tape) Declare(ctx context.Context, s store.Spec) error {
	t.mu.Lock()
	t.specs = append(t.specs, s)
	t.mu.Unlock()
	return t.Engine.Declare(ctx, s)
}

func (t *tape) take(w written) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.taking && w.Body != nil {
		t.writes = append(t.writes, w)
	}
}

func (t *tape) Insert(ctx context.Context, collection string, w store.Write) error {
	err := t.Engine.Insert(ctx, collection, w)
	if err == nil {
		t.take(written{collection, market.ID(w.Body.Lookup("_id").StringValue()), true, w})
	}
	return err
}

func (t *tape) Update(ctx context.Context, collection string, id market.ID, create bool, change store.Change) error {
	var last store.Write
	err := t.Engine.Update(ctx, collection, id, create, func(old bson.Raw) (w store.Write, err error) {
		last, err = change(old)
		return last, err
	})
	if err == nil {
		t.take(written{collection, id, false, last})
	}
	return err
}

// record buys once while nothing else happens.
func (s *shop) record(p *catalog.Product) *tape {
	s.t.Helper()
	b, _ := s.t.(*testing.B)
	s.must(s.relay.Drain(s.ctx))
	s.tape.mu.Lock()
	s.tape.taking, s.tape.writes = true, nil
	s.tape.mu.Unlock()
	s.purchase(b, p)
	s.must(s.relay.Drain(s.ctx))
	s.tape.mu.Lock()
	defer s.tape.mu.Unlock()
	s.tape.taking = false
	return s.tape
}

// bareStore makes the tape's writes: what the purchase inserted as new documents
// each time, what it changed as a change of the same one.
type bareStore struct {
	engine *sqlite.Engine
	tape   *tape
	turn   atomic.Int64
}

func newBareStore(b *testing.B, t *tape) *bareStore {
	b.Helper()
	engine, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "bare.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = engine.Close() })
	for _, s := range t.specs {
		if err := engine.Declare(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
	bare := &bareStore{engine: engine, tape: t}
	ctx, stop := context.WithCancel(context.Background())
	b.Cleanup(stop)
	relay := store.NewRelay(engine, nil, nil)
	go relay.Run(ctx)
	return bare
}

func (s *bareStore) play(b *testing.B) {
	b.Helper()
	turn := fmt.Sprintf("%012d", s.turn.Add(1))
	fresh := map[market.ID]bool{}
	for _, w := range s.tape.writes {
		err := error(nil)
		fresh[w.id] = fresh[w.id] || w.insert
		id := w.id
		if fresh[w.id] {
			id = renamed(w.id, turn)
		}
		body := withID(w.Body, id)
		if w.insert {
			err = s.engine.Insert(b.Context(), w.collection, store.Write{Body: body, Events: w.Events})
		} else {
			err = s.engine.Update(b.Context(), w.collection, id, true, func(bson.Raw) (store.Write, error) {
				return store.Write{Body: body, Events: w.Events}, nil
			})
		}
		if err != nil {
			b.Error(err)
			return
		}
	}
}

// renamed keeps the length of an id.
func renamed(id market.ID, turn string) market.ID {
	if len(id) < len(turn) {
		return market.ID(turn)
	}
	return market.ID(turn) + id[len(turn):]
}

func withID(body bson.Raw, id market.ID) bson.Raw {
	old := body.Lookup("_id").StringValue()
	if len(old) != len(id) {
		panic("an id of another length: " + old)
	}
	return bson.Raw(strings.Replace(string(body), old, string(id), 1))
}
