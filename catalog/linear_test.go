package catalog

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"chohue/market"
	"chohue/store"
	"chohue/store/memory"
	"chohue/store/sqlite"
)

// stockCall is one call on one variant's stock, and stockAnswer what it said.
type stockCall struct {
	what     string // hold, settle, release, expire, receive, lose
	order    market.ID
	quantity int64
	until    time.Time // of a hold
}

type stockAnswer struct{ refused bool }

// ledgerOfStock is the stock as a shopkeeper would note it, one step at a time.
type ledgerOfStock struct {
	free int64
	held [linearOrders]noted
}

type noted struct {
	quantity int64
	sold     bool
	until    int64
}

const (
	linearOrders = 4
	linearStock  = 10
)

// stockModel says which answers are right: any order of the calls that agrees
// with who answered before whom was called, and with what was answered.
var stockModel = porcupine.Model{
	Init: func() any { return ledgerOfStock{free: linearStock} },
	Step: func(state, input, output any) (bool, any) {
		s, _ := state.(ledgerOfStock)
		call, _ := input.(stockCall)
		answer, _ := output.(stockAnswer)
		next, refused := s.step(call)
		return refused == answer.refused, next
	},
	Equal:             func(a, b any) bool { return a == b },
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %+v", in, out) },
}

func (s ledgerOfStock) step(c stockCall) (ledgerOfStock, bool) {
	i := 0
	if c.order != "" {
		i = int(c.order[0] - 'A')
	}
	h := &s.held[i]
	switch c.what {
	case "hold":
		return s.hold(c)
	case "settle":
		if h.quantity == 0 {
			return s, true
		}
		h.sold = true
	case "release":
		if !h.sold {
			s.free, *h = s.free+h.quantity, noted{}
		}
	case "expire":
		s.expire(start.Unix(), -1)
	case "receive":
		s.free += c.quantity
	case "lose":
		if c.quantity > s.free {
			return s, true
		}
		s.free -= c.quantity
	}
	return s, false
}

func (s ledgerOfStock) hold(c stockCall) (ledgerOfStock, bool) {
	i := int(c.order[0] - 'A')
	h := s.held[i]
	before := s
	s.expire(start.Unix(), i) // whoever holds looks who has to let go first
	if h.sold && h.quantity == c.quantity {
		return s, false
	}
	if h.sold {
		return before, true
	}
	if c.quantity-s.held[i].quantity > s.free {
		return before, true
	}
	s.free -= c.quantity - s.held[i].quantity
	s.held[i] = noted{quantity: c.quantity, until: c.until.Unix()}
	return s, false
}

func (s *ledgerOfStock) expire(now int64, but int) {
	for i := range s.held {
		if h := &s.held[i]; i != but && h.quantity > 0 && !h.sold && h.until <= now {
			s.free, *h = s.free+h.quantity, noted{}
		}
	}
}

// TestPain01StockIsLinearizable lets buyers, the seller and the worker act on one
// stock at the same time, over the real stores, and asks whether all answers
// could have been given one after the other.
func TestPain01StockIsLinearizable(t *testing.T) {
	engines := map[string]func(*testing.T) store.Engine{
		"memory": func(*testing.T) store.Engine { return memory.New() },
		"file": func(t *testing.T) store.Engine {
			e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
			if err != nil {
				t.Fatal(err)
			}
			return e
		},
	}
	for name, engineOf := range engines {
		t.Run(name, func(t *testing.T) {
			engine := engineOf(t)
			t.Cleanup(func() { _ = engine.Close() })
			s := openOn(t, engine)
			for seed := range uint64(20) {
				wantLinear(t, seed, s.race(t, seed))
			}
		})
	}
}

func wantLinear(t *testing.T, seed uint64, history []porcupine.Operation) {
	t.Helper()
	result, info := porcupine.CheckOperationsVerbose(stockModel, history, time.Minute)
	if result == porcupine.Ok {
		return
	}
	file := filepath.Join(t.ArtifactDir(), fmt.Sprintf("stock-%d.html", seed))
	t.Fatalf("seed %d: %v; drawn in %s (%v)", seed, result, file, porcupine.VisualizePath(stockModel, info, file))
}

// race lets eight people make twelve calls each on a fresh stock and notes when
// each was made and answered.
func (s *shop) race(t *testing.T, seed uint64) []porcupine.Operation {
	t.Helper()
	const people, calls = 8, 12
	d := pomelo()
	d.Name.VI = fmt.Sprint("Thanh trà ", seed)
	d.Variants[0].Stock = linearStock
	variant := s.draft(t, d).Variants[0].ID
	begin, all := time.Now(), make([][]porcupine.Operation, people)
	var wait sync.WaitGroup
	for i := range people {
		dice := rand.New(rand.NewPCG(seed, uint64(i)))
		wait.Go(func() {
			for range calls {
				call := someStockCall(dice)
				op := porcupine.Operation{ClientId: i, Input: call, Call: int64(time.Since(begin))}
				op.Output = stockAnswer{s.call(t, variant, call)}
				op.Return = int64(time.Since(begin))
				all[i] = append(all[i], op)
			}
		})
	}
	wait.Wait()
	s.stock(t, variant)
	return slices.Concat(all...)
}

func someStockCall(dice *rand.Rand) stockCall {
	what := []string{"hold", "hold", "hold", "settle", "release", "expire", "receive", "lose"}
	c := stockCall{what: what[dice.IntN(len(what))], order: market.ID('A' + rune(dice.IntN(linearOrders))), quantity: 1 + dice.Int64N(6)}
	if c.until = start.Add(time.Hour); dice.IntN(3) == 0 {
		c.until = start // over at once: the first who looks lets go of it
	}
	return c
}

// call makes the call and reports whether it was refused.
func (s *shop) call(t *testing.T, variant market.ID, c stockCall) bool {
	ctx, order := t.Context(), c.order+market.ID(":"+variant)
	var err error
	switch c.what {
	case "hold":
		err = s.Hold(ctx, order, variant, c.quantity, c.until)
	case "settle":
		_, err = s.Settle(ctx, order, variant)
	case "release":
		err = s.Release(ctx, order, variant)
	case "expire":
		_, err = s.ExpireHolds(ctx)
	case "receive":
		_, err = s.Receive(ctx, farmer, variant, c.quantity, "harvest")
	case "lose":
		_, err = s.Adjust(ctx, farmer, variant, c.quantity, "spoiled")
	}
	if err != nil && market.KindOf(err) != market.KindConflict {
		t.Errorf("%+v: %v", c, err)
	}
	return err != nil
}

// The model notices what must not be: twelve units of ten held at once.
func TestStockModelNoticesOverselling(t *testing.T) {
	hold := func(order market.ID) stockCall {
		return stockCall{what: "hold", order: order, quantity: 6, until: start.Add(time.Hour)}
	}
	history := []porcupine.Operation{
		{ClientId: 0, Input: hold("A"), Output: stockAnswer{}, Call: 1, Return: 4},
		{ClientId: 1, Input: hold("B"), Output: stockAnswer{}, Call: 2, Return: 3},
	}
	if porcupine.CheckOperations(stockModel, history) {
		t.Error("two of six out of ten pass")
	}
	history[1].Output = stockAnswer{refused: true}
	if !porcupine.CheckOperations(stockModel, history) {
		t.Error("one of two is refused, and that does not pass")
	}
}
