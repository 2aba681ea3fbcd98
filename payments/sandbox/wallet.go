package sandbox

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// WalletConfig is how the wallet is set up for its one merchant.
type WalletConfig struct {
	Merchant     string
	MerchantName string // what the payer reads
	Secret       string
	Balance      market.VND   // what every payer of the sandbox starts with
	Client       *http.Client // for notices; one with a deadline when nil
}

// Faults are what a test makes go wrong with notices.
type Faults struct {
	Drop      bool // never arrive
	Duplicate bool // arrive twice
	Delay     bool // arrive only at the next Resend
}

// Wallet is the other party: what a payment company would run.
type Wallet struct {
	env      market.Env
	c        WalletConfig
	sessions *store.Collection[session]

	mu     sync.Mutex
	faults Faults
}

// NewWallet opens the wallet's records.
func NewWallet(ctx context.Context, e store.Engine, env market.Env, c WalletConfig) (*Wallet, error) {
	if c.Client == nil {
		c.Client = client()
	}
	sessions, err := store.Open[session](ctx, e, store.Spec{
		Name: "sandbox_payments", Indexes: []store.Index{{Name: "due", Fields: []string{"due"}}},
	})
	return &Wallet{env: env, c: c, sessions: sessions}, err
}

// Break makes notices go wrong from now on; the zero value mends them.
func (w *Wallet) Break(f Faults) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = f
}

func (w *Wallet) broken() Faults {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.faults
}

// View is what the payer sees before deciding.
type View struct {
	ID          market.ID // to decide with; nobody can guess it
	Merchant    string
	OrderCode   string
	Description string
	Amount      market.VND
	Balance     market.VND
	ExpiresAt   time.Time
	Open        bool   // nothing has been decided and there is time
	Short       bool   // the balance is less than the amount
	ReturnURL   string // signed, once decided
}

// Open verifies the address that the merchant has sent the payer to and
// returns what to show. A forged or changed one is forbidden.
func (w *Wallet) Open(ctx context.Context, query string) (View, error) {
	fields, err := openQuery(w.c.Secret, forPay, query)
	if err != nil || fields.Get("merchant") != w.c.Merchant {
		return View{}, errSignature
	}
	fresh, err := w.read(fields)
	if err != nil {
		return View{}, err
	}
	s := fresh
	if err := w.sessions.Insert(ctx, fresh); store.Exists(err) {
		s, err = w.sessions.Get(ctx, fresh.ID)
		if err != nil {
			return View{}, err
		}
	} else if err != nil {
		return View{}, err
	}
	if s.Amount != fresh.Amount {
		return View{}, market.Conflict("sandbox.changed")
	}
	return w.view(s), nil
}

func (w *Wallet) read(fields url.Values) (*session, error) {
	amount, errAmount := strconv.ParseInt(fields.Get("amount"), 10, 64)
	expires, errExpires := strconv.ParseInt(fields.Get("expires"), 10, 64)
	payment := market.ID(fields.Get("payment"))
	if errAmount != nil || errExpires != nil || amount <= 0 || payment == "" {
		return nil, market.Invalid("sandbox.form", "")
	}
	return &session{
		Doc: store.Doc{ID: w.id(payment)}, Merchant: w.c.Merchant, Payment: payment,
		OrderCode: fields.Get("order"), Amount: market.VND(amount), Description: fields.Get("description"),
		ReturnURL: fields.Get("return_url"), NoticeURL: fields.Get("notice_url"),
		ExpiresAt: time.Unix(expires, 0).UTC(), State: stateOpen,
	}, nil
}

// id names a payment so that only who was sent here can decide on it.
func (w *Wallet) id(payment market.ID) market.ID {
	return market.ID(mac(w.c.Secret, "session", string(payment)))
}

