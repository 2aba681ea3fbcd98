package orders_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
	"chohue/orders"
)

// The whole of what merging does: of the same variant the larger quantity and
// the later touch, own lines first, nothing doubled, nothing lost below the
// limit.
func TestMergeTruthTable(t *testing.T) {
	at := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
	early, late := &orders.Touch{Link: "early", At: at}, &orders.Touch{Link: "late", At: at.Add(time.Hour)}
	line := func(v market.ID, n int64, touch *orders.Touch) orders.CartLine {
		return orders.CartLine{Variant: v, Product: "P" + v, Quantity: n, Touch: touch}
	}
	for name, row := range map[string]struct{ own, guest, want []orders.CartLine }{
		"nothing, nothing":           {nil, nil, []orders.CartLine{}},
		"something, nothing":         {lines(line("a", 2, nil)), nil, lines(line("a", 2, nil))},
		"nothing, something":         {nil, lines(line("a", 2, nil)), lines(line("a", 2, nil))},
		"different":                  {lines(line("a", 1, nil)), lines(line("b", 2, nil)), lines(line("a", 1, nil), line("b", 2, nil))},
		"same, guest more":           {lines(line("a", 1, nil)), lines(line("a", 3, nil)), lines(line("a", 3, nil))},
		"same, own more":             {lines(line("a", 5, nil)), lines(line("a", 3, nil)), lines(line("a", 5, nil))},
		"same, as many":              {lines(line("a", 3, nil)), lines(line("a", 3, nil)), lines(line("a", 3, nil))},
		"touch of the guest":         {lines(line("a", 3, nil)), lines(line("a", 1, early)), lines(line("a", 3, early))},
		"own touch":                  {lines(line("a", 3, early)), lines(line("a", 1, nil)), lines(line("a", 3, early))},
		"later touch of the guest":   {lines(line("a", 3, early)), lines(line("a", 1, late)), lines(line("a", 3, late))},
		"earlier touch of the guest": {lines(line("a", 3, late)), lines(line("a", 1, early)), lines(line("a", 3, late))},
	} {
		own := append([]orders.CartLine(nil), row.own...)
		got := orders.Merge(row.own, row.guest)
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if diff := cmp.Diff(own, row.own); diff != "" {
			t.Errorf("%s changed what it was given: %s", name, diff)
		}
		if again := orders.Merge(got, row.guest); !cmp.Equal(again, got) {
			t.Errorf("%s: merging again changes it: %s", name, cmp.Diff(got, again))
		}
	}
}

func lines(all ...orders.CartLine) []orders.CartLine { return all }

// A guest's cart comes along at sign-in, once, to one person; who holds an old
// token holds nothing.
func TestPain12GuestCartIsNeitherLostNorStolen(t *testing.T) {
	s := newShop(t)
	rice := s.product(s.seller("HTX"), "Gạo", 30_000, 50)
	mai, lan := market.Actor{Person: "mai"}, market.Actor{Person: "lan"}
	loose := s.cart(guest, want{rice, 2})
	own := s.cart(mai, want{rice, 1})
	merged, err := s.orders.MergeCarts(s.ctx, mai, loose, own)
	s.must(err)
	if len(merged.Lines) != 1 || merged.Lines[0].Quantity != 2 {
		t.Errorf("merged %+v", merged.Lines)
	}
	for name, try := range map[string]struct {
		by    market.Actor
		token market.ID
	}{
		"the guest's token by a guest":       {guest, loose},
		"the guest's token by another":       {lan, loose},
		"the guest's token by the same":      {mai, loose},
		"the old token by the same":          {mai, own},
		"the new token by a guest":           {guest, merged.ID},
		"the new token by another":           {lan, merged.ID},
		"the bare id":                        {mai, merged.ID[:26]},
		"a bare id without a cart":           {mai, loose[:26]},
		"another turn under the same mac":    {mai, merged.ID[:26] + own[26:30] + merged.ID[30:]},
		"one bit of the signature":           {mai, flipped(merged.ID)},
		"nothing":                            {mai, ""},
		"something":                          {mai, "x"},
		"as long as a token, of other bytes": {mai, market.ID(strings.Repeat("A", 56))},
	} {
		if _, err := s.orders.Cart(s.ctx, try.by, try.token); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.orders.SetLine(s.ctx, try.by, try.token, rice, 9, nil); market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s changes it: %v", name, err)
		}
		if _, err := s.orders.MergeCarts(s.ctx, try.by, try.token, ""); try.by.Person != "mai" && market.KindOf(err) != market.KindNotFound {
			t.Errorf("%s merges it: %v", name, err)
		}
	}
	found, err := s.orders.CartOf(s.ctx, mai)
	if err != nil || found.ID != merged.ID || found.Lines[0].Quantity != 2 {
		t.Errorf("on another device: %+v, %v", found, err)
	}
	if _, err := s.orders.CartOf(s.ctx, lan); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another person finds a cart: %v", err)
	}
}

func flipped(token market.ID) market.ID {
	last := byte('A')
	if token[len(token)-1] == last {
		last = 'B'
	}
	return token[:len(token)-1] + market.ID(last)
}

// A cart that was ordered is not merged: what was bought would be bought again.
func TestOrderedGuestCartStaysBehind(t *testing.T) {
	s := newShop(t)
	rice := s.product(s.seller("HTX"), "Gạo", 30_000, 50)
	loose := s.cart(guest, want{rice, 2})
	_, _, err := s.orders.Place(s.ctx, guest, checkout(loose, "cod"))
	s.must(err)
	if _, err := s.orders.MergeCarts(s.ctx, market.Actor{Person: "mai"}, loose, ""); market.KindOf(err) != market.KindConflict {
		t.Errorf("got %v", err)
	}
}
