package sandbox

import (
	"bytes"
	"encoding/json"
	"time"

	"chohue/market"
)

// What is said between the market and the wallet.
type (
	notice struct {
		Merchant    string     `json:"merchant"`
		Payment     market.ID  `json:"payment"`
		Transaction string     `json:"transaction"`
		Type        string     `json:"type"`
		Refund      market.ID  `json:"refund,omitempty"`
		Amount      market.VND `json:"amount"`
		At          time.Time  `json:"at"`
	}
	// request asks how a payment stands or, with a refund key, for a refund.
	request struct {
		Merchant string     `json:"merchant"`
		Payment  market.ID  `json:"payment"`
		Refund   market.ID  `json:"refund,omitempty"`
		Amount   market.VND `json:"amount,omitempty"`
		Reason   string     `json:"reason,omitempty"`
		Nonce    string     `json:"nonce"` // comes back in the answer, so that an old answer is not taken for a new one
	}
	// answer tells the latest movement; Refused says why a refund will not be
	// made.
	answer struct {
		notice
		Refused string `json:"refused,omitempty"`
		Nonce   string `json:"nonce"`
	}
	// envelope carries an answer with a signature over its exact bytes.
	envelope struct {
		Data      string `json:"data"`
		Signature string `json:"signature"`
	}
)

// parse reads JSON strictly: one value, no unknown field.
func parse(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil || d.More() {
		return market.Invalid("payments.notice_form", "")
	}
	return nil
}

// mustJSON encodes types that cannot fail to encode.
func mustJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}
