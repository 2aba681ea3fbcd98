package main

import (
	"context"
	"slices"
	"strconv"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// openCooperatives opens what cooperatives do with what other rooms keep.
func (h *house) openCooperatives(ctx context.Context, _ outside) (err error) {
	h.papers = cooperatives.NewPapers(h.sellers, h.files)
	h.pool, err = cooperatives.NewPool(ctx, h.engine, h.sellers, cooperatives.Outside{
		Goods: coopGoods{h.catalog}, Shelf: coopShelf{h.catalog}, Sales: coopSales{h.orders}, Ledger: coopLedger{h.payments},
	})
	if err != nil {
		return err
	}
	h.takedowns, err = cooperatives.NewTakedowns(ctx, h.engine, h.sellers, coopShop{h.catalog})
	return err
}

// coopGoods shows cooperatives what they sell.
type coopGoods struct{ catalog *catalog.Service }

func (g coopGoods) Good(ctx context.Context, seller, variant market.ID) (cooperatives.Good, error) {
	p, err := g.catalog.ByVariant(ctx, variant)
	if err != nil {
		return cooperatives.Good{}, err
	}
	i := slices.IndexFunc(p.Variants, func(v catalog.Variant) bool { return v.ID == variant })
	if p.Seller != seller || i < 0 {
		return cooperatives.Good{}, market.NotFound("catalog.missing")
	}
	return cooperatives.Good{Product: p.ID, Name: p.Name, Unit: p.Variants[i].Unit, Size: p.Variants[i].Size}, nil
}

// coopShelf puts deliveries into stock. The delivery's id stands in the reason
// of the movement, by which it is known again.
type coopShelf struct{ catalog *catalog.Service }

func (s coopShelf) Bring(ctx context.Context, b cooperatives.Brought) error {
	reason := "delivery " + string(b.Delivery)
	stocks, err := s.catalog.Stocks(ctx, b.Variant)
	if err != nil {
		return err
	}
	k := stocks[b.Variant]
	if k == nil || slices.ContainsFunc(k.Moves, func(m catalog.Move) bool { return m.Reason == reason }) {
		return nil
	}
	if b.Units > 0 {
		_, err = s.catalog.Receive(ctx, market.System, b.Variant, b.Units, reason)
		return err
	}
	if back := min(-b.Units, k.Available); back > 0 {
		_, err = s.catalog.Adjust(ctx, market.System, b.Variant, back, reason)
	}
	return err
}

// coopSales tells cooperatives what they sold: the lines of parcels by the
// time of their delivery, which is never changed.
type coopSales struct{ orders *orders.Service }

func (s coopSales) Sales(ctx context.Context, seller market.ID, from, to time.Time) ([]cooperatives.Sale, error) {
	var out []cooperatives.Sale
	for after := store.Cursor(""); ; {
		page, err := s.orders.OfSeller(ctx, market.System, seller, "", after, 500)
		if err != nil {
			return nil, err
		}
		for _, o := range page.Items {
			for _, p := range o.Parcels {
				if at := p.DeliveredAt; p.Seller == seller && at != nil && !at.Before(from) && at.Before(to) {
					out = append(out, linesOf(p)...)
				}
			}
		}
		if after = page.Next; after == "" {
			return out, nil
		}
	}
}

func linesOf(p orders.Parcel) []cooperatives.Sale {
	weights := make([]int64, len(p.Lines))
	for i, l := range p.Lines {
		weights[i] = int64(l.Amount)
	}
	fees := p.Fee.Split(weights)
	out := make([]cooperatives.Sale, len(p.Lines))
	for i, l := range p.Lines {
		out[i] = cooperatives.Sale{
			ID: string(p.ID) + ":" + strconv.Itoa(i), Product: l.Product, Base: l.Quantity * l.Size.Amount, Amount: l.Amount, Fee: fees[i],
		}
	}
	return out
}

// coopLedger posts what cooperatives share out.
type coopLedger struct{ payments *payments.Service }

func (l coopLedger) Post(ctx context.Context, e cooperatives.Entry) error {
	t := payments.Transaction{Doc: store.Doc{ID: "settlement:" + e.ID}, Kind: payments.KindShared, Ref: string(e.ID)}
	members := make([]market.ID, 0, len(e.Owed))
	for member := range e.Owed {
		members = append(members, member)
	}
	slices.Sort(members)
	for _, member := range members {
		p := payments.Posting{From: payments.SharedOut(e.Seller), To: payments.MemberClaim(e.Seller, member), Amount: e.Owed[member]}
		if p.Amount < 0 {
			p.From, p.To, p.Amount = p.To, p.From, -p.Amount
		}
		if p.Amount > 0 {
			t.Postings = append(t.Postings, p)
		}
	}
	if len(t.Postings) == 0 {
		return nil
	}
	return l.payments.Post(ctx, t)
}

// coopShop takes goods out of the shop for an authority.
type coopShop struct{ catalog *catalog.Service }

func (s coopShop) Owner(ctx context.Context, product market.ID) (market.ID, error) {
	p, err := s.catalog.Product(ctx, market.System, product)
	if err != nil {
		return "", err
	}
	return p.Seller, nil
}

func (s coopShop) TakeDown(ctx context.Context, by market.Actor, product market.ID, reason string) error {
	p, err := s.catalog.Product(ctx, market.System, product)
	if err != nil {
		return err
	}
	if p.Status != catalog.StatusPublished && p.Status != catalog.StatusSubmitted {
		return nil
	}
	_, err = s.catalog.Reject(ctx, by, product, reason)
	return err
}
