package salestest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// carrierNames are the carriers that speak with us.
var carrierNames = []string{"nhanh", "cham"}

// carrier carries parcels and has a truth of its own about them. It answers
// late or not at all, be it that it has taken the order, and loses, repeats and
// shuffles what it has to say.
type carrier struct {
	w            *world
	name         string
	consignments []*consignment
	refused      map[market.ID]bool // by reference; a carrier stays with its no
	words        []*word
	files        []*file
}

// consignment is a parcel in the carrier's books.
type consignment struct {
	carrier   *carrier
	reference market.ID
	tracking  string
	cod, fee  market.VND
	status    orders.CarrierStatus
	at        time.Time
	cash      market.VND // taken at the door
	paid      bool       // cash and fee are settled with the seller
}

var _ orders.Carrier = (*carrier)(nil)

// parcel is the one that the consignment is of: a second carriage of it is
// called by its name and a number.
func (c *consignment) parcel() market.ID {
	id, _, _ := strings.Cut(string(c.reference), "-")
	return market.ID(id)
}

// alive reports whether the carrier has, or waits for, the parcel.
func (c *consignment) alive() bool { return c.waits() || c.has() }

func (c *consignment) waits() bool { return c.status == orders.CarrierCreated }

// has reports whether the parcel is on its way.
func (c *consignment) has() bool { return !c.waits() && !slices.Contains(ends, c.status) }

var ends = []orders.CarrierStatus{orders.CarrierDelivered, orders.CarrierReturned, orders.CarrierLost, orders.CarrierCancelled}

func (a *carrier) find(reference market.ID, tracking string) *consignment {
	i := slices.IndexFunc(a.consignments, func(c *consignment) bool {
		return tracking != "" && c.tracking == tracking || tracking == "" && c.reference == reference
	})
	if i < 0 {
		return nil
	}
	return a.consignments[i]
}

// Name implements orders.Carrier.
func (a *carrier) Name() string { return a.name }

// Quote implements orders.Carrier. It is asked side by side, so it throws no
// dice and stops nowhere.
func (a *carrier) Quote(_ context.Context, c orders.Consignment) (orders.CarrierQuote, error) {
	return orders.CarrierQuote{Carrier: a.name, Service: "thường", Fee: a.price(c), Hours: 48}, nil
}

func (a *carrier) price(c orders.Consignment) market.VND {
	return market.VND(18_000+len(a.name)*500) + market.VND(c.Grams/500)*1_500
}

var errCarrierDown = market.Unavailable("carrier.unreachable")

// patience is how long our process waits for an answer. A request that it gave
// up does not arrive later: orders gives a carriage up only after more than that.
const patience = time.Minute

// Create implements orders.Carrier: one consignment per reference.
func (a *carrier) Create(ctx context.Context, s orders.Consignment) (orders.Waybill, error) {
	asked := a.w.now
	pause(ctx)
	if a.w.fault(8) || a.w.now.Sub(asked) > patience {
		return orders.Waybill{}, errCarrierDown
	}
	c := a.find(s.Reference, "")
	if c == nil && (a.refused[s.Reference] || a.w.fault(12)) {
		a.refused[s.Reference] = true
		return orders.Waybill{}, market.Conflict("carrier.refused").With("words", "không nhận")
	}
	if c == nil {
		c = &consignment{
			carrier: a, reference: s.Reference, tracking: fmt.Sprintf("%s%d", strings.ToUpper(a.name), len(a.consignments)+1),
			cod: s.COD, fee: a.price(s), status: orders.CarrierCreated, at: a.w.now,
		}
		a.consignments = append(a.consignments, c)
		a.w.log("%s takes the order for %s", a.name, a.w.short(c.reference))
		a.tell(c)
	}
	pause(ctx)
	if a.w.fault(8) || a.w.now.Sub(asked) > patience {
		return orders.Waybill{}, errCarrierDown
	}
	return orders.Waybill{Reference: c.reference, Tracking: c.tracking, Service: "thường", Fee: c.fee}, nil
}

