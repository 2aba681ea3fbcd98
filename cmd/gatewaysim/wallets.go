package main

import (
	"net/http"
	"path/filepath"

	"chohue/payments/momo/momosim"
	"chohue/payments/vietqr/banksim"
	"chohue/payments/vnpay/vnpaysim"
	"chohue/payments/walletsim"
	"chohue/payments/zalopay/zalopaysim"
)

// merchant is what payers read.
const merchant = "Chợ Huế"

// The credentials of the simulated merchants. They open nothing but this
// program.
const (
	momoPartner  = "MOMOSIMULATED"
	momoAccess   = "simulated-access-key"
	momoSecret   = "simulated-secret-key"
	zalopayApp   = "2553"
	zalopayKey1  = "simulated-key1"
	zalopayKey2  = "simulated-key2"
	vnpayTmn     = "SIMULATE"
	vnpaySecret  = "simulated-hash-secret"
	vnpayNotices = "/api/v1/payments/vnpay/notices"
)

func momoParty(p place) party {
	return party{name: "momo", title: "MoMo", open: func(line *Line, at string) http.Handler {
		return started(momosim.New(momosim.Config{
			Common: common(p, line, at), Merchant: merchant, PartnerCode: momoPartner, AccessKey: momoAccess, SecretKey: momoSecret,
		}))
	}, settings: func(at string) []string {
		return []string{
			"MARKET_MOMO_URL=" + at, "MARKET_MOMO_PARTNER=" + momoPartner,
			"MARKET_MOMO_ACCESS_KEY=" + momoAccess, "MARKET_MOMO_SECRET_KEY=" + momoSecret,
		}
	}}
}

func zalopayParty(p place) party {
	return party{name: "zalopay", title: "ZaloPay", open: func(line *Line, at string) http.Handler {
		return started(zalopaysim.New(zalopaysim.Config{
			Common: common(p, line, at), Merchant: merchant, AppID: zalopayApp, Key1: zalopayKey1, Key2: zalopayKey2,
		}))
	}, settings: func(at string) []string {
		return []string{
			"MARKET_ZALOPAY_URL=" + at, "MARKET_ZALOPAY_APP=" + zalopayApp,
			"MARKET_ZALOPAY_KEY1=" + zalopayKey1, "MARKET_ZALOPAY_KEY2=" + zalopayKey2,
		}
	}}
}

func vnpayParty(p place) party {
	return party{name: "vnpay", title: "VNPAY", open: func(line *Line, at string) http.Handler {
		return started(vnpaysim.New(vnpaysim.Config{
			Common: common(p, line, at), Merchant: merchant, TmnCode: vnpayTmn, HashSecret: vnpaySecret, NoticeURL: p.market + vnpayNotices,
		}))
	}, settings: func(at string) []string {
		return []string{"MARKET_VNPAY_URL=" + at, "MARKET_VNPAY_TERMINAL=" + vnpayTmn, "MARKET_VNPAY_SECRET=" + vnpaySecret}
	}}
}

func bankParty(p place) party {
	return party{name: "bank", title: "Ngân hàng (VietQR)", open: func(line *Line, at string) http.Handler {
		return banksim.New(common(place{now: p.now}, line, at))
	}}
}

// common is what every wallet is given.
func common(p place, line *Line, at string) walletsim.Common {
	c := walletsim.Common{At: at, Now: p.now, Deliver: line.Deliver, On: line.On}
	if p.data != "" {
		c.File = filepath.Join(p.data, line.name+".json")
	}
	return c
}

// started is the party, or a door that says why there is none.
func started[H http.Handler](h H, err error) http.Handler {
	if err == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "this party could not start: "+err.Error(), http.StatusServiceUnavailable)
	})
}
