package orders_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// The aggregate against a plain model: whatever is held, spent, given back,
// heard twice or left to expire, available + held + spent = budget, and nobody's
// use counts twice.
func TestVoucherBudgetStepByStep(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
		v := orders.Voucher{Terms: orders.VoucherTerms{Budget: 1000, Uses: 6, From: now.Add(-time.Hour), To: now.Add(1000 * time.Hour)}}
		spent := map[market.ID]market.VND{} // by order, what it has for good
		remembers := map[market.ID]bool{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			order := market.ID(rapid.SampledFrom([]string{"A", "B", "C", "D", "E", "F", "G", "H"}).Draw(t, "order"))
			what := rapid.IntRange(0, 4).Draw(t, "what")
			if remembers[order] && what < 2 {
				continue // a confirmed order asks no more
			}
			switch what {
			case 0:
				amount := market.VND(rapid.IntRange(1, 400).Draw(t, "amount"))
				err := v.Hold(order, amount, now, now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "minutes"))*time.Minute))
				if money, uses := v.Left(); err != nil && spent[order] == 0 && money >= amount && uses > 0 {
					t.Fatalf("refused %d with %d and %d uses left", amount, money, uses)
				}
			case 1:
				held, granted := holdOf(v, order), market.VND(rapid.IntRange(1, 400).Draw(t, "granted"))
				money, _ := v.Left()
				err := v.Settle(order, granted)
				switch {
				case err == nil && spent[order] == 0:
					spent[order] = granted
				case err == nil && held != 0:
					t.Fatal("spent a second time")
				case err != nil && held > 0 && granted-held <= money:
					t.Fatalf("%d held, %d granted, %d left: %v", held, granted, money, err)
				}
			case 2:
				for range 2 {
					v.Return(order, spent[order])
				}
				v.Forget(order)
				delete(spent, order)
				delete(remembers, order)
			case 3:
				now = now.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "pass")) * time.Minute)
				v.Expire(now, "")
			case 4:
				if spent[order] > 0 {
					v.ForgetSettled(order)
					remembers[order] = true
				}
			}
			if err := v.Check(); err != nil {
				t.Fatal(err)
			}
			var sum market.VND
			for _, amount := range spent {
				sum += amount
			}
			if v.Spent != sum || v.SpentUses != int64(len(spent)) {
				t.Fatalf("spent %d in %d uses, want %d in %d", v.Spent, v.SpentUses, sum, len(spent))
			}
		}
	})
}

func holdOf(v orders.Voucher, order market.ID) market.VND {
	for _, h := range v.Holds {
		if h.Order == order {
			return h.Amount
		}
	}
	return 0
}

// voucher makes a voucher that anybody may have, with what the test changes.
func (s *shop) voucher(seller, code market.ID, change func(*orders.VoucherTerms)) *orders.Voucher {
	s.t.Helper()
	t := orders.VoucherTerms{
		Kind: orders.VoucherAmount, Way: orders.VoucherAuto, Amount: 20_000, MinGoods: 100_000,
		From: s.now.Add(-time.Hour), To: s.now.Add(240 * time.Hour), Budget: 1_000_000, Uses: 50,
	}
	if change != nil {
		change(&t)
	}
	v, err := s.orders.MakeVoucher(s.ctx, market.System, orders.NewVoucher{Seller: seller, Code: string(code), Name: market.Text{VI: "Ưu đãi " + string(code)}, Terms: t})
	s.must(err)
	return v
}

func (s *shop) found(code, seller market.ID) *orders.Voucher {
	s.t.Helper()
	page, err := s.orders.VouchersOf(s.ctx, market.System, seller, "", 100)
	s.must(err)
	for _, v := range page.Items {
		s.must(v.Check())
		if v.ID == code {
			return v
		}
	}
	s.t.Fatalf("no voucher %s", code)
	return nil
}

