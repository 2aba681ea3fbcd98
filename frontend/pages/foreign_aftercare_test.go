package pages_test

import (
	"chohue/market"
	"chohue/orders"
)

// The makers of what comes after a delivery.

func deliveredThing(m *foreignMatrix) map[string]string {
	things := shippedThing(m)
	o, err := m.shop.rooms.Orders.Deliver(m.t.Context(), market.System, market.ID(things["order"]), market.ID(things["parcel"]))
	m.must(err)
	m.drain()
	things["variant"] = string(o.Parcels[0].Lines[0].Variant)
	return things
}

// withdrawn makes the return's deed the buyer's to take it back.
func withdrawn(m *foreignMatrix) map[string]string { return returnWith(m, "rut") }

// accepted makes it the seller's to say yes.
func accepted(m *foreignMatrix) map[string]string { return returnWith(m, "dong-y") }

func returnWith(m *foreignMatrix, deed string) map[string]string {
	things := returnThing(m)
	things["deed"] = deed
	return things
}

func returnThing(m *foreignMatrix) map[string]string {
	things := deliveredThing(m)
	ret := m.id()
	path := "/don-hang/" + things["id"] + "/doi-tra/" + things["parcel"]
	m.visitors["customer"].attach(path, "photo", "cam.jpg", photo(m.t, 7), "id", string(ret), "reason", "damaged", "lines/"+things["variant"], "1", "text", "Quả bị dập, xin xem ảnh.")
	m.drain()
	o, err := m.shop.rooms.Orders.Order(m.t.Context(), market.System, market.ID(things["order"]), "")
	m.must(err)
	r, err := o.Return(ret)
	m.must(err)
	things["ret"] = string(ret)
	for _, say := range r.Says {
		for _, p := range say.Photos {
			things["photo"] = p
		}
	}
	return things
}

// disputedThing is a return that waits for the platform's word.
func disputedThing(m *foreignMatrix) map[string]string {
	things, room := returnThing(m), m.shop.rooms.Orders
	order, ret := market.ID(things["order"]), market.ID(things["ret"])
	_, err := room.RefuseReturn(m.t.Context(), market.System, order, ret, orders.Word{Text: "Hàng còn nguyên khi gửi."})
	m.must(err)
	_, err = room.DisputeReturn(m.t.Context(), m.customer(), order, ret, "", orders.Word{Text: "Ảnh cho thấy rõ."})
	m.must(err)
	return things
}

func complaintThing(m *foreignMatrix) map[string]string {
	things := deliveredThing(m)
	k, err := m.shop.rooms.Orders.Complain(m.t.Context(), m.customer(), orders.Grievance{
		Category: "goods", Order: market.ID(things["order"]), Parcel: market.ID(things["parcel"]), Text: "Quả bị dập nhiều.", Photos: [][]byte{photo(m.t, 7)},
	})
	m.must(err)
	out := one("id", k.ID)
	for _, say := range k.Says {
		for _, p := range say.Photos {
			out["photo"] = p
		}
	}
	return out
}

func reviewThing(m *foreignMatrix) map[string]string {
	things := deliveredThing(m)
	r, err := m.shop.rooms.Orders.WriteReview(m.t.Context(), m.customer(), market.ID(things["order"]), "", orders.Opinion{
		Variant: market.ID(things["variant"]), Stars: 4, Text: "Ngọt và thơm.",
	})
	m.must(err)
	return one("id", r.ID)
}
