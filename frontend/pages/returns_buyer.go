package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

var returnTones = map[orders.ReturnState]ui.Tone{
	orders.ReturnRequested: ui.Warning, orders.ReturnAccepted: ui.Info, orders.ReturnRefused: ui.Problem, orders.ReturnDisputed: ui.Warning,
	orders.ReturnSent: ui.Info, orders.ReturnReceived: ui.Info, orders.ReturnRefunding: ui.Info, orders.ReturnOwed: ui.Problem,
	orders.ReturnRefunded: ui.Success, orders.ReturnClosed: ui.Info,
}

// ownOrder is the order whole, for its buyer or whoever holds its key, and the
// parcel of that id. Others are told that there is no such order.
func (p *Pages) ownOrder(c *gin.Context, parcel string) (*orders.Order, orders.Parcel, string, error) {
	key := c.Query("key")
	if c.Request.Method == http.MethodPost {
		key = c.PostForm("key")
	}
	o, err := p.Orders.Order(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), key)
	if err != nil {
		return nil, orders.Parcel{}, key, err
	}
	for _, one := range o.Parcels {
		if string(one.ID) == parcel {
			return o, one, key, nil
		}
	}
	return nil, orders.Parcel{}, key, market.NotFound("order.missing")
}

// withKey keeps a guest's key in an address.
func withKey(path, key string) string {
	if key == "" {
		return path
	}
	return path + "?key=" + url.QueryEscape(key)
}

