package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"chohue/catalog"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
)

// deed is something that somebody does at a time.
type deed struct {
	at time.Time
	do func(context.Context) error
}

// trade plays months of orders in the order of time: buyers order, sellers
// pack and ship, parcels arrive. What lies in the future stays undone, so the
// boards show work.
func (s *seeder) trade(ctx context.Context, end time.Time) error {
	t := &trader{seeder: s, dice: rand.New(rand.NewPCG(20261123, 46)), end: end}
	if err := t.prepare(ctx); err != nil {
		return err
	}
	for day := s.clock.AddDate(0, 0, 7); day.Before(end); day = day.AddDate(0, 0, 1) {
		for range 2 + t.dice.IntN(4) {
			t.plan(day.Add(time.Duration(t.dice.IntN(14*60))*time.Minute), t.order)
		}
	}
	for len(t.deeds) > 0 {
		next := t.deeds[0]
		t.deeds = t.deeds[1:]
		if next.at.After(end) {
			return nil
		}
		*s.clock = next.at
		if err := next.do(ctx); err != nil {
			return fmt.Errorf("at %s: %w", next.at, err)
		}
		if err := s.house.relay.Drain(ctx); err != nil {
			return err
		}
	}
	return nil
}

type trader struct {
	*seeder
	dice     *rand.Rand
	end      time.Time
	deeds    []deed // sorted by time
	products []*catalog.Product
	links    map[market.ID]string // codes by product
	buyers   []buyer
}

type buyer struct {
	actor   market.Actor
	address market.Address
}