// A seller's voucher, the platform's and free delivery together: who pays what
// is in the bill, the payment and the books, and all of it goes back with the
// order.
func TestVouchersStack(t *testing.T) {
	s := newShop(t)
	a, b := s.seller("HTX A"), s.seller("HTX B")
	rice, fruit := s.product(a, "Gạo", 60_000, 50), s.product(b, "Thanh trà", 100_001, 50)
	s.voucher(a, "GAO10", func(t *orders.VoucherTerms) {
		t.Kind, t.Amount, t.Percent, t.Most = orders.VoucherPercent, 0, 1000, 15_000
	})
	s.voucher(a, "GAOIT", func(t *orders.VoucherTerms) { t.Amount = 5_000 }) // less than GAO10 gives
	s.voucher("", "HUE30", func(t *orders.VoucherTerms) { t.Amount = 30_000; t.MinGoods = 200_000 })
	s.voucher("", "SHIP", func(t *orders.VoucherTerms) {
		t.Kind, t.Amount, t.MinGoods, t.Most = orders.VoucherShipping, 0, 150_000, 20_000
	})
	o := s.place(guest, "wallet", want{rice, 2}, want{fruit, 1})
	bill := o.Bill()
	if bill.List != 220_001 || bill.SellerOff != 12_000 || bill.PlatformOff != 30_000+20_000 || bill.Total != o.Total {
		t.Fatalf("bill %+v, order %d", bill, o.Total)
	}
	if got := bill.List - bill.SellerOff + bill.Shipping - bill.ShippingOff - bill.PlatformOff; got != o.Total {
		t.Fatalf("the bill's parts are %d, its total %d", got, o.Total)
	}
	checkOrderSums(t, o)
	s.notice(o, payments.NoticeCapture)
	books := s.balances()
	if books[payments.PlatformVouchers] != -50_000 || books[payments.Clearing("wallet")] != -o.Total {
		t.Errorf("platform owes %d, wallet %d of %d", books[payments.PlatformVouchers], books[payments.Clearing("wallet")], o.Total)
	}
	for _, p := range o.Parcels {
		if got := books[payments.Payable(p.Seller)]; got != p.Goods+p.Shipping-p.Fee {
			t.Errorf("%s is owed %d, want %d", p.SellerName.VI, got, p.Goods+p.Shipping-p.Fee)
		}
	}
	for code, seller := range map[market.ID]market.ID{"GAO10": a, "HUE30": "", "SHIP": ""} {
		if v := s.found(code, seller); v.SpentUses != 1 || v.Held != 0 || len(v.Settled) != 0 {
			t.Errorf("%s: %+v", code, v)
		}
	}
	_, err := s.orders.Cancel(s.ctx, guest, o.ID, o.Key, "thôi")
	s.must(err)
	for account, balance := range s.balances() {
		if balance != 0 {
			t.Errorf("%s keeps %d", account, balance)
		}
	}
	for code, seller := range map[market.ID]market.ID{"GAO10": a, "HUE30": "", "SHIP": ""} {
		if v := s.found(code, seller); v.Spent != 0 || v.SpentUses != 0 || len(v.Returned) != 0 {
			t.Errorf("%s after the cancelling: %+v", code, v)
		}
	}
}

// checkOrderSums holds every level of an order against the one below.
func checkOrderSums(t *testing.T, o *orders.Order) {
	t.Helper()
	var goods, shipping, subsidy, due market.VND
	for _, p := range o.Parcels {
		var lines, off market.VND
		for _, l := range p.Lines {
			lines, off = lines+l.Amount, off+l.Subsidy
		}
		if lines != p.Goods || off != p.Subsidy || p.Due() <= 0 {
			t.Errorf("parcel of %s: lines %d of %d, subsidy %d of %d, due %d", p.SellerName.VI, lines, p.Goods, off, p.Subsidy, p.Due())
		}
		goods, shipping, subsidy, due = goods+p.Goods, shipping+p.Shipping, subsidy+p.Subsidy+p.ShippingSubsidy, due+p.Due()
	}
	if goods != o.Goods || shipping != o.Shipping || subsidy != o.Subsidy || due != o.Total {
		t.Errorf("order says %d, %d, %d, %d; its parcels %d, %d, %d, %d", o.Goods, o.Shipping, o.Subsidy, o.Total, goods, shipping, subsidy, due)
	}
}

