package stripetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Version is the API version that the market's library speaks.
const Version = "2023-10-16"

// Stripe is a merchant's account at Stripe.
type Stripe struct {
	Secret string           // of the webhook endpoint
	Now    func() time.Time // Stripe's clock
	On     func(name string) bool
	legal  http.Handler

	mu       sync.Mutex
	numbers  int
	sessions map[string]*thing
	intents  map[string]*thing
	refunds  map[string][]*thing // by intent, newest first
	keys     map[string]*thing   // idempotency keys of a day
}

// thing is one of Stripe's objects as the API shows it.
type thing struct {
	fields map[string]any
	made   time.Time
}

// New opens an account whose requests are judged by legal.
func New(legal http.Handler, secret string, now func() time.Time, on func(string) bool) *Stripe {
	return &Stripe{
		Secret: secret, Now: now, On: on, legal: legal,
		sessions: map[string]*thing{}, intents: map[string]*thing{}, refunds: map[string][]*thing{}, keys: map[string]*thing{},
	}
}

// ServeHTTP is api.stripe.com.
func (s *Stripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Stripe-Version") != Version {
		refuse(w, http.StatusBadRequest, "version "+r.Header.Get("Stripe-Version"))
		return
	}
	verdict := httptest.NewRecorder()
	form := peek(r)
	s.legal.ServeHTTP(verdict, r)
	if verdict.Code != http.StatusOK {
		w.WriteHeader(verdict.Code)
		_, _ = w.Write(verdict.Body.Bytes())
		return
	}
	var base map[string]any
	_ = json.Unmarshal(verdict.Body.Bytes(), &base)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer(w, r, form, base)
}

func (s *Stripe) answer(w http.ResponseWriter, r *http.Request, form map[string]string, base map[string]any) {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/v1/checkout/sessions":
		s.once(w, r, func() *thing { return s.open(form, base) })
	case r.Method == http.MethodGet && path[0] == "checkout":
		show(w, s.expanded(path[2]))
	case r.Method == http.MethodGet && path[0] == "payment_intents":
		show(w, s.intents[path[1]])
	case r.Method == http.MethodPost && r.URL.Path == "/v1/refunds":
		s.refund(w, r, form, base)
	case r.Method == http.MethodGet && r.URL.Path == "/v1/refunds":
		s.list(w, r.URL.Query().Get("payment_intent"))
	default:
		refuse(w, http.StatusNotFound, r.URL.Path)
	}
}

// keysLive is how long Stripe remembers an idempotency key.
const keysLive = 24 * time.Hour

// once does what a key stands for the first time, and tells the same after.
func (s *Stripe) once(w http.ResponseWriter, r *http.Request, do func() *thing) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		refuse(w, http.StatusBadRequest, "no idempotency key of the caller's")
		return
	}
	if have := s.keys[key]; have != nil && s.Now().Sub(have.made) < keysLive {
		show(w, have)
		return
	}
	made := do()
	s.keys[key] = made
	show(w, made)
}

func (s *Stripe) id(prefix string) string {
	s.numbers++
	return fmt.Sprintf("%s_%06d", prefix, s.numbers)
}

// make is one of the mock's objects with our fields.
func (s *Stripe) make(base, fields map[string]any) *thing {
	all := map[string]any{}
	maps.Copy(all, base)
	maps.Copy(all, fields)
	all["created"] = s.Now().Unix()
	return &thing{all, s.Now()}
}

func (s *Stripe) open(form map[string]string, base map[string]any) *thing {
	amount, _ := strconv.ParseInt(form["line_items[0][price_data][unit_amount]"], 10, 64)
	currency := form["line_items[0][price_data][currency]"]
	pi := s.make(map[string]any{"object": "payment_intent"}, map[string]any{
		"id": s.id("pi"), "amount": amount, "amount_received": 0, "currency": currency, "status": "requires_payment_method",
		"metadata": map[string]string{"payment": form["payment_intent_data[metadata][payment]"]},
	})
	s.intents[pi.fields["id"].(string)] = pi
	at := s.make(base, map[string]any{
		"id": s.id("cs_test"), "client_reference_id": form["client_reference_id"], "amount_total": amount, "currency": currency,
		"payment_intent": pi.fields["id"], "payment_status": "unpaid", "status": "open",
	})
	s.sessions[at.fields["id"].(string)] = at
	return at
}

