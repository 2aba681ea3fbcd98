package pages

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// takedownQueue shows authorities' requests with their clocks.
func (p *Pages) takedownQueue(c *gin.Context) error { return p.showTakedowns(c, http.StatusOK, nil) }

func (p *Pages) showTakedowns(c *gin.Context, status int, failed error) error {
	s := p.speaker(c)
	v := sheetView{Page: p.adminPage(c, s.t("takedown.title")), Lead: s.t("takedown.lead")}
	form := p.takedownForm(c, s, failed != nil)
	slots := map[string]*string{}
	for i := range form.Fields {
		slots[form.Fields[i].Name] = &form.Fields[i].Error
	}
	v.Wrongs = p.wrongs(s, failed, slots)
	for _, state := range []string{cooperatives.TakedownReceived, cooperatives.TakedownDone, cooperatives.TakedownRefused} {
		page, err := p.Takedowns.Queue(c.Request.Context(), web.Actor(c), state, store.Query{Limit: pageSize})
		if err != nil {
			return err
		}
		part, err := p.takedownPart(c, s, v.Page, state, page.Items)
		if err != nil {
			return err
		}
		v.Parts = append(v.Parts, part)
	}
	v.Parts = append(v.Parts, sheetPart{ID: "moi", Title: s.t("takedown.new"), Forms: []sheetForm{form}})
	return web.Render(c, status, sheetPage(v))
}

func (p *Pages) takedownPart(c *gin.Context, s speaker, page ui.Page, state string, items []*cooperatives.Takedown) (sheetPart, error) {
	part := sheetPart{Title: s.t("takedown.state." + state)}
	ids := make([]market.ID, len(items))
	for i, d := range items {
		ids[i] = d.Product
	}
	products, err := p.Catalog.Products(c.Request.Context(), ids...)
	if err != nil {
		return part, err
	}
	t := ui.Table{Caption: part.Title, Quiet: true, Columns: []ui.Column{
		{Label: s.t("takedown.product.label")}, {Label: s.t("takedown.clock")}, {Label: s.t("takedown.authority.label")}, {Label: s.t("takedown.basis.label")}, {Label: s.t("coop.members.do")},
	}}
	for _, d := range items {
		t.Rows = append(t.Rows, p.takedownRow(c, s, page, d, products[d.Product]))
	}
	if part.Table = t; len(t.Rows) == 0 {
		part.Text = s.t("takedown.none")
	}
	return part, nil
}

func (p *Pages) takedownRow(c *gin.Context, s speaker, page ui.Page, d *cooperatives.Takedown, product *catalog.Product) []ui.Cell {
	name := ui.Cell{Text: string(d.Product), Sub: d.Grounds}
	if product != nil {
		name.Text, name.Href = s.text(product.Name), productPath(product.Slug)
	}
	row := []ui.Cell{name, s.clock(d), {Text: d.Authority, Sub: joined(d.Officer, d.Document)}, {Text: d.Basis}, {Text: d.Answer}}
	if d.State == cooperatives.TakedownReceived && web.Actor(c).Is(market.RoleModerator, market.RoleOperator) {
		row[4] = ui.Cell{Other: twoForms(page,
			sheetForm{Action: "/quan-tri/go-bo/" + string(d.ID) + "/go", Button: ui.Button{Label: s.t("takedown.do"), Look: ui.Danger, Small: true, Confirm: s.t("takedown.sure")}},
			sheetForm{
				Action: "/quan-tri/go-bo/" + string(d.ID) + "/tu-choi", Folded: s.t("takedown.refuse"),
				Fields: []ui.Field{{Name: "answer", ID: "answer-" + string(d.ID), Label: s.t("takedown.answer.label"), MaxLength: "400"}}, Button: ui.Button{Label: s.t("takedown.refuse"), Look: ui.Secondary, Small: true},
			})}
	}
	return row
}

// clock writes the time that is left, in red when it is short.
func (s speaker) clock(d *cooperatives.Takedown) ui.Cell {
	left := d.Left(s.now)
	key, tone := "takedown.left", ui.Info
	switch {
	case d.State != cooperatives.TakedownReceived && left >= 0:
		key, tone = "takedown.in_time", ui.Success
	case left < 0:
		key, tone, left = "takedown.late", ui.Problem, -left
	case d.Urgent(s.now):
		tone = ui.Problem
	}
	clock := strconv.Itoa(int(left/time.Hour)) + " h " + strconv.Itoa(int(left/time.Minute)%60) + " m"
	return ui.Cell{Text: s.t(key, "clock", clock), Tag: tone, Sub: s.t("takedown.due", "at", s.moment(d.DueAt))}
}

