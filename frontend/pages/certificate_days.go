package pages

import (
	"time"

	"chohue/catalog"
)

// lastCertificate is the recognition of a product that ends last.
func lastCertificate(product *catalog.Product) (catalog.Certificate, bool) {
	var last catalog.Certificate
	for _, c := range product.Certificates {
		if c.Stars >= catalog.MinBadgeStars && c.ValidTo.After(last.ValidTo) {
			last = c
		}
	}
	return last, !last.ValidTo.IsZero()
}

// lastDay is the last day on which a certificate is good: its end is the first
// moment after.
func lastDay(c catalog.Certificate) time.Time { return c.ValidTo.Add(-time.Second) }
