// Package walletsim is what the simulated payment providers have in common: a
// book of payments, the page on which a payer confirms or refuses, and how
// notices leave. Addresses, fields, codes and signatures are each provider's
// own; nothing here is shared with the adapters that the market uses.
package walletsim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Common is what every simulated provider is given. The zero value of each
// field but At does something sensible.
type Common struct {
	At      string                                     // the provider's address, without a slash at the end
	Now     func() time.Time                           // the wall clock
	Deliver func(send func(ctx context.Context) error) // at once
	On      func(switched string) bool                 // nothing is
	Client  *http.Client                               // one with a deadline, for notices
	File    string                                     // where payments outlive the program; nowhere
}

// Fill puts in what was left out.
func (c Common) Fill() Common {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Deliver == nil {
		c.Deliver = func(send func(context.Context) error) { _ = send(context.Background()) }
	}
	if c.On == nil {
		c.On = func(string) bool { return false }
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 15 * time.Second}
	}
	return c
}

// The switches that a provider itself minds.
const (
	Refuse  = "refuse"  // no to every payment and refund
	Pending = "pending" // what was decided stays undecided for who asks
	Forge   = "forge"   // sign with a wrong key
)

// Key is the key to sign with: a wrong one while forging is switched on.
func (c Common) Key(right string) string {
	if c.On(Forge) {
		return "not the key of this merchant"
	}
	return right
}

// errUnheard is the market's answer not being the one that the provider wants.
var errUnheard = errors.New("the merchant did not acknowledge")

// Post sends a JSON notice and hands the answer to heard.
func (c Common) Post(address string, body []byte, heard func(status int, body []byte) bool) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json; charset=UTF-8")
		return c.send(req, heard)
	}
}

// Get sends a notice in an address and hands the answer to heard.
func (c Common) Get(address string, heard func(status int, body []byte) bool) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		return c.send(req, heard)
	}
}

func (c Common) send(req *http.Request, heard func(int, []byte) bool) error {
	res, err := c.Client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil {
		return err
	}
	if !heard(res.StatusCode, body) {
		return fmt.Errorf("%w: %d %s", errUnheard, res.StatusCode, body)
	}
	return nil
}
