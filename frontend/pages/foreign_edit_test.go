package pages_test

import (
	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
)

// fish is sold by the kilogram and weighed when it is packed.
func (s *shop) kingfish() *catalog.Product {
	s.t.Helper()
	ctx, room := s.t.Context(), s.rooms.Catalog
	p, err := room.CreateDraft(ctx, market.System, catalog.Draft{
		Seller: s.coop, Set: 7, Name: market.Text{VI: "Cá kình đầm phá"}, Description: market.Text{VI: "Đánh đêm, bán sáng."},
		Variants: []catalog.VariantDraft{{Name: market.Text{VI: "Theo ký"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: 90_000, Stock: 500, Terms: catalog.Terms{Catch: true}}},
	})
	s.must(err)
	_, err = room.AddPhoto(ctx, market.System, p.ID, photo(s.t, 7), market.Text{VI: "Cá"})
	s.must(err)
	_, err = room.Submit(ctx, market.System, p.ID)
	s.must(err)
	p, err = room.Approve(ctx, market.System, p.ID)
	s.must(err)
	s.drain()
	return p
}

// fishThing is an order of the customer of goods to be weighed.
func fishThing(m *foreignMatrix) map[string]string { return m.fishOf("cod") }

func (m *foreignMatrix) fishOf(method string) map[string]string {
	was := m.shelf
	m.shelf = m.kingfish()
	defer func() { m.shelf = was }()
	things := m.placed(method)
	if method != orders.MethodCOD {
		_, err := m.shop.rooms.Payments.Confirm(m.t.Context(), market.System, market.ID(things["payment"]))
		m.must(err)
		m.drain()
	}
	return things
}

// askedThing is one of which the buyer is asked to pay for more weight.
func askedThing(m *foreignMatrix) map[string]string { return m.askedOf(fishThing(m)) }

func (m *foreignMatrix) askedOf(things map[string]string) map[string]string {
	o, err := m.shop.rooms.Orders.AskWeight(m.t.Context(), market.Actor{Sellers: []market.ID{m.coop}}, market.ID(things["order"]), market.ID(things["parcel"]),
		orders.Weights{market.ID(things["variant"]): 1_050})
	m.must(err)
	m.drain()
	things["ask"] = string(o.Asks[0].ID)
	return things
}

// askPaidThing is one to which the buyer has said yes, to be paid by transfer.
func askPaidThing(m *foreignMatrix) map[string]string {
	things := m.askedOf(m.fishOf("vietqr"))
	_, _, err := m.shop.rooms.Orders.AnswerWeight(m.t.Context(), m.customer(), market.ID(things["order"]), "", market.ID(things["ask"]), true, m.server.URL)
	m.must(err)
	return things
}

// voucherThing is a voucher of the keeper's shop.
func voucherThing(m *foreignMatrix) map[string]string {
	v, err := m.shop.rooms.Orders.MakeVoucher(m.t.Context(), market.System, orders.NewVoucher{Seller: m.coop, Name: market.Text{VI: "Miễn phí giao"}, Terms: orders.VoucherTerms{
		Kind: orders.VoucherShipping, Way: orders.VoucherListed, From: m.now(), To: m.now().AddDate(0, 1, 0), Budget: 1_000_000, Uses: 10,
	}})
	m.must(err)
	return one("code", v.ID)
}
