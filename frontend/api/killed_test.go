package api

import (
	"maps"
	"testing"
	"time"

	"chohue/frontend/web"
	"chohue/market"
)

// needsKey reports whether nobody may ask for the operation without a key.
func (op specOp) needsKey() bool {
	for _, p := range op.Parameters {
		if p.Name == web.KeyHeader && p.Required {
			return true
		}
	}
	return false
}

// TestKilledBeforeTheAnswerIsKept kills the market between what an operation
// did and the keeping of its answer, for every operation about orders and
// money. The next try under the same key does nothing again, and is told what
// the first would have been told.
func TestKilledBeforeTheAnswerIsKept(t *testing.T) {
	s := openShop(t)
	m := s.matrix(t)
	tried := 0
	for _, op := range m.served.operations() {
		if !op.needsKey() {
			continue
		}
		tried++
		values := m.world(m.theirs, m.shelf, op.ID)
		values[web.KeyHeader] = market.NewSecret()
		g := &siege{shop: s, served: m.served, op: op, values: values}
		body := maps.Clone(values)
		if len(m.ids(t, op).path) == 0 {
			body["product"] = values["shelf"]
		}
		who := owner(op.ID, m.staff, m.seller, m.buyer)
		s.killed.Store(true)
		first := m.ask(who, g, op, values, body)
		s.killed.Store(false)
		if first.Code >= 300 {
			t.Errorf("%s: %d %s: the row proves nothing", op.ID, first.Code, first.Body)
			continue
		}
		s.pass(2 * time.Minute)
		before := s.writes.Load()
		again := m.ask(who, g, op, values, body)
		if again.Code != first.Code || plain(again.Body.String()) != plain(first.Body.String()) || again.Header().Get(web.ReplayedHeader) != "" {
			t.Errorf("%s first:\n%d %s\nagain:\n%d %s", op.ID, first.Code, first.Body, again.Code, again.Body)
		}
		if n := s.writes.Load() - before; n != 0 {
			t.Errorf("%s: the second try wrote %d documents", op.ID, n)
		}
		if third := m.ask(who, g, op, values, body); third.Header().Get(web.ReplayedHeader) != "true" || third.Body.String() != again.Body.String() {
			t.Errorf("%s is not answered from memory: %d %s", op.ID, third.Code, third.Body)
		}
	}
	if tried < 20 {
		t.Errorf("only %d operations need a key", tried)
	}
	s.drain()
}

// TestNobodyGoesWithoutAKey: what is about orders and money is refused before
// anything is done.
func TestNobodyGoesWithoutAKey(t *testing.T) {
	s := openShop(t)
	p := s.product(s.seller("HTX Một"), "Bưởi", 30_000, 10)
	guest := s.guest()
	path := "/carts/" + string(guest.fill(p).ID) + "/checkout"
	before := s.writes.Load()
	refused := problem(t, guest.do("POST", path, Checkout{Address: home, Method: "cod"}, web.KeyHeader, noKey), 400)
	if len(refused.Errors) != 1 || refused.Errors[0].Field != web.KeyHeader || s.writes.Load() != before {
		t.Errorf("refused with %+v after %d writes", refused, s.writes.Load()-before)
	}
}
