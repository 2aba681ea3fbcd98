package api

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/orders"
)

const (
	mediaJSONLD  = "application/ld+json"
	epcisContext = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
)

// EPCISDocument is a document of GS1 EPCIS 2.0 (ISO/IEC 19987:2024).
type EPCISDocument struct {
	Context       []string  `json:"@context"`
	Type          string    `json:"type"`
	SchemaVersion string    `json:"schemaVersion"`
	CreationDate  time.Time `json:"creationDate"`
	Body          EPCISBody `json:"epcisBody"`
}

// EPCISBody holds the events, the oldest first.
type EPCISBody struct {
	Events []EPCISEvent `json:"eventList"`
}

// EPCISEvent is one thing that happened to goods of a lot.
type EPCISEvent struct {
	Type        string          `json:"type"`
	ID          string          `json:"eventID"`
	Time        time.Time       `json:"eventTime"`
	Zone        string          `json:"eventTimeZoneOffset"`
	Action      string          `json:"action"`
	Step        string          `json:"bizStep"`
	Disposition string          `json:"disposition"`
	EPCs        []string        `json:"epcList"`
	Quantities  []EPCISQuantity `json:"quantityList"`
	ReadPoint   *EPCISPlace     `json:"readPoint,omitempty"`
}

// EPCISQuantity is a number of things of one class.
type EPCISQuantity struct {
	Class    string `json:"epcClass"`
	Quantity int64  `json:"quantity,omitempty"`
}

// EPCISPlace is where something happened.
type EPCISPlace struct {
	ID string `json:"id"`
}

// epcis gathers the events of one lot.
type epcis struct {
	EPCISDocument
	site string
}

// newEPCIS begins with what everybody may know. A document is as old as its
// newest event, so that the same history is the same document.
func newEPCIS(l *catalog.Lot, site string) *epcis {
	d := &epcis{EPCISDocument{Context: []string{epcisContext}, Type: "EPCISDocument", SchemaVersion: "2.0", Body: EPCISBody{Events: []EPCISEvent{}}}, site}
	made := d.add(l, l.MadeAt, "commissioning", "active", "", l.Quantity)
	made.Action = "ADD"
	made.ReadPoint = &EPCISPlace{site + "/lo/" + string(l.ID) + "#place"}
	for _, t := range l.Tests {
		disposition := "conformant"
		if !t.Passed {
			disposition = "non_conformant"
		}
		d.add(l, t.At, "inspecting", disposition, string(t.ID), 0)
	}
	if l.Recall != nil {
		d.add(l, l.Recall.At, "holding", "recalled", "", 0)
	}
	return d
}

// parcels adds what happened to the lot's goods in an order, without saying
// whose order it is.
func (d *epcis) parcels(l *catalog.Lot, o *orders.Order) {
	for _, p := range o.Parcels {
		n := p.Of(l.ID)
		if n == 0 {
			continue
		}
		for _, step := range []struct {
			at                *time.Time
			step, disposition string
		}{{p.PackedAt, "packing", "in_progress"}, {p.ShippedAt, "shipping", "in_transit"}, {p.DeliveredAt, "retail_selling", "retail_sold"}} {
			if step.at != nil {
				d.add(l, *step.at, step.step, step.disposition, string(p.ID), n)
			}
		}
	}
}

func (d *epcis) add(l *catalog.Lot, at time.Time, step, disposition, of string, n int64) *EPCISEvent {
	sum := sha256.Sum256([]byte(string(l.ID) + "\x00" + step + "\x00" + of))
	e := EPCISEvent{
		Type: "ObjectEvent", ID: uuid(sum), Time: at.UTC(), Zone: at.In(market.HueZone).Format("-07:00"), Action: "OBSERVE",
		Step: step, Disposition: disposition, EPCs: []string{}, Quantities: []EPCISQuantity{{l.EPCClass(d.site), n}},
	}
	i, _ := slices.BinarySearchFunc(d.Body.Events, e, func(have, add EPCISEvent) int { return have.Time.Compare(add.Time) })
	d.Body.Events = slices.Insert(d.Body.Events, i, e)
	d.CreationDate = d.Body.Events[len(d.Body.Events)-1].Time
	return &d.Body.Events[i]
}

// uuid names a hash as RFC 9562 does names of one's own making (version 8).
func uuid(sum [32]byte) string {
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
