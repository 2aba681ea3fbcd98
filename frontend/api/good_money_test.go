package api

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/notices"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// payees shows payouts who sellers are.
type payees struct{ sellers *cooperatives.Service }

func (p payees) Payee(ctx context.Context, seller market.ID) (payments.Payee, error) {
	s, err := p.sellers.Seller(ctx, seller)
	if err != nil {
		return payments.Payee{}, err
	}
	return payments.Payee{Name: s.Name.VI, Kind: string(s.Kind), TaxCode: s.TaxCode, Bank: payments.Bank(s.Bank)}, nil
}

// readers shows notices who reads.
type readers struct {
	accounts *accounts.Service
	sellers  *cooperatives.Service
}

func (r readers) Reader(ctx context.Context, person market.ID) (notices.Reader, error) {
	p, err := r.accounts.Person(ctx, person)
	if err != nil {
		return notices.Reader{}, err
	}
	return notices.Reader{Person: p.ID, Phone: p.Phone, Lang: "vi"}, nil
}

func (r readers) Keepers(ctx context.Context, seller market.ID) (ids []market.ID, err error) {
	s, err := r.sellers.Seller(ctx, seller)
	if err == nil {
		for _, m := range s.Members {
			ids = append(ids, m.Person)
		}
	}
	return ids, err
}

func (r readers) Operators(ctx context.Context) ([]market.ID, error) {
	return r.accounts.WithRole(ctx, market.RoleOperator)
}

// names shows notices what products are called.
type names struct{ catalog *catalog.Service }

func (g names) Good(ctx context.Context, product market.ID) (market.ID, market.Text, error) {
	p, err := g.catalog.Product(ctx, market.System, product)
	if err != nil {
		return "", market.Text{}, err
	}
	return p.Seller, p.Name, nil
}

// buyers are the operations of whoever has bought: nobody else makes them work.
var buyers = map[string]bool{
	"askReturn": true, "getReturn": true, "disputeReturn": true, "sendReturn": true, "withdrawReturn": true, "complain": true, "complainOfProduct": true,
	"getComplaint": true, "plead": true, "addOrderPhoto": true, "getOrderPhoto": true, "addComplaintPhoto": true, "getComplaintPhoto": true, "writeReview": true, "readMessage": true, "reportReview": true,
}

// office are the operations of the platform's people.
var office = map[string]bool{
	"decideReturn": true, "resolveComplaint": true, "listDisputedComplaints": true, "hideReview": true,
	"listPayouts": true, "listPayoutSources": true, "previewPayout": true, "getPayout": true, "getBankFile": true, "preparePayout": true, "approvePayout": true,
	"dropPayout": true, "returnPayout": true, "takePayoutStatement": true, "getTaxDeclaration": true, "listTaxPayments": true, "prepareTaxPayment": true,
	"approveTaxPayment": true, "listTaxMonths": true, "receiptOfTaxPayment": true, "dropTaxPayment": true, "matchReport": true, "matchCash": true, "recheckMismatch": true,
}

// sheets are good files for the operations that take one.
var sheets = map[string]string{
	"takePayoutStatement": strings.Join(payments.AnswerColumns, ",") + "\nCHPNEVER,1000,paid,FT-1,2026-11-20,\n",
	"matchReport":         strings.Join(payments.ReportColumns, ",") + "\n",
	"matchBank":           strings.Join(payments.BankStatementColumns, ",") + "\n",
	"matchCash":           "Mã vận đơn,Mã đơn khách hàng,Tiền thu hộ,Tổng phí,Thực nhận,Ngày\n",
}

// goodMoney adds what the operations about returns, complaints, reviews,
// payouts, tax, invoices, reconciliation and messages work with.
func (s *shop) goodMoney(values map[string]string, op string) {
	s.t.Helper()
	key := func(n int) string { return base64.RawURLEncoding.EncodeToString(make([]byte, n)) }
	values["endpoint"], values["p256dh"], values["auth"] = "https://push.example/1", key(65), key(16)
	values["party"], values["browser"], values["year"] = "sandbox", strings.Repeat("a", 32), "2026"
	values["category"] = map[bool]string{true: "fake_ocop", false: "goods"}[op == "complainOfProduct"]
	if values["message"] == "" {
		values["message"] = "01JD0000000000000000000000:nobody"
	}
	if op == "complainOfProduct" || op == "listReviews" {
		values["product"] = values["shelf"]
	}
	switch s.tagOf(op) {
	case "aftercare":
		s.goodAftercare(values, op)
	case "money":
		s.goodPayout(values, op)
		s.goodTax(values, op)
		s.goodMismatch(values, op)
	}
	if op == "exportInvoice" {
		values["tax_code"] = "3300100001"
		_, err := s.Orders.Pack(s.ctx, market.System, market.ID(values["order"]), market.ID(values["parcel"]))
		s.must(err)
	}
}

