// Package handover is the ways of a parcel that no company's API stands behind:
// the seller's own people, a parcel on the coach ("gửi xe khách", with a photo
// for proof), and the buyer who comes to the cooperative. Nobody can be asked;
// people say what happened. Costs and hours are dated rows.
package handover

import (
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chohue/market"
	"chohue/orders"
	"chohue/orders/carrierwire"
	"chohue/payments"
)

// The ways.
const (
	Own    = "tu-giao"
	Coach  = "xe-khach"
	Pickup = "nhan-tai-cho"
)

// prefixes begin the numbers that are written on parcels.
var prefixes = map[string]string{Own: "TG", Coach: "XK", Pickup: "NT"}

//go:embed tariff.csv
var tariff string

// Carrier is one of the ways.
type Carrier struct {
	name string
	rows []row
}

var (
	_ orders.Carrier = (*Carrier)(nil)
	_ orders.Blind   = (*Carrier)(nil)
)

// row is what a way costs between two provinces during a period.
type row struct {
	from, to string
	since    time.Time
	until    time.Time // zero is open
	fee      market.VND
	hours    int
}

// New opens a way by its name.
func New(name string) (*Carrier, error) {
	if prefixes[name] == "" {
		return nil, fmt.Errorf("%q is no way of handing over", name)
	}
	rows, err := csv.NewReader(strings.NewReader(tariff)).ReadAll()
	if err != nil {
		return nil, err
	}
	c := &Carrier{name: name}
	for _, cells := range rows[1:] {
		if cells[3] != name {
			continue
		}
		r, err := parse(cells)
		if err != nil {
			return nil, fmt.Errorf("tariff.csv %v: %w", cells, err)
		}
		c.rows = append(c.rows, r)
	}
	return c, nil
}

func parse(cells []string) (r row, err error) {
	r.from, r.to = cells[4], cells[5]
	if r.since, err = time.ParseInLocation(time.DateOnly, cells[1], market.HueZone); err != nil {
		return r, err
	}
	if cells[2] != "" {
		if r.until, err = time.ParseInLocation(time.DateOnly, cells[2], market.HueZone); err != nil {
			return r, err
		}
	}
	if r.fee, err = carrierwire.Amount(cells[6]); err != nil {
		return r, err
	}
	r.hours, err = strconv.Atoi(cells[7])
	return r, err
}

// Name implements orders.Carrier.
func (c *Carrier) Name() string { return c.name }

// Blind implements orders.Blind.
func (*Carrier) Blind() {}

// Quote implements orders.Carrier.
func (c *Carrier) Quote(_ context.Context, s orders.Consignment) (orders.CarrierQuote, error) {
	for _, r := range c.rows {
		if r.from == s.From.ProvinceCode && r.to == s.To.ProvinceCode && !s.At.Before(r.since) && (r.until.IsZero() || s.At.Before(r.until)) {
			return orders.CarrierQuote{Carrier: c.name, Service: orders.ServiceByHand, Fee: r.fee, Hours: r.hours}, nil
		}
	}
	return orders.CarrierQuote{}, market.Conflict("carrier.not_there")
}

// Create implements orders.Carrier: the number is the parcel's own.
func (c *Carrier) Create(ctx context.Context, s orders.Consignment) (orders.Waybill, error) {
	q, err := c.Quote(ctx, s)
	ref := string(s.Reference)
	return orders.Waybill{
		Reference: s.Reference, Tracking: prefixes[c.name] + "-" + ref[max(0, len(ref)-10):], Service: q.Service, Fee: q.Fee,
	}, err
}

// Cancel implements orders.Carrier: nobody waits for the parcel.
func (*Carrier) Cancel(context.Context, orders.Waybill) error { return nil }

// Track implements orders.Carrier: there is nobody to ask.
func (*Carrier) Track(context.Context, orders.Waybill) (orders.Report, error) {
	return orders.Report{}, market.Unavailable("carrier.blind")
}

// Label implements orders.Carrier: only the market's own labels are stuck on.
func (*Carrier) Label(context.Context, orders.Waybill) ([]byte, error) {
	return nil, market.Conflict("carrier.no_label")
}

// Notice implements orders.Carrier: nobody may report from outside.
func (*Carrier) Notice(context.Context, payments.Raw) (orders.Report, error) {
	return orders.Report{}, carrierwire.Forged()
}

// Reply implements orders.Carrier.
func (*Carrier) Reply(error) payments.Reply {
	return payments.Reply{Status: http.StatusForbidden, ContentType: "text/plain; charset=utf-8"}
}

// ParseCODStatement implements orders.Carrier: cash is handed over by people.
func (*Carrier) ParseCODStatement(io.Reader) ([]orders.CODLine, error) {
	return nil, market.Invalid("carrier.no_statement", "file")
}
