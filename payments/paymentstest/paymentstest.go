// Package paymentstest is what every way of paying must pass. A provider's test
// runs it in three lines: how to make one, a charge it accepts, and, when it
// takes notices, how its other party signs one.
package paymentstest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Subject is the provider under test.
type Subject struct {
	Provider payments.Provider
	Charge   payments.Charge                    // a charge that the provider accepts
	Env      market.Env                         // on the provider's clock
	Open     func(t *testing.T) store.Engine    // an empty store
	Sign     func(payments.Notice) payments.Raw // a genuine callback; nil when there are none
	Forge    func(payments.Notice) payments.Raw // the same signed by somebody else
	Stale    func(payments.Notice) payments.Raw // the same signed too long ago; nil when signatures carry no time
	Foreign  func(payments.Notice) payments.Raw // the same in another currency; nil when callbacks name none
	Renames  bool                               // a second Begin makes another order of the same charge: the partner cannot be asked for the first again
	Tells    []string                           // the types of notice that callbacks tell; captures, failures and refunds when nil
	merchant string                             // as the provider names the account
	Partner  *Partner                           // the other party, to be asked; nil when it is tested otherwise
}

// tells reports whether callbacks tell that type of notice.
func (s Subject) tells(kind string) bool { return s.Tells == nil || slices.Contains(s.Tells, kind) }

// Run proves the provider.
func Run(t *testing.T, s Subject) {
	s.run(t, "begin", Subject.begin)
	s.run(t, "reply", Subject.reply)
	s.run(t, "witness", Subject.witness)
	if s.Sign == nil {
		s.run(t, "nothing from outside is believed", Subject.closed)
		return
	}
	s.run(t, "genuine", Subject.genuine)
	s.run(t, "forged", Subject.forged)
	s.run(t, "truncated", Subject.truncated)
	s.run(t, "bit-flipped", Subject.flipped)
	s.run(t, "huge", Subject.huge)
	s.run(t, "replayed", Subject.replayed)
	s.run(t, "not as agreed", Subject.disagreeing)
	s.run(t, "unknown payment", Subject.unknown)
	s.run(t, "reordered", Subject.reordered)
	s.run(t, "played again when all is over", Subject.playedAgain)
	if s.Partner != nil {
		s.asked(t)
	}
}

// run runs one test, on a charge of its own where the partner would remember
// that of another.
func (s Subject) run(t *testing.T, name string, test func(Subject, *testing.T)) {
	t.Run(name, func(t *testing.T) {
		if s.Partner != nil {
			s.Charge = s.fresh()
		}
		step, err := s.Provider.Begin(t.Context(), s.Charge)
		if err != nil {
			t.Fatal(err)
		}
		s.merchant = step.Merchant
		test(s, t)
	})
}

func (s Subject) begin(t *testing.T) {
	first, err := s.Provider.Begin(t.Context(), s.Charge)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Provider.Begin(t.Context(), s.Charge)
	if err != nil || first.Kind != second.Kind || first.Merchant != second.Merchant || !s.Renames && first.Reference != second.Reference {
		t.Errorf("second Begin = %+v, %v; want %+v", second, err, first)
	}
	if first.Merchant == "" {
		t.Error("the step names no merchant")
	}
	switch first.Kind {
	case payments.StepRedirect:
		if !strings.HasPrefix(first.URL, "http") {
			t.Errorf("redirect to %q", first.URL)
		}
	case payments.StepQR:
		if first.QR == "" {
			t.Error("an empty QR code")
		}
	case payments.StepNone:
	default:
		t.Errorf("step %q", first.Kind)
	}
}

// reply makes sure that the provider can tell success from everything else.
func (s Subject) reply(t *testing.T) {
	good := s.Provider.Reply(nil)
	for _, err := range []error{
		market.Forbidden("x"), market.Invalid("x", ""), market.NotFound("x"), market.Conflict("x"),
		market.Unavailable("x"), context.Canceled,
	} {
		bad := s.Provider.Reply(err)
		if bad.Status < 200 || (s.Sign != nil && reflect.DeepEqual(bad, good)) {
			t.Errorf("Reply(%v) = %+v, like success", err, bad)
		}
	}
}

func (s Subject) witness(t *testing.T) {
	w, ok := s.Provider.(payments.Witness)
	if !ok {
		t.Skip("reported by a machine")
	}
	svc := s.service(t)
	in := s.begun(t, svc)
	n := w.Witnessed(in, s.Env.Now())
	if n.Provider != s.Provider.Name() || n.Payment != in.ID || n.Amount != in.Amount || n.Type != payments.NoticeCapture {
		t.Errorf("Witnessed = %+v", n)
	}
	for range 2 {
		got, err := svc.Confirm(t.Context(), market.System, in.ID)
		if err != nil || got.State != payments.StateCaptured || got.Captured != in.Amount {
			t.Fatalf("Confirm = %+v, %v", got, err)
		}
	}
}

