package vnpay

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"net/url"
	"strings"

	"chohue/market"
)

var (
	errSignature = market.Forbidden("payments.signature")
	errForm      = market.Invalid("payments.notice_form", "")
)

const (
	hashField = "vnp_SecureHash"
	typeField = "vnp_SecureHashType"
)

// sign is HMAC-SHA512 in lower hexadecimal.
func (p Provider) sign(message string) string {
	h := hmac.New(sha512.New, []byte(p.c.HashSecret.Reveal()))
	h.Write([]byte(message))
	return hex.EncodeToString(h.Sum(nil))
}

// genuine compares without regard to case: VNPAY has used both.
func (p Provider) genuine(message, signature string) bool {
	return hmac.Equal([]byte(p.sign(message)), []byte(strings.ToLower(signature)))
}

// signQuery is the query with its signature at the end. Names sorted, empty
// values left out, spaces as plus: url.Values.Encode does all of it.
func (p Provider) signQuery(fields url.Values) string {
	text := signed(fields).Encode()
	return text + "&" + hashField + "=" + p.sign(text)
}

// signed are the fields that a signature covers.
func signed(fields url.Values) url.Values {
	out := url.Values{}
	for name, values := range fields {
		if strings.HasPrefix(name, "vnp_") && name != hashField && name != typeField && values[0] != "" {
			out[name] = values
		}
	}
	return out
}

// open returns the signed fields of a query. A field that comes twice could be
// read in two ways and is refused.
func (p Provider) open(query string) (url.Values, error) {
	fields, err := url.ParseQuery(query)
	if err != nil {
		return nil, errForm
	}
	for _, values := range fields {
		if len(values) != 1 {
			return nil, errForm
		}
	}
	clean := signed(fields)
	if !p.genuine(clean.Encode(), fields.Get(hashField)) {
		return nil, errSignature
	}
	return clean, nil
}

// signFields signs the values of the named fields, joined with |.
func (p Provider) signFields(fields map[string]string, order []string) string {
	return p.sign(joined(fields, order))
}

func joined(fields map[string]string, order []string) string {
	values := make([]string, len(order))
	for i, name := range order {
		values[i] = fields["vnp_"+name]
	}
	return strings.Join(values, "|")
}