// goodDelivery packs, sends and delivers the order's parcel.
func (s *shop) goodDelivery(values map[string]string) {
	s.t.Helper()
	order, parcel := market.ID(values["order"]), market.ID(values["parcel"])
	_, err := s.Orders.Pack(s.ctx, market.System, order, parcel)
	s.must(err)
	_, err = s.Orders.Ship(s.ctx, market.System, order, parcel, orders.Shipment{Carrier: "Viettel Post"})
	s.must(err)
	_, err = s.Orders.Deliver(s.ctx, market.System, order, parcel)
	s.must(err)
	s.drain()
}

// goodAftercare brings the order as far as the operation wants it.
func (s *shop) goodAftercare(values map[string]string, op string) {
	s.t.Helper()
	order, parcel, variant := market.ID(values["order"]), market.ID(values["parcel"]), market.ID(values["variant"])
	s.goodDelivery(values)
	if op != "writeReview" {
		r, err := s.Orders.WriteReview(s.ctx, market.Actor{}, order, values["order_key"], orders.Opinion{Variant: variant, Stars: 4, Text: "ngon"})
		s.must(err)
		values["review"] = string(r.ID)
	}
	o, err := s.Orders.Order(s.ctx, market.System, order, "")
	s.must(err)
	c, err := s.Orders.Complain(s.ctx, market.Actor{Person: o.Buyer}, orders.Grievance{Category: "goods", Order: order, Key: values["order_key"], Parcel: parcel, Text: "dập"})
	s.must(err)
	values["complaint"] = string(c.ID)
	s.goodPhoto(values, op)
	if op != "askReturn" {
		s.goodReturn(values, op)
	}
}

// goodPhoto keeps a photo of the parcel's handover, or of the complaint.
func (s *shop) goodPhoto(values map[string]string, op string) {
	s.t.Helper()
	order, parcel := market.ID(values["order"]), market.ID(values["parcel"])
	switch op {
	case "getOrderPhoto":
		o, err := s.Orders.ProveHandover(s.ctx, market.System, order, parcel, picture(s.t, 2))
		s.must(err)
		values["photo"] = o.Parcels[0].Proofs[0].Photo
	case "getComplaintPhoto":
		id := market.ID(values["complaint"])
		kept, err := s.Orders.AddComplaintEvidence(s.ctx, market.System, id, "", picture(s.t, 3))
		s.must(err)
		_, err = s.Orders.Speak(s.ctx, market.System, id, orders.Plea{Side: orders.SidePlatform, Text: "ảnh", Kept: []string{kept}})
		s.must(err)
		values["photo"] = kept
	}
}

func (s *shop) goodReturn(values map[string]string, op string) {
	s.t.Helper()
	order, key := market.ID(values["order"]), values["order_key"]
	_, r, err := s.Orders.AskReturn(s.ctx, market.Actor{}, order, key, orders.ReturnWish{
		Parcel: market.ID(values["parcel"]), Reason: orders.ReasonDamaged, Text: "dập",
		Lines: []orders.ReturnLine{{Variant: market.ID(values["variant"]), Quantity: 2}},
	})
	s.must(err)
	values["return"] = string(r.ID)
	say := orders.Word{Text: "như đã nói"}
	steps := map[string]func() error{
		"refuse": func() error { _, err := s.Orders.RefuseReturn(s.ctx, market.System, order, r.ID, say); return err },
		"dispute": func() error {
			_, err := s.Orders.DisputeReturn(s.ctx, market.Actor{}, order, r.ID, key, say)
			return err
		},
		"accept": func() error {
			_, err := s.Orders.AcceptReturn(s.ctx, market.System, order, r.ID, false, say)
			return err
		},
		"keep": func() error {
			_, err := s.Orders.AcceptReturn(s.ctx, market.System, order, r.ID, true, say)
			return err
		},
		"send": func() error {
			_, err := s.Orders.SendReturn(s.ctx, market.Actor{}, order, r.ID, key, orders.Shipment{Carrier: "Viettel Post"}, say)
			return err
		},
		"receive": func() error {
			_, err := s.Orders.ReceiveReturn(s.ctx, market.System, order, r.ID, orders.Unfit{}, say)
			return err
		},
	}
	way := map[string][]string{
		"disputeReturn": {"refuse"}, "decideReturn": {"refuse", "dispute"}, "sendReturn": {"accept"}, "receiveReturn": {"accept", "send"}, "contestReturn": {"accept", "send"},
		"payReturn": {"accept", "send", "receive"}, "confirmReturnPaid": {"keep"}, "retryReturn": {"keep"},
	}
	for _, name := range way[op] {
		s.must(steps[name]())
	}
	s.drain()
}

