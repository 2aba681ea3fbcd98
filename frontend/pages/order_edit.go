package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// orderEditRoutes are the pages on which an order that nobody has packed
// changes: what is in it, where it goes, and what it weighs.
func (p *Pages) orderEditRoutes() []Route {
	return []Route{
		get("/don-hang/:id/sua/:parcel", p.editForm),
		post("/don-hang/:id/sua/:parcel", p.editParcel),
		get("/don-hang/:id/nguoi-nhan", p.receiverForm),
		post("/don-hang/:id/nguoi-nhan", p.changeReceiver),
		get("/don-hang/:id/can-nang/:ask", p.weightQuestion),
		post("/don-hang/:id/can-nang/:ask", p.answerWeight),
		get("/don-hang/:id/can-nang/:ask/ma-qr.png", p.weightQR),
	}
}

// orderEditWork are the same from the seller's side.
func (p *Pages) orderEditWork(door string) []Route {
	return []Route{
		post(door+"/don/:order/:parcel/sua", p.work(p.lackGoods)),
		post(door+"/don/:order/:parcel/hoi-can", p.work(p.askWeight)),
	}
}

// buyersOrder is the order for its buyer and for whoever holds its key; for
// anybody else, its sellers too, there is none.
func (p *Pages) buyersOrder(c *gin.Context) (*orders.Order, string, error) {
	by, key := web.Actor(c), c.Query("key")
	if c.Request.Method == http.MethodPost {
		key = c.PostForm("key")
	}
	o, err := p.Orders.Order(c.Request.Context(), by, market.ID(c.Param("id")), key)
	if err != nil {
		return nil, key, err
	}
	if key != "" && o.Key == key || o.Buyer != "" && o.Buyer == by.Person {
		return o, key, nil
	}
	return nil, key, market.NotFound("order.missing")
}

func (p *Pages) buyersParcel(c *gin.Context) (*orders.Order, orders.Parcel, string, error) {
	o, key, err := p.buyersOrder(c)
	if err != nil {
		return nil, orders.Parcel{}, key, err
	}
	for _, parcel := range o.Parcels {
		if string(parcel.ID) == c.Param("parcel") {
			return o, parcel, key, nil
		}
	}
	return nil, orders.Parcel{}, key, market.NotFound("order.missing")
}

// editForm asks what is to stay of a parcel.
func (p *Pages) editForm(c *gin.Context) error {
	o, parcel, key, err := p.buyersParcel(c)
	if err != nil {
		return err
	}
	if parcel.State != orders.ParcelNew {
		return p.sayWrong(c, orderAddress(c.Param("id"), key), market.Conflict("order.packed"))
	}
	return web.Render(c, http.StatusOK, editPage(p.editView(c, o, parcel, key)))
}

// editSheets are for pages that change an order which is under way.
var editSheets = []string{"page-edit.css"}

func (p *Pages) editView(c *gin.Context, o *orders.Order, parcel orders.Parcel, key string) editView {
	s := p.speaker(c)
	v := editView{
		Page: p.page(c, s.t("edit.title")), Lead: s.t("edit.lead", "code", o.Code, "seller", parcel.SellerName), Key: key,
		Action: "/don-hang/" + string(o.ID) + "/sua/" + string(parcel.ID), Back: orderAddress(string(o.ID), key),
		Pending: s.pendingEdit(o, parcel),
	}
	v.Frame, v.NoIndex, v.Sheets = ui.FrameTask, true, editSheets
	for _, l := range editable(parcel) {
		v.Lines = append(v.Lines, p.editLine(c, s, parcel, l))
	}
	return v
}

// editable are the lines of a parcel that still stand.
func editable(parcel orders.Parcel) []orders.Line {
	if parcel.Sold != nil {
		return parcel.Sold.Lines
	}
	return parcel.Lines
}

func quantityField(variant market.ID) string { return "q-" + string(variant) }

func (p *Pages) editLine(c *gin.Context, s speaker, parcel orders.Parcel, sold orders.Line) editLine {
	bought := strconv.FormatInt(sold.Quantity, 10)
	out := editLine{
		Name: s.text(sold.Name), Variant: s.text(sold.VariantName), Image: p.linePicture(sold.Photo),
		Price: s.t("receipt.line", "n", sold.Quantity, "unit", s.unit(sold.Unit), "price", sold.Price),
		Quantity: ui.Quantity{
			Name: quantityField(sold.Variant), Label: s.t("edit.quantity", "name", sold.Name), Value: bought,
			Min: "0", Max: bought, Unit: s.unit(sold.Unit),
		},
	}
	for _, l := range parcel.Lines {
		if l.Variant == sold.Variant {
			out.Quantity.Value = strconv.FormatInt(l.Quantity, 10)
		}
	}
	if typed, sent := c.GetPostForm(quantityField(sold.Variant)); sent {
		out.Quantity.Value = typed
	}
	if c.PostForm("remove") == string(sold.Variant) {
		out.Quantity.Value = "0"
	}
	out.ID, out.Gone = string(sold.Variant), strings.TrimSpace(out.Quantity.Value) == "0"
	return out
}

