package walletsim

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync"
	"time"
)

// Payment is one payment as a provider knows it.
type Payment struct {
	Ref       string            `json:"ref"` // the merchant's name for it
	Token     string            `json:"token"`
	Amount    int64             `json:"amount"`
	Info      string            `json:"info"`
	ReturnURL string            `json:"return_url"`
	NoticeURL string            `json:"notice_url"`
	Extra     map[string]string `json:"extra,omitempty"` // what the provider hands back as it came
	CreatedAt time.Time         `json:"created_at"`
	ExpiresAt time.Time         `json:"expires_at"`
	Decision  Decision          `json:"decision"`
	DecidedAt time.Time         `json:"decided_at"`
	Number    int64             `json:"number"` // the provider's own
	Refunds   []Refund          `json:"refunds,omitempty"`
}

// Refund is money given back.
type Refund struct {
	Key    string    `json:"key"` // the merchant's name for it; empty when made at the provider's desk
	Amount int64     `json:"amount"`
	Number int64     `json:"number"`
	At     time.Time `json:"at"`
}

// Decision is the payer's.
type Decision string

// The decisions.
const (
	Undecided Decision = ""
	Paid      Decision = "paid"
	Cancelled Decision = "cancelled"
	Short     Decision = "short" // not enough money
)

// Left is what has not been given back.
func (p Payment) Left() int64 {
	left := p.Amount
	for _, r := range p.Refunds {
		left -= r.Amount
	}
	return left
}

// Expired reports whether nothing was decided in time.
func (p Payment) Expired(now time.Time) bool {
	return p.Decision == Undecided && !now.Before(p.ExpiresAt)
}

// Book holds payments. It may be used from many goroutines.
type Book struct {
	mu   sync.Mutex
	file string
	all  map[string]*Payment // by Ref
	next int64
}

// OpenBook reads the book from a file, or begins an empty one; without a name
// it is kept in memory only.
func OpenBook(file string) (*Book, error) {
	b := &Book{file: file, all: map[string]*Payment{}, next: 4_000_000_000}
	if file == "" {
		return b, nil
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &b.all); err != nil {
		return nil, err
	}
	for _, p := range b.all {
		b.next = max(b.next, p.Number)
		for _, r := range p.Refunds {
			b.next = max(b.next, r.Number)
		}
	}
	return b, nil
}

// keep writes the book to its file, whole, so that a crash leaves the old one.
func (b *Book) keep() error {
	if b.file == "" {
		return nil
	}
	raw, err := json.Marshal(b.all)
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.file+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(b.file+".new", b.file)
}

// Why something was not done.
var (
	ErrTaken   = errors.New("the reference is taken")
	ErrMissing = errors.New("no such payment")
	ErrDecided = errors.New("already decided, or too late")
	ErrTooMuch = errors.New("more than is left, or not paid")
)

// Add enters a new payment and returns it with its token.
func (b *Book) Add(p Payment) (Payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[p.Ref] != nil {
		return *b.all[p.Ref], ErrTaken
	}
	p.Token = rand.Text()
	b.all[p.Ref] = &p
	return p, b.keep()
}

// Get returns the payment of that reference.
func (b *Book) Get(ref string) (Payment, error) {
	return b.find(func(p *Payment) bool { return p.Ref == ref })
}

// ByToken returns the payment that a payer's address names.
func (b *Book) ByToken(token string) (Payment, error) {
	return b.find(func(p *Payment) bool { return token != "" && p.Token == token })
}

// ByNumber returns the payment of the provider's own number.
func (b *Book) ByNumber(number int64) (Payment, error) {
	return b.find(func(p *Payment) bool { return number != 0 && p.Number == number })
}

// ByRefund returns the payment and the refund of the merchant's key.
func (b *Book) ByRefund(key string) (Payment, Refund, error) {
	is := func(r Refund) bool { return key != "" && r.Key == key }
	p, err := b.find(func(p *Payment) bool { return slices.ContainsFunc(p.Refunds, is) })
	if err != nil {
		return p, Refund{}, err
	}
	return p, p.Refunds[slices.IndexFunc(p.Refunds, is)], nil
}

func (b *Book) find(is func(*Payment) bool) (Payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.all {
		if is(p) {
			found := *p
			found.Refunds = slices.Clone(p.Refunds)
			return found, nil
		}
	}
	return Payment{}, ErrMissing
}

// Decide takes the payer's decision, once.
func (b *Book) Decide(ref string, d Decision, now time.Time) (Payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.all[ref]
	switch {
	case p == nil:
		return Payment{}, ErrMissing
	case p.Decision != Undecided || p.Expired(now):
		return *p, ErrDecided
	}
	b.next++
	p.Decision, p.DecidedAt, p.Number = d, now, b.next
	return *p, b.keep()
}

// GiveBack refunds part of a payment; the same key again is the same refund.
func (b *Book) GiveBack(ref, key string, amount int64, now time.Time) (Refund, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.all[ref]
	if p == nil {
		return Refund{}, ErrMissing
	}
	for _, r := range p.Refunds {
		if key != "" && r.Key == key {
			return r, ErrTaken
		}
	}
	if p.Decision != Paid || amount <= 0 || amount > p.Left() {
		return Refund{}, ErrTooMuch
	}
	b.next++
	r := Refund{Key: key, Amount: amount, Number: b.next, At: now}
	p.Refunds = append(p.Refunds, r)
	return r, b.keep()
}
