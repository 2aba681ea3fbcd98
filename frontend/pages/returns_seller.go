package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// aftercareInbox is a seller's one list of what buyers came back with.
func (p *Pages) aftercareInbox(c *gin.Context, w *workplace) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	page := p.workPage(c, w, s.t("aftercare.title"))
	v := sheetView{Page: page.Page, Lead: s.t("aftercare.lead")}
	found, err := p.Orders.OfSeller(ctx, w.by, w.seller.ID, "return", "", pageSize)
	if err != nil {
		return err
	}
	complaints, err := p.Orders.ComplaintsOf(ctx, w.by, w.seller.ID, "", pageSize)
	if err != nil {
		return err
	}
	reviews, err := p.Orders.ReviewsOf(ctx, w.by, w.seller.ID, "", pageSize)
	if err != nil {
		return err
	}
	v.Parts = []sheetPart{s.returnsPart(w, found), s.complaintsPart(complaints), p.reviewsPart(s, w, v.Page, reviews)}
	return web.Render(c, http.StatusOK, sheetPage(v))
}

func (s speaker) returnsPart(w *workplace, found store.Page[orders.Order]) sheetPart {
	part := sheetPart{ID: "doi-tra", Title: s.t("aftercare.returns")}
	t := ui.Table{Caption: part.Title, Quiet: true, Columns: []ui.Column{{Label: s.t("orders.code")}, {Label: s.t("cert.state")}, {Label: s.t("return.due")}, {Label: s.t("return.agreed"), Number: true, Lead: true}}}
	for _, o := range found.Items {
		for _, r := range o.Returns {
			due := ""
			if r.Due != nil {
				due = s.moment(*r.Due)
			}
			t.Rows = append(t.Rows, []ui.Cell{
				{Text: o.Code, Href: w.here("/tra-hang/" + string(o.ID) + "/" + string(r.ID)), Sub: s.t("return.reason." + string(r.Reason))},
				{Text: s.t("return.state." + string(r.State)), Tag: returnTones[r.State]},
				{Text: due},
				{Text: s.vnd(r.Agreed)},
			})
		}
	}
	if part.Table = t; len(t.Rows) == 0 {
		part.Text = s.t("aftercare.returns.none")
	}
	return part
}

// sellerReturn shows a return to its seller with what can be done now.
func (p *Pages) sellerReturn(c *gin.Context, w *workplace) error {
	return p.showSellerReturn(c, w, http.StatusOK, nil)
}

func (p *Pages) showSellerReturn(c *gin.Context, w *workplace, status int, failed error) error {
	o, r, err := p.workReturn(c, w)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	page := p.workPage(c, w, s.t("return.one", "code", o.Code))
	v := p.returnSheet(s, page.Page, o, r, func(photo string) string { return "/don-hang/" + string(o.ID) + "/bang-chung/" + photo })
	byHand, err := p.Orders.PaidByHand(c.Request.Context(), w.by, o.ID, r.ID)
	if err != nil {
		return err
	}
	forms := s.sellerDeeds(c, w, o, r, byHand)
	for i := range forms {
		v.Wrongs = append(v.Wrongs, p.wrongs(s, failed, slotsOf(forms[i].Fields))...)
		failed = nil
	}
	v.Parts = append(v.Parts, sheetPart{
		Title: s.t("return.now"), Text: s.t("return.state." + string(r.State) + ".seller"), Forms: forms,
	})
	v.Trail = []ui.NavItem{{Label: s.t("aftercare.title"), Href: w.here("/sau-ban")}, {Label: s.t("return.to_parcel"), Href: w.here(parcelPath(o.ID, r.Parcel))}}
	return web.Render(c, status, sheetPage(v))
}

func (p *Pages) workReturn(c *gin.Context, w *workplace) (*orders.Order, *orders.Return, error) {
	o, err := p.Orders.Order(c.Request.Context(), w.by, market.ID(c.Param("order")), "")
	if err != nil {
		return nil, nil, err
	}
	r, err := o.Return(market.ID(c.Param("ret")))
	if err != nil {
		return nil, nil, err
	}
	return o, r, w.forSeller(r.Seller)
}