// wantedQuantities are those that a form asks for; what is no number is none
// that the room would take.
func wantedQuantities(c *gin.Context, parcel orders.Parcel) orders.Quantities {
	wanted := orders.Quantities{}
	for _, l := range editable(parcel) {
		if typed, sent := c.GetPostForm(quantityField(l.Variant)); sent {
			wanted[l.Variant] = typedNumber(typed)
		}
		if c.PostForm("remove") == string(l.Variant) {
			wanted[l.Variant] = 0
		}
	}
	return wanted
}

// editParcel shows what the wish comes to, and once the buyer has agreed to
// that very sum, makes it so.
func (p *Pages) editParcel(c *gin.Context) error {
	o, parcel, key, err := p.buyersParcel(c)
	if err != nil {
		return err
	}
	ctx, by, wanted := c.Request.Context(), web.Actor(c), wantedQuantities(c, parcel)
	then, err := p.Orders.PreviewEdit(ctx, by, o.ID, key, parcel.ID, wanted)
	if mendable(err) {
		return p.editWrong(c, o, parcel, key, err)
	}
	if err != nil {
		return err
	}
	if c.PostForm("agree") == "" || c.PostForm("expect") != dong(then.Total) {
		return p.editPreview(c, o, then, parcel, key)
	}
	if _, err = p.Orders.Edit(ctx, by, o.ID, key, parcel.ID, wanted); mendable(err) {
		return p.editWrong(c, o, parcel, key, err)
	} else if err != nil {
		return err
	}
	return tell(c, orderAddress(string(o.ID), key), "edit.done")
}

func dong(v market.VND) string { return strconv.FormatInt(int64(v), 10) }

func (p *Pages) editWrong(c *gin.Context, o *orders.Order, parcel orders.Parcel, key string, err error) error {
	v := p.editView(c, o, parcel, key)
	slots := map[string]*string{}
	for i := range v.Lines {
		slots["lines/"+v.Lines[i].ID] = &v.Lines[i].Error
	}
	v.Wrongs = p.wrongs(p.speaker(c), err, slots)
	for i := range v.Wrongs {
		v.Wrongs[i].ID = strings.Replace(v.Wrongs[i].ID, "lines/", "q-", 1)
	}
	return web.Render(c, web.Status(err), editPage(v))
}

// editPreview says what the parcel and the order would cost, what comes back
// and how.
func (p *Pages) editPreview(c *gin.Context, o, then *orders.Order, parcel orders.Parcel, key string) error {
	s := p.speaker(c)
	v := p.editView(c, o, parcel, key)
	now := parcelIn(then, parcel.ID)
	v.Pending, v.Previewed, v.Expect, v.Bill = ui.Notice{}, true, dong(then.Total), s.bill(then.Bill(), true)
	v.Was, v.Returned = s.vnd(then.Total+now.Cheaper()), s.vnd(now.Cheaper())
	v.Consent = s.t("edit.consent."+payWay(o), "amount", now.Cheaper(), "minutes", int(orders.EditGrace.Minutes()))
	if now.Sold == nil {
		v.Consent = s.t("edit.consent.none")
	}
	v.BackLabel = s.t("edit.back." + payWay(o))
	if c.PostForm("agree") != "" {
		v.Told = []ui.Notice{{Tone: ui.Warning, Text: s.t("edit.changed")}}
	}
	return web.Render(c, http.StatusOK, editPage(v))
}

// payWay is whether money has come already or will be collected.
func payWay(o *orders.Order) string {
	if o.Method == orders.MethodCOD {
		return "cod"
	}
	return "paid"
}

func parcelIn(o *orders.Order, id market.ID) orders.Parcel {
	for _, p := range o.Parcels {
		if p.ID == id {
			return p
		}
	}
	return orders.Parcel{}
}

// pendingEdit says what an edit that is not settled has taken out, what that
// comes to and until when it can be taken back.
func (s speaker) pendingEdit(o *orders.Order, parcel orders.Parcel) ui.Notice {
	if parcel.Sold == nil || parcel.State != orders.ParcelNew {
		return ui.Notice{}
	}
	text := s.t("edit.pending."+payWay(o), "amount", parcel.Cheaper(), "at", s.moment(parcel.Sold.At))
	return ui.Notice{Tone: ui.Info, Title: s.t("edit.pending", "what", strings.Join(s.takenOut(parcel), "; ")), Text: text}
}

