package pages

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// deliveries shows what members brought and lets managers write more down.
func (p *Pages) deliveries(c *gin.Context, w *workplace) error {
	return p.showDeliveries(c, w, http.StatusOK, nil)
}

func (p *Pages) showDeliveries(c *gin.Context, w *workplace, status int, failed error) error {
	s := p.speaker(c)
	page, err := p.Pool.Deliveries(c.Request.Context(), w.by, w.seller.ID, store.Query{Limit: pageSize, After: store.Cursor(c.Query("after"))})
	if err != nil {
		return err
	}
	frame := p.workPage(c, w, s.t("pool.title"))
	v := sheetView{Page: frame.Page, Lead: s.t("pool.lead"), Switch: sellerSwitch(frame), Cursor: cursor(c, string(page.Next))}
	t := ui.Table{Caption: s.t("pool.caption"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("pool.member")},
		{Label: s.t("pool.goods")},
		{Label: s.t("pool.units"), Number: true},
		{Label: s.t("pool.grade")},
		{Label: s.t("pool.price"), Number: true},
		{Label: s.t("pool.day")},
		{Label: s.t("coop.members.do")},
	}}
	for _, d := range page.Items {
		t.Rows = append(t.Rows, s.deliveryRow(v.Page, w, d))
	}
	part := sheetPart{Table: t}
	if len(t.Rows) == 0 {
		part.Text = s.t("pool.none")
	}
	if w.manages() {
		form, err := p.deliveryForm(c, w, s)
		if err != nil {
			return err
		}
		slots := map[string]*string{}
		for i := range form.Fields {
			slots[form.Fields[i].Name] = &form.Fields[i].Error
		}
		v.Wrongs = p.wrongs(s, failed, slots)
		v.Parts = append(v.Parts, sheetPart{ID: "ghi", Title: s.t("pool.note"), Forms: []sheetForm{form}})
	}
	v.Parts = append(v.Parts, part)
	return web.Render(c, status, sheetPage(v))
}

func (s speaker) deliveryRow(page ui.Page, w *workplace, d *cooperatives.Delivery) []ui.Cell {
	price := s.t("pool.share")
	if d.Price > 0 {
		price = s.vnd(d.Price) + "/" + d.Unit
	}
	row := []ui.Cell{
		{Text: d.MemberName},
		{Text: s.text(d.Name), Sub: s.size(d.Size) + "/" + d.Unit},
		{Text: s.number(d.Units) + " " + d.Unit},
		{Text: d.Grade},
		{Text: price},
		{Text: s.date(d.At), Sub: d.ByName},
		{},
	}
	switch {
	case d.Corrects != "":
		row[0].Sub = s.t("pool.contra", "reason", d.Reason)
	case d.Contra != "":
		row[0].Sub = s.t("pool.corrected", "reason", d.Reason)
	case w.manages():
		row[6].Other = cellForm(page, sheetForm{
			Action: w.here("/nhap-hang/" + string(d.ID) + "/dinh-chinh"), Folded: s.t("pool.correct"),
			Fields: []ui.Field{{Name: "reason", ID: "reason-" + string(d.ID), Label: s.t("pool.reason"), MaxLength: "300"}},
			Button: ui.Button{Label: s.t("pool.correct"), Look: ui.Danger, Small: true},
		})
	}
	return row
}

func (p *Pages) deliveryForm(c *gin.Context, w *workplace, s speaker) (sheetForm, error) {
	typed := func(name string) string { return c.PostForm(name) }
	member := ui.Field{Kind: ui.Select, Name: "member", Label: s.t("pool.member"), Placeholder: s.t("field.choose")}
	for _, m := range w.seller.Members {
		member.Options = append(member.Options, ui.Option{Value: string(m.Person), Label: m.Name, Selected: typed("member") == string(m.Person)})
	}
	goods, err := p.variantField(c, w, s)
	if err != nil {
		return sheetForm{}, err
	}
	grade := ui.Field{Kind: ui.Choice, Name: "grade", Label: s.t("pool.grade")}
	for i, g := range cooperatives.Grades() {
		grade.Options = append(grade.Options, ui.Option{Value: g, Label: s.t("pool.grade." + g), Selected: typed("grade") == g || (typed("grade") == "" && i == 0)})
	}
	return sheetForm{
		Action: w.here("/nhap-hang"), Hidden: [][2]string{{"id", string(p.Env.NewID())}},
		Fields: []ui.Field{
			member, goods,
			{Kind: ui.Number, Name: "units", Label: s.t("pool.units"), Value: typed("units"), Short: true},
			grade,
			{Kind: ui.Amount, Name: "price", Label: s.t("pool.price"), Help: s.t("pool.price.help"), Value: typed("price"), Optional: true},
			{Kind: ui.Day, Name: "at", Label: s.t("pool.day"), Help: s.t("pool.day.help"), Value: typed("at"), Optional: true},
		},
		Button: ui.Button{Label: s.t("pool.note.do"), Wide: true},
	}, nil
}

func (p *Pages) variantField(c *gin.Context, w *workplace, s speaker) (ui.Field, error) {
	f := ui.Field{Kind: ui.Select, Name: "variant", Label: s.t("pool.goods"), Placeholder: s.t("field.choose")}
	page, err := p.Catalog.OfSeller(c.Request.Context(), w.by, w.seller.ID, "", todayShown)
	if err != nil {
		return f, err
	}
	for _, product := range page.Items {
		for _, v := range product.Variants {
			f.Options = append(f.Options, ui.Option{Value: string(v.ID), Label: s.text(product.Name) + " · " + s.text(v.Name), Selected: c.PostForm("variant") == string(v.ID)})
		}
	}
	return f, nil
}

// noteDelivery writes down what a member brought.
func (p *Pages) noteDelivery(c *gin.Context, w *workplace) error {
	b, err := readDelivery(c)
	if err == nil {
		_, err = p.Pool.Deliver(c.Request.Context(), w.by, w.seller.ID, b)
	}
	if mendable(err) {
		return p.showDeliveries(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/nhap-hang"), "pool.noted")
}

func readDelivery(c *gin.Context) (cooperatives.Bringing, error) {
	b := cooperatives.Bringing{
		ID: market.ID(c.PostForm("id")), Member: market.ID(c.PostForm("member")), Variant: market.ID(c.PostForm("variant")),
		Lot: market.ID(c.PostForm("lot")), Grade: c.PostForm("grade"),
	}
	b.Units, _ = strconv.ParseInt(strings.TrimSpace(c.PostForm("units")), 10, 64) // what is no number is refused as none
	if text := strings.TrimSpace(c.PostForm("price")); text != "" {
		price, err := market.ParseVND(text)
		if err != nil {
			return b, market.Invalid("delivery.price", "price")
		}
		b.Price = price
	}
	day, err := dayField(c, "at")
	if day != nil {
		b.At = day.Add(6 * time.Hour) // in the morning, when produce comes
	}
	return b, err
}

// correctDelivery takes a delivery back by a contra entry.
func (p *Pages) correctDelivery(c *gin.Context, w *workplace) error {
	err := p.Pool.Correct(c.Request.Context(), w.by, w.seller.ID, market.ID(c.Param("id")), c.PostForm("reason"))
	if mendable(err) {
		return p.sayWrong(c, w.here("/nhap-hang"), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/nhap-hang"), "pool.corrected.done")
}
