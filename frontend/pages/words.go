package pages

import (
	"strings"
	"time"

	"chohue/catalog"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/market"
)

// speaker writes for one reader: it knows the language and the words.
type speaker struct {
	lang  string
	t     ui.T
	areas *market.Areas
	sets  catalog.Sets
	now   time.Time
}

func (s speaker) vnd(v market.VND) string       { return locale.VND(s.lang, v) }
func (s speaker) number(n int64) string         { return locale.Number(s.lang, n) }
func (s speaker) date(at time.Time) string      { return locale.Date(s.lang, at) }
func (s speaker) moment(at time.Time) string    { return locale.DateTime(s.lang, at) }
func (s speaker) text(t market.Text) string     { return t.In(s.lang) }
func (s speaker) kind(sellerKind string) string { return s.t("seller.kind." + sellerKind) }

// place is a ward of Huế by its bare name: cards are narrow.
func (s speaker) place(ward string) string {
	if area, ok := s.areas.Find(ward); ok {
		return area.Name
	}
	return ""
}

// fullPlace is the ward with its kind and its province.
func (s speaker) fullPlace(ward string) string {
	area, ok := s.areas.Find(ward)
	if !ok {
		return ward
	}
	return area.Full() + ", " + s.areas.Name(area.Province)
}

// price writes what one unit costs and, where units are packs, the comparable
// price of a kilogram or a piece (Decree 248/2026/NĐ-CP Art. 8).
func (s speaker) price(v catalog.Variant) ui.Price {
	p := ui.Price{Amount: s.vnd(v.Price), Unit: s.unit(v.Unit), Per: s.midPrice(v)}
	if p.Per != "" {
		return p
	}
	if whole(v.Size) {
		return p
	}
	switch {
	case v.Size.Base == market.Pieces:
		p.Per = s.vnd(v.Size.UnitPrice(v.Price)) + "/" + s.t("unit.piece")
	case v.Size.Amount < smallPack:
		p.Per = s.vnd((v.Size.UnitPrice(v.Price)+5)/10) + "/" + s.weight(100)
	default:
		p.Per = s.vnd(v.Size.UnitPrice(v.Price)) + "/" + s.t("unit.kg")
	}
	return p
}

func (s speaker) weight(grams int64) string { return locale.Weight(s.lang, grams) }

// smallPack is the weight below which a price is compared per 100 g: nobody
// buys essential oil by the kilogram.
const smallPack = 200

// whole reports whether one unit is just a kilogram or a piece.
func whole(size market.Size) bool {
	return size.Amount <= 0 || size.Base == market.Grams && size.Amount == 1000 || size.Base == market.Pieces && size.Amount == 1
}

// size writes what one unit holds: "500 g", "10 cái".
func (s speaker) size(size market.Size) string {
	if size.Base == market.Grams {
		return s.weight(size.Amount)
	}
	return s.t("size.pieces", "n", size.Amount)
}

// paragraphs cuts a text where its writer left an empty line.
func paragraphs(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, "\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// short cuts a text at a word, for descriptions in search engines and chats.
func short(text string, letters int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= letters {
		return string(runes)
	}
	cut := string(runes[:letters])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return cut + "…"
}

// score writes a council's mean of up to 100 points.
func (s speaker) score(points float64) string {
	return s.t("item.cert.points", "points", locale.Decimal(s.lang, points, 1))
}