// goodPayout owes the seller something by the sandbox wallet, old enough to be
// paid out, and brings a payout as far as the operation wants it.
func (s *shop) goodPayout(values map[string]string, op string) {
	s.t.Helper()
	values["source"] = "clearing:sandbox"
	source, seller := payments.Clearing("sandbox"), market.ID(values["seller"])
	if !strings.HasSuffix(op, "Payout") && !strings.HasSuffix(op, "File") && !strings.HasSuffix(op, "TaxPayment") {
		return
	}
	month := "2026-10"
	s.must(s.Payments.Post(s.ctx, payments.Transaction{
		Doc: store.Doc{ID: s.Env.NewID()}, Kind: "opening", Ref: "books of before", At: s.clock().AddDate(0, -1, 0),
		Postings: []payments.Posting{
			{From: source, To: payments.Payable(seller), Amount: 1_000_000, For: payments.ForGoods},
			{From: payments.Payable(seller), To: payments.TaxVAT(month), Amount: 10_000, For: payments.ForVAT},
		},
	}))
	if strings.HasSuffix(op, "TaxPayment") || op == "preparePayout" || op == "previewPayout" {
		return
	}
	b, err := s.Payouts.Prepare(s.ctx, market.System, source, "")
	s.must(err)
	values["payout"] = string(b.ID)
	if op == "getBankFile" || op == "returnPayout" {
		b, err = s.Payouts.Approve(s.ctx, market.Actor{Person: "second", Roles: []market.Role{market.RoleOperator}}, b.ID)
		s.must(err)
	}
	if op != "returnPayout" {
		return
	}
	for _, l := range b.Lines {
		_, err = s.Payouts.Take(s.ctx, market.System, []payments.Answer{{Reference: l.Reference, Amount: l.Amount, Paid: true, Transaction: "FT" + l.Reference, At: s.clock()}})
		s.must(err)
	}
}

// goodTax drops what waits of the month's tax, and prepares another payment.
func (s *shop) goodTax(values map[string]string, op string) {
	s.t.Helper()
	values["month"], values["taxpayment"] = "2026-10", "2026-10.1"
	if !strings.HasSuffix(op, "TaxPayment") {
		return
	}
	page, err := s.Payments.TaxPayments(s.ctx, market.System, "", 100)
	s.must(err)
	for _, t := range page.Items {
		if t.State == payments.TaxPrepared {
			_, err = s.Payments.DropTax(s.ctx, market.System, t.ID)
			s.must(err)
		}
	}
	if op != "prepareTaxPayment" {
		t, err := s.Payments.PrepareTax(s.ctx, market.System, "2026-10", payments.Clearing("sandbox"))
		s.must(err)
		values["taxpayment"] = string(t.ID)
		if op == "receiptOfTaxPayment" {
			_, err = s.Payments.ApproveTax(s.ctx, market.Actor{Person: "second", Roles: []market.Role{market.RoleOperator}}, t.ID, "")
			s.must(err)
		}
	}
}

// goodMismatch puts a credit that names no order into the queue.
func (s *shop) goodMismatch(values map[string]string, op string) {
	s.t.Helper()
	if op == "matchReport" {
		values["from"], values["to"] = s.clock().AddDate(0, -2, 0).Format(time.RFC3339), s.clock().AddDate(0, -1, -15).Format(time.RFC3339)
	}
	if !strings.HasSuffix(op, "Mismatch") {
		return
	}
	row := s.clock().Format("2006-01-02 15:04:05") + "," + string(s.Env.NewID()) + ",970436,001,50000,tien hang,ai do\n"
	lines, err := payments.ReadBankStatement(strings.NewReader(strings.Join(payments.BankStatementColumns, ",") + "\n" + row))
	s.must(err)
	got, err := s.Payments.MatchBank(s.ctx, market.System, market.ID(values["seller"]), lines)
	s.must(err)
	if len(got.Mismatches) != 1 {
		s.t.Fatalf("no difference: %+v", got)
	}
	values["mismatch"] = mismatchName(got.Mismatches[0].ID)
}

// lastMessage is the last thing that the visitor was told.
func (s *shop) lastMessage(v *visitor) market.ID {
	s.t.Helper()
	s.drain()
	got := get[MessagePage](v, "/inbox")
	if len(got.Items) == 0 {
		s.t.Fatal("nobody was told anything")
	}
	return got.Items[0].ID
}