func (s speaker) sellerDeeds(c *gin.Context, w *workplace, o *orders.Order, r *orders.Return, byHand bool) []sheetForm {
	base := "/tra-hang/" + string(o.ID) + "/" + string(r.ID) + "/"
	form := func(deed string, look ui.Look, fields ...ui.Field) sheetForm {
		return sheetForm{Action: w.here(base + deed), Upload: len(fields) > 0, Fields: fields, Button: ui.Button{Label: s.t("return.do." + deed), Look: look, Wide: true}}
	}
	folded := func(f sheetForm) sheetForm { f.Folded = f.Button.Label; return f }
	why := textField(c, s.t("return.refuse.text"), s.t("return.refuse.help"))
	switch r.State {
	case orders.ReturnRequested:
		accept := form("dong-y", "")
		if r.Reason == orders.ReasonWeight {
			return []sheetForm{form("hoan-tien-luon", ""), folded(form("tu-choi", ui.Danger, why, photoField(s)))}
		}
		return []sheetForm{accept, form("hoan-tien-luon", ui.Secondary), folded(form("tu-choi", ui.Danger, why, photoField(s)))}
	case orders.ReturnAccepted, orders.ReturnSent:
		return []sheetForm{form("da-nhan", "", s.unfitFields(c, o, r)...), folded(form("hoan-tien", ui.Secondary)), folded(form("khong-dung", ui.Danger, why, photoField(s)))}
	case orders.ReturnReceived:
		return []sheetForm{form("hoan-tien", ""), folded(form("khong-dung", ui.Danger, why, photoField(s)))}
	case orders.ReturnRefunding:
		if byHand {
			paid := form("da-tra-tay", "")
			paid.Button.Confirm = s.t("return.by_hand.sure")
			return []sheetForm{paid}
		}
	case orders.ReturnOwed:
		return []sheetForm{form("thu-lai", "")}
	}
	return nil
}

func (s speaker) unfitFields(c *gin.Context, o *orders.Order, r *orders.Return) []ui.Field {
	var fields []ui.Field
	for _, l := range r.Lines {
		name := "unfit/" + string(l.Variant)
		fields = append(fields, ui.Field{
			Kind: ui.Number, Name: name, Label: s.t("return.unfit.label", "name", s.lineName(o, r.Parcel, l.Variant)), Help: s.t("return.unfit.help", "n", l.Quantity),
			Value: c.PostForm(name), Short: true, Optional: true, Unmarked: true, MaxLength: "9",
		})
	}
	return fields
}

