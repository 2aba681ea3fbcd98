package zalopay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"

	"chohue/payments"
)

// key1 stands for the key itself in a list of fields to sign: a query repeats
// it in the text.
const key1 = "\x00key1"

// sign joins the values of the named fields with | and signs them with key1.
func (p Provider) sign(fields url.Values, order ...string) string {
	values := make([]string, len(order))
	for i, name := range order {
		values[i] = fields.Get(name)
		if name == key1 {
			values[i] = p.c.Key1.Reveal()
		}
	}
	return mac(p.c.Key1, strings.Join(values, "|"))
}

// mac is HMAC-SHA256 in lower hexadecimal.
func mac(key payments.Secret, message string) string {
	h := hmac.New(sha256.New, []byte(key.Reveal()))
	h.Write([]byte(message))
	return hex.EncodeToString(h.Sum(nil))
}

func genuine(key payments.Secret, message, signature string) bool {
	return hmac.Equal([]byte(mac(key, message)), []byte(signature))
}
