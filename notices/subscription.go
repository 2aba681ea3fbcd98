package notices

import (
	"encoding/base64"
	"encoding/json"
	"net/url"

	"chohue/market"
)

// subscription is what a browser hands out (Push API, PushSubscriptionJSON).
type subscription struct {
	Endpoint string `json:"endpoint"`
	Keys     struct {
		P256dh string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

var errSubscription = market.Invalid("notices.subscription", "subscription")

// endpointOf checks a subscription's form and returns the address to push to.
// Keys have fixed lengths (RFC 8291 §2.1, §3.2): a point of 65 bytes and a
// secret of 16.
func endpointOf(raw string) (string, error) {
	var s subscription
	if len(raw) > 2*mostEndpoint || json.Unmarshal([]byte(raw), &s) != nil {
		return "", errSubscription
	}
	at, err := url.Parse(s.Endpoint)
	if err != nil || at.Scheme != "https" || at.Host == "" || at.User != nil || len(s.Endpoint) > mostEndpoint {
		return "", errSubscription
	}
	if !bytesLong(s.Keys.P256dh, 65) || !bytesLong(s.Keys.Auth, 16) {
		return "", errSubscription
	}
	return s.Endpoint, nil
}

func bytesLong(encoded string, want int) bool {
	raw, err := base64.RawURLEncoding.DecodeString(encoded)
	return err == nil && len(raw) == want
}