// moveSellerReturn takes the seller's step.
func (p *Pages) moveSellerReturn(c *gin.Context, w *workplace) error {
	photos, err := photosOf(c)
	if err != nil {
		return err
	}
	o, r, err := p.workReturn(c, w)
	if err != nil {
		return err
	}
	word := orders.Word{Text: c.PostForm("text")}
	if word.Photos, err = p.keepPhotosOf(c, o.ID, "", photos); err == nil {
		err = p.takeSellerStep(c, w, o, r, word)
	}
	if mendable(err) {
		return p.showSellerReturn(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/tra-hang/"+string(o.ID)+"/"+string(r.ID)), "return.done")
}

func (p *Pages) takeSellerStep(c *gin.Context, w *workplace, o *orders.Order, r *orders.Return, word orders.Word) (err error) {
	ctx := c.Request.Context()
	switch c.Param("deed") {
	case "dong-y":
		_, err = p.Orders.AcceptReturn(ctx, w.by, o.ID, r.ID, false, word)
	case "hoan-tien-luon":
		_, err = p.Orders.AcceptReturn(ctx, w.by, o.ID, r.ID, true, word)
	case "tu-choi":
		_, err = p.Orders.RefuseReturn(ctx, w.by, o.ID, r.ID, word)
	case "da-nhan":
		unfit := orders.Unfit{}
		for _, l := range r.Lines {
			unfit[l.Variant] = typedNumber(c.PostForm("unfit/" + string(l.Variant)))
		}
		_, err = p.Orders.ReceiveReturn(ctx, w.by, o.ID, r.ID, unfit, word)
	case "hoan-tien":
		_, err = p.Orders.PayReturn(ctx, w.by, o.ID, r.ID, word)
	case "khong-dung":
		_, err = p.Orders.ContestReturn(ctx, w.by, o.ID, r.ID, word)
	case "da-tra-tay":
		err = p.Orders.ConfirmReturnPaid(ctx, w.by, o.ID, r.ID)
	case "thu-lai":
		_, err = p.Orders.RetryReturn(ctx, w.by, o.ID, r.ID)
	default:
		err = errNoPage
	}
	return err
}

// giveUpParcel ends a parcel that its seller cannot send.
func (p *Pages) giveUpParcel(c *gin.Context, w *workplace) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	_, err = p.Orders.CancelParcel(c.Request.Context(), w.by, o.ID, parcel.ID, "", c.PostForm("reason"))
	return p.parcelDone(c, w, o, parcel, err)
}

// giveGoodwill gives the buyer of a parcel money for peace.
func (p *Pages) giveGoodwill(c *gin.Context, w *workplace) error {
	o, parcel, err := p.ownParcel(c, w)
	if err != nil {
		return err
	}
	id := market.ID(c.PostForm("id"))
	if !sensibleID(id) {
		id = ""
	}
	_, err = p.Orders.GiveGoodwill(c.Request.Context(), w.by, o.ID, parcel.ID, id, market.VND(typedAmount(c.PostForm("amount"))), orders.Word{Text: c.PostForm("text")})
	return p.parcelDone(c, w, o, parcel, err)
}

func (p *Pages) parcelDone(c *gin.Context, w *workplace, o *orders.Order, parcel orders.Parcel, err error) error {
	back := w.here(parcelPath(o.ID, parcel.ID))
	if mendable(err) {
		return p.sayWrong(c, back, err)
	}
	if err != nil {
		return err
	}
	return tell(c, back, "return.done")
}

// parcelCare is what else a seller can do about a parcel: give it up before it
// is sent, give money back once it came, and see what the buyer came back with.
func (s speaker) parcelCare(w *workplace, o *orders.Order, parcel orders.Parcel, id string) ([]ui.NavItem, []sheetForm) {
	base := w.here(parcelPath(o.ID, parcel.ID))
	var links []ui.NavItem
	for _, r := range o.Returns {
		if r.Parcel == parcel.ID {
			links = append(links, ui.NavItem{Label: s.t("return.link", "state", s.t("return.state."+string(r.State))), Href: w.here("/tra-hang/" + string(o.ID) + "/" + string(r.ID))})
		}
	}
	switch parcel.State {
	case orders.ParcelNew, orders.ParcelPacked:
		return links, []sheetForm{{
			Action: strings.Replace(base, string(parcel.ID), string(parcel.ID)+"/huy", 1), Folded: s.t("coop.parcel.giveup"),
			Fields: []ui.Field{{Name: "reason", Label: s.t("receipt.cancel.why"), MaxLength: "200"}}, Button: ui.Button{Label: s.t("coop.parcel.giveup"), Look: ui.Danger, Small: true},
		}}
	case orders.ParcelDelivered:
		return links, []sheetForm{{
			Action: strings.Replace(base, string(parcel.ID), string(parcel.ID)+"/tang-tien", 1), Folded: s.t("coop.parcel.goodwill"), Hidden: [][2]string{{"id", id}},
			Fields: []ui.Field{
				{Kind: ui.Amount, Name: "amount", Label: s.t("coop.parcel.goodwill.amount"), Short: true, MaxLength: "14"},
				{Name: "text", Label: s.t("say.text.label"), MaxLength: "400"},
			}, Button: ui.Button{Label: s.t("coop.parcel.goodwill"), Look: ui.Secondary, Small: true},
		}}
	}
	return links, nil
}
