package paymentstest

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Partner is the other party as a test plays it: its payers, its own desk, and
// what it has really done.
type Partner struct {
	Wire         *Wire                                              // what lies between
	Set          func(name string, on bool)                         // refuse, pending, forge
	Pay          func(in *payments.Intent) error                    // the payer confirms; the notice is lost
	Cancel       func(in *payments.Intent) error                    // the payer refuses; the notice is lost
	GiveBack     func(in *payments.Intent, amount market.VND) error // a refund made at the partner's own desk
	Given        func(in *payments.Intent) []market.VND             // the refunds it has made
	Pass         func(time.Duration)                                // turns the clock of all
	SignsAnswers bool                                               // a forged answer is not believed
	TellsRefunds bool                                               // asking finds refunds made at its own desk
	AsksToBegin  bool                                               // Begin calls the partner
	ForgetsAfter time.Duration                                      // how long it knows a request again; for ever when zero
}

// Wire carries what the market asks to the partner's doors, in process. It
// breaks as networks do.
type Wire struct {
	Doors http.Handler
	Down  atomic.Bool // nothing arrives
	Cut   atomic.Bool // everything arrives, no answer comes back
}

// errWire says nothing about what has happened at the other end.
var errWire = errors.New("the line is broken")

// RoundTrip implements http.RoundTripper.
func (w *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.Down.Load() {
		return nil, errWire
	}
	answer := httptest.NewRecorder()
	w.Doors.ServeHTTP(answer, r)
	if w.Cut.Load() {
		return nil, errWire
	}
	return answer.Result(), nil
}

// Client speaks over the wire.
func (w *Wire) Client() *http.Client { return &http.Client{Transport: w} }

// asked proves what the provider does when it is the market that asks.
func (s Subject) asked(t *testing.T) {
	s.run(t, "lost notice", Subject.lostNotice)
	s.run(t, "unknown outcome", Subject.unknownOutcome)
	s.run(t, "undecided", Subject.undecided)
	s.run(t, "cancelled", Subject.cancelled)
	s.run(t, "answer to begin lost", Subject.beginLost)
	s.run(t, "forged answer", Subject.forgedAnswer)
	s.run(t, "refund asked twice", Subject.refundTwice)
	s.run(t, "answer to refund lost", Subject.refundLost)
	s.run(t, "refund undecided", Subject.refundUndecided)
	s.run(t, "refund refused", Subject.refundRefused)
	s.run(t, "two refunds alike", Subject.refundsAlike)
	s.run(t, "foreign refund", Subject.foreignRefund)
}

// scene is one payment with the room and its relay.
type scene struct {
	*payments.Service
	s     Subject
	t     *testing.T
	in    *payments.Intent
	relay *store.Relay
}

// scene begins a payment whose id no other test has used: the partner
// remembers.
func (s Subject) scene(t *testing.T) *scene {
	t.Helper()
	engine := s.Open(t)
	svc, err := payments.New(t.Context(), engine, s.Env, s.Provider)
	if err != nil {
		t.Fatal(err)
	}
	c := s.fresh()
	in, err := svc.Begin(t.Context(), market.System, c)
	if err != nil {
		t.Fatal(err)
	}
	relay := store.NewRelay(engine, nil, nil, store.Consumer{Name: "ledger", Handle: svc.Consume})
	return &scene{Service: svc, s: s, t: t, in: in, relay: relay}
}

func (s Subject) fresh() payments.Charge {
	c := s.Charge
	c.ID = s.Env.NewID()
	c.ExpiresAt = s.Env.Now().Add(15 * time.Minute)
	return c
}

// sync asks about the payment and wants it to be in that state.
func (c *scene) sync(want payments.State) {
	c.t.Helper()
	in, err := c.Sync(c.t.Context(), c.in.ID)
	if err != nil || in.State != want {
		c.t.Fatalf("Sync = %+v, %v; want %s", in, err, want)
	}
	c.in = in
}

func (c *scene) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// paid lets the payer pay and asks.
func (c *scene) paid() *scene {
	c.t.Helper()
	c.must(c.s.Partner.Pay(c.in))
	c.sync(payments.StateCaptured)
	return c
}

