package catalog

import (
	"net/url"
	"strings"
	"time"

	"chohue/market"
)

// GS1Resolver is where GS1's own Digital Links lead.
const GS1Resolver = "https://id.gs1.org"

// maxLotCode is the length of application identifier 10 (GS1 General
// Specifications, 3.4.4).
const maxLotCode = 20

// ParseGTIN reads a trade item number of 8, 12, 13 or 14 digits and returns it
// with 14, as it is kept. Spaces and hyphens are how people group digits.
func ParseGTIN(s string) (string, error) {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(s)
	if strings.Trim(digits, "0123456789") != "" {
		return "", market.Invalid("gtin.form", "gtin")
	}
	switch len(digits) {
	case 8, 12, 13, 14:
	default:
		return "", market.Invalid("gtin.form", "gtin")
	}
	full := strings.Repeat("0", 14-len(digits)) + digits
	if strings.Trim(full, "0") == "" {
		return "", market.Invalid("gtin.form", "gtin")
	}
	if full[13] != CheckDigit(full[:13]) {
		return "", market.Invalid("gtin.check", "gtin")
	}
	return full, nil
}

// CheckDigit is the last digit of a GS1 number: weights 3 and 1 from the
// right (GS1 General Specifications, 7.9).
func CheckDigit(body string) byte {
	sum := 0
	for i := range len(body) {
		digit := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			digit *= 3
		}
		sum += digit
	}
	return byte('0' + (10-sum%10)%10)
}

// checkLotCode keeps to the characters that GS1 allows in a lot's code and
// that survive in a path and in speech.
func checkLotCode(c *market.Checks, field, code string) {
	odd := strings.ContainsFunc(code, func(r rune) bool {
		return r != '-' && r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	c.That(code != "" && !odd && len(code) <= maxLotCode && strings.Trim(code, ".") != "", field, "lot.code")
}

// TracePath is where a lot is resolved on any site that resolves GS1 Digital
// Links; without a GTIN there is none.
func (l *Lot) TracePath() string {
	if l.GTIN == "" {
		return "/lo/" + string(l.ID)
	}
	return "/01/" + l.GTIN + "/10/" + url.PathEscape(l.Code)
}

// DigitalLink is the lot's GS1 Digital Link with the given resolver (scheme
// and host): its class, and as attributes production date (11) and best before
// (15), as far as they are known. Without a GTIN it is the plain address.
func (l *Lot) DigitalLink(resolver string) string {
	if l.GTIN == "" {
		return resolver + l.TracePath()
	}
	q := "?11=" + gs1Day(l.MadeAt)
	if l.BestBefore != nil {
		q += "&15=" + gs1Day(LastDay(*l.BestBefore))
	}
	return resolver + l.TracePath() + q
}

// EPCClass is the lot as EPCIS names a class of things.
func (l *Lot) EPCClass(site string) string {
	if l.GTIN == "" {
		return site + l.TracePath()
	}
	return GS1Resolver + l.TracePath()
}

func gs1Day(t time.Time) string { return t.In(market.HueZone).Format("060102") }

// LastDay is a moment of the last day on which something holds that ends at
// the given moment.
func LastDay(end time.Time) time.Time { return end.Add(-time.Millisecond) }