func (t *trader) plan(at time.Time, do func(context.Context) error) {
	d := deed{at, do}
	i, _ := slices.BinarySearchFunc(t.deeds, d, func(a, b deed) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	t.deeds = slices.Insert(t.deeds, i, d)
}

func (t *trader) prepare(ctx context.Context) error {
	for _, d := range t.texts.products {
		p, err := t.house.catalog.Product(ctx, t.staff, fixedID("product "+d.Slug))
		if err != nil {
			return err
		}
		t.products = append(t.products, p)
	}
	t.links = map[market.ID]string{}
	channels := []string{"facebook_live", "zalo", "tiktok_live"}
	for i, p := range t.products {
		if i%3 != 0 {
			continue
		}
		link, err := t.house.livestream.CreateLink(ctx, t.staff, livestream.LinkDraft{Product: p.ID, Channel: channels[i/3%3], Label: p.Name.VI, Until: t.clock.Add(livestream.MaxLinkLife)})
		if err != nil {
			return err
		}
		t.links[p.ID] = link.Code
	}
	return t.meetBuyers(ctx)
}

// meetBuyers makes the people who order: those of people.json, and guests in
// wards all over the country.
func (t *trader) meetBuyers(ctx context.Context) error {
	for _, d := range t.texts.people {
		if len(d.Addresses) == 0 {
			continue
		}
		person, err := t.house.accounts.ByPhone(ctx, t.staff, d.Phone)
		if err != nil {
			return err
		}
		actor := market.Actor{Person: person.ID, Name: person.Name, Roles: person.Roles}
		t.buyers = append(t.buyers, buyer{actor, d.address()})
	}
	names := []string{"Lê Minh Châu", "Nguyễn Hoàng Long", "Trần Thị Diệu", "Phan Quốc Bảo", "Võ Ngọc Hân", "Đặng Thuỳ Linh", "Hoàng Gia Khánh", "Bùi Thanh Tâm"}
	provinces := []string{"46", "46", "46", "01", "48", "79", "79", "44"}
	for i, name := range names {
		wards := t.house.areas.Wards(provinces[i])
		ward := wards[t.dice.IntN(len(wards))]
		t.buyers = append(t.buyers, buyer{address: market.Address{
			Name: name, Phone: fmt.Sprintf("09000007%02d", i+10), Province: provinces[i], Ward: ward.Code,
			Street: fmt.Sprintf("%d đường Minh Hoạ", 3+7*i),
		}})
	}
	return nil
}

// order plays one purchase. What is sold out is simply not bought.
func (t *trader) order(ctx context.Context) error {
	who := t.buyers[t.dice.IntN(len(t.buyers))]
	cart, err := t.house.orders.NewCart(ctx, who.actor)
	if err != nil {
		return err
	}
	for range 1 + t.dice.IntN(3) {
		if err := t.line(ctx, who, cart.ID); err != nil {
			return err
		}
	}
	methods := []string{"sandbox", "sandbox", "cod"}
	order, _, err := t.house.orders.Place(ctx, who.actor, orders.Checkout{
		Cart: cart.ID, Address: who.address, Method: methods[t.dice.IntN(len(methods))], Adult: true, BaseURL: t.house.config.URL,
	})
	if market.KindOf(err) == market.KindConflict {
		return t.leave(ctx, who, cart.ID)
	}
	if err != nil {
		return err
	}
	if order.State == orders.StatePlaced {
		if err := t.pay(ctx, order); err != nil {
			return err
		}
	}
	t.follow(order)
	return nil
}

// leave empties the cart of somebody who gives up, so that nobody finds it
// again months later.
func (t *trader) leave(ctx context.Context, who buyer, id market.ID) error {
	cart, err := t.house.orders.Cart(ctx, who.actor, id)
	if err != nil {
		return err
	}
	for _, line := range cart.Lines {
		if _, err := t.house.orders.SetLine(ctx, who.actor, id, line.Variant, 0, nil); err != nil {
			return err
		}
	}
	return nil
}

func (t *trader) line(ctx context.Context, who buyer, cart market.ID) error {
	p := t.products[t.dice.IntN(len(t.products))]
	v := p.Variants[t.dice.IntN(len(p.Variants))]
	touch, err := t.click(ctx, p.ID)
	if err != nil {
		return err
	}
	_, err = t.house.orders.SetLine(ctx, who.actor, cart, v.ID, v.Terms.Least()+v.Terms.By()*t.dice.Int64N(3), touch)
	return err
}

// click plays a buyer who may have come by a link.
func (t *trader) click(ctx context.Context, product market.ID) (*orders.Touch, error) {
	code, ok := t.links[product]
	if !ok || t.dice.IntN(2) == 0 {
		return nil, nil
	}
	_, touch, err := t.house.livestream.Follow(ctx, code, livestream.Visitor{
		ID: fmt.Sprint("demo ", t.dice.IntN(1000)), UserAgent: "Mozilla/5.0 (Linux; Android 14) Mobile", Method: "GET",
	})
	return &touch, err
}

// pay plays the wallet: most buyers confirm, some change their mind.
func (t *trader) pay(ctx context.Context, o *orders.Order) error {
	if t.dice.IntN(20) == 0 {
		return nil
	}
	return t.house.payInWallet(ctx, o.ID)
}

// follow plans packing, shipping and delivery of each parcel, hours and days
// apart.
func (t *trader) follow(o *orders.Order) {
	for _, p := range o.Parcels {
		packed := t.clock.Add(time.Duration(3+t.dice.IntN(30)) * time.Hour)
		shipped := packed.Add(time.Duration(1+t.dice.IntN(10)) * time.Hour)
		arrived := shipped.Add(time.Duration(20+t.dice.IntN(60)) * time.Hour)
		t.plan(packed, func(ctx context.Context) error {
			_, err := t.house.orders.PackWeighed(ctx, t.staff, o.ID, p.ID, t.scale(p))
			return unlessEnded(err)
		})
		t.plan(shipped, func(ctx context.Context) error {
			_, err := t.house.orders.Ship(ctx, t.staff, o.ID, p.ID, orders.Shipment{Carrier: "Xe khách Huế (minh hoạ)", Tracking: "DEMO" + o.Code[4:]})
			return unlessEnded(err)
		})
		t.plan(arrived, func(ctx context.Context) error {
			_, err := t.house.orders.Deliver(ctx, t.staff, o.ID, p.ID)
			return unlessEnded(err)
		})
	}
}

// unlessEnded lets the play go on when an order was never paid.
func unlessEnded(err error) error {
	if market.KindOf(err) == market.KindConflict {
		return nil
	}
	return err
}
