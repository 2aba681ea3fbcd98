package main

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"chohue/notices"
)

// Config is everything that can be set, from the environment only. The README's
// table is generated from the same tags and a test keeps them equal.
type Config struct {
	Addr     string        `env:"MARKET_ADDR" default:"127.0.0.1:8080" help:"Address to listen on."`
	URL      string        `env:"MARKET_URL" default:"" help:"Address that people and payment providers reach the market at; http://MARKET_ADDR when empty."`
	DB       string        `env:"MARKET_DB" default:"file:data/market.db" help:"Database: file:PATH for the embedded engine, mongodb://… for a cluster."`
	Data     string        `env:"MARKET_DATA" default:"data" help:"Folder for search indexes and secrets made at first start."`
	Files    string        `env:"MARKET_FILES" default:"" help:"Where photos are kept: file:///FOLDER, or s3://BUCKET/FOLDER?endpoint=HOST&region=REGION with keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; MARKET_DATA/files when empty."`
	Demo     bool          `env:"MARKET_DEMO" default:"false" help:"Demonstration mode: the sandbox wallet, and a page that shows sign-in codes instead of sending them."`
	Secret   string        `env:"MARKET_SECRET" default:"" help:"Key for signing between the market and the sandbox wallet; made at first start and kept in MARKET_DATA when empty."`
	Mail     string        `env:"MARKET_MAIL" default:"" help:"Mail server for notices: smtp://USER:PASSWORD@HOST:PORT (STARTTLS), smtps://… or smtp+plain://HOST:PORT; no email when empty."`
	MailFrom string        `env:"MARKET_MAIL_FROM" default:"Chợ Huế <no-reply@localhost>" help:"Sender of the market's email."`
	Push     string        `env:"MARKET_PUSH" default:"" help:"mailto: or https: address of the operator, told to push services; no notices in browsers when empty. Keys are made at first start and kept in MARKET_DATA."`
	Phones   string        `env:"MARKET_PHONES" default:"" help:"Phone channels that are only written to the log, of sms and zalo, apart by a comma. Real gateways need a contract and a folder beside notices/logged."`
	MeiliURL string        `env:"MARKET_MEILI_URL" default:"" help:"Meilisearch server, 1.18 or later, that answers searches; the embedded index when empty, and while the server does not answer."`
	MeiliKey string        `env:"MARKET_MEILI_KEY" default:"" help:"Meilisearch: key that may make and write indexes."`
	MeiliFor string        `env:"MARKET_MEILI_SEARCH_KEY" default:"" help:"Meilisearch: UID:KEY of a key that may only search; queries then go by tenant tokens made from it."`
	MeiliIn  string        `env:"MARKET_MEILI_INDEX" default:"products" help:"Meilisearch: name of the index."`
	Limits   bool          `env:"MARKET_LIMITS" default:"true" help:"Limit requests per visitor. Turn off only for measuring."`
	LogLevel string        `env:"MARKET_LOG" default:"info" help:"Least level that is logged: debug, info, warn, error."`
	Grace    time.Duration `env:"MARKET_GRACE" default:"20s" help:"How long requests under way may take to end when the market stops."`

	MoMoPartner         string `env:"MARKET_MOMO_PARTNER" default:"" help:"MoMo's partner code; MoMo is offered when this and both keys are set."`
	MoMoAccess          string `env:"MARKET_MOMO_ACCESS_KEY" default:"" help:"MoMo's access key."`
	MoMoSecret          string `env:"MARKET_MOMO_SECRET_KEY" default:"" help:"MoMo's secret key."`
	MoMoURL             string `env:"MARKET_MOMO_URL" default:"https://payment.momo.vn" help:"Where MoMo is; https://test-payment.momo.vn for its test system."`
	ZaloPayApp          string `env:"MARKET_ZALOPAY_APP" default:"" help:"ZaloPay's app id; ZaloPay is offered when this and both keys are set."`
	ZaloPayKey1         string `env:"MARKET_ZALOPAY_KEY1" default:"" help:"ZaloPay's key1, which signs what we ask."`
	ZaloPayKey2         string `env:"MARKET_ZALOPAY_KEY2" default:"" help:"ZaloPay's key2, which signs what it tells."`
	ZaloPayURL          string `env:"MARKET_ZALOPAY_URL" default:"https://openapi.zalopay.vn" help:"Where ZaloPay is; https://sb-openapi.zalopay.vn for its test system."`
	VNPAYTerminal       string `env:"MARKET_VNPAY_TERMINAL" default:"" help:"VNPAY's terminal code (TmnCode); VNPAY is offered when this and its secret are set. Register MARKET_URL/api/v1/payments/vnpay/notices with VNPAY."`
	VNPAYSecret         string `env:"MARKET_VNPAY_SECRET" default:"" help:"VNPAY's hash secret."`
	VNPAYURL            string `env:"MARKET_VNPAY_URL" default:"https://sandbox.vnpayment.vn" help:"Where VNPAY is, as its contract says; this is its test system."`
	VNPAYIP             string `env:"MARKET_VNPAY_IP" default:"127.0.0.1" help:"The public address of this server, which VNPAY wants to be told."`
	GHNURL              string `env:"MARKET_GHN_URL" default:"https://online-gateway.ghn.vn/shiip/public-api" help:"Giao Hàng Nhanh: address of its API."`
	GHNToken            string `env:"MARKET_GHN_TOKEN" default:"" help:"Giao Hàng Nhanh: token of the account; the carrier is off when empty."`
	GHNShop             string `env:"MARKET_GHN_SHOP" default:"" help:"Giao Hàng Nhanh: number of the shop."`
	GHNSecret           string `env:"MARKET_GHN_SECRET" default:"" help:"Giao Hàng Nhanh: secret of its callbacks, given to it as MARKET_URL/api/v1/carriers/ghn/notices?key=SECRET; at least 16 characters."`
	GHTKURL             string `env:"MARKET_GHTK_URL" default:"https://services.giaohangtietkiem.vn" help:"Giao Hàng Tiết Kiệm: address of its API."`
	GHTKToken           string `env:"MARKET_GHTK_TOKEN" default:"" help:"Giao Hàng Tiết Kiệm: token of the account; the carrier is off when empty."`
	GHTKSource          string `env:"MARKET_GHTK_SOURCE" default:"" help:"Giao Hàng Tiết Kiệm: the X-Client-Source that it gave."`
	GHTKSecret          string `env:"MARKET_GHTK_SECRET" default:"" help:"Giao Hàng Tiết Kiệm: secret of its callbacks, given to it as …/carriers/ghtk/notices?key=SECRET; at least 16 characters."`
	ViettelPostURL      string `env:"MARKET_VIETTELPOST_URL" default:"https://partner.viettelpost.vn/v2" help:"Viettel Post: address of its API."`
	ViettelPostUser     string `env:"MARKET_VIETTELPOST_USER" default:"" help:"Viettel Post: name of the account; the carrier is off when empty."`
	ViettelPostPassword string `env:"MARKET_VIETTELPOST_PASSWORD" default:"" help:"Viettel Post: password of the account."`
	ViettelPostService  string `env:"MARKET_VIETTELPOST_SERVICE" default:"VHT" help:"Viettel Post: service, VCN fast, VHT economy, VTK saver."`
	ViettelPostSecret   string `env:"MARKET_VIETTELPOST_SECRET" default:"" help:"Viettel Post: the TOKEN of its callbacks to …/carriers/viettelpost/notices; at least 16 characters."`
	VNPostURL           string `env:"MARKET_VNPOST_URL" default:"https://connect-my.vnpost.vn/customer-partner" help:"Vietnam Post: address of its API."`
	VNPostUser          string `env:"MARKET_VNPOST_USER" default:"" help:"Vietnam Post: name of the account; the carrier is off when empty."`
	VNPostPassword      string `env:"MARKET_VNPOST_PASSWORD" default:"" help:"Vietnam Post: password of the account."`
	VNPostCustomer      string `env:"MARKET_VNPOST_CUSTOMER" default:"" help:"Vietnam Post: the customer code."`
	VNPostService       string `env:"MARKET_VNPOST_SERVICE" default:"CTN009" help:"Vietnam Post: code of the service."`
	VNPostSecret        string `env:"MARKET_VNPOST_SECRET" default:"" help:"Vietnam Post: secret of its callbacks, given to it as …/carriers/vnpost/notices?key=SECRET; at least 16 characters."`
	Handover            string `env:"MARKET_HANDOVER" default:"tu-giao,xe-khach,nhan-tai-cho" help:"Ways to hand parcels over without a carrier: tu-giao own people, xe-khach by coach, nhan-tai-cho the buyer collects."`
	StripeAccount       string `env:"MARKET_STRIPE_ACCOUNT" default:"" help:"Stripe account, acct_…, of a foreign entity; cards are off without it."`
	StripeKey           string `env:"MARKET_STRIPE_KEY" default:"" help:"Stripe's secret key."`
	StripeWebhook       string `env:"MARKET_STRIPE_WEBHOOK" default:"" help:"Secret of the webhook endpoint, made at API version 2023-10-16."`
	Rooms               string `env:"MARKET_ROOMS" default:"" help:"Redis that shares the rooms of shows between several processes, redis://HOST:PORT/NUMBER; within one process when empty."`
	Video               string `env:"MARKET_VIDEO" default:"127.0.0.1:0" help:"UDP address of live video, :50000 for all of the machine's; off for no live video."`
	VideoPublic         string `env:"MARKET_VIDEO_PUBLIC" default:"" help:"Public addresses of this machine behind a translation, apart by commas."`
	VideoSeats          string `env:"MARKET_VIDEO_SEATS" default:"300" help:"How many may watch one show by WebRTC; more are sent to HLS."`
	VideoSTUN           string `env:"MARKET_VIDEO_STUN" default:"" help:"STUN servers that browsers are told, stun:HOST:PORT apart by commas."`
	VideoTURN           string `env:"MARKET_VIDEO_TURN" default:"" help:"TURN servers that browsers are told, turn:HOST:PORT or turns:HOST:PORT apart by commas."`
	VideoTURNSecret     string `env:"MARKET_VIDEO_TURN_SECRET" default:"" help:"Secret shared with the TURN servers (coturn: static-auth-secret)."`
	StripeURL           string `env:"MARKET_STRIPE_URL" default:"https://api.stripe.com" help:"Where Stripe is asked."`

	City      string `env:"MARKET_CITY" default:"" help:"Where the city's data platform takes published statistics: sftp://USER@HOST:PORT/FOLDER or https://HOST/PATH; nothing is sent when empty."`
	CityHost  string `env:"MARKET_CITY_HOST_KEY" default:"" help:"SFTP: the platform's public key, ssh-ed25519 AAAA…; no other server is spoken to."`
	CityKey   string `env:"MARKET_CITY_KEY" default:"" help:"File with our private key: SFTP by OpenSSH, HTTPS in PEM beside MARKET_CITY_CERT."`
	CityCert  string `env:"MARKET_CITY_CERT" default:"" help:"HTTPS: file with our certificate."`
	CityCA    string `env:"MARKET_CITY_CA" default:"" help:"HTTPS: file with the certificates that vouch for the platform; the system's when empty."`
	CityToken string `env:"MARKET_CITY_TOKEN" default:"" help:"HTTPS: bearer token; it or a certificate is needed."`
}

