package payments

import (
	"context"
	"errors"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// MaxNotice is the largest callback that is read, in bytes. Of a larger one
// only the beginning is kept.
const MaxNotice = 64 << 10

// Callback is one call of a provider, kept as it came before anybody knows
// whether it is genuine.
type Callback struct {
	store.Doc `bson:",inline"`
	Provider  string    `bson:"provider"`
	Body      []byte    `bson:"body"`
	Size      int       `bson:"size"` // of the body as it came
	Header    []Header  `bson:"header"`
	Query     string    `bson:"query"`
	At        time.Time `bson:"at"`
	Verdict   Verdict   `bson:"verdict"`
	Reason    string    `bson:"reason,omitempty"`  // error key
	Payment   market.ID `bson:"payment,omitempty"` // known once verified
	Type      string    `bson:"type,omitempty"`
}

// Header is one header of a callback.
type Header struct {
	Name   string   `bson:"name"`
	Values []string `bson:"values"`
}

// Verdict is what became of a callback.
type Verdict string

// The verdicts. A callback still "received" was cut off by a crash; the
// provider will send it again.
const (
	VerdictReceived Verdict = "received"
	VerdictApplied  Verdict = "applied"
	VerdictRepeated Verdict = "repeated" // genuine, and changed nothing
	VerdictRefused  Verdict = "refused"  // forged, damaged, or not what was agreed
	VerdictUnknown  Verdict = "unknown"  // genuine, for a payment that is not ours
	VerdictFailed   Verdict = "failed"   // we could not handle it; come again
)

// claim says what a provider's movement is about: its id is the provider, the
// type and the provider's transaction.
type claim struct {
	store.Doc `bson:",inline"`
	Payment   market.ID  `bson:"payment"`
	Amount    market.VND `bson:"amount"`
	At        time.Time  `bson:"at"`
	// Line is the line of a bank statement that a person's word turned out to
	// be; of claims made by MatchBank alone.
	Line string `bson:"line,omitempty"`
}

// Notice takes a callback of the named provider: keeps its bytes, verifies it,
// records it once, and returns what the provider wants to hear, which is to be
// sent whatever the error. The error is for the log; it holds no secrets.
func (s *Service) Notice(ctx context.Context, provider string, raw Raw) (Reply, error) {
	p, ok := s.providers[provider]
	if !ok {
		err := market.NotFound("payments.provider")
		return Reply{Status: 404, ContentType: "text/plain; charset=utf-8"}, err
	}
	kept := s.callback(provider, raw)
	if err := s.callbacks.Insert(ctx, kept); err != nil {
		return p.Reply(err), err
	}
	news, n, err := s.hear(ctx, p, raw)
	if judged := s.judge(ctx, kept.ID, n, news, err); judged != nil && err == nil {
		err = judged
	}
	return p.Reply(err), err
}

func (s *Service) callback(provider string, raw Raw) *Callback {
	kept := &Callback{
		Doc: store.Doc{ID: s.env.NewID()}, Provider: provider, Size: len(raw.Body),
		Body: raw.Body[:min(len(raw.Body), MaxNotice)], Query: raw.Query[:min(len(raw.Query), MaxNotice)],
		At: s.env.Now(), Verdict: VerdictReceived,
	}
	room := MaxNotice
	for name, values := range raw.Header {
		for _, v := range values {
			room -= len(name) + len(v)
		}
		if room > 0 && !private(name) {
			kept.Header = append(kept.Header, Header{name, values})
		}
	}
	return kept
}

// private headers may carry somebody's credentials and are not kept.
func private(name string) bool {
	return slices.Contains([]string{"Cookie", "Authorization", "Proxy-Authorization"}, name)
}

// hear verifies the callback and records what it says.
func (s *Service) hear(ctx context.Context, p Provider, raw Raw) (news bool, n Notice, err error) {
	if len(raw.Body) > MaxNotice || len(raw.Query) > MaxNotice {
		return false, n, market.Invalid("payments.notice_too_large", "")
	}
	if n, err = p.Notice(ctx, raw); err != nil {
		return false, n, err
	}
	if n.Type == NoticePending {
		return false, n, s.undecided(ctx, n)
	}
	news, err = s.record(ctx, n)
	return news, n, err
}

// undecided takes a genuine notice that settles nothing: it has only to be
// about a payment of ours, which Reconcile goes on asking about.
func (s *Service) undecided(ctx context.Context, n Notice) error {
	if n.Payment == "" {
		return nil // of a kind that no payment waits for
	}
	in, err := s.Intent(ctx, n.Payment)
	if err != nil {
		return err
	}
	return in.fits(n)
}

func (s *Service) judge(ctx context.Context, id market.ID, n Notice, news bool, err error) error {
	_, failed := s.callbacks.Update(ctx, id, func(c *Callback) ([]market.Event, error) {
		c.Verdict, c.Payment, c.Type = verdict(news, err), n.Payment, n.Type
		var e *market.Error
		if errors.As(err, &e) {
			c.Reason = e.Key
		}
		return nil, nil
	})
	return failed
}

func verdict(news bool, err error) Verdict {
	if err == nil {
		if news {
			return VerdictApplied
		}
		return VerdictRepeated
	}
	switch market.KindOf(err) {
	case market.KindNotFound:
		return VerdictUnknown
	case market.KindInternal, market.KindUnavailable:
		return VerdictFailed
	default:
		return VerdictRefused
	}
}

// record is the one function that every path ends in: callbacks, the return
// page, reconciliation and people's confirmations. It claims the movement, then
// changes the intent. The intent itself knows which movements it holds, so one
// that is told again, or again after a crash in between, counts once.
func (s *Service) record(ctx context.Context, n Notice) (news bool, err error) {
	if n.Transaction == "" || n.Amount <= 0 || n.At.IsZero() {
		return false, market.Invalid("payments.notice_form", "")
	}
	in, err := s.Intent(ctx, n.Payment)
	if err != nil {
		return false, err
	}
	if err := in.fits(n); err != nil {
		return false, err
	}
	if err := s.claim(ctx, n); err != nil {
		return false, err
	}
	return s.apply(ctx, n)
}

// claim keeps a transaction for one payment and amount: told of another one,
// it is refused.
func (s *Service) claim(ctx context.Context, n Notice) error {
	id := market.ID(n.Provider + ":" + n.Type + ":" + n.Transaction)
	err := s.claims.Insert(ctx, &claim{Doc: store.Doc{ID: id}, Payment: n.Payment, Amount: n.Amount, At: s.env.Now()})
	if !store.Exists(err) {
		return err
	}
	old, err := s.claims.Get(ctx, id)
	if err != nil {
		return err
	}
	if old.Payment != n.Payment || old.Amount != n.Amount {
		return market.Conflict("payments.notice_reused")
	}
	return nil
}

// apply changes the intent by what the notice says.
func (s *Service) apply(ctx context.Context, n Notice) (news bool, err error) {
	_, err = s.intents.Update(ctx, n.Payment, func(in *Intent) ([]market.Event, error) {
		var events []market.Event
		var err error
		events, err = s.take(in, n)
		news = len(events) > 0
		return events, err
	})
	return news, err
}

func (s *Service) take(in *Intent, n Notice) ([]market.Event, error) {
	now := s.env.Now()
	switch n.Type {
	case NoticeCapture:
		return s.takeCapture(in, n), nil
	case NoticeFailure:
		if in.fail(now) {
			return []market.Event{s.event(EventFailed, in, Happened{Amount: in.Amount, Reason: "failed"})}, nil
		}
		return nil, nil
	case NoticeRefund:
		return s.takeRefund(in, n)
	case NoticeRefundFailed:
		return s.takeRefusal(in, n.Refund, "provider"), nil
	}
	return nil, market.Invalid("payments.notice_type", "")
}

func (s *Service) takeCapture(in *Intent, n Notice) []market.Event {
	before := in.State
	if !in.capture(n, s.env.Now()) {
		return nil
	}
	c := in.Captures[len(in.Captures)-1]
	s.withhold(in, c)
	h := Happened{Amount: c.Amount, Document: in.captureDocument(c), Late: !before.Open()}
	if c.Surplus {
		return []market.Event{s.event(EventSurplus, in, h)}
	}
	return []market.Event{s.event(EventCaptured, in, h)}
}

func (s *Service) takeRefund(in *Intent, n Notice) ([]market.Event, error) {
	if in.Captured == 0 {
		return nil, market.Unavailable("payments.notice_early")
	}
	news, err := in.settle(n, s.env.Now())
	if err != nil || !news {
		return nil, err
	}
	i := slices.IndexFunc(in.Refunds, func(r Refund) bool { return r.Transaction == n.Transaction })
	r := in.Refunds[i]
	in.reverse(r)
	return []market.Event{s.event(EventRefunded, in, Happened{
		Amount: r.Amount, Document: in.refundDocument(r), Refund: r.Key, Seller: r.Seller, Reason: r.Reason,
	})}, nil
}

func (s *Service) takeRefusal(in *Intent, key market.ID, reason string) []market.Event {
	if !in.refuse(key, s.env.Now()) {
		return nil
	}
	r := in.refund(key)
	return []market.Event{s.event(EventRefundFailed, in, Happened{
		Amount: r.Amount, Refund: key, Seller: r.Seller, Reason: reason,
	})}
}
