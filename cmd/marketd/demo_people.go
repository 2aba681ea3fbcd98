package main

import (
	"context"
	"fmt"
	"time"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/market"
)

// address gives a demonstration person their usual address.
func (s *seeder) address(ctx context.Context, person market.ID, d demoPerson) error {
	if len(d.Addresses) == 0 {
		return nil
	}
	to := d.address()
	_, err := s.house.accounts.UpdateProfile(ctx, market.Actor{Person: person}, accounts.Profile{Name: d.Name, Lang: "vi", Address: &to})
	return err
}

func (d demoPerson) address() market.Address {
	a := d.Addresses[0]
	return market.Address{Name: a.Recipient, Phone: a.Phone, Province: a.Province, Ward: a.Ward, Street: a.Street}
}

// certificate reads a demonstration certificate. Its last valid day is
// written; the catalogue wants the first moment beyond.
func (d demoCertificate) certificate(id market.ID) (catalog.Certificate, error) {
	var days [3]time.Time
	for i, text := range []string{d.DecisionDate, d.ValidFrom, d.ValidTo} {
		day, err := time.ParseInLocation(time.DateOnly, text, market.HueZone)
		if err != nil {
			return catalog.Certificate{}, fmt.Errorf("certificate %s: %w", d.DecisionNo, err)
		}
		days[i] = day.UTC()
	}
	c := catalog.Certificate{
		ID: id, LegalVersion: d.LegalVersion, DecisionNo: d.DecisionNo, DecisionDate: days[0], Issuer: d.Issuer,
		IssuerLevel: d.IssuerLevel, Stars: d.Stars, ValidFrom: days[1], ValidTo: days[2].AddDate(0, 0, 1),
		Verification: d.Verification, Demo: d.Demo, Note: d.Note,
	}
	if d.Score != nil {
		c.Score = *d.Score
	}
	return c, nil
}
