package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

var preorderTones = map[orders.PreorderState]ui.Tone{
	orders.PreorderReserved: ui.Warning, orders.PreorderDeposited: ui.Info, orders.PreorderDue: ui.Warning,
	orders.PreorderPaid: ui.Info, orders.PreorderOrdered: ui.Success, orders.PreorderLapsed: ui.Problem,
	orders.PreorderRefunding: ui.Warning, orders.PreorderRefunded: ui.Info, orders.PreorderForfeited: ui.Problem,
}

// myPreorders lists what somebody has reserved.
func (p *Pages) myPreorders(c *gin.Context) error {
	list, err := p.Orders.PreordersOfBuyer(c.Request.Context(), web.Actor(c), store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := preordersView{Page: p.page(c, s.t("preorder.mine")), Cursor: cursor(c, string(list.Next))}
	v.NoIndex = true
	v.Table = ui.Table{Caption: s.t("preorder.mine"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("orders.code")}, {Label: s.t("orders.state")}, {Label: s.t("preorder.reserved")}, {Label: s.t("preorder.deposit"), Number: true},
	}}
	for _, o := range list.Items {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: o.Code, Href: preorderPath(o.ID), Sub: s.goods(o.Parcel.Lines)},
			{Text: s.t("preorder.state." + string(o.State)), Tag: preorderTones[o.State]},
			{Text: s.date(o.ReservedAt)},
			{Text: s.vnd(o.Deposit)},
		})
	}
	return web.Render(c, http.StatusOK, preordersPage(v))
}

// preorder shows one pre-order: what was agreed, what has changed since, what
// is to be done.
func (p *Pages) preorder(c *gin.Context) error { return p.showPreorder(c, http.StatusOK, "", nil) }

func (p *Pages) showPreorder(c *gin.Context, status int, method string, failed error) error {
	ctx, by := c.Request.Context(), web.Actor(c)
	o, err := p.Orders.Preorder(ctx, by, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	h, err := p.Catalog.HarvestSeen(ctx, by, o.Harvest)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	line := o.Line()
	v := preorderView{
		Page: p.page(c, s.t("preorder.title", "code", o.Code)), Code: o.Code, State: s.t("preorder.state." + string(o.State)), Tone: preorderTones[o.State],
		Name: s.text(line.Name), Href: productPath(line.Slug), Image: p.linePicture(line.Photo), Goods: s.goods(o.Parcel.Lines),
		Seller: s.text(o.Parcel.SellerName), SellerHref: sellerPath(o.Parcel.SellerSlug), Window: s.window(h),
		Steps: s.preorderSteps(o, h), Rules: s.harvestRules(h), Address: p.addressLines(s, o.Address), Note: o.Note,
	}
	v.NoIndex = true
	v.money(s, o)
	v.notice(s, o, h)
	if o.Buyer == by.Person {
		if err := p.preorderDeeds(c, &v, s, o, h, method); err != nil {
			return err
		}
	}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"method": &v.Methods.Error})
	return web.Render(c, status, preorderPage(v))
}

// money is what the share costs and what of it has been paid.
func (v *preorderView) money(s speaker, o *orders.Preorder) {
	v.Bill = s.bill(orders.Bill{List: o.Goods(), Shipping: o.Parcel.Shipping, Total: o.Total()}, true)
	switch o.State {
	case orders.PreorderReserved:
		v.Sums = [][2]string{{s.t("preorder.sum.deposit_due"), s.vnd(o.Deposit)}}
	case orders.PreorderDeposited, orders.PreorderDue:
		v.Sums = [][2]string{{s.t("preorder.sum.credit"), s.vnd(o.Credit)}, {s.t("preorder.sum.rest"), s.vnd(o.Rest())}}
	case orders.PreorderPaid, orders.PreorderOrdered:
		v.Sums = [][2]string{{s.t("preorder.sum.credit"), s.vnd(o.Credit)}, {s.t("preorder.sum.paid"), s.vnd(o.Rest())}}
	}
	if back := o.Deposit - o.Credit; back > 0 {
		v.Sums = append(v.Sums, [2]string{s.t("preorder.sum.back"), s.vnd(back)})
	}
}