// Cancel implements orders.Carrier.
func (a *carrier) Cancel(ctx context.Context, w orders.Waybill) error {
	pause(ctx)
	if a.w.fault(8) {
		return errCarrierDown
	}
	c := a.find(w.Reference, w.Tracking)
	switch {
	case c == nil:
		return market.NotFound("carrier.parcel_missing")
	case c.waits():
		a.w.log("%s is called off %s", a.name, a.w.short(c.reference))
		a.becomes(c, orders.CarrierCancelled)
	case c.status != orders.CarrierCancelled:
		return market.Conflict("carrier.on_its_way")
	}
	pause(ctx)
	if a.w.fault(8) {
		return errCarrierDown
	}
	return nil
}

// Track implements orders.Carrier. The answer may be old news when it arrives.
func (a *carrier) Track(ctx context.Context, w orders.Waybill) (orders.Report, error) {
	pause(ctx)
	if a.w.fault(6) {
		return orders.Report{}, errCarrierDown
	}
	c := a.find(w.Reference, w.Tracking)
	if c == nil {
		pause(ctx)
		return orders.Report{}, market.NotFound("carrier.parcel_missing")
	}
	report := c.report()
	pause(ctx)
	return report, nil
}

func (c *consignment) report() orders.Report {
	return orders.Report{
		Carrier: c.carrier.name, Reference: c.reference, Tracking: c.tracking, Code: string(c.status), Status: c.status, At: c.at, Fee: c.fee, COD: c.cod,
	}
}

// Label implements orders.Carrier.
func (a *carrier) Label(context.Context, orders.Waybill) ([]byte, error) {
	return nil, market.Conflict("carrier.no_label")
}

// Notice implements orders.Carrier.
func (a *carrier) Notice(ctx context.Context, raw payments.Raw) (r orders.Report, err error) {
	pause(ctx)
	if raw.Query != seal {
		return r, market.Forbidden("carrier.forged")
	}
	return r, json.Unmarshal(raw.Body, &r)
}

// Reply implements orders.Carrier.
func (a *carrier) Reply(err error) payments.Reply {
	if err != nil {
		return payments.Reply{Status: 500}
	}
	return payments.Reply{Status: 200}
}

// ParseCODStatement implements orders.Carrier.
func (a *carrier) ParseCODStatement(r io.Reader) (lines []orders.CODLine, err error) {
	return lines, json.NewDecoder(r).Decode(&lines)
}

// word is what the carrier has to say of a parcel, on its way to us.
type word struct {
	report orders.Report
	due    time.Time
	tries  int
}

const maxWordTries = 5

// tell puts the carrier's word on its way: lost, twice, or late, now and then in
// a word that nobody knows. We ask about those of whom we do not hear.
func (a *carrier) tell(c *consignment) {
	if a.w.fault(4) {
		a.w.log("%s loses its word of %s", a.name, a.w.short(c.reference))
		return
	}
	r := c.report()
	if a.w.fault(20) {
		r.Code, r.Status = "77", orders.CarrierUnknown
	}
	copies := 1
	if a.w.fault(6) {
		copies = 2
	}
	for range copies {
		due := a.w.now
		if a.w.fault(3) {
			due = due.Add(time.Duration(a.w.rng.IntN(480)) * time.Minute)
		}
		a.words = append(a.words, &word{report: r, due: due})
	}
}

func (a *carrier) becomes(c *consignment, status orders.CarrierStatus) {
	c.status, c.at = status, a.w.now
	a.tell(c)
}

// call tells our process, some times over when it does not want to hear.
func (a *carrier) call(o *word) {
	o.tries++
	o.due = a.w.now.Add(time.Duration(o.tries) * 10 * time.Minute)
	body, err := json.Marshal(o.report)
	if err != nil {
		a.w.fail("a carrier's word", "%v", err)
	}
	p, again := a.w.p, a.w.fault(6)
	a.w.spawn(fmt.Sprintf("%s says %s of %s", a.name, o.report.Status, a.w.short(o.report.Reference)), func(ctx context.Context) {
		reply, err := p.orders.HearCarrier(ctx, a.name, payments.Raw{Body: body, Query: seal})
		if err != nil {
			a.w.log("   %s hears: %v", a.name, err)
		}
		if reply.Status == 200 && !again || o.tries >= maxWordTries {
			a.words = slices.DeleteFunc(a.words, func(k *word) bool { return k == o })
		}
	})
}
