package orders

import (
	"context"
	"slices"
	"strings"

	"chohue/accounts"
	"chohue/market"
	"chohue/store"
)

// Receiver is who an order goes to, and what its sellers are to know.
type Receiver struct {
	Address market.Address
	Note    string
}

// EventReaddressed tells that an order goes to somebody or somewhere else, or
// that its note changed.
const EventReaddressed = "orders.readdressed"

// Readdress changes to whom and where an order goes, and its note, until the
// first parcel is packed: then the name is on a box. Its buyer may. The province
// stays, for it is part of the price and of how long the way is: another is
// another order.
func (s *Service) Readdress(ctx context.Context, by market.Actor, order market.ID, key string, to Receiver) (*Order, error) {
	o, err := s.orders.Update(ctx, order, func(o *Order) ([]market.Event, error) {
		if !o.owned(by, key) {
			return nil, errOrder
		}
		if !o.Readdressable() {
			return nil, market.Conflict("order.packed")
		}
		wanted, err := s.receiver(o, to)
		if err != nil {
			return nil, err
		}
		return o.readdress(s.env, wanted), nil
	})
	if store.Missing(err) {
		return nil, errOrder
	}
	return o, err
}

// Readdressable reports whether nobody has begun to pack.
func (o *Order) Readdressable() bool {
	unpacked := func(p Parcel) bool {
		return p.State == ParcelWaiting || p.State == ParcelNew || p.State == ParcelCancelled
	}
	return (o.State == StatePlaced || o.State == StateConfirmed) && !slices.ContainsFunc(o.Parcels, func(p Parcel) bool { return !unpacked(p) })
}

func (s *Service) receiver(o *Order, to Receiver) (Receiver, error) {
	var checks market.Checks
	to.Address.Name, to.Address.Street, to.Note = strings.TrimSpace(to.Address.Name), strings.TrimSpace(to.Address.Street), strings.TrimSpace(to.Note)
	phone, err := accounts.ParsePhone(to.Address.Phone)
	checks.Add("phone", err)
	to.Address.Phone = phone
	s.areas.Check(&checks, "", to.Address)
	checks.That(to.Address.Province == o.Address.Province, "province", "order.other_province")
	checks.That(len(to.Note) <= maxNote, "note", "checkout.note")
	return to, checks.Err()
}

func (o *Order) readdress(env market.Env, to Receiver) []market.Event {
	if o.Address == to.Address && o.Note == to.Note {
		return nil
	}
	if o.Phone == "" && o.Address.Phone != to.Address.Phone {
		o.Phone = o.Address.Phone
	}
	o.Address, o.Note = to.Address, to.Note
	o.note(env.Now(), "readdressed", "")
	return []market.Event{market.NewEvent(env, EventReaddressed, o.ID, o.moved(""))}
}

// orderedBy is the phone number that the order was placed with.
func (o *Order) orderedBy() string {
	if o.Phone != "" {
		return o.Phone
	}
	return o.Address.Phone
}