// loadConfig reads the environment. An unreadable value is an error naming its
// variable.
func loadConfig(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	v := reflect.ValueOf(&c).Elem()
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		text, ok := lookup(tag.Get("env"))
		if !ok || text == "" {
			text = tag.Get("default")
		}
		if err := setField(v.Field(i), text); err != nil {
			return c, fmt.Errorf("%s=%q: %w", tag.Get("env"), text, err)
		}
	}
	if c.URL == "" {
		c.URL = "http://" + c.Addr
	}
	c.URL = strings.TrimSuffix(c.URL, "/")
	return c, nil
}

func setField(field reflect.Value, text string) error {
	switch field.Interface().(type) {
	case string:
		field.SetString(text)
	case bool:
		on, err := strconv.ParseBool(text)
		if err != nil {
			return err
		}
		field.SetBool(on)
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return err
		}
		field.SetInt(int64(d))
	}
	return nil
}

// phones are the phone channels that were asked for.
func (c Config) phones() []string {
	var out []string
	for _, name := range []string{notices.ChannelZalo, notices.ChannelSMS} {
		if slices.Contains(strings.Split(c.Phones, ","), name) {
			out = append(out, name)
		}
	}
	return out
}

func environment() (Config, error) { return loadConfig(os.LookupEnv) }

// configTable is the README's table of settings.
func configTable() string {
	var b strings.Builder
	b.WriteString("| Variable | Default | What it sets |\n|---|---|---|\n")
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		value := tag.Get("default")
		if value != "" {
			value = "`" + value + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", tag.Get("env"), value, tag.Get("help"))
	}
	return b.String()
}