// refund asks for a refund and returns it as it stands.
func (c *scene) refund(key market.ID, amount market.VND) payments.Refund {
	c.t.Helper()
	in, err := c.Refund(c.t.Context(), market.System, c.in.ID, amount, "trả lại một phần", key)
	c.must(err)
	c.in = in
	for _, r := range in.Refunds {
		if r.Key == key {
			return r
		}
	}
	c.t.Fatalf("no refund %s in %+v", key, in)
	return payments.Refund{}
}

// wants compares what was given back here, what the partner has given, and the
// books.
func (c *scene) wants(amounts ...market.VND) {
	c.t.Helper()
	in, err := c.Intent(c.t.Context(), c.in.ID)
	c.must(err)
	var sum market.VND
	for _, a := range amounts {
		sum += a
	}
	given := c.s.Partner.Given(c.in)
	if in.Refunded != sum || len(given) != len(amounts) {
		c.t.Errorf("refunded %d here, %v at the partner; want %v: %+v", in.Refunded, given, amounts, in.Refunds)
	}
	c.must(c.relay.Drain(c.t.Context()))
	c.must(c.Check(c.t.Context()))
}

func (s Subject) lostNotice(t *testing.T) {
	c := s.scene(t).paid()
	if c.in.Captured != c.in.Amount || len(c.in.Captures) != 1 {
		t.Errorf("captured %+v", c.in)
	}
	n := s.capture(t)
	n.Payment, n.Transaction = c.in.ID, c.in.Captures[0].Transaction
	s.accept(t, c.Service, n) // it comes in the end
	if in, err := c.Intent(t.Context(), c.in.ID); err != nil || len(in.Captures) != 1 {
		t.Errorf("the late notice was counted again: %+v, %v", in, err)
	}
	c.wants()
}

func (s Subject) unknownOutcome(t *testing.T) {
	c := s.scene(t)
	c.must(s.Partner.Pay(c.in))
	for _, broken := range []*atomic.Bool{&s.Partner.Wire.Down, &s.Partner.Wire.Cut} {
		broken.Store(true)
		in, err := c.Sync(t.Context(), c.in.ID)
		broken.Store(false)
		if market.KindOf(err) != market.KindUnavailable {
			t.Errorf("Sync = %+v, %v; want unavailable", in, err)
		}
		s.stands(t, c.Service, c.in, payments.StatePending)
	}
	c.sync(payments.StateCaptured)
}

func (s Subject) undecided(t *testing.T) {
	c := s.scene(t)
	c.sync(payments.StatePending) // nobody has paid
	s.Partner.Set("pending", true)
	c.must(s.Partner.Pay(c.in))
	c.sync(payments.StatePending)
	s.Partner.Set("pending", false)
	c.sync(payments.StateCaptured)
}

func (s Subject) cancelled(t *testing.T) {
	c := s.scene(t)
	c.must(s.Partner.Cancel(c.in))
	c.sync(payments.StateFailed)
	c.wants()
}

// beginLost loses the answer to the first call: the payer has no address yet,
// and the next try gives one that can be paid.
func (s Subject) beginLost(t *testing.T) {
	if !s.Partner.AsksToBegin {
		t.Skip("begins without asking")
	}
	svc := s.service(t)
	charge := s.fresh()
	s.Partner.Wire.Cut.Store(true)
	in, err := svc.Begin(t.Context(), market.System, charge)
	s.Partner.Wire.Cut.Store(false)
	if market.KindOf(err) != market.KindUnavailable {
		t.Fatalf("Begin = %+v, %v; want unavailable", in, err)
	}
	if in, err = svc.Begin(t.Context(), market.System, charge); err != nil || in.Step.URL == "" {
		t.Fatalf("Begin again = %+v, %v", in, err)
	}
	if err := s.Partner.Pay(in); err != nil {
		t.Fatal(err)
	}
	if in, err = svc.Sync(t.Context(), charge.ID); err != nil || in.State != payments.StateCaptured {
		t.Errorf("Sync = %+v, %v", in, err)
	}
}

func (s Subject) forgedAnswer(t *testing.T) {
	if !s.Partner.SignsAnswers {
		t.Skip("answers are not signed")
	}
	c := s.scene(t)
	c.must(s.Partner.Pay(c.in))
	s.Partner.Set("forge", true)
	in, err := c.Sync(t.Context(), c.in.ID)
	s.Partner.Set("forge", false)
	if market.KindOf(err) != market.KindUnavailable {
		t.Errorf("a forged answer: %+v, %v", in, err)
	}
	c.sync(payments.StateCaptured)
}

