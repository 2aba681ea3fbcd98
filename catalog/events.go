package catalog

import (
	"time"

	"chohue/market"
)

// The events of this room. The subject of each is the product's id.
const (
	EventSubmitted = "catalog.submitted"
	EventPublished = "catalog.published"
	EventChanged   = "catalog.changed" // a published product is not as it was
	EventRejected  = "catalog.rejected"
	EventWithdrawn = "catalog.withdrawn" // no longer in the shop, for whatever reason
	EventCertified = "catalog.certified"
	EventRevoked   = "catalog.revoked"
	EventEdited    = "catalog.edited"   // an edition of a published product waits, or was refused
	EventReminded  = "catalog.reminded" // a certificate is about to end; the subject is the reminder
	EventStock     = "catalog.stock"    // a variant sold out or came back
)

// Changed is the payload of every event but EventStock.
type Changed struct {
	Product market.ID `json:"product"`
	Version int64     `json:"version"` // the product's revision after the change
}

// StockChanged is the payload of EventStock.
type StockChanged struct {
	Product   market.ID `json:"product"`
	Variant   market.ID `json:"variant"`
	Available int64     `json:"available"`
	Version   int64     `json:"version"` // the stock's revision after the change
}

// news makes events about the product for the write under way.
func (s *Service) news(p *Product, kinds ...string) []market.Event {
	var events []market.Event
	for _, kind := range kinds {
		events = append(events, market.NewEvent(s.env, kind, p.ID, Changed{p.ID, p.Rev + 1}))
	}
	return events
}

// Reminded is the payload of catalog.reminded.
type Reminded struct {
	Seller     market.ID   `json:"seller"`
	Product    market.ID   `json:"product"`
	Name       market.Text `json:"name"`
	DecisionNo string      `json:"decision_no"`
	Days       int         `json:"days"`
	ValidTo    time.Time   `json:"valid_to"` // the first moment beyond
}