// 64 buyers at once for 7 uses: exactly 7 have it, the others pay the full
// price or are told; the budget holds after each of them.
func TestVoucherBudgetUnderRaces(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	rice := s.product(seller, "Gạo", 60_000, 1000)
	s.voucher("", "BAYSUAT", func(t *orders.VoucherTerms) { t.Budget, t.Uses = 140_000, 7 })
	carts := make([]market.ID, 64)
	for i := range carts {
		carts[i] = s.cart(guest, want{rice, 2})
	}
	var group sync.WaitGroup
	var mu sync.Mutex
	cheap, refused := 0, 0
	for _, cart := range carts {
		group.Go(func() {
			o, _, err := s.orders.Place(s.ctx, guest, checkout(cart, "cod"))
			mu.Lock()
			defer mu.Unlock()
			var e *market.Error
			switch {
			case errors.As(err, &e) && e.Key == "voucher.spent" && e.Field == "voucher":
				refused++
			case err != nil:
				t.Error(err)
			case o.Subsidy == 20_000:
				cheap++
			case o.Subsidy != 0:
				t.Errorf("a part of the voucher: %d", o.Subsidy)
			}
		})
	}
	group.Wait()
	s.drain()
	v := s.found("BAYSUAT", "")
	if cheap != 7 || v.SpentUses != 7 || v.Spent != 140_000 || v.Held != 0 {
		t.Errorf("%d had it, %d refused; voucher %+v", cheap, refused, v)
	}
	if k := s.stock(rice); k.Held != 0 {
		t.Errorf("%d kept from the shelf by orders that were refused", k.Held)
	}
}

// Whoever holds and never pays holds for a time only; whoever pays late finds
// what is left, or the money back.
func TestVoucherHoldEnds(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	rice := s.product(seller, "Gạo", 60_000, 1000)
	s.voucher("", "MOTSUAT", func(t *orders.VoucherTerms) { t.Budget, t.Uses = 20_000, 1 })
	first := s.place(guest, "wallet", want{rice, 2})
	if v := s.found("MOTSUAT", ""); v.Held != 20_000 || v.HeldUses != 1 {
		t.Fatalf("held %d", v.Held)
	}
	s.now = s.now.Add(time.Hour)
	_, err := s.orders.ExpireVouchers(s.ctx)
	s.must(err)
	second := s.place(guest, "cod", want{rice, 2})
	if second.Subsidy != 20_000 {
		t.Fatalf("the second has %d", second.Subsidy)
	}
	s.notice(first, payments.NoticeCapture)
	s.drain()
	got := s.order(first.ID)
	if got.State != orders.StateRefunded || got.Reason != "voucher_gone" {
		t.Errorf("paid late without a voucher: %s, %s", got.State, got.Reason)
	}
	if v := s.found("MOTSUAT", ""); v.SpentUses != 1 || v.Spent != 20_000 {
		t.Errorf("voucher %+v", v)
	}
}

// A voucher for once is for once, also for somebody who signs out in between;
// an order that comes to nothing does not count.
func TestVoucherPerPerson(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	rice := s.product(seller, "Gạo", 60_000, 1000)
	s.voucher(seller, "MOTLAN", func(t *orders.VoucherTerms) { t.PerPerson = 1 })
	mai := market.Actor{Person: "mai"}
	o := s.place(mai, "cod", want{rice, 2})
	for _, by := range []market.Actor{mai, guest} { // the same phone number
		_, _, err := s.orders.Place(s.ctx, by, checkout(s.cart(by, want{rice, 2}), "cod"))
		if key(err) != "voucher.used" {
			t.Errorf("by %+v: %v", by, err)
		}
	}
	_, err := s.orders.Cancel(s.ctx, mai, o.ID, "", "")
	s.must(err)
	s.drain()
	if again := s.place(mai, "cod", want{rice, 2}); again.Bill().SellerOff != 20_000 {
		t.Errorf("after the cancelling: %+v", again.Bill())
	}
}

// The confirmation may be heard of once more after the end: seed 44 of the
// simulator.
func TestVoucherGivesBackOnceThoughTheConfirmationIsHeardAgain(t *testing.T) {
	v := &orders.Voucher{Terms: orders.VoucherTerms{From: when, To: when.Add(time.Hour), Budget: 100, Uses: 2}}
	hold := func(order market.ID) {
		if err := errors.Join(v.Hold(order, 50, when, when.Add(time.Minute)), v.Settle(order, 50)); err != nil {
			t.Fatal(err)
		}
		v.ForgetSettled(order)
	}
	hold("A")
	hold("B")
	for range 3 {
		v.Return("A", 50)
		v.ForgetSettled("A")
	}
	if err := v.Check(); err != nil || v.Spent != 50 || v.SpentUses != 1 {
		t.Errorf("%v: %d spent in %d uses", err, v.Spent, v.SpentUses)
	}
}