func (p *Pages) takedownForm(c *gin.Context, s speaker, open bool) sheetForm {
	field := func(name, most string) ui.Field {
		return ui.Field{Name: name, Label: s.t("takedown." + name + ".label"), Value: c.PostForm(name), MaxLength: most}
	}
	product := field("product", "300")
	product.Help = s.t("takedown.product.help")
	officer := field("officer", "120")
	officer.Optional = true
	grounds := field("grounds", "400")
	grounds.Kind, grounds.Help = ui.Area, s.t("takedown.grounds.help")
	return sheetForm{
		Action: "/quan-tri/go-bo", Folded: s.t("takedown.new"), Open: open, Hidden: [][2]string{{"id", string(p.Env.NewID())}},
		Fields: []ui.Field{
			product, field("authority", "200"), officer, field("document", "80"), field("basis", "300"), grounds,
			{Kind: ui.Moment, Name: "received_at", Label: s.t("takedown.received_at.label"), Help: s.t("takedown.received_at.help"), Value: c.PostForm("received_at"), Optional: true},
		},
		Button: ui.Button{Label: s.t("takedown.enter")},
	}
}

// receiveTakedown enters an authority's request.
func (p *Pages) receiveTakedown(c *gin.Context) error {
	r, err := p.readTakedown(c)
	if err == nil {
		_, err = p.Takedowns.Receive(c.Request.Context(), web.Actor(c), r)
	}
	return p.takedownDone(c, "takedown.entered", err)
}

func (p *Pages) readTakedown(c *gin.Context) (cooperatives.Request, error) {
	r := cooperatives.Request{
		ID: market.ID(c.PostForm("id")), Authority: c.PostForm("authority"), Officer: c.PostForm("officer"), Document: c.PostForm("document"),
		Basis: c.PostForm("basis"), Grounds: c.PostForm("grounds"), Product: market.ID(c.PostForm("product")),
	}
	if _, slug, ok := strings.Cut(c.PostForm("product"), productPath("")); ok {
		product, err := p.Catalog.BySlug(c.Request.Context(), web.Actor(c), strings.Trim(slug, "/ "))
		if err != nil {
			return r, market.Invalid("takedown.product", "product")
		}
		r.Product = product.ID
	}
	if text := c.PostForm("received_at"); text != "" {
		at, err := time.ParseInLocation("2006-01-02T15:04", text, market.HueZone)
		if err != nil {
			return r, market.Invalid("takedown.received_at", "received_at")
		}
		r.ReceivedAt = at.UTC()
	}
	return r, nil
}

func (p *Pages) doTakedown(c *gin.Context) error {
	_, err := p.Takedowns.Do(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")))
	return p.takedownDone(c, "takedown.done", err)
}

func (p *Pages) refuseTakedown(c *gin.Context) error {
	_, err := p.Takedowns.Refuse(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), c.PostForm("answer"))
	return p.takedownDone(c, "takedown.refused", err)
}

func (p *Pages) takedownDone(c *gin.Context, key string, err error) error {
	if mendable(err) {
		return p.showTakedowns(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri/go-bo", key)
}

// rankingRules publishes what decides the order of results: the very criteria
// that engines are held to (Decree 248/2026/NĐ-CP Art. 11).
func (p *Pages) rankingRules(c *gin.Context) error {
	s := p.speaker(c)
	v := sheetView{Page: p.page(c, s.t("ranking.title")), Lead: s.t("ranking.lead")}
	rules := ui.Table{Caption: s.t("ranking.rules"), Columns: []ui.Column{{Label: s.t("ranking.place"), Number: true}, {Label: s.t("ranking.what")}}}
	for _, row := range rankRows(s) {
		rules.Rows = append(rules.Rows, []ui.Cell{{Text: row[0]}, {Text: row[1]}})
	}
	v.Parts = []sheetPart{{Table: rules}, {Title: s.t("ranking.also"), Text: s.t("ranking.also.text")}}
	return web.Render(c, http.StatusOK, sheetPage(v))
}
