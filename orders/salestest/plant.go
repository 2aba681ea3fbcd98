package salestest

import (
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// plant is a known fault put into the market on purpose, to prove that the
// simulator finds such a thing. Without one all is as it is.
type plant struct {
	name       string
	within     int  // seeds in which it must be found
	late       bool // it shows only in what follows a plain sale
	loseEvent  func(market.Event) bool
	stale      string // collection in which every third update begins from an old state
	onShelf    func(orders.Shelf) orders.Shelf
	onTill     func(orders.Till) orders.Till
	onProvider func(payments.Provider) payments.Provider
	onConsumer func(store.Consumer) store.Consumer
	onCarrier  func(orders.Carrier) orders.Carrier
}

func (p *plant) shelf(s orders.Shelf) orders.Shelf {
	if p.onShelf == nil {
		return s
	}
	return p.onShelf(s)
}

func (p *plant) till(t orders.Till) orders.Till {
	if p.onTill == nil {
		return t
	}
	return p.onTill(t)
}

func (p *plant) provider(o payments.Provider) payments.Provider {
	if p.onProvider == nil {
		return o
	}
	return p.onProvider(o)
}

func (p *plant) carrier(o orders.Carrier) orders.Carrier {
	if p.onCarrier == nil {
		return o
	}
	return p.onCarrier(o)
}

func (p *plant) consumers(all []store.Consumer) []store.Consumer {
	if p.onConsumer != nil {
		for i := range all {
			all[i] = p.onConsumer(all[i])
		}
	}
	return all
}
