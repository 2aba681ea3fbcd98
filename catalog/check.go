package catalog

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"chohue/market"
)

// What a listing may hold. Lengths are in characters, prices in đồng.
const (
	minName     = 3
	maxName     = 120
	maxText     = 10_000
	maxAlt      = 300
	maxUnit     = 20
	maxSKU      = 40
	maxReason   = 500
	maxVariants = 20
	maxPhotos   = 10
	maxSize     = 10_000_000 // grams or pieces in one unit: ten tonnes
	maxShelf    = 36_500     // days

	minPrice market.VND = 1000
	maxPrice market.VND = 1_000_000_000
)

// line reads text of one line: composed, trimmed, single spaces.
func line(c *market.Checks, field, s string, most int) string {
	s = strings.Join(strings.FieldsFunc(norm.NFC.String(s), func(r rune) bool { return r == ' ' || r == '\u00a0' }), " ")
	checkText(c, field, s, most, "")
	return s
}

// prose reads text of many lines.
func prose(c *market.Checks, field, s string) string {
	s = strings.ReplaceAll(norm.NFC.String(s), "\r\n", "\n")
	s = strings.TrimSpace(s)
	checkText(c, field, s, maxText, "\n\t")
	return s
}

func checkText(c *market.Checks, field, s string, most int, allowed string) {
	c.That(utf8.ValidString(s), field, "product.text_encoding")
	bad := strings.ContainsFunc(s, func(r rune) bool { return hidden(r) && !strings.ContainsRune(allowed, r) })
	c.That(!bad, field, "product.text_control")
	if utf8.RuneCountInString(s) > most {
		c.Add(field, market.Invalid("product.text_long", field).With("max", most))
	}
}

// hidden reports characters that nobody sees but that change what is read:
// control characters, those that turn the writing direction, and those that no
// XML can hold.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == '\ufffe' || r == '\uffff' || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}

func lineIn(c *market.Checks, field string, t market.Text, most int) market.Text {
	return market.Text{VI: line(c, field, t.VI, most), EN: line(c, field+"/en", t.EN, most)}
}

func proseIn(c *market.Checks, field string, t market.Text) market.Text {
	return market.Text{VI: prose(c, field, t.VI), EN: prose(c, field+"/en", t.EN)}
}

// clean returns the draft as it is kept, or all that is wrong with it.
func (s *Service) clean(d Draft) (Draft, error) {
	var c market.Checks
	checkID(&c, "id", d.ID)
	d.Name = lineIn(&c, "name", d.Name, maxName)
	c.That(utf8.RuneCountInString(d.Name.VI) >= minName, "name", "product.name_short")
	d.Description = proseIn(&c, "description", d.Description)
	d.Story = proseIn(&c, "story", d.Story)
	_, known := s.sets.Find(d.Set)
	c.That(known, "set", "product.set_unknown")
	c.That(d.ShelfLifeDays >= 0 && d.ShelfLifeDays <= maxShelf, "shelf_life_days", "product.shelf_life")
	c.That(len(d.Variants) <= maxVariants, "variants", "product.variants_many")
	d.Variants = s.cleanVariants(&c, d.Variants)
	set, _ := s.sets.Find(d.Set)
	d.Keeping = s.cleanKeeping(&c, d.Keeping, set.Alcohol)
	return d, c.Err()
}

func (s *Service) cleanVariants(c *market.Checks, drafts []VariantDraft) []VariantDraft {
	if len(drafts) > maxVariants {
		return nil
	}
	seen := map[market.ID]bool{}
	out := make([]VariantDraft, len(drafts))
	for i, v := range drafts {
		at := fmt.Sprintf("variants/%d/", i)
		c.That(v.ID == "" || !seen[v.ID], at+"id", "product.variant_twice")
		seen[v.ID] = true
		out[i] = s.cleanVariant(c, at, v)
	}
	return out
}

func (s *Service) cleanVariant(c *market.Checks, at string, v VariantDraft) VariantDraft {
	checkID(c, at+"id", v.ID)
	v.Name = lineIn(c, at+"name", v.Name, maxName)
	v.Unit = line(c, at+"unit", v.Unit, maxUnit)
	v.SKU = line(c, at+"sku", v.SKU, maxSKU)
	if u, known := s.sets.Unit(v.Unit); known {
		v.Unit = u.Name.VI
	}
	s.checkTerms(c, at, v)
	c.That(v.Unit != "", at+"unit", "product.unit_missing")
	c.That(v.Size.Base.Known() && v.Size.Amount > 0 && v.Size.Amount <= maxSize, at+"size", "product.size")
	c.That(v.Price >= minPrice && v.Price <= maxPrice, at+"price", "product.price_range")
	c.That(v.Stock >= 0 && v.Stock <= maxQuantity, at+"stock", "product.stock_range")
	return v
}

// checkID lets a client make ids, so that it can repeat a request whose answer
// was lost.
func checkID(c *market.Checks, field string, id market.ID) {
	odd := strings.ContainsFunc(string(id), func(r rune) bool {
		return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	c.That(!odd && len(id) <= 64, field, "product.id_form")
}
