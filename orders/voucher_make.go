package orders

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// NewVoucher is a voucher as somebody wants it made. Without a code the market
// makes one, from the ID when there is one; without a seller it is the
// platform's.
type NewVoucher struct {
	ID     market.ID // of the wish, optional: the same wish again is the same voucher
	Seller market.ID
	Code   string
	Name   market.Text
	Terms  VoucherTerms
}

var codeForm = regexp.MustCompile(`^[A-Z0-9]{4,20}$`)

func goodCode(code string) bool { return codeForm.MatchString(code) }

// longest is how long a voucher may run: what runs for ever is a price.
const longest = 366 * 24 * time.Hour

func (n *NewVoucher) check(now time.Time) error {
	var c market.Checks
	n.Name.VI, n.Name.EN = strings.TrimSpace(n.Name.VI), strings.TrimSpace(n.Name.EN)
	c.That(goodCode(n.Code), "code", "voucher.code")
	c.That(n.Name.VI != "" && len([]rune(n.Name.VI)) <= 80 && len([]rune(n.Name.EN)) <= 80, "name", "voucher.name")
	t := n.Terms
	c.That(t.Way == VoucherAuto || t.Way == VoucherListed || t.Way == VoucherSecret, "way", "voucher.way")
	c.That(t.MinGoods >= 0 && t.MinGoods <= market.MaxAmount, "min_goods", "voucher.min_goods")
	c.That(t.PerPerson >= 0 && t.PerPerson <= 1000, "per_person", "voucher.per_person")
	c.That(t.From.Before(t.To) && t.To.After(now) && t.To.Sub(t.From) <= longest, "to", "voucher.period")
	c.That(t.Budget > 0 && t.Budget <= market.MaxAmount, "budget", "voucher.budget")
	c.That(t.Uses > 0 && t.Uses <= 10_000_000, "uses", "voucher.uses")
	c.That(n.Seller == "" || len(t.Sellers) == 0, "sellers", "voucher.sellers")
	c.That(len(t.Sets) <= 26 && len(t.Products) <= 200 && len(t.Sellers) <= 200, "products", "voucher.scope_size")
	t.checkKind(&c)
	return c.Err()
}

func (t VoucherTerms) checkKind(c *market.Checks) {
	switch t.Kind {
	case VoucherAmount:
		c.That(t.Amount >= 1000 && t.Amount <= t.Budget && t.Most == 0, "amount", "voucher.amount")
		c.That(t.MinGoods >= t.Amount*2, "min_goods", "voucher.min_goods_amount")
	case VoucherPercent:
		c.That(t.Percent >= 100 && t.Percent <= most, "percent", "voucher.percent")
		c.That(t.Most >= 1000 && t.Most <= t.Budget, "most", "voucher.most")
	case VoucherShipping:
		c.That(t.Most >= 0 && t.Most <= t.Budget, "most", "voucher.most")
	default:
		c.That(false, "kind", "voucher.kind")
	}
}

func mayRun(by market.Actor, seller market.ID) bool {
	if seller == "" {
		return by.Is(market.RoleOperator)
	}
	return by.For(seller)
}

// MakeVoucher makes a voucher: for a seller those who act for it may, for the
// platform its operators. A code that is taken is a conflict.
func (s *Service) MakeVoucher(ctx context.Context, by market.Actor, n NewVoucher) (*Voucher, error) {
	if !mayRun(by, n.Seller) {
		return nil, errVoucher
	}
	now := s.env.Now()
	if n.Code = foldCode(n.Code); n.Code == "" {
		id := cmp.Or(n.ID, s.env.NewID())
		n.Code = "HUE" + string(id[len(id)-10:])
	}
	if err := n.check(now); err != nil {
		return nil, err
	}
	v := &Voucher{Doc: store.Doc{ID: market.ID(n.Code)}, Wish: n.ID, Seller: n.Seller, Owner: ownerPlatform, Name: n.Name, Terms: n.Terms, By: by.Person, MadeAt: now}
	if n.Seller != "" {
		v.Owner = string(n.Seller)
	}
	if n.Terms.Way != VoucherSecret {
		v.Shown = v.Owner
	}
	err := s.vouchers.Insert(ctx, v, market.NewEvent(s.env, EventVoucherMade, v.ID, VoucherNews{v.ID, v.Seller, by.Person}))
	if store.Exists(err) {
		return s.madeBefore(ctx, v)
	}
	return v, err
}

// madeBefore is the voucher that an earlier try of the same wish has made.
func (s *Service) madeBefore(ctx context.Context, wanted *Voucher) (*Voucher, error) {
	old, err := s.vouchers.Get(ctx, wanted.ID)
	if err != nil {
		return nil, err
	}
	if wanted.Wish == "" || old.Wish != wanted.Wish || old.By != wanted.By {
		return nil, market.Conflict("voucher.taken").At("code")
	}
	return old, nil
}

// StopVoucher ends a voucher: nobody gets it any more, and what was granted
// stays granted. Allowed as MakeVoucher is; stopping again changes nothing.
func (s *Service) StopVoucher(ctx context.Context, by market.Actor, id market.ID) (*Voucher, error) {
	v, err := s.vouchers.Update(ctx, id, func(v *Voucher) ([]market.Event, error) {
		if !mayRun(by, v.Seller) {
			return nil, errVoucher
		}
		if v.Stopped != nil {
			return nil, nil
		}
		now := s.env.Now()
		v.Stopped, v.Shown = &now, ""
		return []market.Event{market.NewEvent(s.env, EventVoucherStopped, v.ID, VoucherNews{v.ID, v.Seller, by.Person})}, nil
	})
	if store.Missing(err) {
		return nil, errVoucher
	}
	return v, err
}

// VouchersOf lists a seller's vouchers, or the platform's for "", newest first.
// Allowed as MakeVoucher is.
func (s *Service) VouchersOf(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Voucher], error) {
	if !mayRun(by, seller) {
		return store.Page[Voucher]{}, errVoucher
	}
	owner := ownerPlatform
	if seller != "" {
		owner = string(seller)
	}
	return s.vouchers.Find(ctx, store.Query{Index: "owner", Eq: []any{owner}, Desc: true, After: after, Limit: limit})
}
