package payments

import (
	"context"
	"slices"
	"strings"
	"time"

	"chohue/market"
	"chohue/store"
)

// Account is one account of the ledger of claims. The platform holds no money,
// so no account is a purse: each says what somebody is owed (above zero) or
// owes (below zero) because of sales made here.
//
//	clearing:<provider>    what a payment provider has taken from buyers and
//	                       owes to sellers (below zero), per provider
//	carrier:cod            what carriers have collected and owe to sellers
//	seller:<id>:payable    what is owed to a seller; below zero the seller owes,
//	                       as when buyers pay the seller's own bank account and
//	                       only the platform's fee is open
//	platform:fees          the commission due to the platform
//	platform:vouchers      what the platform owes to sellers for the part of
//	                       their prices that its vouchers pay (below zero)
//	buyer:claims           what buyers paid twice and must get back
//
// A posting moves an amount of claim from one account to another, so every
// transaction, and the whole ledger, sums to zero by construction.
//
// Worked example. A buyer pays 330.000 ₫ by wallet for goods of A (200.000 and
// 20.000 shipping, fee 6.000) and B (100.000 and 10.000, fee 3.000); then B's
// parcel is returned:
//
//	capture   clearing:wallet  → seller:A:payable  220.000
//	          seller:A:payable → platform:fees       6.000
//	          clearing:wallet  → seller:B:payable  110.000
//	          seller:B:payable → platform:fees       3.000
//	refund    seller:B:payable → clearing:wallet   110.000
//	          platform:fees    → seller:B:payable    3.000
//
// leaves clearing:wallet −220.000 (the wallet owes A's money), A +214.000,
// B 0, platform:fees +6.000. When the wallet pays A out, a settlement moves
// 214.000 from seller:A:payable back to clearing:wallet; what is left there,
// −6.000, is the platform's fee that the wallet still holds.
//
// A payment into the seller's own bank account (VietQR) is settled the moment
// it is captured: the capture is followed in the same transaction by
// seller → clearing of the whole share, and the seller is left owing the fee.
type Account string

// The accounts that there is one of.
const (
	BuyerClaims  Account = "buyer:claims"
	PlatformFees Account = "platform:fees"
	CarrierCOD   Account = "carrier:cod"

	PlatformVouchers Account = "platform:vouchers"
)

// Clearing is the account of what the provider owes.
func Clearing(provider string) Account { return Account("clearing:" + provider) }

// Payable is the account of what is owed to the seller.
func Payable(seller market.ID) Account { return Account("seller:" + string(seller) + ":payable") }

func (a Account) valid() bool {
	switch a {
	case BuyerClaims, PlatformFees, PlatformVouchers, CarrierCOD:
		return true
	}
	if name, ok := strings.CutPrefix(string(a), "clearing:"); ok {
		return name != ""
	}
	if a.validMember() {
		return true
	}
	name, ok := strings.CutPrefix(string(a), "seller:")
	id, ok2 := strings.CutSuffix(name, ":payable")
	return ok && ok2 && id != ""
}

// Posting moves an amount, always above zero, of claim between two accounts.
type Posting struct {
	From   Account    `bson:"from" json:"from"`
	To     Account    `bson:"to" json:"to"`
	Amount market.VND `bson:"amount" json:"amount"`
}

// Transaction is one entry of the ledger. It is written once and never
// changed; a mistake is corrected by another one. Its id names the document
// that it comes from, so that nothing is posted twice.
type Transaction struct {
	store.Doc `bson:",inline"`
	Kind      string    `bson:"kind"` // capture, surplus, refund, settlement, …
	Ref       string    `bson:"ref"`  // id of the payment, or of what else it is about
	Order     market.ID `bson:"order"`
	Postings  []Posting `bson:"postings"`
	Accounts  []Account `bson:"accounts"` // the accounts in Postings, for looking up
	At        time.Time `bson:"at"`
}

func (t *Transaction) check() error {
	var found market.Checks
	found.That(t.ID != "" && t.Kind != "", "id", "payments.transaction")
	found.That(len(t.Postings) > 0, "postings", "payments.postings")
	for _, p := range t.Postings {
		found.That(p.Amount > 0 && p.Amount <= market.MaxAmount, "postings", "payments.posting_amount")
		found.That(p.From != p.To && p.From.valid() && p.To.valid(), "postings", "payments.posting_account")
	}
	return found.Err()
}

func (t *Transaction) accounts() []Account {
	var all []Account
	for _, p := range t.Postings {
		all = append(all, p.From, p.To)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (t *Transaction) equal(o *Transaction) bool {
	return t.Kind == o.Kind && t.Ref == o.Ref && t.Order == o.Order && slices.Equal(t.Postings, o.Postings)
}

// effect is what the transaction adds to the account.
func (t *Transaction) effect(a Account) market.VND {
	var sum market.VND
	for _, p := range t.Postings {
		if p.To == a {
			sum += p.Amount
		}
		if p.From == a {
			sum -= p.Amount
		}
	}
	return sum
}

// Post writes a transaction. The same again changes nothing; another one
// under the same id is a conflict.
func (s *Service) Post(ctx context.Context, t Transaction) error {
	if err := t.check(); err != nil {
		return err
	}
	t.Accounts = t.accounts()
	if t.At.IsZero() {
		t.At = s.env.Now()
	}
	err := s.ledger.Insert(ctx, &t)
	if !store.Exists(err) {
		return err
	}
	old, err := s.ledger.Get(ctx, t.ID)
	if err != nil {
		return err
	}
	if !old.equal(&t) {
		return market.Conflict("payments.posted_differently")
	}
	return nil
}

// Balance folds all transactions of the account.
func (s *Service) Balance(ctx context.Context, a Account) (market.VND, error) {
	var sum market.VND
	err := s.ledger.Each(ctx, store.Query{Index: "account", Eq: []any{string(a)}}, func(t *Transaction) error {
		sum += t.effect(a)
		return nil
	})
	return sum, err
}

// Balances folds the whole ledger. Accounts that nothing was ever posted to
// are absent.
func (s *Service) Balances(ctx context.Context) (map[Account]market.VND, error) {
	all := map[Account]market.VND{}
	err := s.ledger.Each(ctx, store.Query{}, func(t *Transaction) error {
		for _, p := range t.Postings {
			all[p.From] -= p.Amount
			all[p.To] += p.Amount
		}
		return nil
	})
	return all, err
}

// Statement lists the seller's transactions, newest first: to the seller's own
// people and to staff, not found for others. A transaction of several sellers
// is cut to the postings of this one.
func (s *Service) Statement(ctx context.Context, by market.Actor, seller market.ID, after store.Cursor, limit int) (store.Page[Transaction], error) {
	if !by.For(seller) && !by.Is(market.RoleOperator) {
		return store.Page[Transaction]{}, errMissing
	}
	a := Payable(seller)
	page, err := s.ledger.Find(ctx, store.Query{Index: "account", Eq: []any{string(a)}, Desc: true, After: after, Limit: limit})
	for i, t := range page.Items {
		page.Items[i] = t.only(a)
	}
	return page, err
}

// only returns a copy with the postings of one account.
func (t *Transaction) only(a Account) *Transaction {
	c := *t
	c.Postings = slices.DeleteFunc(slices.Clone(t.Postings), func(p Posting) bool { return p.From != a && p.To != a })
	c.Accounts = c.accounts()
	return &c
}

func (a Account) seller() bool { return strings.HasPrefix(string(a), "seller:") }
