package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

func askPath(o *orders.Order, a orders.Ask) string {
	return "/don-hang/" + string(o.ID) + "/can-nang/" + string(a.ID)
}

// askNotice says on the order's page that more weight is asked for, or what was
// answered.
func (s speaker) askNotice(o *orders.Order, a orders.Ask, key string) ui.Notice {
	if o.Answerable(a, s.now) {
		return ui.Notice{
			Tone: ui.Warning, Title: s.t("ask.notice"), Text: s.t("ask.notice.text", "more", a.More, "until", s.moment(a.Until)),
			Link: ui.NavItem{Label: s.t("ask.answer"), Href: withKey(askPath(o, a), key)},
		}
	}
	return s.askOutcome(a, "")
}

var askTones = map[orders.AskState]ui.Tone{orders.AskAgreed: ui.Success, orders.AskRefused: ui.Info, orders.AskLapsed: ui.Info}

// askOutcome says how a question ended; what nobody answered in time has lapsed
// whatever it is called.
func (s speaker) askOutcome(a orders.Ask, reader string) ui.Notice {
	state := a.State
	if state == orders.AskOpen || state == orders.AskPaying {
		state = orders.AskLapsed
	}
	return ui.Notice{Tone: askTones[state], Text: s.t("ask.outcome."+string(state)+reader, "more", a.More)}
}

func (p *Pages) buyersQuestion(c *gin.Context) (*orders.Order, orders.Ask, string, error) {
	o, key, err := p.buyersOrder(c)
	if err != nil {
		return nil, orders.Ask{}, key, err
	}
	a, err := o.Question(market.ID(c.Param("ask")))
	if err != nil {
		return nil, a, key, market.NotFound("order.missing")
	}
	return o, a, key, nil
}

// weightQuestion shows the buyer what goods weigh, what that would cost, and
// that a no costs nothing.
func (p *Pages) weightQuestion(c *gin.Context) error { return p.showQuestion(c, http.StatusOK, nil) }

func (p *Pages) showQuestion(c *gin.Context, status int, failed error) error {
	o, a, key, err := p.buyersQuestion(c)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	parcel := parcelIn(o, a.Parcel)
	v := askView{
		Page: p.page(c, s.t("ask.title")), Lead: s.t("ask.lead", "seller", parcel.SellerName, "code", o.Code),
		Was: s.vnd(o.Total), More: s.vnd(a.More), Then: s.vnd(o.Total + a.More), Until: s.t("ask.until", "at", s.moment(a.Until)),
		Yes: s.t("ask.yes."+payWay(o), "more", a.More), Pays: s.t("ask.pays."+payWay(o), "method", s.t("method."+o.Method)),
		Open: o.Answerable(a, s.now), Paying: a.State == orders.AskPaying, Action: askPath(o, a), Key: key, Back: orderAddress(string(o.ID), key),
	}
	v.Frame, v.NoIndex, v.Sheets = ui.FrameTask, true, editSheets
	for _, l := range a.Lines {
		v.Lines = append(v.Lines, askLine{Name: s.text(l.Name), Stated: s.weight(l.Stated), Real: s.weight(l.Grams), More: s.vnd(l.More)})
	}
	if !v.Open {
		v.settled(s, o, a)
	}
	if err := p.askPayBox(c, &v, s, o, a, key); err != nil {
		return err
	}
	v.Wrongs = p.wrongs(s, failed, nil)
	return web.Render(c, status, askPage(v))
}

// settled shows a question that is over: an agreed sum is in the total already
// only once the goods are packed.
func (v *askView) settled(s speaker, o *orders.Order, a orders.Ask) {
	v.Outcome = s.askOutcome(a, "")
	if a.State != orders.AskAgreed || parcelIn(o, a.Parcel).State != orders.ParcelNew {
		v.Then = v.Was
		v.More = s.vnd(0)
	}
}

// askPayBox says where to transfer the difference, for orders that are paid so.
func (p *Pages) askPayBox(c *gin.Context, v *askView, s speaker, o *orders.Order, a orders.Ask, key string) error {
	if !v.Open || !v.Paying {
		return nil
	}
	in, err := p.Payments.Intent(c.Request.Context(), a.ID)
	if market.KindOf(err) == market.KindNotFound {
		return nil // cut off before the payment began: saying yes again begins it
	}
	if err != nil {
		return err
	}
	if in.State == payments.StateCaptured {
		c.Header("Refresh", "3")
		v.Open, v.Outcome = false, ui.Notice{Tone: ui.Success, Text: s.t("receipt.pay.arrived")}
		return nil
	}
	if in.Step.Kind == payments.StepQR && in.Payee != nil {
		v.Pay.transfer(s, o, in, p.bankName(in.Payee.BIN))
		v.Pay.QR = withKey(askPath(o, a)+"/ma-qr.png", key)
	}
	return nil
}

