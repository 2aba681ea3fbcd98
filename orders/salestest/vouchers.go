package salestest

import (
	"context"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// codes are vouchers that buyers type; others are given to everybody.
var codes = []string{"MATMA", "HETNHANH"}

// vouchers are what sellers and the platform give, with budgets that soon run
// out.
func (t *template) vouchers() []orders.NewVoucher {
	terms := func(change func(*orders.VoucherTerms)) orders.VoucherTerms {
		v := orders.VoucherTerms{
			Kind: orders.VoucherAmount, Way: orders.VoucherAuto, Amount: 10_001, MinGoods: 60_000,
			From: start.Add(-time.Hour), To: start.Add(60 * 24 * time.Hour), Budget: 70_000, Uses: 6,
		}
		change(&v)
		return v
	}
	named := func(seller market.ID, code string, v orders.VoucherTerms) orders.NewVoucher {
		return orders.NewVoucher{Seller: seller, Code: code, Name: market.Text{VI: "Ưu đãi " + code}, Terms: v}
	}
	return []orders.NewVoucher{
		named(t.sellers[0], "THANHTRA", terms(func(v *orders.VoucherTerms) {
			v.Kind, v.Amount, v.MinGoods, v.Percent, v.Most = orders.VoucherPercent, 0, 0, 700, 20_000
		})),
		named("", "CHOHUE", terms(func(v *orders.VoucherTerms) { v.Amount, v.MinGoods = 13_333, 100_000 })),
		named("", "GIAOHANG", terms(func(v *orders.VoucherTerms) {
			v.Kind, v.Amount, v.MinGoods, v.Most, v.Budget = orders.VoucherShipping, 0, 150_000, 20_000, 60_000
		})),
		named(t.sellers[1], codes[0], terms(func(v *orders.VoucherTerms) { v.Way, v.PerPerson = orders.VoucherSecret, 1 })),
		named("", codes[1], terms(func(v *orders.VoucherTerms) { v.Way, v.Uses, v.Amount = orders.VoucherSecret, 1, 25_000 })),
	}
}

// someCodes are what the buyer types.
func (w *world) someCodes() []string {
	if w.plain || w.rng.IntN(4) > 0 {
		return nil
	}
	return []string{codes[w.rng.IntN(len(codes))]}
}

// voucher: its budget is never overspent, and what it says is held and spent is
// what its marks say.
func (a *audit) voucher(id market.ID, _, now *orders.Voucher) {
	var held market.VND
	for _, h := range now.Holds {
		held += h.Amount
	}
	if held != now.Held || int64(len(now.Holds)) != now.HeldUses {
		a.w.fail("voucher: held is what is held", "%s: %d in %d uses, marks %d in %d", id, now.Held, now.HeldUses, held, len(now.Holds))
	}
	if now.Held < 0 || now.Spent < 0 || now.Held+now.Spent > now.Terms.Budget || now.SpentUses < 0 || now.HeldUses+now.SpentUses > now.Terms.Uses {
		a.w.fail("voucher: budget is never overspent", "%s: %d held, %d spent of %d; %d and %d of %d uses", id, now.Held, now.Spent, now.Terms.Budget, now.HeldUses, now.SpentUses, now.Terms.Uses)
	}
}

// budgetsAreWhatOrdersUsed: in the end a voucher has spent what confirmed orders
// were granted, but for those that ended as a whole.
func (w *world) budgetsAreWhatOrdersUsed() {
	spent, uses := map[market.ID]market.VND{}, map[market.ID]int64{}
	for _, o := range w.audit.orders {
		if o.State != orders.StateCompleted {
			continue
		}
		for _, g := range o.Vouchers {
			spent[g.Voucher] += g.Amount
			uses[g.Voucher]++
		}
	}
	for id, v := range w.audit.vouchers {
		if v.Held != 0 || v.Spent != spent[id] || v.SpentUses != uses[id] {
			w.fail("voucher: spent is what orders were granted", "%s: %d held, %d spent in %d uses; orders %d in %d", id, v.Held, v.Spent, v.SpentUses, spent[id], uses[id])
		}
	}
}

// giveVouchers makes the vouchers of the template.
func (t *template) giveVouchers(ctx context.Context, engine store.Engine, env market.Env, rooms orders.Rooms) error {
	service, err := orders.New(ctx, engine, env, t.areas, rooms)
	if err != nil {
		return err
	}
	for _, v := range t.vouchers() {
		if _, err := service.MakeVoucher(ctx, market.System, v); err != nil {
			return err
		}
	}
	return nil
}