// takenOut names what an edit has lowered: "Gạo 3 → 1 kg".
func (s speaker) takenOut(parcel orders.Parcel) []string {
	var out []string
	for _, l := range parcel.Lines {
		if was := parcel.Bought(l.Variant); was != l.Quantity {
			key := "edit.lowered"
			if l.Quantity == 0 {
				key = "edit.removed"
			}
			out = append(out, s.t(key, "name", l.Name, "was", was, "now", l.Quantity, "unit", s.unit(l.Unit)))
		}
	}
	return out
}

// addEdits adds what can still be changed about an order, and what is asked.
func (p *Pages) addEdits(v *orderView, s speaker, o *orders.Order, key string) {
	base := "/don-hang/" + string(o.ID)
	if o.Readdressable() {
		v.Readdress = withKey(base+"/nguoi-nhan", key)
	}
	for i, parcel := range o.Parcels {
		if parcel.State != orders.ParcelNew || o.State != orders.StateConfirmed {
			continue
		}
		v.Parcels[i].Pending = s.pendingEdit(o, parcel)
		asked := false
		for _, a := range o.Asks {
			if a.Parcel == parcel.ID {
				v.Parcels[i].Asked = append(v.Parcels[i].Asked, s.askNotice(o, a, key))
				asked = asked || o.Answerable(a, s.now) || a.State == orders.AskAgreed
			}
		}
		if !asked && o.Prepaid == 0 {
			v.Parcels[i].Edit = withKey(base+"/sua/"+string(parcel.ID), key)
		}
	}
}

// receiverForm asks to whom and where an order is to go.
func (p *Pages) receiverForm(c *gin.Context) error {
	o, key, err := p.buyersOrder(c)
	if err != nil {
		return err
	}
	if !o.Readdressable() {
		return p.sayWrong(c, orderAddress(string(o.ID), key), market.Conflict("order.packed"))
	}
	return p.showReceiver(c, http.StatusOK, o, orders.Receiver{Address: o.Address, Note: o.Note}, key, nil)
}

func (p *Pages) showReceiver(c *gin.Context, status int, o *orders.Order, to orders.Receiver, key string, failed error) error {
	s := p.speaker(c)
	v := sheetView{Page: p.page(c, s.t("receiver.title")), Lead: s.t("receiver.lead", "code", o.Code, "province", p.Areas.Name(o.Address.Province))}
	v.Frame, v.NoIndex = ui.FrameTask, true
	form := sheetForm{
		Action: "/don-hang/" + string(o.ID) + "/nguoi-nhan", Hidden: [][2]string{{"key", key}},
		Fields: []ui.Field{
			{Name: "name", Label: s.t("till.name"), Value: to.Address.Name, Autocomplete: "name", MaxLength: "120"},
			{Kind: ui.Phone, Name: "phone", Label: s.t("till.phone"), Value: nationalPhone(to.Address.Phone), Autocomplete: "tel"},
			{Kind: ui.Select, Name: "ward", Label: s.t("receiver.ward"), Options: areaOptions(p.Areas.Wards(o.Address.Province), to.Address.Ward)},
			{Name: "street", Label: s.t("till.street"), Help: s.t("till.street.help"), Value: to.Address.Street, Autocomplete: "street-address", MaxLength: "300"},
			{Kind: ui.Area, Name: "note", Label: s.t("till.note"), Value: to.Note, Optional: true, MaxLength: "500"},
		},
		Button: ui.Button{Label: s.t("receiver.save"), Wide: true},
	}
	v.Wrongs = p.wrongs(s, failed, slotsOf(form.Fields))
	v.Parts = []sheetPart{{Forms: []sheetForm{form}, Links: []ui.NavItem{{Label: s.t("return.to_order"), Href: orderAddress(string(o.ID), key)}}}}
	return web.Render(c, status, sheetPage(v))
}

func (p *Pages) changeReceiver(c *gin.Context) error {
	o, key, err := p.buyersOrder(c)
	if err != nil {
		return err
	}
	to := orders.Receiver{Note: c.PostForm("note"), Address: market.Address{
		Name: c.PostForm("name"), Phone: c.PostForm("phone"), Province: o.Address.Province, Ward: c.PostForm("ward"), Street: c.PostForm("street"),
	}}
	_, err = p.Orders.Readdress(c.Request.Context(), web.Actor(c), o.ID, key, to)
	if mendable(err) {
		return p.showReceiver(c, web.Status(err), o, to, key, err)
	}
	if err != nil {
		return err
	}
	return tell(c, orderAddress(string(o.ID), key), "receiver.done")
}