func (s *Stripe) expanded(id string) *thing {
	at := s.sessions[id]
	if at == nil {
		return nil
	}
	shown := maps.Clone(at.fields)
	if s.On("pending") {
		shown["payment_status"], shown["status"] = "unpaid", "open"
	}
	shown["payment_intent"] = s.intents[at.fields["payment_intent"].(string)].fields
	return &thing{fields: shown}
}

func (s *Stripe) refund(w http.ResponseWriter, r *http.Request, form map[string]string, base map[string]any) {
	amount, _ := strconv.ParseInt(form["amount"], 10, 64)
	pi := s.intents[form["payment_intent"]]
	if pi == nil || s.On("refuse") || amount > s.left(pi) && s.keys[r.Header.Get("Idempotency-Key")] == nil {
		refuse(w, http.StatusBadRequest, "refund")
		return
	}
	s.once(w, r, func() *thing {
		return s.give(pi, amount, base, map[string]string{"payment": form["metadata[payment]"], "refund": form["metadata[refund]"]})
	})
}

func (s *Stripe) give(pi *thing, amount int64, base map[string]any, meta map[string]string) *thing {
	id := pi.fields["id"].(string)
	status := "succeeded"
	if s.On("pending") {
		status = "pending"
	}
	made := s.make(base, map[string]any{
		"id": s.id("re"), "object": "refund", "amount": amount, "currency": pi.fields["currency"], "payment_intent": id, "metadata": meta, "status": status,
	})
	s.refunds[id] = append([]*thing{made}, s.refunds[id]...)
	return made
}

func (s *Stripe) left(pi *thing) int64 {
	left, _ := pi.fields["amount_received"].(int64)
	for _, r := range s.refunds[pi.fields["id"].(string)] {
		if r.fields["status"] != "failed" {
			left -= r.fields["amount"].(int64)
		}
	}
	return left
}

func (s *Stripe) list(w http.ResponseWriter, pi string) {
	data := []map[string]any{}
	for _, r := range s.refunds[pi] {
		if r.fields["status"] == "pending" && !s.On("pending") {
			r.fields["status"] = "succeeded" // the bank has answered meanwhile
		}
		data = append(data, r.fields)
	}
	show(w, &thing{fields: map[string]any{"object": "list", "data": data, "has_more": false, "url": "/v1/refunds"}})
}

// Pay lets the payer pay the session; Expire ends it unpaid.
func (s *Stripe) Pay(session string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.sessions[session]
	if at == nil || at.fields["status"] != "open" {
		return fmt.Errorf("no open session %s", session)
	}
	at.fields["payment_status"], at.fields["status"] = "paid", "complete"
	pi := s.intents[at.fields["payment_intent"].(string)]
	pi.fields["amount_received"], pi.fields["status"] = pi.fields["amount"], "succeeded"
	return nil
}

// Expire ends a session that was not paid.
func (s *Stripe) Expire(session string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.sessions[session]
	if at == nil {
		return fmt.Errorf("no session %s", session)
	}
	at.fields["status"] = "expired"
	return nil
}

// GiveBack refunds at Stripe's own desk.
func (s *Stripe) GiveBack(session string, amount int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give(s.intents[s.sessions[session].fields["payment_intent"].(string)], amount, nil, nil)
}

// Given lists the amounts of a session's refunds.
func (s *Stripe) Given(session string) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []int64
	for _, r := range s.refunds[s.sessions[session].fields["payment_intent"].(string)] {
		all = append(all, r.fields["amount"].(int64))
	}
	return all
}

// Event is a webhook's body.
func Event(kind, version string, created time.Time, object map[string]any) []byte {
	raw, _ := json.Marshal(map[string]any{
		"id": "evt_" + kind, "object": "event", "type": kind, "api_version": version, "created": created.Unix(), "livemode": false,
		"data": map[string]any{"object": object},
	})
	return raw
}

// Sign is the header that goes with a body: HMAC-SHA256 over time and body
// (docs.stripe.com/webhooks/signature).
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

func show(w http.ResponseWriter, t *thing) {
	if t == nil {
		refuse(w, http.StatusNotFound, "no such object")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(t.fields)
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"type": "invalid_request_error", "message": why}})
}
