package api

import (
	"time"

	"chohue/catalog"
	"chohue/market"
)

// Money is an amount in its currency's smallest unit. The đồng has none below
// itself, so 45.000 ₫ is 45000.
type Money struct {
	Amount   int64  `json:"amount" doc:"Whole đồng" example:"45000" minimum:"0" maximum:"1000000000000"`
	Currency string `json:"currency" enum:"VND"`
}

func money(v market.VND) Money { return Money{Amount: int64(v), Currency: "VND"} }

// UnitPrice makes prices of different packs comparable.
type UnitPrice struct {
	Price Money  `json:"price"`
	Per   string `json:"per" enum:"kg,piece"`
	About bool   `json:"about,omitempty" doc:"From the middle of a weight band, so no exact price"`
}

func unitPrice(v catalog.Variant) UnitPrice {
	c := v.Comparable()
	u := UnitPrice{Price: money(c.Price), Per: "piece", About: c.Mid}
	if c.Base == market.Grams {
		u.Per = "kg"
	}
	return u
}

// Size is what one sold unit holds.
type Size struct {
	Base   string `json:"base" enum:"grams,pieces"`
	Amount int64  `json:"amount" doc:"Grams or pieces in one unit" minimum:"1" maximum:"10000000"`
}

func size(s market.Size) Size { return Size{string(s.Base), s.Amount} }

func (s Size) plain() market.Size { return market.Size{Base: market.Base(s.Base), Amount: s.Amount} }

// Text is something said in Vietnamese and perhaps in English.
type Text struct {
	VI string `json:"vi"`
	EN string `json:"en,omitempty"`
}

func text(t market.Text) Text { return Text{t.VI, t.EN} }

// utc returns nil for a time that is not set, so that it is left out.
func utc(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func utcAt(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return utc(*t)
}

// Paging is the part of an input that makes it a page of a list.
type Paging struct {
	Cursor string `query:"cursor" doc:"Where to go on: next of the page before" maxLength:"6000"`
	Limit  int    `query:"limit" doc:"Largest number of items" minimum:"1" maximum:"100" default:"24"`
}