// notice says in one sentence how it stands.
func (v *preorderView) notice(s speaker, o *orders.Preorder, h *catalog.Harvest) {
	n := ui.Notice{Tone: preorderTones[o.State], Text: s.t("preorder.now."+string(o.State), "until", s.moment(o.Until), "rest", o.Rest(), "window", s.window(h))}
	switch o.State {
	case orders.PreorderDue:
		n.Text = s.t("preorder.now.due", "share", o.Share, "quantity", o.Quantity, "unit", s.unit(o.Line().Unit), "rest", o.Rest(), "until", s.moment(*o.DueAt))
	case orders.PreorderRefunding, orders.PreorderRefunded, orders.PreorderLapsed, orders.PreorderForfeited:
		n.Title, n.Text = n.Text, s.t("preorder.why."+o.Reason, "reason", h.Reason)
	}
	v.Told = n
}

// preorderDeeds adds what its buyer can do.
func (p *Pages) preorderDeeds(c *gin.Context, v *preorderView, s speaker, o *orders.Preorder, h *catalog.Harvest, method string) error {
	base := preorderPath(o.ID)
	if o.State == orders.PreorderOrdered {
		v.Order = "/don-hang/" + string(o.ID)
	}
	if r, ok := h.Reservation(o.ID); o.State == orders.PreorderReserved || ok && o.State == orders.PreorderDeposited && h.MayWithdraw(r, s.now) {
		v.Cancel = base + "/huy"
	}
	if o.State == orders.PreorderDue && s.now.Before(*o.DueAt) {
		v.Pay = base + "/tra-not"
		v.Methods = ui.Field{Kind: ui.Choice, Name: "method", Label: s.t("preorder.rest.method"), Options: p.prepaidMethods(s, method)}
		v.PayLabel = s.t("preorder.rest.pay", "amount", o.Rest())
	}
	payment := o.Open()
	if payment == "" {
		return nil
	}
	in, err := p.Payments.Intent(c.Request.Context(), payment)
	if market.KindOf(err) == market.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	v.paying(c, s, p, o, in)
	return nil
}

// paying is the payment that is under way.
func (v *preorderView) paying(c *gin.Context, s speaker, p *Pages, o *orders.Preorder, in *payments.Intent) {
	if in.State == payments.StateCaptured {
		c.Header("Refresh", "3")
		v.Told = ui.Notice{Tone: ui.Success, Text: s.t("receipt.pay.arrived")}
		v.Pay = ""
		return
	}
	if in.State != payments.StatePending {
		return
	}
	v.Box = payBox{Shown: true, Until: s.t("preorder.pay.until", "amount", in.Amount, "at", s.moment(in.ExpiresAt)), Check: preorderPath(o.ID) + "/da-tra"}
	if in.Step.Kind == payments.StepRedirect {
		v.Box.Link = in.Step.URL
	}
	if in.Step.Kind == payments.StepQR && in.Payee != nil {
		v.Box.QR = preorderPath(o.ID) + "/ma-qr.png"
		v.Box.Rows = [][2]string{{s.t("receipt.holder"), in.Payee.Holder}, {s.t("receipt.bank"), p.bankName(in.Payee.BIN)}}
		v.Box.Account, v.Box.Amount, v.Box.Memo = in.Payee.Account, s.vnd(in.Amount), in.Step.Reference
	}
}

