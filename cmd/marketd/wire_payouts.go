package main

import (
	"context"

	"chohue/cooperatives"
	"chohue/market"
	"chohue/payments"
)

// openPayouts opens the paying out of what the ledger says.
func (h *house) openPayouts(_ context.Context, _ outside) (err error) {
	h.payouts, err = payments.NewPayouts(h.payments, payees{h.sellers})
	return err
}

// payees shows payouts who sellers are.
type payees struct{ sellers *cooperatives.Service }

func (p payees) Payee(ctx context.Context, id market.ID) (payments.Payee, error) {
	s, err := p.sellers.Seller(ctx, id)
	if err != nil {
		return payments.Payee{}, err
	}
	return payments.Payee{
		Name: s.Name.VI, Kind: string(s.Kind), TaxCode: s.TaxCode,
		Bank: payments.Bank{BIN: s.Bank.BIN, Account: s.Bank.Account, Holder: s.Bank.Holder},
	}, nil
}
