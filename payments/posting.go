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
		return CarrierCOD
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
		kind, postings := KindCapture, in.capturePostings()
		if c.Surplus {
			kind, postings = KindSurplus, []Posting{{in.source(), BuyerClaims, c.Amount}}
		}
		add(in.captureDocument(c), kind, postings, Transaction{At: c.At})
	}
	for _, r := range in.Refunds {
		if r.State == RefundDone {
			add(in.refundDocument(r), KindRefund, in.refundPostings(r), Transaction{At: r.DoneAt})
		}
	}
	return all
}

func (in *Intent) capturePostings() []Posting {
	var all []Posting
	for _, s := range in.Shares {
		payable := Payable(s.Seller)
		all = append(all, Posting{in.source(), payable, s.Gross()})
		if in.Payee != nil {
			all = append(all, Posting{payable, in.source(), s.Gross()})
		}
		if s.Subsidy > 0 {
			all = append(all, Posting{PlatformVouchers, payable, s.Subsidy})
		}
		if s.Fee > 0 {
			all = append(all, Posting{payable, PlatformFees, s.Fee})
		}
	}
	return all
}

func (in *Intent) refundPostings(r Refund) []Posting {
	if r.Surplus {
		return []Posting{{BuyerClaims, in.source(), r.Amount}}
	}
	var all []Posting
	for _, p := range r.Parts {
		payable := Payable(p.Seller)
		all = append(all, Posting{payable, in.source(), p.Gross})
		if in.Payee != nil {
			all = append(all, Posting{in.source(), payable, p.Gross})
		}
		if p.Subsidy > 0 {
			all = append(all, Posting{payable, PlatformVouchers, p.Subsidy})
		}
		if p.Fee > 0 {
			all = append(all, Posting{PlatformFees, payable, p.Fee})
		}
	}
	return all
}

// Consumes lists the events that Consume wants.
func Consumes() []string { return []string{EventCaptured, EventSurplus, EventRefunded} }

// Consume posts to the ledger what happened to payments. It is idempotent:
// the entry's id is the document's, whatever the number of times the news
// comes.
func (s *Service) Consume(ctx context.Context, e market.Event) error {
	if !slices.Contains(Consumes(), e.Type) {
		return nil
	}
	var h Happened
	if err := e.Decode(&h); err != nil {
		return err
	}
	in, err := s.Intent(ctx, h.Payment)
	if err != nil {
		return err
	}
	t, ok := in.transactions()[h.Document]
	if !ok {
		return store.ErrMissing
	}
	return s.Post(ctx, t)
}