// preorderSteps are what happened to the pre-order and to its harvest, and what
// comes next.
func (s speaker) preorderSteps(o *orders.Preorder, h *catalog.Harvest) []ui.Step {
	var steps []ui.Step
	for _, e := range o.History {
		step := ui.Step{State: ui.Done, At: s.moment(e.At)}
		if what, told := strings.CutPrefix(e.What, "catalog.harvest_"); told {
			step.Label = s.t("preorder.told." + what)
			step.Text = s.toldOf(what, e, o.Line().Unit)
		} else {
			step.Label = s.t("preorder.step." + e.What)
			if e.VND > 0 {
				step.Text = s.vnd(e.VND)
			}
			if tone := preorderTones[orders.PreorderState(e.What)]; tone == ui.Problem || e.What == string(orders.PreorderRefunding) {
				step.State = ui.Failed
			}
		}
		steps = append(steps, step)
	}
	for i, next := range s.preorderNext(o, h) {
		next.State = ui.Todo
		if i == 0 {
			next.State = ui.Now
		}
		steps = append(steps, next)
	}
	return steps
}

// toldOf is what a change of the harvest was.
func (s speaker) toldOf(what string, e orders.PreorderEntry, unit string) string {
	switch what {
	case "changed", "allocated":
		return s.t("preorder.told."+what+".text", "was", e.Was, "now", e.Now, "unit", s.unit(unit))
	case "moved":
		return s.t("preorder.window", "from", s.date(e.From), "to", s.date(catalog.LastDay(e.To)))
	}
	return e.Text
}

// preorderNext is what is still to come.
func (s speaker) preorderNext(o *orders.Preorder, h *catalog.Harvest) []ui.Step {
	deposit := ui.Step{Label: s.t("preorder.next.deposit"), At: s.moment(o.Until)}
	harvest := ui.Step{Label: s.t("preorder.next.harvest"), At: s.window(h)}
	balance := ui.Step{Label: s.t("preorder.next.balance")}
	if o.DueAt != nil {
		balance.At = s.moment(*o.DueAt)
	}
	sent := ui.Step{Label: s.t("preorder.next.sent")}
	switch o.State {
	case orders.PreorderReserved:
		return []ui.Step{deposit, harvest, balance, sent}
	case orders.PreorderDeposited:
		return []ui.Step{harvest, balance, sent}
	case orders.PreorderDue:
		return []ui.Step{balance, sent}
	case orders.PreorderPaid, orders.PreorderOrdered:
		return []ui.Step{sent}
	}
	return nil
}

// preorderPaid is where a payment partner sends the buyer back to. What the
// address says is not believed: the partner itself is asked.
func (p *Pages) preorderPaid(c *gin.Context) error {
	o, err := p.Orders.LookAtPreorder(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	return see(c, preorderPath(o.ID))
}

// preorderQR draws the code that a banking app reads.
func (p *Pages) preorderQR(c *gin.Context) error {
	o, err := p.Orders.Preorder(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	in, err := p.Payments.Intent(c.Request.Context(), o.Open())
	if err != nil {
		return err
	}
	if in.Step.QR == "" {
		return market.NotFound("payments.missing")
	}
	image, err := livestream.QR(in.Step.QR, qrPixels)
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "image/png", image)
	return nil
}

func (p *Pages) cancelPreorder(c *gin.Context) error {
	o, err := p.Orders.CancelPreorder(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")))
	if mendable(err) {
		return p.sayWrong(c, preorderPath(market.ID(c.Param("id"))), err)
	}
	if err != nil {
		return err
	}
	return tell(c, preorderPath(o.ID), "preorder.cancelled")
}

// payRest leads to the payment of the balance.
func (p *Pages) payRest(c *gin.Context) error {
	method := c.PostForm("method")
	o, step, err := p.Orders.PayBalance(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), method, p.cfg.BaseURL)
	if mendable(err) {
		return p.showPreorder(c, web.Status(err), method, err)
	}
	if err != nil {
		return err
	}
	if step.Kind == payments.StepRedirect {
		return see(c, step.URL)
	}
	return see(c, preorderPath(o.ID))
}