// photosOf reads the photos of a form.
func photosOf(c *gin.Context) ([][]byte, error) {
	form, err := c.MultipartForm()
	if err != nil {
		if errors.Is(err, http.ErrNotMultipart) {
			return nil, nil
		}
		return nil, badForm(err)
	}
	var all [][]byte
	for _, file := range form.File["photo"] {
		if file.Size == 0 {
			continue
		}
		data, err := readFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// photoTypes are the kinds of photos that forms take.
const photoTypes = "image/jpeg,image/png,image/heic,image/webp"

func photoField(s speaker) ui.Field {
	return ui.Field{Kind: ui.File, Name: "photo", Label: s.t("say.photo"), Help: s.t("say.photo.help"), Accept: photoTypes, Optional: true}
}

func textField(c *gin.Context, label, help string) ui.Field {
	return ui.Field{Kind: ui.Area, Name: "text", Label: label, Help: help, Value: c.PostForm("text"), MaxLength: "2000"}
}

// returnForm asks for money back.
func (p *Pages) returnForm(c *gin.Context) error { return p.showReturnForm(c, http.StatusOK, nil) }

func (p *Pages) showReturnForm(c *gin.Context, status int, failed error) error {
	o, parcel, key, err := p.ownOrder(c, c.Param("parcel"))
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := sheetView{Page: p.page(c, s.t("return.title")), Lead: s.t("return.lead", "code", o.Code, "seller", s.text(parcel.SellerName))}
	v.Frame, v.NoIndex = ui.FrameTask, true
	if !o.MayReturn(parcel, p.Env.Now()) {
		v.Notices = []ui.Notice{{Tone: ui.Warning, Text: s.t("return.over")}}
		v.Parts = []sheetPart{{Links: []ui.NavItem{{Label: s.t("complaint.make"), Href: withKey("/don-hang/"+string(o.ID)+"/khieu-nai/"+string(parcel.ID), key)}}}}
		return web.Render(c, status, sheetPage(v))
	}
	form := sheetForm{
		Action: "/don-hang/" + string(o.ID) + "/doi-tra/" + string(parcel.ID), Upload: true,
		Hidden: [][2]string{{"key", key}, {"id", p.formID(c)}}, Fields: s.returnFields(c, o, parcel),
		Button: ui.Button{Label: s.t("return.send"), Wide: true},
	}
	v.Wrongs = p.wrongs(s, failed, slotsOf(form.Fields))
	v.Parts = []sheetPart{{Text: s.t("return.how"), Forms: []sheetForm{form}}}
	return web.Render(c, status, sheetPage(v))
}

// formID is the id of what a form makes, the same when it is sent again.
func (p *Pages) formID(c *gin.Context) string {
	if id := c.PostForm("id"); id != "" {
		return id
	}
	return string(p.Env.NewID())
}

func (s speaker) returnFields(c *gin.Context, o *orders.Order, parcel orders.Parcel) []ui.Field {
	reason := ui.Field{Kind: ui.Choice, Name: "reason", Label: s.t("return.reason.label")}
	for _, r := range orders.BuyerReasons() {
		reason.Options = append(reason.Options, ui.Option{Value: string(r), Label: s.t("return.reason." + string(r)), Help: s.t("return.reason." + string(r) + ".help"), Selected: c.PostForm("reason") == string(r)})
	}
	fields := []ui.Field{reason}
	for _, l := range parcel.Lines {
		left := o.Returnable(parcel.ID, l)
		if left <= 0 {
			continue
		}
		name := "lines/" + string(l.Variant)
		fields = append(fields, ui.Field{
			Kind: ui.Number, Name: name, Label: joined(s.text(l.Name), s.text(l.VariantName)), Suffix: s.unit(l.Unit), Short: true, Optional: true, Unmarked: true,
			Help: s.t("return.quantity.help", "n", left, "amount", l.Amount), Value: c.PostForm(name), MaxLength: "9",
		})
		if l.Size.Base == market.Grams {
			grams := "grams/" + string(l.Variant)
			fields = append(fields, ui.Field{
				Kind: ui.Number, Name: grams, Label: s.t("return.grams.label", "name", s.text(l.Name)), Suffix: "g", Short: true, Optional: true, Unmarked: true,
				Help: s.t("return.grams.help"), Value: c.PostForm(grams), MaxLength: "9",
			})
		}
	}
	return append(fields, textField(c, s.t("return.text"), s.t("return.text.help")), photoField(s),
		ui.Field{Kind: ui.Check, Name: "keep", Label: s.t("return.keep"), Help: s.t("return.keep.help"), Checked: c.PostForm("keep") != "", Optional: true, Unmarked: true})
}

func typedNumber(text string) int64 {
	if strings.TrimSpace(text) == "" {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

func (p *Pages) askReturn(c *gin.Context) error {
	photos, err := photosOf(c)
	if err != nil {
		return err
	}
	o, parcel, key, err := p.ownOrder(c, c.Param("parcel"))
	if err != nil {
		return err
	}
	wish := orders.ReturnWish{
		ID: market.ID(c.PostForm("id")), Parcel: parcel.ID, Reason: orders.ReturnReason(c.PostForm("reason")),
		Keep: c.PostForm("keep") != "", Text: c.PostForm("text"), Lines: wishedLines(c, parcel),
	}
	if !sensibleID(wish.ID) {
		wish.ID = ""
	}
	wish.Photos, err = p.keepPhotosOf(c, o.ID, key, photos)
	var r *orders.Return
	if err == nil {
		o, r, err = p.Orders.AskReturn(c.Request.Context(), web.Actor(c), o.ID, key, wish)
	}
	if mendable(err) {
		return p.showReturnForm(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, withKey("/don-hang/"+string(o.ID)+"/tra-hang/"+string(r.ID), key), "return.sent")
}

// sensibleID keeps what a form was given from being anything but an id.
func sensibleID(id market.ID) bool {
	return id != "" && len(id) <= 40 && strings.Trim(string(id), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_") == ""
}

func wishedLines(c *gin.Context, parcel orders.Parcel) []orders.ReturnLine {
	var lines []orders.ReturnLine
	for _, l := range parcel.Lines {
		line := orders.ReturnLine{Variant: l.Variant}
		if c.PostForm("reason") == string(orders.ReasonWeight) {
			line.Grams = typedNumber(c.PostForm("grams/" + string(l.Variant)))
		} else {
			line.Quantity = typedNumber(c.PostForm("lines/" + string(l.Variant)))
		}
		lines = append(lines, line)
	}
	return lines
}

func (p *Pages) keepPhotosOf(c *gin.Context, order market.ID, key string, photos [][]byte) ([]string, error) {
	var ids []string
	for _, photo := range photos {
		id, err := p.Orders.AddEvidence(c.Request.Context(), web.Actor(c), order, key, photo)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// evidence shows a photo of a return to its three sides only.
func (p *Pages) evidence(c *gin.Context) error {
	data, err := p.Orders.Evidence(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), c.Query("key"), c.Param("photo"))
	return privatePhoto(c, data, err)
}

func privatePhoto(c *gin.Context, data []byte, err error) error {
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, "image/jpeg", data)
	return nil
}

// myReturn shows a return to its buyer with what can be done now.
func (p *Pages) myReturn(c *gin.Context) error { return p.showMyReturn(c, http.StatusOK, nil) }

func (p *Pages) showMyReturn(c *gin.Context, status int, failed error) error {
	key := c.Query("key")
	if key == "" {
		key = c.PostForm("key")
	}
	o, err := p.Orders.Order(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), key)
	if err != nil {
		return err
	}
	r, err := o.Return(market.ID(c.Param("ret")))
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := p.returnSheet(s, p.page(c, s.t("return.one", "code", o.Code)), o, r, func(photo string) string {
		return withKey("/don-hang/"+string(o.ID)+"/bang-chung/"+photo, key)
	})
	v.NoIndex = true
	base := "/don-hang/" + string(o.ID) + "/tra-hang/" + string(r.ID)
	forms := s.buyerDeeds(c, r, base, key)
	for i := range forms {
		v.Wrongs = append(v.Wrongs, p.wrongs(s, failed, slotsOf(forms[i].Fields))...)
		failed = nil
	}
	v.Parts = append(v.Parts, sheetPart{
		Title: s.t("return.now"), Text: s.t("return.state." + string(r.State) + ".buyer"), Forms: forms,
	})
	v.Trail = []ui.NavItem{{Label: s.t("return.to_order"), Href: withKey("/don-hang/"+string(o.ID), key)}}
	return web.Render(c, status, sheetPage(v))
}

// returnSheet is what each side sees of a return.
func (p *Pages) returnSheet(s speaker, page ui.Page, o *orders.Order, r *orders.Return, photo func(string) string) sheetView {
	v := sheetView{Page: page, Notices: []ui.Notice{{Tone: returnTones[r.State], Title: s.t("return.state." + string(r.State)), Text: s.returnWhy(r)}}}
	rows := [][2]string{{s.t("return.reason.label"), s.t("return.reason." + string(r.Reason))}}
	for _, claimed := range r.Lines {
		rows = append(rows, [2]string{s.lineName(o, r.Parcel, claimed.Variant), s.claimed(claimed)})
	}
	if r.Shipping > 0 {
		rows = append(rows, [2]string{s.t("bill.shipping"), s.vnd(r.Shipping)})
	}
	rows = append(rows, [2]string{s.t("return.agreed"), s.vnd(r.Agreed)})
	if r.Refunded > 0 {
		rows = append(rows, [2]string{s.t("return.refunded"), s.vnd(r.Refunded)})
	}
	if r.Carrier != "" {
		rows = append(rows, [2]string{s.t("return.way_back"), joined(r.Carrier, r.Tracking)})
	}
	v.Sheets, v.Narrow = moneySheets, true
	v.Parts = []sheetPart{{Rows: rows}, {Title: s.t("return.steps"), Body: ui.Timeline(v.T, s.returnSteps(o, r))}}
	if shots := s.shotsOf(o, r.Parcel, photo); shots != nil {
		v.Parts = append(v.Parts, sheetPart{Title: s.t("proof.title"), Body: shots})
	}
	v.Parts = append(v.Parts, s.conversation(r.Says, photo))
	return v
}

// returnSteps are how far a return is: what has happened, and what is waited
// for until when.
func (s speaker) returnSteps(o *orders.Order, r *orders.Return) []ui.Step {
	var steps []ui.Step
	for _, e := range o.History {
		if e.Return == r.ID {
			steps = append(steps, ui.Step{State: ui.Done, Label: s.t("step."+e.What, "amount", e.Amount), At: s.moment(e.At)})
		}
	}
	if !r.State.Open() {
		return steps
	}
	return append(steps, ui.Step{State: ui.Now, Label: s.t("return.state." + string(r.State)), Text: s.returnDue(r)})
}

// returnDue is until when something happens, and what happens then by itself.
func (s speaker) returnDue(r *orders.Return) string {
	switch {
	case r.DecideBy != nil:
		return s.t("return.due.disputed", "at", s.moment(*r.DecideBy))
	case r.Due != nil:
		return s.t("return.due."+string(r.State), "at", s.moment(*r.Due))
	}
	return ""
}

func (s speaker) returnWhy(r *orders.Return) string {
	switch {
	case r.Decision != nil:
		return s.t("return.decided", "text", r.Decision.Text, "amount", r.Decision.Amount)
	case r.Outcome != "":
		return s.t("return.outcome." + r.Outcome)
	}
	return ""
}

func (s speaker) lineName(o *orders.Order, parcel, variant market.ID) string {
	for _, p := range o.Parcels {
		for _, l := range p.Lines {
			if p.ID == parcel && l.Variant == variant {
				return joined(s.text(l.Name), s.text(l.VariantName))
			}
		}
	}
	return string(variant)
}

func (s speaker) claimed(l orders.ReturnLine) string {
	if l.Grams > 0 {
		return s.t("return.claimed.grams", "n", l.Grams, "amount", l.Amount)
	}
	return s.t("return.claimed", "n", l.Quantity, "amount", l.Amount)
}

// conversation is what was said, oldest first, with the photos.
func (s speaker) conversation(says []orders.Say, photo func(string) string) sheetPart {
	lines := make([]talkLine, 0, len(says))
	n := 0
	for _, say := range says {
		line := talkLine{Side: string(say.Side), Who: s.t("say.side." + string(say.Side)), At: s.moment(say.At), Text: say.Text}
		for _, id := range say.Photos {
			n++
			line.Photos = append(line.Photos, talkPhoto{URL: photo(id), Alt: s.t("say.photo.n", "n", n)})
		}
		lines = append(lines, line)
	}
	return sheetPart{Title: s.t("say.title"), Body: talkBox(lines)}
}

// buyerDeeds are what the buyer can do now.
func (s speaker) buyerDeeds(c *gin.Context, r *orders.Return, base, key string) []sheetForm {
	hidden := [][2]string{{"key", key}}
	form := func(deed string, look ui.Look, fields ...ui.Field) sheetForm {
		return sheetForm{Action: base + "/" + deed, Hidden: hidden, Fields: fields, Button: ui.Button{Label: s.t("return.do." + deed), Look: look, Wide: true}}
	}
	var forms []sheetForm
	switch r.State {
	case orders.ReturnAccepted:
		forms = append(forms, form("da-gui", "", ui.Field{Name: "carrier", Label: s.t("return.carrier"), Value: c.PostForm("carrier"), MaxLength: "80"},
			ui.Field{Name: "tracking", Label: s.t("receipt.tracking"), Value: c.PostForm("tracking"), MaxLength: "80", Optional: true}))
	case orders.ReturnRefused, orders.ReturnSent:
		forms = append(forms, form("nho-san", "", textField(c, s.t("return.dispute.text"), "")))
	}
	if orders.ReturnSteps.May(r.State, orders.ReturnClosed) {
		withdraw := form("rut", ui.Secondary)
		withdraw.Button.Confirm = s.t("return.withdraw.sure")
		forms = append(forms, withdraw)
	}
	return forms
}

// moveReturn takes the buyer's step.
func (p *Pages) moveReturn(c *gin.Context) error {
	ctx, by, key := c.Request.Context(), web.Actor(c), c.PostForm("key")
	order, ret := market.ID(c.Param("id")), market.ID(c.Param("ret"))
	word := orders.Word{Text: c.PostForm("text")}
	var err error
	switch c.Param("deed") {
	case "da-gui":
		_, err = p.Orders.SendReturn(ctx, by, order, ret, key, orders.Shipment{Carrier: c.PostForm("carrier"), Tracking: c.PostForm("tracking")}, word)
	case "nho-san":
		_, err = p.Orders.DisputeReturn(ctx, by, order, ret, key, word)
	case "rut":
		_, err = p.Orders.WithdrawReturn(ctx, by, order, ret, key)
	default:
		return errNoPage
	}
	if mendable(err) {
		return p.showMyReturn(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, withKey("/don-hang/"+string(order)+"/tra-hang/"+string(ret), key), "return.done")
}

// cancelParcel gives up one seller's part of an order.
func (p *Pages) cancelParcel(c *gin.Context) error {
	key := c.PostForm("key")
	o, err := p.Orders.CancelParcel(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), market.ID(c.Param("parcel")), key, c.PostForm("reason"))
	if mendable(err) {
		return p.sayWrong(c, orderAddress(c.Param("id"), key), err)
	}
	if err != nil {
		return err
	}
	return tell(c, withKey("/don-hang/"+string(o.ID), key), "receipt.cancelled")
}

// care are what a buyer may do about a delivered parcel, and what they have
// done.
func (p *Pages) care(s speaker, o *orders.Order, parcel orders.Parcel, key string) []ui.NavItem {
	base := "/don-hang/" + string(o.ID)
	var out []ui.NavItem
	for _, r := range o.Returns {
		if r.Parcel == parcel.ID {
			out = append(out, ui.NavItem{Label: s.t("return.link", "state", s.t("return.state."+string(r.State))), Href: withKey(base+"/tra-hang/"+string(r.ID), key)})
		}
	}
	if o.MayReturn(parcel, p.Env.Now()) {
		out = append(out, ui.NavItem{Label: s.t("return.ask"), Href: withKey(base+"/doi-tra/"+string(parcel.ID), key)})
	}
	if parcel.State == orders.ParcelDelivered {
		for _, l := range parcel.Lines {
			out = append(out, ui.NavItem{Label: s.t("review.write", "name", s.text(l.Name)), Href: withKey(base+"/danh-gia/"+string(l.Variant), key)})
		}
	}
	if o.State != orders.StatePlaced {
		out = append(out, ui.NavItem{Label: s.t("complaint.make"), Href: withKey(base+"/khieu-nai/"+string(parcel.ID), key)})
	}
	return out
}
