package vnpaysim

import (
	"crypto/hmac"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chohue/payments/walletsim"
)

// remembered is how long a refund request is known again.
const remembered = 5 * time.Minute

// transaction answers querydr and refund.
func (v *VNPAY) transaction(w http.ResponseWriter, r *http.Request) {
	f := asked(r.Body)
	var a map[string]string
	switch f["vnp_Command"] {
	case "querydr":
		a = v.querydr(f)
	case "refund":
		a = v.refund(f)
	default:
		a = map[string]string{"vnp_ResponseCode": "03", "vnp_Message": "Invalid request"}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(a) // the reader has gone
}

// asked reads the fields of a question; merchants write dates and amounts as
// numbers or as texts.
func asked(body io.Reader) map[string]string {
	var all map[string]json.RawMessage
	f := map[string]string{}
	if json.NewDecoder(io.LimitReader(body, 64<<10)).Decode(&all) != nil {
		return f
	}
	for name, raw := range all {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		f[name] = text
	}
	return f
}

func (v *VNPAY) genuine(f map[string]string, text string) bool {
	return f["vnp_TmnCode"] == v.c.TmnCode && hmac.Equal([]byte(f["vnp_SecureHash"]), []byte(hmac512(v.c.HashSecret, text)))
}

func (v *VNPAY) querydr(f map[string]string) map[string]string {
	text := f["vnp_RequestId"] + "|" + f["vnp_Version"] + "|querydr|" + f["vnp_TmnCode"] + "|" + f["vnp_TxnRef"] + "|" +
		f["vnp_TransactionDate"] + "|" + f["vnp_CreateDate"] + "|" + f["vnp_IpAddr"] + "|" + f["vnp_OrderInfo"]
	a := v.answer(f)
	p, err := v.Book.Get(f["vnp_TxnRef"])
	switch {
	case !v.genuine(f, text):
		a["vnp_ResponseCode"], a["vnp_Message"] = "97", "Invalid checksum"
	case err != nil || p.Extra["created"] != f["vnp_TransactionDate"]:
		a["vnp_ResponseCode"], a["vnp_Message"] = "91", "Transaction not found"
	default:
		v.last(a, p)
	}
	a["vnp_SecureHash"] = v.seal(a, "|"+a["vnp_PromotionCode"]+"|"+a["vnp_PromotionAmount"])
	return a
}

// last tells the last thing that happened to a payment.
func (v *VNPAY) last(a map[string]string, p walletsim.Payment) {
	_, status := v.codes(p)
	a["vnp_ResponseCode"], a["vnp_Message"] = "00", "QueryDR Success"
	a["vnp_Amount"], a["vnp_TransactionType"], a["vnp_TransactionStatus"] = strconv.FormatInt(p.Amount*100, 10), "01", status
	a["vnp_OrderInfo"], a["vnp_BankCode"] = p.Info, "NCB"
	if p.Decision != walletsim.Undecided {
		a["vnp_TransactionNo"], a["vnp_PayDate"] = strconv.FormatInt(p.Number, 10), date(p.DecidedAt)
	}
	if n := len(p.Refunds); n > 0 {
		v.refunded(a, p, p.Refunds[n-1])
	}
}

func (v *VNPAY) refunded(a map[string]string, p walletsim.Payment, r walletsim.Refund) {
	a["vnp_Amount"], a["vnp_TransactionNo"] = strconv.FormatInt(r.Amount*100, 10), strconv.FormatInt(r.Number, 10)
	a["vnp_TransactionType"], a["vnp_TransactionStatus"], a["vnp_PayDate"] = "03", "00", date(r.At)
	if r.Amount == p.Amount {
		a["vnp_TransactionType"] = "02"
	}
	if v.c.On(walletsim.Pending) {
		a["vnp_TransactionStatus"] = "05"
	}
}

func (v *VNPAY) refund(f map[string]string) map[string]string {
	text := f["vnp_RequestId"] + "|" + f["vnp_Version"] + "|refund|" + f["vnp_TmnCode"] + "|" + f["vnp_TransactionType"] + "|" +
		f["vnp_TxnRef"] + "|" + f["vnp_Amount"] + "|" + f["vnp_TransactionNo"] + "|" + f["vnp_TransactionDate"] + "|" +
		f["vnp_CreateBy"] + "|" + f["vnp_CreateDate"] + "|" + f["vnp_IpAddr"] + "|" + f["vnp_OrderInfo"]
	a := v.answer(f)
	if !v.genuine(f, text) {
		a["vnp_ResponseCode"], a["vnp_Message"] = "97", "Invalid checksum"
	} else {
		v.giveBack(f, a)
	}
	a["vnp_SecureHash"] = v.seal(a, "")
	return a
}

func (v *VNPAY) giveBack(f, a map[string]string) {
	amount, err := strconv.ParseInt(f["vnp_Amount"], 10, 64)
	p, missing := v.Book.Get(f["vnp_TxnRef"])
	full := amount == p.Amount*100
	switch {
	case err != nil || amount%100 != 0 || full != (f["vnp_TransactionType"] == "02"):
		a["vnp_ResponseCode"], a["vnp_Message"] = "03", "Invalid format"
		return
	case missing != nil || p.Extra["created"] != f["vnp_TransactionDate"] || f["vnp_TransactionNo"] != strconv.FormatInt(p.Number, 10):
		a["vnp_ResponseCode"], a["vnp_Message"] = "91", "Transaction not found"
		return
	case v.again(f["vnp_RequestId"]):
		a["vnp_ResponseCode"], a["vnp_Message"] = "94", "Request is duplicated"
		return
	case v.c.On(walletsim.Refuse):
		a["vnp_ResponseCode"], a["vnp_Message"] = "95", "Refund refused"
		return
	}
	// VNPAY does not know a request of yesterday again: the key is left out.
	r, err := v.Book.GiveBack(p.Ref, "", amount/100, v.c.Now())
	if err != nil {
		a["vnp_ResponseCode"], a["vnp_Message"] = "95", "Amount exceeds what is left"
		return
	}
	a["vnp_ResponseCode"], a["vnp_Message"], a["vnp_OrderInfo"], a["vnp_BankCode"] = "00", "Refund success", f["vnp_OrderInfo"], "NCB"
	v.refunded(a, p, r)
}

// again reports whether the request came within the last minutes.
func (v *VNPAY) again(id string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.c.Now()
	at, seen := v.seen[id]
	v.seen[id] = now
	return seen && now.Sub(at) < remembered
}

// answer begins what is said about a request.
func (v *VNPAY) answer(f map[string]string) map[string]string {
	return map[string]string{
		"vnp_ResponseId": strconv.FormatInt(v.c.Now().UnixNano(), 36), "vnp_Command": f["vnp_Command"],
		"vnp_TmnCode": f["vnp_TmnCode"], "vnp_TxnRef": f["vnp_TxnRef"],
	}
}

// seal signs an answer.
func (v *VNPAY) seal(a map[string]string, more string) string {
	return hmac512(v.c.Key(v.c.HashSecret), strings.Join([]string{
		a["vnp_ResponseId"], a["vnp_Command"], a["vnp_ResponseCode"], a["vnp_Message"], a["vnp_TmnCode"], a["vnp_TxnRef"],
		a["vnp_Amount"], a["vnp_BankCode"], a["vnp_PayDate"], a["vnp_TransactionNo"], a["vnp_TransactionType"],
		a["vnp_TransactionStatus"], a["vnp_OrderInfo"],
	}, "|")+more)
}
