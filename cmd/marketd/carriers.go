package main

import (
	"fmt"
	"net/http"
	"strings"

	"chohue/orders"
	"chohue/orders/ghn"
	"chohue/orders/ghtk"
	"chohue/orders/handover"
	"chohue/orders/viettelpost"
	"chohue/orders/vnpost"
)

// carriers are those whose account is set, then the ways of handing over.
func (c Config) carriers(client *http.Client) (orders.Carriers, error) {
	var all orders.Carriers
	for _, open := range []func(*http.Client) (orders.Carrier, error){c.ghn, c.ghtk, c.viettelPost, c.vnPost} {
		carrier, err := open(client)
		if err != nil {
			return nil, err
		}
		if carrier != nil {
			all = append(all, carrier)
		}
	}
	for name := range strings.SplitSeq(c.Handover, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		carrier, err := handover.New(name)
		if err != nil {
			return nil, fmt.Errorf("MARKET_HANDOVER: %w", err)
		}
		all = append(all, carrier)
	}
	return all, nil
}

// secretFor refuses an account whose notices anybody could send.
func secretFor(name, secret string) error {
	if len(secret) < 16 {
		return fmt.Errorf("%s: want at least 16 characters: whoever knows it can say that parcels were delivered", name)
	}
	return nil
}

func (c Config) ghn(client *http.Client) (orders.Carrier, error) {
	if c.GHNToken == "" {
		return nil, nil
	}
	if err := secretFor("MARKET_GHN_SECRET", c.GHNSecret); err != nil {
		return nil, err
	}
	return ghn.New(ghn.Config{Base: c.GHNURL, Token: c.GHNToken, ShopID: c.GHNShop, Secret: c.GHNSecret, Client: client})
}

func (c Config) ghtk(client *http.Client) (orders.Carrier, error) {
	if c.GHTKToken == "" {
		return nil, nil
	}
	if err := secretFor("MARKET_GHTK_SECRET", c.GHTKSecret); err != nil {
		return nil, err
	}
	return ghtk.New(ghtk.Config{Base: c.GHTKURL, Token: c.GHTKToken, Source: c.GHTKSource, Secret: c.GHTKSecret, Client: client})
}

func (c Config) viettelPost(client *http.Client) (orders.Carrier, error) {
	if c.ViettelPostUser == "" {
		return nil, nil
	}
	if err := secretFor("MARKET_VIETTELPOST_SECRET", c.ViettelPostSecret); err != nil {
		return nil, err
	}
	return viettelpost.New(viettelpost.Config{
		Base: c.ViettelPostURL, Username: c.ViettelPostUser, Password: c.ViettelPostPassword, Service: c.ViettelPostService,
		Secret: c.ViettelPostSecret, Client: client,
	})
}

func (c Config) vnPost(client *http.Client) (orders.Carrier, error) {
	if c.VNPostUser == "" {
		return nil, nil
	}
	if err := secretFor("MARKET_VNPOST_SECRET", c.VNPostSecret); err != nil {
		return nil, err
	}
	return vnpost.New(vnpost.Config{
		Base: c.VNPostURL, Username: c.VNPostUser, Password: c.VNPostPassword, Customer: c.VNPostCustomer, Service: c.VNPostService,
		Secret: c.VNPostSecret, Client: client,
	})
}