func (w *Wallet) view(s *session) View {
	v := View{
		ID: s.ID, Merchant: w.c.MerchantName, OrderCode: s.OrderCode, Description: s.Description,
		Amount: s.Amount, Balance: w.c.Balance, ExpiresAt: s.ExpiresAt, Short: s.Amount > w.c.Balance,
		Open: s.State == stateOpen && w.env.Now().Before(s.ExpiresAt),
	}
	if !v.Open {
		v.ReturnURL = w.back(s)
	}
	return v
}

// back is the address that the payer returns to. It says how it went, for
// display only: the notice is what counts.
func (w *Wallet) back(s *session) string {
	u, err := url.Parse(s.ReturnURL)
	if err != nil {
		return ""
	}
	told := signQuery(w.c.Secret, forReturn, url.Values{"payment": {string(s.Payment)}, "result": {s.State}})
	if u.RawQuery != "" {
		told = u.RawQuery + "&" + told
	}
	u.RawQuery = told
	return u.String()
}

// Decide takes the payer's decision, sends the merchant a notice, and returns
// the signed address to go back to. The notice is on record before it is sent,
// so that Resend finds it after a crash.
func (w *Wallet) Decide(ctx context.Context, id market.ID, approve bool) (string, error) {
	transaction := string(w.env.NewID())
	s, err := w.sessions.Update(ctx, id, func(s *session) ([]market.Event, error) {
		if approve && s.Amount > w.c.Balance {
			return nil, market.Conflict("sandbox.short")
		}
		return nil, s.decide(approve, transaction, w.env.Now())
	})
	if store.Missing(err) {
		return "", market.NotFound("sandbox.missing")
	}
	if err != nil {
		return "", err
	}
	if !w.broken().Delay {
		w.deliver(ctx, s.ID)
	}
	return w.back(s), nil
}

// Query answers the merchant's question how a payment stands.
func (w *Wallet) Query(ctx context.Context, raw payments.Raw) payments.Reply {
	q, err := w.asked(raw)
	if err != nil {
		return refuse(err)
	}
	s, err := w.sessions.Get(ctx, w.id(q.Payment))
	if store.Missing(err) {
		return w.answer(q, notice{Merchant: w.c.Merchant, Payment: q.Payment, Type: payments.NoticePending}, "")
	}
	if err != nil {
		return refuse(err)
	}
	return w.answer(q, s.status(w.env.Now()), "")
}

// Refund gives money back on the merchant's word. The notice of it goes out
// with the next Resend.
func (w *Wallet) Refund(ctx context.Context, raw payments.Raw) payments.Reply {
	q, err := w.asked(raw)
	if err != nil {
		return refuse(err)
	}
	transaction := string(w.env.NewID())
	var n notice
	var refused string
	_, err = w.sessions.Update(ctx, w.id(q.Payment), func(s *session) ([]market.Event, error) {
		n, refused = s.refund(q, transaction, w.env.Now())
		return nil, nil
	})
	if store.Missing(err) {
		return w.answer(q, n, "no such payment")
	}
	if err != nil {
		return refuse(err)
	}
	return w.answer(q, n, refused)
}

func (w *Wallet) asked(raw payments.Raw) (q request, err error) {
	if len(raw.Body) > payments.MaxNotice {
		return q, market.Invalid("payments.notice_too_large", "")
	}
	if err := checkBody(w.c.Secret, forCall, raw.Body, raw.Header, w.env.Now()); err != nil {
		return q, err
	}
	if err := parse(raw.Body, &q); err != nil {
		return q, err
	}
	if q.Merchant != w.c.Merchant {
		return q, errSignature
	}
	return q, nil
}

func (w *Wallet) answer(q request, n notice, refused string) payments.Reply {
	n.Merchant, n.Payment, n.Refund = w.c.Merchant, q.Payment, q.Refund
	data := string(mustJSON(answer{notice: n, Refused: refused, Nonce: q.Nonce}))
	body := mustJSON(envelope{Data: data, Signature: mac(w.c.Secret, forAnswer, data)})
	return payments.Reply{Status: http.StatusOK, ContentType: "application/json", Body: body}
}

func refuse(err error) payments.Reply { return Provider{}.Reply(err) }