func TestFirstOrderVoucher(t *testing.T) {
	s := newShop(t)
	rice := s.product(s.seller("HTX"), "Gạo", 60_000, 1000)
	s.voucher("", "LANDAU", func(t *orders.VoucherTerms) { t.FirstOrder = true })
	if o := s.place(guest, "cod", want{rice, 2}); o.Subsidy != 0 {
		t.Error("nobody knows whether it is a guest's first")
	}
	mai := market.Actor{Person: "mai"}
	far := checkout(s.cart(mai, want{rice, 2}), "cod")
	far.Address.Phone = "0905 333 444"
	if o, _, err := s.orders.Place(s.ctx, mai, far); err != nil || o.Subsidy != 20_000 {
		t.Fatalf("first order: %v, %v", o, err)
	}
	if o := s.place(mai, "cod", want{rice, 2}); o.Subsidy != 0 {
		t.Error("second order")
	}
}

func key(err error) string {
	var e *market.Error
	errors.As(err, &e)
	if e == nil {
		return ""
	}
	return e.Key
}

// What was typed and does nothing stops the order and says why.
func TestTypedCodes(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	rice := s.product(seller, "Gạo", 60_000, 1000)
	s.voucher(seller, "BIMAT", func(t *orders.VoucherTerms) { t.Way = orders.VoucherSecret })
	s.voucher(seller, "DONLON", func(t *orders.VoucherTerms) { t.Way, t.MinGoods = orders.VoucherSecret, 1_000_000 })
	s.voucher(seller, "TRASEN", func(t *orders.VoucherTerms) { t.Way, t.Sets = orders.VoucherSecret, []int{8} })
	stopped := s.voucher(seller, "HETHAN", func(t *orders.VoucherTerms) { t.Way = orders.VoucherSecret })
	_, err := s.orders.StopVoucher(s.ctx, sellerActor(seller), stopped.ID)
	s.must(err)
	if o := s.place(guest, "cod", want{rice, 2}); len(o.Vouchers) != 0 {
		t.Errorf("a secret code was given to whoever came: %+v", o.Vouchers)
	}
	for code, reason := range map[string]string{
		"KHONGCO": "voucher.missing", "don lon": "voucher.minimum", "TRASEN": "voucher.scope", "HETHAN": "voucher.over", "bí mật": "",
	} {
		cart := s.cart(guest, want{rice, 2})
		_, err := s.orders.SetCodes(s.ctx, guest, cart, []string{code})
		s.must(err)
		o, _, err := s.orders.Place(s.ctx, guest, checkout(cart, "cod"))
		if key(err) != reason {
			t.Errorf("%s: %v, want %s", code, err, reason)
		}
		if reason == "" && (err != nil || o.Bill().SellerOff != 20_000) {
			t.Errorf("%s: %+v", code, o.Bill())
		}
	}
}

