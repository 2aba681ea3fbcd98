package cooperatives

import (
	"context"
	"strings"

	"chohue/market"
)

// Residency of a seller for income tax.
const (
	Resident    = "resident"
	NonResident = "non_resident"
)

// Fiscal is what a seller is paid out and taxed by.
type Fiscal struct {
	Kind      Kind // may change until the seller is verified
	TaxCode   string
	Residency string // empty for resident
	Bank      Bank   // taken only while the seller has none; empty changes nothing
}

// SetFiscal enters or changes what a seller is paid out and taxed by; orders that
// were placed before keep what they were placed with. The legal form decides
// whether tax is withheld, and was what the papers were checked for: it stands
// once the seller is verified. An account that is there stands too: whoever
// stole a session must not lead the money elsewhere. Allowed to managers of the
// seller and to operators; the same again changes nothing.
func (s *Service) SetFiscal(ctx context.Context, by market.Actor, seller market.ID, f Fiscal) (*Seller, error) {
	if _, err := s.managed(ctx, by, seller); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	return s.sellers.Update(ctx, seller, func(found *Seller) ([]market.Event, error) {
		if err := found.mayManage(by); err != nil {
			return nil, err
		}
		before := found.fiscal()
		if err := found.setFiscal(f); err != nil || found.fiscal() == before {
			return nil, err
		}
		n := Note{Seller: seller, What: "fiscal.set", Object: seller, Before: digest(before), After: digest(found.fiscal())}
		n.Words = tidy(strings.Join([]string{string(found.Kind), found.TaxCode, found.Residency, before.told(found)}, " "))
		return []market.Event{s.noted(by, n)}, nil
	})
}

func (f *Fiscal) check() error {
	var c market.Checks
	f.TaxCode = strings.TrimSpace(f.TaxCode)
	c.That(f.Kind.Known(), "kind", "cooperatives.kind")
	c.That(ValidTaxCode(f.TaxCode), "tax_code", "cooperatives.tax_code")
	c.That(f.Residency == "" || f.Residency == Resident || f.Residency == NonResident, "residency", "cooperatives.residency")
	checkBank(&c, &f.Bank)
	return c.Err()
}

func (s *Seller) fiscal() Fiscal { return Fiscal{s.Kind, s.TaxCode, s.Residency, s.Bank} }

func (s *Seller) setFiscal(f Fiscal) error {
	if f.Kind != s.Kind && s.Status != StatusPending {
		return market.Conflict("cooperatives.kind_stands").At("kind")
	}
	if f.Bank != (Bank{}) && s.Bank != (Bank{}) && f.Bank != s.Bank {
		return market.Conflict("cooperatives.bank_stands").At("bank/account")
	}
	s.Kind, s.TaxCode, s.Residency = f.Kind, f.TaxCode, f.Residency
	if s.Bank == (Bank{}) {
		s.Bank = f.Bank
	}
	return nil
}

// told is what the trail says of an account that was entered: enough to know it
// again, too little to use it.
func (f Fiscal) told(now *Seller) string {
	if f.Bank == now.Bank {
		return ""
	}
	return "…" + now.Bank.Account[max(0, len(now.Bank.Account)-3):]
}
