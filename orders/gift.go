package orders

import (
	"strings"

	"chohue/market"
)

// Gift is an order that goes to somebody else: the address of the order is the
// receiver's, From the giver who is to be reached when something is amiss.
type Gift struct {
	From    string `bson:"from" json:"from"` // as the slip names the giver
	Message string `bson:"message,omitempty" json:"message,omitempty"`
	// HidePrices keeps amounts off the slip in the parcel.
	HidePrices bool `bson:"hide_prices" json:"hide_prices"`
}

const maxGiftMessage = 300

func (g *Gift) check(checks *market.Checks) {
	if g == nil {
		return
	}
	g.From, g.Message = strings.TrimSpace(g.From), strings.TrimSpace(g.Message)
	checks.That(len([]rune(g.From)) >= 2 && len([]rune(g.From)) <= 120, "gift/from", "gift.from")
	checks.That(len([]rune(g.Message)) <= maxGiftMessage, "gift/message", "gift.message")
}
