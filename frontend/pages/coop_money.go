package pages

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// money shows how the seller stands with buyers, carriers and the market, why,
// and which transfers must be looked for at the bank.
func (p *Pages) money(c *gin.Context, w *workplace) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	balance, err := p.Payments.Balance(ctx, payments.Payable(w.seller.ID))
	if err != nil {
		return err
	}
	page, err := p.Payments.Statement(ctx, w.by, w.seller.ID, store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	v := moneyView{workView: p.workPage(c, w, s.t("coop.money.title")), Cursor: cursor(c, string(page.Next)), NoBank: w.seller.Bank.Account == ""}
	v.Sheets = moneySheets
	v.Balance, v.BalanceText = s.balance(balance)
	if v.Transfers, err = p.transfers(c, w, s); err != nil {
		return err
	}
	if v.Parts, err = p.moneyParts(c, w, s); err != nil {
		return err
	}
	v.Statement = ui.Table{Caption: s.t("coop.money.statement"), Note: s.t("coop.money.note"), Columns: []ui.Column{
		{Label: s.t("coop.money.what")}, {Label: s.t("coop.money.amount"), Number: true, Lead: true}, {Label: s.t("coop.money.order")}, {Label: s.t("coop.money.day")},
	}}
	seen := map[market.ID]*orders.Order{}
	for _, t := range page.Items {
		rows, err := p.statementRows(ctx, w, s, t, seen)
		if err != nil {
			return err
		}
		v.Statement.Rows = append(v.Statement.Rows, rows...)
	}
	return web.Render(c, http.StatusOK, moneyPage(v))
}

// transfers are the orders whose buyers say they pay into the seller's own
// account: only the seller can see whether the money is there.
func (p *Pages) transfers(c *gin.Context, w *workplace, s speaker) ([]transfer, error) {
	ctx := c.Request.Context()
	waiting, err := p.Orders.OfSeller(ctx, w.by, w.seller.ID, orders.ParcelWaiting, "", todayShown)
	if err != nil {
		return nil, err
	}
	var out []transfer
	for _, o := range waiting.Items {
		if o.Method != orders.MethodVietQR || len(o.Parcels) == 0 {
			continue
		}
		in, err := p.Payments.Intent(ctx, o.Parcels[0].Payment)
		if err != nil && market.KindOf(err) != market.KindNotFound {
			return nil, err
		}
		if err == nil && in.State.Open() {
			out = append(out, s.transfer(w, o, in))
		}
	}
	return out, nil
}

func (s speaker) transfer(w *workplace, o *orders.Order, in *payments.Intent) transfer {
	reference := in.Step.Reference
	if reference == "" {
		reference = in.Description
	}
	return transfer{
		Code: o.Code, Amount: s.vnd(in.Amount), Reference: reference, Buyer: o.Address.Name, At: s.ago(o.PlacedAt),
		Action: w.here("/tien/" + string(in.ID) + "/da-nhan"), Sure: s.t("coop.money.sure", "amount", in.Amount),
	}
}

// confirmTransfer takes the seller's word that a buyer's money has arrived.
func (p *Pages) confirmTransfer(c *gin.Context, w *workplace) error {
	_, err := p.Payments.Confirm(c.Request.Context(), w.by, market.ID(c.Param("payment")))
	if mendable(err) {
		return p.sayWrong(c, w.here("/tien"), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/tien"), "coop.money.confirmed")
}

// statementRows says each movement of one entry of the ledger in words.
func (p *Pages) statementRows(ctx context.Context, w *workplace, s speaker, t *payments.Transaction, seen map[market.ID]*orders.Order) ([][]ui.Cell, error) {
	o, err := p.orderOf(ctx, w, t.Order, seen)
	if err != nil {
		return nil, err
	}
	order := ui.Cell{}
	if o != nil {
		order.Text = o.Code
		if parcel := parcelOf(o, w.seller.ID); parcel != nil {
			order.Href = w.here(parcelPath(o.ID, parcel.ID))
		}
	}
	mine := payments.Payable(w.seller.ID)
	var rows [][]ui.Cell
	for _, posting := range t.Postings {
		amount := "+" + s.vnd(posting.Amount)
		if posting.From == mine {
			amount = "−" + s.vnd(posting.Amount)
		}
		rows = append(rows, []ui.Cell{{Text: s.t(postingWords(t, posting, mine)), Sub: s.feeWords(o, w, posting)}, {Text: amount}, order, {Text: s.date(t.At)}})
	}
	return rows, nil
}

// orderOf fetches the order that an entry is about, each once; nil for none.
func (p *Pages) orderOf(ctx context.Context, w *workplace, id market.ID, seen map[market.ID]*orders.Order) (*orders.Order, error) {
	if o, ok := seen[id]; ok || id == "" {
		return o, nil
	}
	o, err := p.Orders.Order(ctx, w.by, id, "")
	if err != nil && market.KindOf(err) != market.KindNotFound {
		return nil, err
	}
	seen[id] = o
	return o, nil
}

func parcelOf(o *orders.Order, seller market.ID) *orders.Parcel {
	i := slices.IndexFunc(o.Parcels, func(p orders.Parcel) bool { return p.Seller == seller })
	if i < 0 {
		return nil
	}
	return &o.Parcels[i]
}

// postingWords names a movement as the seller sees it.
func postingWords(t *payments.Transaction, posting payments.Posting, mine payments.Account) string {
	other, in := posting.From, posting.To == mine
	if !in {
		other = posting.To
	}
	back := t.Kind == payments.KindRefund
	switch {
	case posting.For == payments.ForVAT || posting.For == payments.ForPIT || posting.For == payments.ForVoucher && back || posting.For == payments.ForPayout:
		return turned(posting, in)
	case posting.For == payments.ForVoucher || posting.For == payments.ForCarriage:
		return "money." + posting.For
	case posting.For == payments.ForShipping && !back:
		return "money.shipping"
	case posting.For == payments.ForGoods && !back && !isCarrier(other):
		return "money.goods"
	case other == payments.PlatformFees && in:
		return "money.fee_back"
	case other == payments.PlatformFees:
		return "money.fee"
	case isCarrier(other) && in != back:
		return "money.cod"
	case in && !back:
		return "money.paid"
	case in:
		return "money.refund_own"
	case back:
		return "money.refund"
	default:
		return "money.own_account"
	}
}

// turned names what is taken one way and may come back the other.
func turned(posting payments.Posting, in bool) string {
	if in != (posting.For == payments.ForPayout || posting.For == payments.ForVAT || posting.For == payments.ForPIT) {
		return "money." + posting.For
	}
	return "money." + posting.For + "_back"
}

func isCarrier(a payments.Account) bool { return strings.HasPrefix(string(a), "carrier:") }

// feeWords tells what the market's fee was reckoned from.
func (s speaker) feeWords(o *orders.Order, w *workplace, posting payments.Posting) string {
	if o == nil || posting.To != payments.PlatformFees {
		return ""
	}
	parcel := parcelOf(o, w.seller.ID)
	if parcel == nil || parcel.Goods <= 0 || parcel.Fee != posting.Amount {
		return ""
	}
	points := (int64(parcel.Fee)*10_000 + int64(parcel.Goods)/2) / int64(parcel.Goods)
	return s.t("money.fee.words", "rate", locale.Percent(s.lang, points), "goods", parcel.Goods)
}
