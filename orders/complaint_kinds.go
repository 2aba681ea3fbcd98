package orders

import (
	_ "embed"
	"slices"
	"time"

	"chohue/market"
)

//go:embed complaints.csv
var complaintsFile string

// Complaints are about an order, or about a product.
const (
	AboutOrder   = "order"
	AboutProduct = "product"
)

// Category is a kind of complaint with its published deadlines in a period.
type Category struct {
	Dated
	Code    string
	About   string        // AboutOrder or AboutProduct
	Answer  time.Duration // until the seller has answered
	Resolve time.Duration // until it has an outcome
	Name    market.Text
	Basis   string
}

// Categories are all kinds of complaint by date.
type Categories []Category

// LoadCategories reads the embedded kinds of complaint.
func LoadCategories() (Categories, error) {
	return readDated("complaints.csv", complaintsFile, parseCategory)
}

func parseCategory(row []string) (c Category, err error) {
	if c.Dated, err = parseDated(row); err != nil {
		return c, err
	}
	c.Zone, c.Code, c.About, c.Name, c.Basis = "", row[3], row[4], market.Text{VI: row[7], EN: row[8]}, row[9]
	if c.Answer, err = time.ParseDuration(row[5]); err != nil {
		return c, err
	}
	c.Resolve, err = time.ParseDuration(row[6])
	return c, err
}

// At lists the kinds in force; about says of what, empty for all.
func (c Categories) At(at time.Time, about string) Categories {
	return slices.DeleteFunc(slices.Clone(c), func(k Category) bool {
		return !k.inForce(at, "") || about != "" && k.About != about
	})
}

// Category is the kind in force of that code.
func (c Categories) category(at time.Time, code string) (Category, bool) {
	for _, k := range c.At(at, "") {
		if k.Code == code {
			return k, true
		}
	}
	return Category{}, false
}
