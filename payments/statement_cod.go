package payments

import (
	"context"

	"chohue/market"
	"chohue/store"
)

// KindRemitted is the entry of cash that a carrier has handed to the seller.
const KindRemitted = "remitted"

// ForCash says in a posting that it is a carrier's cash.
const ForCash = "cash"

// Remittance is one parcel of a carrier's statement of cash collected.
type Remittance struct {
	Row       int
	Tracking  string
	Payment   market.ID  // of the parcel; empty when nobody here knows the number
	Collected market.VND // from the buyer
	Fee       market.VND // what the carrier keeps of it
}

// CODMatched tells what became of a carrier's statement.
type CODMatched struct {
	Lines      int
	Remitted   int // parcels whose cash is with the seller now
	Known      int // told before
	Cash       market.VND
	Fees       market.VND
	Mismatches []*Mismatch
}

// MatchCOD holds a carrier's statement against the books. Cash that the books
// say the carrier has collected, less the fee that the books say it is owed, is
// posted as handed to the seller, once a parcel, be it that a small parcel's cash
// does not reach for its fee; what differs is put in the
// queue and posts nothing. Delivered is not collected and collected is not
// remitted: only this statement says the last. Allowed to operators.
func (s *Service) MatchCOD(ctx context.Context, by market.Actor, carrier string, lines []Remittance) (CODMatched, error) {
	var out CODMatched
	if !by.Is(market.RoleOperator) {
		return out, errMissing
	}
	if carrier == "" || carrier != market.Slug(carrier) {
		return out, market.Invalid("reconcile.carrier.missing", "carrier")
	}
	for _, l := range lines {
		if err := s.remit(ctx, carrier, l, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (s *Service) remit(ctx context.Context, carrier string, l Remittance, out *CODMatched) error {
	out.Lines++
	out.Cash, out.Fees = out.Cash+l.Collected, out.Fees+l.Fee
	in, err := s.intentOrNone(ctx, l.Payment)
	if err != nil {
		return err
	}
	why := unfit(in, carrier, l)
	if why == "" {
		news, err := s.postRemitted(ctx, in, carrier, l)
		if market.KindOf(err) == market.KindConflict {
			why = WhyRemitted
		} else if err != nil {
			return err
		}
		if news {
			out.Remitted++
		} else if why == "" {
			out.Known++
		}
	}
	if why == "" {
		return nil
	}
	mm := &Mismatch{Party: carrier, Why: why, Transaction: l.Tracking, Payment: l.Payment, Theirs: l.Collected, At: s.env.Now()}
	if in != nil {
		mm.Ours = in.Amount
	}
	if why == WhyFee {
		mm.Ours, mm.Theirs = in.carriageFee(carrier), l.Fee
	}
	kept, err := s.found(ctx, mm)
	out.Mismatches = append(out.Mismatches, kept)
	return err
}

func (s *Service) intentOrNone(ctx context.Context, id market.ID) (*Intent, error) {
	if id == "" {
		return nil, nil //nolint:nilnil // a number that nobody here knows
	}
	in, err := s.Intent(ctx, id)
	if market.KindOf(err) == market.KindNotFound {
		return nil, nil //nolint:nilnil // the same
	}
	return in, err
}

// unfit says why a line is not what the books say.
func unfit(in *Intent, carrier string, l Remittance) Why {
	switch {
	case in == nil:
		return WhyUnknown
	case in.Captured == 0:
		return WhyNotPaid
	case len(in.Shares) != 1:
		return WhyUnknown
	case in.collector() != carrier && !in.carriedBy(carrier):
		return WhyUnknown
	case l.Collected != in.Captured:
		return WhyAmount
	case l.Fee != in.carriageFee(carrier):
		return WhyFee
	}
	return ""
}

func (in *Intent) carriedBy(carrier string) bool {
	for _, c := range in.Carriages {
		if c.Carrier == carrier {
			return true
		}
	}
	return false
}

// carriageFee is what the carrier is owed for the payment's parcel.
func (in *Intent) carriageFee(carrier string) market.VND {
	var sum market.VND
	for _, c := range in.Carriages {
		if c.Carrier == carrier {
			sum += c.Fee
		}
	}
	return sum
}

// postRemitted books that the seller has the cash, less the carrier's fee, and
// reports whether it is news.
func (s *Service) postRemitted(ctx context.Context, in *Intent, carrier string, l Remittance) (news bool, err error) {
	id := market.ID(KindRemitted + ":" + carrier + ":" + string(in.ID))
	if _, err = s.ledger.Get(ctx, id); err != nil && !store.Missing(err) {
		return false, err
	}
	news = err != nil
	payable, cash := Payable(in.Shares[0].Seller), CollectedBy(carrier)
	postings := posted(nil, payable, cash, max(l.Collected-l.Fee, 0), ForCash)
	postings = posted(postings, cash, payable, max(l.Fee-l.Collected, 0), ForCash) // kept of the cash for other parcels
	postings = posted(postings, CarriageFees(carrier), cash, l.Fee, ForCarriage)
	t := Transaction{Kind: KindRemitted, Ref: string(in.ID), Order: in.Order, Postings: postings}
	t.ID = id
	return news, s.Post(ctx, t)
}
