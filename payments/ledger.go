package payments

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// Posting moves an amount, always above zero, of claim between two accounts.
type Posting struct {
	From   Account    `bson:"from" json:"from"`
	To     Account    `bson:"to" json:"to"`
	Amount market.VND `bson:"amount" json:"amount"`
	For    string     `bson:"for,omitempty" json:"for,omitempty"` // what it pays for, so that a balance can be explained
}

// What postings are for.
const (
	ForGoods    = "goods"
	ForShipping = "shipping"
	ForVoucher  = "voucher"  // the platform pays a part of the price
	ForFee      = "fee"      // the platform's commission, and what comes back of it
	ForVAT      = "vat"      // withheld, and given back
	ForPIT      = "pit"      // withheld, and given back
	ForRefund   = "refund"   // back to the buyer
	ForOwn      = "own"      // the buyer's money is with the seller already
	ForCarriage = "carriage" // a contracted carrier's fee
	ForCarrier  = "carrier"  // which carrier has the cash
	ForPayout   = "payout"
)

// Transaction is one entry of the ledger. What it says is written once and never
// changed, and sealed into a chain of hashes ([Block]); a mistake is corrected by
// another one. Its id names the document that it comes from, so that nothing is
// posted twice.
type Transaction struct {
	store.Doc `bson:",inline"`
	Kind      string    `bson:"kind"` // capture, surplus, refund, settlement, …
	Ref       string    `bson:"ref"`  // id of the payment, or of what else it is about
	Order     market.ID `bson:"order"`
	Postings  []Posting `bson:"postings"`
	Accounts  []Account `bson:"accounts"` // the accounts in Postings, for looking up
	At        time.Time `bson:"at"`
	Hash      string    `bson:"hash"`  // of all the above
	Block     int64     `bson:"block"` // that it is sealed in; unsealed while it waits
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
	t.At = t.At.UTC().Truncate(time.Millisecond) // what the store keeps of a time
	t.Hash, t.Block = t.sum(), unsealed
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
