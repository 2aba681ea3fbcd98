package salestest

import (
	"context"
	"encoding/json"
	"time"

	"chohue/market"
	"chohue/payments"
)

// walletMoves are what payers do in their wallet and wallets by themselves.
var walletMoves = []move{
	{"a payer pays", 20, (*world).somePay},
	{"a payer refuses", 2, (*world).someRefusal},
	{"a payer's first try fails", 2, (*world).someFirstTry},
	{"a payer pays again", 2, (*world).someSecondPay},
	{"a wallet gives back unasked", 1, (*world).someOwnRefund},
	{"a wallet gives back as asked", 6, (*world).someAskedRefund},
	{"a wallet sends a notice", 25, (*world).someNotice},
	{"a buyer transfers to the seller", 8, (*world).someTransfer},
}

// pickSession draws a wallet and one of its sessions that is as wanted.
func (w *world) pickSession(wanted func(*session) bool) (*wallet, *session) {
	a := w.wallets[w.rng.IntN(len(w.wallets))]
	var some []*session
	for _, s := range a.sessions {
		if wanted(s) {
			some = append(some, s)
		}
	}
	if len(some) == 0 {
		return a, nil
	}
	return a, some[w.rng.IntN(len(some))]
}

func (w *world) open(s *session) bool {
	return s.handed && !s.refused && len(s.captures) == 0 && w.now.Before(s.expires)
}

func (w *world) somePay() bool {
	a, s := w.pickSession(w.open)
	if s == nil {
		return false
	}
	a.capture(s)
	return true
}

func (a *wallet) capture(s *session) {
	n := a.notice(s, payments.NoticeCapture, s.amount)
	s.captures = append(s.captures, n)
	a.w.log("%s: the payer pays %s (%s)", a.name, a.w.short(s.payment), n.Transaction)
	if len(s.captures) == 2 { // of one of two we cannot ask, so neither is lost
		a.send(s.captures[0], true)
	}
	a.send(n, len(s.captures) > 1)
}

func (w *world) someRefusal() bool {
	a, s := w.pickSession(w.open)
	if s == nil {
		return false
	}
	s.refused = true
	w.log("%s: the payer refuses %s", a.name, w.short(s.payment))
	n := a.notice(s, payments.NoticeFailure, s.amount)
	a.send(n, false)
	return true
}

// someFirstTry fails one try; the payer may still try another card.
func (w *world) someFirstTry() bool {
	a, s := w.pickSession(w.open)
	if s == nil {
		return false
	}
	w.log("%s: a first try fails for %s", a.name, w.short(s.payment))
	a.send(a.notice(s, payments.NoticeFailure, s.amount), false)
	return true
}

func (w *world) someSecondPay() bool {
	a, s := w.pickSession(func(s *session) bool { return len(s.captures) == 1 && w.now.Before(s.expires.Add(10*time.Minute)) })
	if s == nil {
		return false
	}
	a.capture(s)
	return true
}

// someOwnRefund gives money back that nobody of ours asked for: the payer
// complained to the wallet.
func (w *world) someOwnRefund() bool {
	a, s := w.pickSession(func(s *session) bool { return s.left() > 1 })
	if s == nil || len(s.asked) > 0 {
		return false
	}
	amount := min(s.left(), s.amount) // of one movement
	if w.rng.IntN(2) == 0 {
		amount = market.VND(1 + w.rng.Int64N(int64(amount)-1))
	}
	n := a.notice(s, payments.NoticeRefund, amount)
	s.refunds = append(s.refunds, n)
	w.log("%s gives back %d of %s unasked (%s)", a.name, amount, w.short(s.payment), n.Transaction)
	a.send(n, true)
	return true
}

func (w *world) someAskedRefund() bool {
	a, s := w.pickSession(func(s *session) bool { return len(s.asked) > 0 })
	if s == nil {
		return false
	}
	a.settleAsked(s)
	return true
}

func (a *wallet) settleAsked(s *session) {
	n := s.asked[0]
	n.At = a.w.now
	s.asked, s.refunds = s.asked[1:], append(s.refunds, n)
	a.w.log("%s gave back %d of %s as asked", a.name, n.Amount, a.w.short(s.payment))
	a.send(n, false)
}

func (w *world) someNotice() bool {
	a := w.wallets[w.rng.IntN(len(w.wallets))]
	if len(a.letters) == 0 {
		return false
	}
	l := a.letters[w.rng.IntN(len(a.letters))]
	if l.due.After(w.now) || w.p.line.dead || len(w.p.tasks) > maxTasks {
		return false
	}
	a.post(l)
	return true
}

// post tells our process, and comes again until it hears that it was heard.
func (a *wallet) post(l *letter) {
	l.tries++
	l.due = a.w.now.Add(time.Duration(l.tries) * 5 * time.Minute)
	body, err := json.Marshal(l.notice)
	if err != nil {
		a.w.fail("a notice", "%v", err)
	}
	raw := payments.Raw{Body: body, Header: map[string][]string{"Seal": {seal}}}
	p := a.w.p
	a.w.spawn("notice of "+l.notice.Type+" "+l.notice.Transaction, func(ctx context.Context) {
		reply, err := p.payments.Notice(ctx, a.name, raw)
		l.last = err
		if reply.Status == 200 && !a.w.fault(5) {
			a.drop(l)
		}
	})
}

func (a *wallet) drop(l *letter) {
	for i, o := range a.letters {
		if o == l {
			a.letters = append(a.letters[:i:i], a.letters[i+1:]...)
			return
		}
	}
}

// bank is what buyers transfer to sellers' own accounts and get back from
// them by hand, and what the carrier takes at the door.
type bank struct {
	transfers map[market.ID]market.VND
	backs     map[market.ID]market.VND
	order     []market.ID // payments, in the order of their transfers
}

func newBank() *bank {
	return &bank{transfers: map[market.ID]market.VND{}, backs: map[market.ID]market.VND{}}
}

func (b *bank) take(payment market.ID, amount market.VND) {
	if _, done := b.transfers[payment]; !done {
		b.transfers[payment] = amount
		b.order = append(b.order, payment)
	}
}

func (w *world) someTransfer() bool {
	b := w.buyers[w.rng.IntN(len(w.buyers))]
	for _, k := range b.baskets {
		if k.step.Kind != payments.StepQR || k.paid || w.now.After(k.placed.Add(48*time.Hour)) {
			continue
		}
		k.paid = true
		w.log("a buyer transfers %d for %s", k.total, w.short(k.order))
		w.bank.take(k.order, k.total)
		return true
	}
	return false
}