func TestVoucherTermsAreChecked(t *testing.T) {
	s := newShop(t)
	seller := s.seller("HTX")
	good := orders.VoucherTerms{
		Kind: orders.VoucherAmount, Way: orders.VoucherAuto, Amount: 20_000, MinGoods: 100_000,
		From: s.now, To: s.now.Add(time.Hour), Budget: 1_000_000, Uses: 50,
	}
	for field, change := range map[string]func(*orders.VoucherTerms){
		"kind":       func(t *orders.VoucherTerms) { t.Kind = "gift" },
		"way":        func(t *orders.VoucherTerms) { t.Way = "" },
		"amount":     func(t *orders.VoucherTerms) { t.Amount = 999 },
		"min_goods":  func(t *orders.VoucherTerms) { t.MinGoods = 39_999 },
		"to":         func(t *orders.VoucherTerms) { t.To = t.From },
		"budget":     func(t *orders.VoucherTerms) { t.Budget, t.Amount = -1, 1000 },
		"uses":       func(t *orders.VoucherTerms) { t.Uses = 0 },
		"per_person": func(t *orders.VoucherTerms) { t.PerPerson = -1 },
		"sellers":    func(t *orders.VoucherTerms) { t.Sellers = []market.ID{"x"} },
		"percent":    func(t *orders.VoucherTerms) { t.Kind, t.Percent, t.Most = orders.VoucherPercent, 9001, 5000 },
		"most":       func(t *orders.VoucherTerms) { t.Kind, t.Percent, t.Most = orders.VoucherPercent, 1000, 0 },
	} {
		terms := good
		change(&terms)
		_, err := s.orders.MakeVoucher(s.ctx, sellerActor(seller), orders.NewVoucher{Seller: seller, Code: "MA" + field[:2] + "01", Name: market.Text{VI: "Ưu đãi"}, Terms: terms})
		var e *market.Error
		if !errors.As(err, &e) || e.Kind != market.KindInvalid || !blames(e, field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	want := orders.NewVoucher{Code: "HOPLE", Name: market.Text{VI: "Ưu đãi"}, Terms: good}
	if _, err := s.orders.MakeVoucher(s.ctx, sellerActor(seller), want); market.KindOf(err) != market.KindNotFound {
		t.Errorf("a seller made the platform's: %v", err)
	}
	want.Seller = seller
	if _, err := s.orders.MakeVoucher(s.ctx, sellerActor("another"), want); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another seller made it: %v", err)
	}
	v, err := s.orders.MakeVoucher(s.ctx, sellerActor(seller), want)
	s.must(err)
	if _, err := s.orders.MakeVoucher(s.ctx, sellerActor(seller), want); key(err) != "voucher.taken" {
		t.Errorf("the same code again: %v", err)
	}
	if _, err := s.orders.StopVoucher(s.ctx, sellerActor("another"), v.ID); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another seller stopped it: %v", err)
	}
	if _, err := s.orders.VouchersOf(s.ctx, sellerActor("another"), seller, "", 10); market.KindOf(err) != market.KindNotFound {
		t.Errorf("another seller reads them: %v", err)
	}
}

func blames(e *market.Error, field string) bool {
	if e.Field == field {
		return true
	}
	for _, m := range e.Many {
		if m.Field == field {
			return true
		}
	}
	return false
}

// A checkout cut off between any two of its writes strands nothing: placing
// again finishes it, or the holds end and the budget is whole.
func TestVoucherCheckoutCutOff(t *testing.T) {
	s := newShop(t)
	breaking := &crashing{Engine: s.engine}
	s = newShopOn(t, breaking)
	rice := s.product(s.seller("HTX"), "Gạo", 60_000, 1000)
	for cut := 1; cut < 40; cut++ {
		code := market.ID(fmt.Sprintf("CAT%03d", cut))
		s.voucher("", code, func(t *orders.VoucherTerms) {
			t.PerPerson, t.Uses, t.Budget, t.Way = 1, 1, 20_000, orders.VoucherSecret
		})
		cart := s.cart(guest, want{rice, 2})
		_, err := s.orders.SetCodes(s.ctx, guest, cart, []string{string(code)})
		s.must(err)
		breaking.left.Store(int64(cut))
		_, _, err = s.orders.Place(s.ctx, guest, checkout(cart, "cod"))
		done := !breaking.dead.Load()
		breaking.mend()
		if !done && cut%2 == 0 { // the buyer comes back
			_, _, err = s.orders.Place(s.ctx, guest, checkout(cart, "cod"))
		}
		s.now = s.now.Add(time.Hour)
		_, expired := s.orders.ExpireVouchers(s.ctx)
		s.must(expired)
		_, expired = s.catalog.ExpireHolds(s.ctx)
		s.must(expired)
		s.drain()
		v := s.found(code, "")
		if v.Held != 0 || v.HeldUses != 0 || v.Spent != 20_000*market.VND(v.SpentUses) || v.SpentUses > 1 {
			t.Errorf("cut after %d writes (%v): %+v", cut, err, v)
		}
		if (err == nil) != (v.SpentUses == 1) && cut%2 == 0 {
			t.Errorf("cut after %d writes: error %v, spent %d", cut, err, v.SpentUses)
		}
		if done {
			return
		}
	}
	t.Error("a checkout has no end")
}
