package main

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"chohue/market"
	"chohue/payments/sandbox"
)

// placed is an order that waits for its payment.
type placed struct {
	Order struct {
		ID    string
		Key   string
		Total struct{ Amount int64 }
	}
	Payment struct{ URL string }
}

// checkout buys one thing: cart, line, address, and the wallet's signed notice
// that it is paid, until the order says that it is confirmed.
func (s *shop) checkout(by *shopper) error {
	o, err := s.place(by)
	if err != nil {
		return err
	}
	wallet := sandbox.WalletConfig{Merchant: "CHOHUE", Secret: walletSecret}
	body, signature := sandbox.CaptureNotice(wallet, market.ID(o.Order.ID), market.VND(o.Order.Total.Amount),
		"bench-"+o.Order.ID, time.Now().UTC())
	_, err = by.call(http.MethodPost, "/api/v1/payments/sandbox/notices", body,
		asJSON, sandbox.SignatureHeader+": "+signature)
	if err != nil {
		return err
	}
	return s.confirmed(by, o)
}

func (s *shop) place(by *shopper) (placed, error) {
	var cart struct{ ID string }
	var o placed
	if err := by.ask(http.MethodPost, "/api/v1/carts", nil, &cart); err != nil {
		return o, err
	}
	variant := s.goods.variants[by.dice.IntN(len(s.goods.variants))]
	path := "/api/v1/carts/" + cart.ID
	wish := map[string]int64{"quantity": 1 + by.dice.Int64N(3)}
	if err := by.ask(http.MethodPut, path+"/lines/"+variant, wish, nil); err != nil {
		return o, err
	}
	err := by.ask(http.MethodPost, path+"/checkout", map[string]any{
		"method": "sandbox", "adult": true,
		"address": map[string]string{
			"name": "Nguyễn Thị Đo", "phone": "0905123456", "province": "46", "ward": "19774", "street": "1 đường Đo Đếm",
		},
	}, &o)
	return o, err
}

// confirmed looks until the order is confirmed, with pauses that become longer,
// as a patient page does.
func (s *shop) confirmed(by *shopper, o placed) error {
	const most = 10 * time.Second
	path := "/api/v1/orders/" + o.Order.ID + "?key=" + o.Order.Key
	pause := 10 * time.Millisecond
	for deadline := time.Now().Add(most); time.Now().Before(deadline); pause = min(2*pause, 100*time.Millisecond) {
		time.Sleep(pause)
		var now struct{ State string }
		if err := by.ask(http.MethodGet, path, nil, &now); err != nil {
			return err
		}
		if now.State == "confirmed" {
			return nil
		}
	}
	return fmt.Errorf("order %s was paid and is not confirmed after %s", o.Order.ID, most)
}

var hidden = regexp.MustCompile(`<input[^>]*name="(id|query)"[^>]*value="([^"]*)"`)

// checkoutByPage pays on the wallet's real page, which then sends its notice
// to the market over a socket: the work of both parties in one process.
func (s *shop) checkoutByPage(by *shopper) error {
	o, err := s.place(by)
	if err != nil {
		return err
	}
	u, err := url.Parse(o.Payment.URL)
	if err != nil {
		return err
	}
	page, err := by.call(http.MethodGet, u.RequestURI(), nil)
	if err != nil {
		return err
	}
	form := url.Values{"decision": {"approve"}}
	for _, field := range hidden.FindAllStringSubmatch(string(page), -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	_, err = by.call(http.MethodPost, "/sandbox/pay", []byte(form.Encode()), "Content-Type: application/x-www-form-urlencoded")
	if err != nil {
		return err
	}
	return s.confirmed(by, o)
}
