package momosim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"chohue/payments/walletsim"
)

// How much MoMo moves at once.
const (
	least = 1000
	most  = 50_000_000
)

// defaultExpiry is how long a payer has when the merchant does not say.
const defaultExpiry = 100 * time.Minute

func (m *MoMo) create(q request) answer {
	raw := fmt.Sprintf("accessKey=%s&amount=%d&extraData=%s&ipnUrl=%s&orderId=%s&orderInfo=%s&partnerCode=%s&redirectUrl=%s&requestId=%s&requestType=%s",
		m.c.AccessKey, q.Amount, q.ExtraData, q.IPNURL, q.OrderID, q.OrderInfo, q.PartnerCode, q.RedirectURL, q.RequestID, q.RequestType)
	switch {
	case !m.genuine(q, raw):
		return m.say(q, denied)
	case q.OrderID == "" || q.RequestID == "" || q.RequestType != "captureWallet":
		return m.say(q, badFormat)
	case q.Amount < least || q.Amount > most:
		return m.say(q, badAmount)
	}
	expiry := time.Duration(q.OrderExpireTime) * time.Minute
	if expiry <= 0 {
		expiry = defaultExpiry
	}
	p, err := m.Book.Add(walletsim.Payment{
		Ref: q.OrderID, Amount: q.Amount, Info: q.OrderInfo, ReturnURL: q.RedirectURL, NoticeURL: q.IPNURL,
		Extra: map[string]string{"requestId": q.RequestID, "extraData": q.ExtraData}, CreatedAt: m.c.Now(), ExpiresAt: m.c.Now().Add(expiry),
	})
	if errors.Is(err, walletsim.ErrTaken) && (p.Extra["requestId"] != q.RequestID || p.Amount != q.Amount) {
		return m.say(q, sameOrder)
	}
	a := m.say(q, done)
	a["payUrl"] = m.URL(p)
	return a
}

func (m *MoMo) query(q request) answer {
	if !m.genuine(q, fmt.Sprintf("accessKey=%s&orderId=%s&partnerCode=%s&requestId=%s", m.c.AccessKey, q.OrderID, q.PartnerCode, q.RequestID)) {
		return m.say(q, denied)
	}
	p, err := m.Book.Get(q.OrderID)
	if err != nil {
		return m.say(q, noOrder)
	}
	q.Amount = p.Amount
	a := m.say(q, m.code(p))
	a["transId"], a["payType"], a["extraData"] = p.Number, "qr", p.Extra["extraData"]
	refunds := []answer{}
	for _, r := range p.Refunds {
		refunds = append(refunds, answer{
			"orderId": r.Key, "amount": r.Amount, "resultCode": m.refundCode(), "transId": r.Number, "createdTime": r.At.UnixMilli(),
		})
	}
	a["refundTrans"] = refunds
	return a
}

func (m *MoMo) refundCode() int {
	if m.c.On(walletsim.Pending) {
		return refunding
	}
	return done
}

func (m *MoMo) refund(q request) answer {
	raw := fmt.Sprintf("accessKey=%s&amount=%d&description=%s&orderId=%s&partnerCode=%s&requestId=%s&transId=%d",
		m.c.AccessKey, q.Amount, q.Description, q.OrderID, q.PartnerCode, q.RequestID, q.TransID)
	switch {
	case !m.genuine(q, raw):
		return m.say(q, denied)
	case q.Amount < least || q.Amount > most:
		return m.say(q, badAmount)
	case m.c.On(walletsim.Refuse):
		return m.say(q, notRefundable)
	}
	if _, taken := m.Book.Get(q.OrderID); taken == nil {
		return m.say(q, sameOrder) // a refund has a name of its own
	}
	p, err := m.Book.ByNumber(q.TransID)
	if err != nil {
		return m.say(q, noOrder)
	}
	r, err := m.Book.GiveBack(p.Ref, q.OrderID, q.Amount, m.c.Now())
	switch {
	case errors.Is(err, walletsim.ErrTaken) && (r.Amount != q.Amount || m.c.On(walletsim.Pending)):
		return m.say(q, sameRequest)
	case errors.Is(err, walletsim.ErrTooMuch):
		return m.say(q, overRefund)
	}
	a := m.say(q, m.refundCode())
	a["transId"] = r.Number
	return a
}

func (m *MoMo) refundQuery(q request) answer {
	if !m.genuine(q, fmt.Sprintf("accessKey=%s&orderId=%s&partnerCode=%s&requestId=%s", m.c.AccessKey, q.OrderID, q.PartnerCode, q.RequestID)) {
		return m.say(q, denied)
	}
	_, r, err := m.Book.ByRefund(q.OrderID)
	if err != nil {
		return m.say(q, noOrder)
	}
	q.Amount = r.Amount
	a := m.say(q, m.refundCode())
	a["transId"] = r.Number
	return a
}

// notify sends the instant notice of a decision.
func (m *MoMo) notify(p walletsim.Payment) {
	m.c.Deliver(m.c.Post(p.NoticeURL, m.Notice(p), func(status int, _ []byte) bool { return status == http.StatusNoContent }))
}

// Notice is the instant notice of how a payment stands.
func (m *MoMo) Notice(p walletsim.Payment) []byte {
	code, at := m.code(p), p.DecidedAt.UnixMilli()
	body, err := json.Marshal(map[string]any{
		"partnerCode": m.c.PartnerCode, "orderId": p.Ref, "requestId": p.Extra["requestId"], "amount": p.Amount,
		"orderInfo": p.Info, "orderType": "momo_wallet", "transId": p.Number, "resultCode": code, "message": messages[code],
		"payType": "qr", "responseTime": at, "extraData": p.Extra["extraData"],
		"signature": sign(m.c.Key(m.c.SecretKey), m.told(p, messages[code], code, "qr", at)),
	})
	if err != nil {
		panic(err) // text and numbers always encode
	}
	return body
}

// back is the signed address that the payer returns to.
func (m *MoMo) back(p walletsim.Payment) string {
	u, err := url.Parse(p.ReturnURL)
	if err != nil {
		return ""
	}
	code, at := m.code(p), m.c.Now().UnixMilli()
	q := u.Query()
	for name, value := range map[string]string{
		"partnerCode": m.c.PartnerCode, "orderId": p.Ref, "requestId": p.Extra["requestId"], "amount": text(p.Amount),
		"orderInfo": p.Info, "orderType": "momo_wallet", "transId": text(p.Number), "resultCode": text(int64(code)),
		"message": messages[code], "payType": "qr", "responseTime": text(at), "extraData": p.Extra["extraData"],
		"signature": sign(m.c.Key(m.c.SecretKey), m.told(p, messages[code], code, "qr", at)),
	} {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
