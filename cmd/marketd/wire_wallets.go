package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"chohue/payments"
	"chohue/payments/momo"
	"chohue/payments/stripe"
	"chohue/payments/vnpay"
	"chohue/payments/zalopay"
)

// setting is one value with the variable that it comes from.
type setting struct{ name, value string }

// complete reports whether a provider is to be offered: all of its credentials
// are set. Some without the others is a mistake that must be seen at once.
func complete(settings ...setting) (bool, error) {
	var missing []string
	for _, s := range settings {
		if s.value == "" {
			missing = append(missing, s.name)
		}
	}
	switch len(missing) {
	case 0:
		return true, nil
	case len(settings):
		return false, nil
	}
	return false, fmt.Errorf("%s: not set, though %d of its %d are", strings.Join(missing, ", "), len(settings)-len(missing), len(settings))
}

func (c Config) momo() (bool, error) {
	return complete(setting{"MARKET_MOMO_PARTNER", c.MoMoPartner}, setting{"MARKET_MOMO_ACCESS_KEY", c.MoMoAccess}, setting{"MARKET_MOMO_SECRET_KEY", c.MoMoSecret})
}

func (c Config) zalopay() (bool, error) {
	return complete(setting{"MARKET_ZALOPAY_APP", c.ZaloPayApp}, setting{"MARKET_ZALOPAY_KEY1", c.ZaloPayKey1}, setting{"MARKET_ZALOPAY_KEY2", c.ZaloPayKey2})
}

func (c Config) vnpay() (bool, error) {
	return complete(setting{"MARKET_VNPAY_TERMINAL", c.VNPAYTerminal}, setting{"MARKET_VNPAY_SECRET", c.VNPAYSecret})
}

func (c Config) stripe() (bool, error) {
	return complete(setting{"MARKET_STRIPE_ACCOUNT", c.StripeAccount}, setting{"MARKET_STRIPE_KEY", c.StripeKey}, setting{"MARKET_STRIPE_WEBHOOK", c.StripeWebhook})
}

// wallets are the payment partners whose credentials are set, in the order in
// which buyers see them.
func (h *house) wallets() ([]payments.Provider, error) {
	c, now := h.config, h.env.Now
	var all []payments.Provider
	for _, w := range []struct {
		on   func() (bool, error)
		make func() payments.Provider
	}{
		{c.momo, func() payments.Provider {
			return momo.New(momo.Config{
				PartnerCode: c.MoMoPartner, AccessKey: payments.Conceal(c.MoMoAccess), SecretKey: payments.Conceal(c.MoMoSecret), URL: c.MoMoURL, Now: now,
			})
		}},
		{c.zalopay, func() payments.Provider {
			return zalopay.New(zalopay.Config{
				AppID: c.ZaloPayApp, Key1: payments.Conceal(c.ZaloPayKey1), Key2: payments.Conceal(c.ZaloPayKey2), URL: c.ZaloPayURL, Now: now,
			})
		}},
		{c.stripe, func() payments.Provider {
			return stripe.New(stripe.Config{Account: c.StripeAccount, Key: payments.Conceal(c.StripeKey), WebhookSecret: payments.Conceal(c.StripeWebhook), URL: c.StripeURL, Now: now})
		}},
		{c.vnpay, func() payments.Provider {
			return vnpay.New(vnpay.Config{TmnCode: c.VNPAYTerminal, HashSecret: payments.Conceal(c.VNPAYSecret), URL: c.VNPAYURL, IP: c.VNPAYIP, Now: now})
		}},
	} {
		on, err := w.on()
		if err != nil {
			return nil, err
		}
		if on {
			all = append(all, w.make())
		}
	}
	return all, nil
}

// walletPages are the origins on which payers of the partners decide. MoMo and
// ZaloPay show their pages on hosts of their own beside the one that is asked.
func (c Config) walletPages() []string {
	var all []string
	for _, w := range []struct {
		on      func() (bool, error)
		url     string
		brother string
	}{
		{c.momo, c.MoMoURL, "momo.vn"}, {c.zalopay, c.ZaloPayURL, "zalopay.vn"}, {c.vnpay, c.VNPAYURL, ""}, {c.stripe, "https://checkout.stripe.com", ""},
	} {
		if on, err := w.on(); err != nil || !on {
			continue
		}
		all = append(all, origin(w.url))
		if w.brother != "" && strings.HasSuffix(w.url, "."+w.brother) {
			all = append(all, "https://*."+w.brother)
		}
	}
	return slices.Compact(all)
}

// origin is the scheme and host of an address.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "'none'"
	}
	return u.Scheme + "://" + u.Host
}
