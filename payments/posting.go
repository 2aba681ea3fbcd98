package payments

import (
	"context"
	"slices"

	"chohue/market"
	"chohue/store"
)

// The kinds of transaction that come from payments.
const (
	KindCapture = "capture"
	KindSurplus = "surplus"
	KindRefund  = "refund"

	KindCarriage = "carriage"
)

// captureDocument names the ledger's entry of a capture. The first capture is
// named by the payment, a surplus by its transaction too.
func (in *Intent) captureDocument(c Capture) string {
	if c.Surplus {
		return KindSurplus + ":" + string(in.ID) + ":" + c.Transaction
	}
	return KindCapture + ":" + string(in.ID)
}

func (in *Intent) refundDocument(r Refund) string {
	return KindRefund + ":" + string(in.ID) + ":" + string(r.Key)
}

// source is the account that the buyers' money is owed from.
func (in *Intent) source() Account {
	if in.Step.Kind == StepNone {
		return CollectedBy(in.collector())
	}
	return Clearing(in.Method)
}

// transactions are all entries that the ledger must have of this payment: the
// books can be written again from the documents.
func (in *Intent) transactions() map[string]Transaction {
	all := map[string]Transaction{}
	add := func(document, kind string, postings []Posting, t Transaction) {
		t.ID, t.Kind, t.Ref, t.Order = market.ID(document), kind, string(in.ID), in.Order
		t.Postings = postings
		all[document] = t
	}
	for _, c := range in.Captures {
		kind, postings := KindCapture, in.capturePostings(in.captureDocument(c))
		if c.Surplus {
			kind, postings = KindSurplus, in.surplusPostings(c.Amount)
		}
		add(in.captureDocument(c), kind, postings, Transaction{At: c.At})
	}
	for _, r := range in.Refunds {
		if r.State == RefundDone {
			add(in.refundDocument(r), KindRefund, in.refundPostings(r), Transaction{At: r.DoneAt})
		}
	}
	for _, c := range in.Carriages {
		if postings := in.carriagePostings(c); len(postings) > 0 {
			add(c.document(), KindCarriage, postings, Transaction{At: c.At})
		}
	}
	return all
}

func (in *Intent) capturePostings(document string) []Posting {
	var all []Posting
	for _, s := range in.Shares {
		payable := Payable(s.Seller)
		all = posted(all, in.source(), payable, s.Goods, ForGoods)
		all = posted(all, in.source(), payable, s.Shipping, ForShipping)
		if in.paidToSeller() {
			all = posted(all, payable, in.source(), s.Gross(), ForOwn)
		}
		all = posted(all, PlatformVouchers, payable, s.Subsidy, ForVoucher)
		all = posted(all, payable, PlatformFees, s.Fee, ForFee)
		all = append(all, in.taxPostings(document, s.Seller)...)
	}
	return all
}

// surplusPostings say that money came beyond the amount. When it went to the
// seller's own account, it is the seller who owes it.
func (in *Intent) surplusPostings(amount market.VND) []Posting {
	all := []Posting{{in.source(), BuyerClaims, amount, ForRefund}}
	if in.paidToSeller() {
		all = posted(all, Payable(in.Shares[0].Seller), in.source(), amount, ForOwn)
	}
	return all
}

func reversed(all []Posting) []Posting {
	for i := range all {
		all[i].From, all[i].To = all[i].To, all[i].From
	}
	return all
}

// posted adds a posting unless there is nothing to post.
func posted(all []Posting, from, to Account, amount market.VND, what string) []Posting {
	if amount == 0 {
		return all
	}
	return append(all, Posting{from, to, amount, what})
}

func (in *Intent) refundPostings(r Refund) []Posting {
	var all []Posting
	if over := r.over(); over > 0 {
		all = reversed(in.surplusPostings(over))
	}
	for _, p := range r.Parts {
		payable := Payable(p.Seller)
		all = posted(all, payable, in.source(), p.Gross, ForRefund)
		if in.backByHand() {
			all = posted(all, in.source(), payable, p.Gross, ForOwn)
		}
		all = posted(all, payable, PlatformVouchers, p.Subsidy, ForVoucher)
		all = posted(all, PlatformFees, payable, p.Fee, ForFee)
		all = append(all, in.taxPostings(in.refundDocument(r), p.Seller)...)
	}
	return all
}

// Consumes lists the events that Consume wants.
func Consumes() []string {
	return []string{EventCaptured, EventSurplus, EventRefunded, EventRefundFailed, EventCarried, eventShipped}
}

// Consume posts to the ledger what happened to payments. It is idempotent:
// the entry's id is the document's, whatever the number of times the news
// comes.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	if !slices.Contains(Consumes(), e.Type) {
		return nil
	}
	if e.Type == eventShipped {
		return s.shipped(ctx, e)
	}
	var h Happened
	if err := e.Decode(&h); err != nil {
		return err
	}
	in, err := s.Intent(ctx, h.Payment)
	if err != nil {
		return err
	}
	if e.Type == EventRefunded || e.Type == EventRefundFailed {
		if err := s.queueRefused(ctx, in); err != nil || e.Type == EventRefundFailed {
			return err
		}
	}
	t, ok := in.transactions()[h.Document]
	if !ok {
		return store.ErrMissing
	}
	return s.Post(ctx, t)
}