// answerWeight takes the buyer's yes or no; a yes to an order that was paid
// beforehand leads on to paying the difference.
func (p *Pages) answerWeight(c *gin.Context) error {
	o, a, key, err := p.buyersQuestion(c)
	if err != nil {
		return err
	}
	yes := c.PostForm("answer") == "yes"
	if !yes && c.PostForm("answer") != "no" {
		return p.showQuestion(c, http.StatusUnprocessableEntity, market.Invalid("ask.choose", "answer"))
	}
	o, step, err := p.Orders.AnswerWeight(c.Request.Context(), web.Actor(c), o.ID, key, a.ID, yes, p.cfg.BaseURL)
	if mendable(err) {
		return p.showQuestion(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	switch now, _ := o.Question(a.ID); {
	case step.Kind == payments.StepRedirect:
		return see(c, step.URL)
	case now.State == orders.AskPaying:
		return see(c, withKey(askPath(o, a), key))
	case yes:
		return tell(c, orderAddress(string(o.ID), key), "ask.said.yes")
	}
	return tell(c, orderAddress(string(o.ID), key), "ask.said.no")
}

// weightQR draws the code with which the difference is transferred.
func (p *Pages) weightQR(c *gin.Context) error {
	_, a, _, err := p.buyersQuestion(c)
	if err != nil {
		return err
	}
	in, err := p.Payments.Intent(c.Request.Context(), a.ID)
	if err != nil || in.Step.QR == "" {
		return market.NotFound("order.missing")
	}
	image, err := livestream.QR(in.Step.QR, qrPixels)
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "image/png", image)
	return nil
}

// askReturned is where a payment partner sends a buyer back to who has paid for
// more weight: the partner is asked, and the question shows what came of it.
func (p *Pages) askReturned(c *gin.Context, o *orders.Order, ask market.ID) error {
	a, err := o.Question(ask)
	if err != nil {
		return see(c, orderAddress(string(o.ID), c.Query("key")))
	}
	if _, err := p.Payments.Sync(c.Request.Context(), a.ID); err != nil {
		web.Note(c, "payment not asked about", err)
	}
	return see(c, withKey(askPath(o, a), c.Query("key")))
}

// addAsks adds to a parcel's page of work what was asked of its buyer, and
// whether more may be asked.
func (p *Pages) addAsks(v *parcelView, s speaker, o *orders.Order, parcel orders.Parcel) error {
	if parcel.State != orders.ParcelNew {
		return nil
	}
	v.Pending = s.sellerPending(parcel)
	open := false
	for _, a := range o.Asks {
		if a.Parcel == parcel.ID {
			live := o.Answerable(a, s.now)
			v.Asked, open = append(v.Asked, s.sellerAsk(a, live)), open || live || a.State == orders.AskAgreed
		}
	}
	if len(v.Weights) == 0 || open {
		return nil
	}
	limit, err := p.Orders.WeightCap(o)
	if err != nil {
		return err
	}
	v.Ask = "/hoi-can"
	v.AskText = s.t("ask.may", "percent", limit.Over/10, "hours", int(limit.Reply.Hours()))
	return nil
}

func (s speaker) sellerAsk(a orders.Ask, open bool) ui.Notice {
	if !open {
		return s.askOutcome(a, ".seller")
	}
	return ui.Notice{Tone: ui.Warning, Title: s.t("ask.waiting"), Text: s.t("ask.waiting."+string(a.State), "more", a.More, "until", s.moment(a.Until))}
}

// sellerPending tells the seller what is to be left out, and that packing makes
// it final.
func (s speaker) sellerPending(parcel orders.Parcel) ui.Notice {
	if parcel.Sold == nil {
		return ui.Notice{}
	}
	n := ui.Notice{Tone: ui.Warning, Title: s.t("edit.seller"), Text: s.t("edit.seller.text", "amount", parcel.Cheaper(), "at", s.moment(parcel.Sold.At))}
	for _, what := range s.takenOut(parcel) {
		n.Title += " " + what + "."
	}
	return n
}

// askWeight asks the buyer about goods that weigh more than was agreed.
func (p *Pages) askWeight(c *gin.Context, w *workplace) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	typed := typedWeights(c, parcel)
	_, err = p.Orders.AskWeight(c.Request.Context(), w.by, o.ID, parcel.ID, readWeights(parcel, typed.weights))
	if mendable(err) {
		return p.showParcel(c, w, web.Status(err), typed, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here(parcelPath(o.ID, parcel.ID)), "ask.asked")
}

// lackGoods takes out of a parcel what its seller does not have.
func (p *Pages) lackGoods(c *gin.Context, w *workplace) error {
	return p.onParcel(c, w, func(o *orders.Order, parcel orders.Parcel) (string, error) {
		_, err := p.Orders.Edit(c.Request.Context(), w.by, o.ID, "", parcel.ID, wantedQuantities(c, parcel))
		return "edit.seller.done", err
	})
}

// lackForm asks what a seller lacks of a parcel; closed until it is needed.
func (s speaker) lackForm(w *workplace, o *orders.Order, parcel orders.Parcel) (sheetForm, bool) {
	if parcel.State != orders.ParcelNew {
		return sheetForm{}, false
	}
	f := sheetForm{
		Action: w.here(parcelPath(o.ID, parcel.ID) + "/sua"), Folded: s.t("edit.lack"),
		Button: ui.Button{Label: s.t("edit.lack.save"), Look: ui.Secondary, Small: true, Confirm: s.t("edit.lack.sure")},
	}
	for _, l := range editable(parcel) {
		now := l.Quantity
		for _, p := range parcel.Lines {
			if p.Variant == l.Variant {
				now = p.Quantity
			}
		}
		f.Fields = append(f.Fields, ui.Field{
			Kind: ui.Number, Name: quantityField(l.Variant), Label: s.text(l.Name), Suffix: s.unit(l.Unit), Short: true, MaxLength: "6",
			Help: s.t("edit.lack.help", "n", l.Quantity), Value: dong(market.VND(now)),
		})
	}
	return f, true
}
