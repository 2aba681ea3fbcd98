package orders

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"chohue/market"
)

//go:embed policies.csv
var policiesFile string

// Policies are the versions of the published rules that an order was bought
// under, so that a later change of them changes nothing that was agreed. The
// commission is frozen with each parcel, and the terms of vouchers with each
// voucher.
type Policies struct {
	Delivery string `bson:"delivery" json:"delivery"` // version of the delivery prices
	Prices   string `bson:"prices,omitempty" json:"prices,omitempty"`
	Returns  string `bson:"returns,omitempty" json:"returns,omitempty"`
	Vouchers string `bson:"vouchers,omitempty" json:"vouchers,omitempty"`
}

// PolicyVersions are the published rules by kind and date.
type PolicyVersions []policyVersion

type policyVersion struct {
	Kind, Version string
	From, To      time.Time // [From, To), Huế time; zero To is open
}

// LoadPolicies returns the embedded versions; nothing changes what was read.
func LoadPolicies() (PolicyVersions, error) { return policiesOnce() }

var policiesOnce = sync.OnceValues(readPolicies)

func readPolicies() (PolicyVersions, error) {
	rows, err := csv.NewReader(strings.NewReader(policiesFile)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("policies.csv: %w", err)
	}
	var all PolicyVersions
	for _, row := range rows[1:] {
		d, err := parseDated([]string{row[1], row[2], row[3], ""})
		if err != nil {
			return nil, fmt.Errorf("policies.csv %q: %w", row[1], err)
		}
		all = append(all, policyVersion{row[0], d.Version, d.From, d.To})
	}
	return all, nil
}

// At returns the versions in force; an error when a kind has none.
func (p PolicyVersions) At(at time.Time) (Policies, error) {
	var found Policies
	for kind, into := range map[string]*string{"prices": &found.Prices, "returns": &found.Returns, "vouchers": &found.Vouchers} {
		i := slices.IndexFunc(p, func(v policyVersion) bool {
			return v.Kind == kind && !at.Before(v.From) && (v.To.IsZero() || at.Before(v.To))
		})
		if i < 0 {
			return found, fmt.Errorf("no policy of %s at %s", kind, at.In(market.HueZone))
		}
		*into = p[i].Version
	}
	return found, nil
}