func (s Subject) closed(t *testing.T) {
	for _, body := range []string{"", "{}", `{"payment":"` + string(s.Charge.ID) + `"}`} {
		if n, err := s.Provider.Notice(t.Context(), payments.Raw{Body: []byte(body)}); err == nil {
			t.Errorf("Notice(%q) = %+v, want an error", body, n)
		}
	}
}

func (s Subject) service(t *testing.T) *payments.Service {
	t.Helper()
	svc, err := payments.New(t.Context(), s.Open(t), s.Env, s.Provider)
	if err != nil {
		t.Fatal(err)
	}
	return svc
}

func (s Subject) begun(t *testing.T, svc *payments.Service) *payments.Intent {
	t.Helper()
	in, err := svc.Begin(t.Context(), market.System, s.Charge)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// capture is a genuine notice of the whole amount.
func (s Subject) capture(t *testing.T) payments.Notice {
	t.Helper()
	return payments.Notice{
		Provider: s.Provider.Name(), Transaction: "1001", Type: payments.NoticeCapture, Payment: s.Charge.ID,
		Merchant: s.merchant, Amount: s.Charge.Amount, At: s.Env.Now(),
	}
}

func (s Subject) genuine(t *testing.T) {
	want := s.capture(t)
	got, err := s.Provider.Notice(t.Context(), s.Sign(want))
	if err != nil || got != want {
		t.Errorf("Notice = %+v, %v\nwant %+v", got, err, want)
	}
}

// refused fails the test when the provider reads anything from raw.
func (s Subject) refused(t *testing.T, what string, raw payments.Raw) {
	t.Helper()
	n, err := s.Provider.Notice(t.Context(), raw)
	if err == nil || n != (payments.Notice{}) {
		t.Errorf("%s: Notice = %+v, %v; want nothing and an error", what, n, err)
	}
	if kind := market.KindOf(err); err != nil && kind != market.KindForbidden && kind != market.KindInvalid {
		t.Errorf("%s: %v is neither forbidden nor invalid", what, err)
	}
}

func (s Subject) forged(t *testing.T) {
	raw := s.Sign(s.capture(t))
	s.refused(t, "other secret", s.Forge(s.capture(t)))
	if s.Stale != nil {
		s.refused(t, "stale", s.Stale(s.capture(t)))
	}
	for name := range raw.Header {
		s.refused(t, "without "+name, payments.Raw{Body: raw.Body, Query: raw.Query, Header: without(raw.Header, name)})
		twice := without(raw.Header, name)
		twice[name] = append(slices.Clone(raw.Header[name]), raw.Header[name]...)
		if _, err := s.Provider.Notice(t.Context(), payments.Raw{Body: raw.Body, Query: raw.Query, Header: twice}); err == nil {
			t.Errorf("header %s twice was accepted", name)
		}
	}
	s.refused(t, "nothing", payments.Raw{})
}

func without(header map[string][]string, name string) map[string][]string {
	out := map[string][]string{}
	for k, v := range header {
		if k != name {
			out[k] = v
		}
	}
	return out
}

func (s Subject) truncated(t *testing.T) {
	raw := s.Sign(s.capture(t))
	for n := range raw.Body {
		s.refused(t, fmt.Sprintf("body cut to %d", n), payments.Raw{Body: raw.Body[:n], Header: raw.Header, Query: raw.Query})
	}
	for n := range raw.Query {
		s.refused(t, fmt.Sprintf("query cut to %d", n), payments.Raw{Body: raw.Body, Header: raw.Header, Query: raw.Query[:n]})
	}
}

// flipped turns every bit of the callback, one at a time. What is still
// accepted must say exactly the same.
func (s Subject) flipped(t *testing.T) {
	want := s.capture(t)
	raw := s.Sign(want)
	try := func(r payments.Raw, where string) {
		n, err := s.Provider.Notice(t.Context(), r)
		if err == nil && n != want {
			t.Errorf("%s: Notice = %+v, want %+v or an error", where, n, want)
		}
	}
	for i := range len(raw.Body) * 8 {
		body := slices.Clone(raw.Body)
		body[i/8] ^= 1 << (i % 8)
		try(payments.Raw{Body: body, Header: raw.Header, Query: raw.Query}, fmt.Sprintf("body bit %d", i))
	}
	for name, values := range raw.Header {
		for i := range len(values[0]) * 8 {
			value := []byte(values[0])
			value[i/8] ^= 1 << (i % 8)
			header := without(raw.Header, name)
			header[name] = []string{string(value)}
			try(payments.Raw{Body: raw.Body, Header: header, Query: raw.Query}, fmt.Sprintf("%s bit %d", name, i))
		}
	}
	for i := range len(raw.Query) * 8 {
		query := []byte(raw.Query)
		query[i/8] ^= 1 << (i % 8)
		try(payments.Raw{Body: raw.Body, Header: raw.Header, Query: string(query)}, fmt.Sprintf("query bit %d", i))
	}
}

func (s Subject) huge(t *testing.T) {
	svc := s.service(t)
	in := s.begun(t, svc)
	raw := s.Sign(s.capture(t))
	raw.Body = append(slices.Clone(raw.Body), make([]byte, payments.MaxNotice+1)...)
	s.deny(t, svc, raw, market.KindInvalid)
	s.stands(t, svc, in, payments.StatePending)
}

// deny sends the callback through the room and expects an error of that kind
// and an answer that is not success.
func (s Subject) deny(t *testing.T, svc *payments.Service, raw payments.Raw, kind market.Kind) {
	t.Helper()
	reply, err := svc.Notice(t.Context(), s.Provider.Name(), raw)
	if err == nil || market.KindOf(err) != kind {
		t.Errorf("Notice: %v, want an error of kind %d", err, kind)
	}
	if reflect.DeepEqual(reply, s.Provider.Reply(nil)) {
		t.Errorf("the provider was told %+v, as for success", reply)
	}
}

func (s Subject) accept(t *testing.T, svc *payments.Service, n payments.Notice) {
	t.Helper()
	reply, err := svc.Notice(t.Context(), s.Provider.Name(), s.Sign(n))
	if err != nil || !reflect.DeepEqual(reply, s.Provider.Reply(nil)) {
		t.Errorf("Notice(%+v) = %+v, %v", n, reply, err)
	}
}

func (s Subject) stands(t *testing.T, svc *payments.Service, in *payments.Intent, want payments.State) {
	t.Helper()
	got, err := svc.Intent(t.Context(), in.ID)
	if err != nil || got.State != want {
		t.Errorf("payment is %+v, %v; want %s", got, err, want)
	}
}

func (s Subject) replayed(t *testing.T) {
	svc := s.service(t)
	in := s.begun(t, svc)
	for range 3 {
		s.accept(t, svc, s.capture(t))
	}
	got, err := svc.Intent(t.Context(), in.ID)
	if err != nil || got.Captured != in.Amount || len(got.Captures) != 1 {
		t.Errorf("after three times the same: %+v, %v", got, err)
	}
}

func (s Subject) disagreeing(t *testing.T) {
	svc := s.service(t)
	in := s.begun(t, svc)
	for what, change := range map[string]func(*payments.Notice){
		"amount +1": func(n *payments.Notice) { n.Amount++ },
		"amount 0":  func(n *payments.Notice) { n.Amount = 0 },
		"negative":  func(n *payments.Notice) { n.Amount = -n.Amount },
		"merchant":  func(n *payments.Notice) { n.Merchant += "9" },
	} {
		n := s.capture(t)
		change(&n)
		reply, err := svc.Notice(t.Context(), s.Provider.Name(), s.Sign(n))
		if err == nil || reflect.DeepEqual(reply, s.Provider.Reply(nil)) {
			t.Errorf("%s: accepted: %+v", what, reply)
		}
		s.stands(t, svc, in, payments.StatePending)
	}
	if s.Foreign != nil {
		s.refused(t, "another currency", s.Foreign(s.capture(t)))
	}
	s.accept(t, svc, s.capture(t))
	s.stands(t, svc, in, payments.StateCaptured)
}

func (s Subject) unknown(t *testing.T) {
	svc := s.service(t)
	s.deny(t, svc, s.Sign(s.capture(t)), market.KindNotFound)
}

// reordered sends a refund before its capture and a failure after it.
func (s Subject) reordered(t *testing.T) {
	svc := s.service(t)
	in := s.begun(t, svc)
	refund, late := s.capture(t), s.capture(t)
	refund.Type, refund.Transaction = payments.NoticeRefund, "1002"
	late.Type, late.Transaction = payments.NoticeFailure, "1003"
	if s.tells(refund.Type) {
		s.deny(t, svc, s.Sign(refund), market.KindUnavailable)
	}
	s.accept(t, svc, s.capture(t))
	if s.tells(late.Type) {
		s.accept(t, svc, late)
	}
	s.stands(t, svc, in, payments.StateCaptured)
	if s.tells(refund.Type) {
		s.accept(t, svc, refund)
		s.accept(t, svc, refund)
		s.stands(t, svc, in, payments.StateRefunded)
	}
}

// playedAgain sends the capture once more after a failure came late, and of a
// failed payment: money that came is counted once, whenever it is told.
func (s Subject) playedAgain(t *testing.T) {
	if !s.tells(payments.NoticeFailure) {
		t.Skip("tells nothing of failures")
	}
	svc := s.service(t)
	in := s.begun(t, svc)
	failed := s.capture(t)
	failed.Type, failed.Transaction = payments.NoticeFailure, "1003"
	s.accept(t, svc, failed)
	s.stands(t, svc, in, payments.StateFailed)
	for range 2 {
		s.accept(t, svc, s.capture(t))
		s.accept(t, svc, failed)
	}
	got, err := svc.Intent(t.Context(), in.ID)
	if err != nil || got.State != payments.StateCaptured || got.Captured != in.Amount || len(got.Captures) != 1 {
		t.Errorf("after all: %+v, %v", got, err)
	}
}