func (s Subject) refundTwice(t *testing.T) {
	c := s.scene(t).paid()
	for range 2 {
		if r := c.refund("K1", 100_000); r.State != payments.RefundDone || r.Transaction == "" {
			t.Fatalf("refund %+v", r)
		}
	}
	c.wants(100_000)
	in, err := c.Intent(t.Context(), c.in.ID)
	c.must(err)
	for range 2 { // the provider itself is asked again, as after a crash
		n, err := s.Provider.Refund(t.Context(), in, payments.RefundRequest{Key: "K1", Amount: 100_000})
		if s.Partner.ForgetsAfter == 0 && (err != nil || n.Type != payments.NoticeRefund || n.Transaction != in.Refunds[0].Transaction) {
			t.Errorf("again: %+v, %v", n, err)
		}
		if s.Partner.ForgetsAfter > 0 {
			break // it keeps no keys: the room asks for a refund until it is done, not after
		}
	}
	c.wants(100_000)
}

// refundLost loses the answer to a refund and asks again soon, and after the
// partner has forgotten the request.
func (s Subject) refundLost(t *testing.T) {
	for _, wait := range []time.Duration{time.Second, 2 * max(s.Partner.ForgetsAfter, 12*time.Hour)} {
		c := s.scene(t).paid()
		s.Partner.Wire.Cut.Store(true)
		r := c.refund("K1", 100_000)
		s.Partner.Wire.Cut.Store(false)
		if r.State != payments.RefundPending {
			t.Fatalf("nobody knows, but the refund is %+v", r)
		}
		s.Partner.Pass(wait)
		for range 2 {
			c.refund("K1", 100_000)
		}
		if len(s.Partner.Given(c.in)) == 0 { // the request itself may have been cut off
			t.Fatal("nothing was given back")
		}
		c.wants(100_000)
	}
}

func (s Subject) refundUndecided(t *testing.T) {
	c := s.scene(t).paid()
	s.Partner.Set("pending", true)
	if r := c.refund("K1", 100_000); r.State != payments.RefundPending {
		t.Errorf("undecided, but %+v", r)
	}
	s.Partner.Pass(time.Hour)
	if _, err := c.Reconcile(t.Context()); err != nil {
		t.Error(err)
	}
	s.Partner.Set("pending", false)
	s.Partner.Pass(24 * time.Hour)
	if _, err := c.Reconcile(t.Context()); err != nil {
		t.Error(err)
	}
	c.wants(100_000)
}

func (s Subject) refundRefused(t *testing.T) {
	c := s.scene(t).paid()
	s.Partner.Set("refuse", true)
	r := c.refund("K1", 100_000)
	s.Partner.Set("refuse", false)
	if r.State != payments.RefundFailed || c.in.Refundable() != c.in.Amount {
		t.Errorf("refused, but %+v, %d left", r, c.in.Refundable())
	}
	if r = c.refund("K2", 100_000); r.State != payments.RefundDone {
		t.Errorf("the next one: %+v", r)
	}
	c.wants(100_000)
}

// refundsAlike makes two refunds of one amount, the second while nobody knows
// about the first.
func (s Subject) refundsAlike(t *testing.T) {
	c := s.scene(t).paid()
	s.Partner.Wire.Cut.Store(true)
	c.refund("K1", 50_000)
	s.Partner.Wire.Cut.Store(false)
	c.refund("K2", 50_000)
	for range 3 {
		s.Partner.Pass(25 * time.Hour)
		if _, err := c.Reconcile(t.Context()); err != nil {
			t.Error(err)
		}
	}
	c.wants(50_000, 50_000)
}

func (s Subject) foreignRefund(t *testing.T) {
	c := s.scene(t).paid()
	c.must(s.Partner.GiveBack(c.in, 30_000))
	for range 2 {
		in, err := c.Recheck(t.Context(), c.in.ID)
		c.must(err)
		if !s.Partner.TellsRefunds {
			if in.Refunded != 0 {
				t.Errorf("found %+v, though the partner does not tell", in.Refunds)
			}
			return
		}
	}
	c.wants(30_000)
	c.refund("K1", 40_000)
	c.wants(30_000, 40_000)
}
