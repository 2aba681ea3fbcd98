package salestest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"chohue/market"
	"chohue/payments"
)

// walletKinds are the wallets there are. The second gives money back only
// some time after it was asked to.
var walletKinds = []string{"wallet", "purse"}

// wallet is a payment provider with a truth of its own, which our deaths do
// not touch. It answers late or not at all, loses, repeats and shuffles what
// it has to say, and sometimes gives money back without being asked.
type wallet struct {
	w        *world
	name     string
	sessions []*session
	letters  []*letter
	numbers  int
}

// session is one payment as the wallet knows it.
type session struct {
	payment  market.ID
	amount   market.VND
	expires  time.Time
	handed   bool // the payer has the address
	refused  bool
	captures []payments.Notice
	refunds  []payments.Notice
	asked    []payments.Notice // refunds that will be done later
}

// letter is a notice on its way.
type letter struct {
	notice payments.Notice
	due    time.Time
	tries  int
	last   error // what we answered
}

var _ payments.Provider = (*wallet)(nil)

func newWallet(w *world, name string) *wallet { return &wallet{w: w, name: name} }

// fault throws the dice for something going wrong, one in n.
func (w *world) fault(n int) bool { return !w.calm && w.rng.IntN(n) == 0 }

// Name implements payments.Provider.
func (a *wallet) Name() string { return a.name }

var errTimeout = market.Unavailable("payments.provider_down")

// Begin implements payments.Provider.
func (a *wallet) Begin(ctx context.Context, c payments.Charge) (payments.Step, error) {
	pause(ctx)
	if a.w.fault(12) {
		return payments.Step{}, errTimeout
	}
	if a.session(c.ID) == nil {
		a.sessions = append(a.sessions, &session{payment: c.ID, amount: c.Amount, expires: c.ExpiresAt})
	}
	pause(ctx)
	if a.w.fault(20) {
		return payments.Step{}, errTimeout
	}
	return payments.Step{Kind: payments.StepRedirect, URL: "https://wallet.test/" + string(c.ID), Merchant: "M"}, nil
}

func (a *wallet) session(payment market.ID) *session {
	i := slices.IndexFunc(a.sessions, func(s *session) bool { return s.payment == payment })
	if i < 0 {
		return nil
	}
	return a.sessions[i]
}

const seal = "sealed"

// Notice implements payments.Provider.
func (a *wallet) Notice(ctx context.Context, raw payments.Raw) (n payments.Notice, err error) {
	pause(ctx)
	if len(raw.Header["Seal"]) != 1 || raw.Header["Seal"][0] != seal {
		return n, market.Forbidden("payments.signature")
	}
	if err := json.Unmarshal(raw.Body, &n); err != nil {
		return n, market.Invalid("payments.notice_form", "")
	}
	return n, nil
}

// Query implements payments.Provider. The answer may be old news when it
// arrives, but it was true.
func (a *wallet) Query(ctx context.Context, in *payments.Intent) (payments.Notice, error) {
	pause(ctx)
	if a.w.fault(6) {
		return payments.Notice{}, errTimeout
	}
	answer := a.status(in)
	pause(ctx)
	if a.w.fault(12) {
		return payments.Notice{}, errTimeout
	}
	return answer, nil
}

func (a *wallet) status(in *payments.Intent) payments.Notice {
	s := a.session(in.ID)
	n := payments.Notice{Provider: a.name, Type: payments.NoticePending, Payment: in.ID, Merchant: "M", Amount: in.Amount}
	switch {
	case s == nil:
	case len(s.captures) > 0:
		return s.captures[0]
	case s.refused || !a.w.now.Before(s.expires):
		n.Type, n.Transaction, n.At = payments.NoticeFailure, "no:"+string(in.ID), s.expires
	}
	return n
}

// Refund implements payments.Provider: once per key, never more than came.
func (a *wallet) Refund(ctx context.Context, in *payments.Intent, r payments.RefundRequest) (payments.Notice, error) {
	pause(ctx)
	if a.w.fault(8) {
		return payments.Notice{}, errTimeout
	}
	answer, err := a.giveBack(in.ID, r)
	pause(ctx)
	if a.w.fault(8) {
		return payments.Notice{}, errTimeout
	}
	return answer, err
}

func (a *wallet) giveBack(payment market.ID, r payments.RefundRequest) (payments.Notice, error) {
	s := a.session(payment)
	if s == nil {
		return payments.Notice{}, market.Conflict("payments.refund_refused")
	}
	same := func(n payments.Notice) bool { return n.Refund == r.Key }
	if i := slices.IndexFunc(s.refunds, same); i >= 0 {
		return s.refunds[i], nil
	}
	n := a.notice(s, payments.NoticeRefund, r.Amount)
	n.Refund = r.Key
	if slices.ContainsFunc(s.asked, same) {
		n.Type = payments.NoticePending
		return n, nil
	}
	if r.Amount > s.left() {
		return payments.Notice{}, market.Conflict("payments.refund_refused")
	}
	a.w.log("%s gives back %d of %s", a.name, r.Amount, a.w.short(payment))
	if a.name == "purse" {
		s.asked = append(s.asked, n)
		n.Type = payments.NoticePending
		return n, nil
	}
	s.refunds = append(s.refunds, n)
	a.send(n, false)
	return n, nil
}

// left is what the wallet still has of the payer's money.
func (s *session) left() market.VND {
	return sum(s.captures) - sum(s.refunds) - sum(s.asked)
}

func sum(notices []payments.Notice) (total market.VND) {
	for _, n := range notices {
		total += n.Amount
	}
	return total
}

// Reply implements payments.Provider.
func (a *wallet) Reply(err error) payments.Reply {
	if err != nil {
		return payments.Reply{Status: 500, Body: []byte(err.Error())}
	}
	return payments.Reply{Status: 200}
}

func (a *wallet) notice(s *session, kind string, amount market.VND) payments.Notice {
	a.numbers++
	return payments.Notice{
		Provider: a.name, Transaction: fmt.Sprintf("%s-%d", a.name, a.numbers), Type: kind,
		Payment: s.payment, Merchant: "M", Amount: amount, At: a.w.now,
	}
}

// send puts a notice on its way, or loses it for good unless it is sure: the
// notice of something that we can ask about may be lost, because we do ask.
func (a *wallet) send(n payments.Notice, sure bool) {
	if !sure && a.w.fault(4) {
		a.w.log("%s loses its notice of %s %s", a.name, n.Type, n.Transaction)
		return
	}
	due := a.w.now
	if a.w.fault(3) {
		due = due.Add(time.Duration(a.w.rng.IntN(90)) * time.Minute)
	}
	a.letters = append(a.letters, &letter{notice: n, due: due})
}
