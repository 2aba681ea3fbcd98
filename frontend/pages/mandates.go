package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// mandates shows the members without a phone and what they let managers do.
func (p *Pages) mandates(c *gin.Context, w *workplace) error {
	return p.showMandates(c, w, http.StatusOK, nil)
}

func (p *Pages) showMandates(c *gin.Context, w *workplace, status int, failed error) error {
	s := p.speaker(c)
	given, err := p.Sellers.Mandates(c.Request.Context(), w.by, w.seller.ID)
	if err != nil {
		return err
	}
	frame := p.workPage(c, w, s.t("mandate.title"))
	v := sheetView{Page: frame.Page, Lead: s.t("mandate.lead"), Switch: sellerSwitch(frame)}
	t := ui.Table{Caption: s.t("mandate.title"), Quiet: true, Columns: []ui.Column{{Label: s.t("pool.member")}, {Label: s.t("mandate.now")}, {Label: s.t("mandate.evidence.label")}, {Label: s.t("coop.members.do")}}}
	for _, m := range w.seller.Members {
		if m.NoPhone {
			t.Rows = append(t.Rows, s.mandateRow(v.Page, w, m, given[m.Person]))
		}
	}
	v.Wrongs = p.wrongs(s, failed, nil)
	part := sheetPart{Table: t}
	if len(t.Rows) == 0 {
		part.Text = s.t("mandate.none_yet")
	}
	v.Parts = []sheetPart{part, {Title: s.t("mandate.add"), Forms: []sheetForm{{
		Action: w.here("/uy-quyen"), Hidden: [][2]string{{"id", string(p.Env.NewID())}},
		Fields: []ui.Field{{Name: "name", Label: s.t("coop.members.name"), MaxLength: "120", Autocomplete: "off"}}, Button: ui.Button{Label: s.t("mandate.add")},
	}}}}
	return web.Render(c, status, sheetPage(v))
}

func (s speaker) mandateRow(page ui.Page, w *workplace, m cooperatives.Member, given *cooperatives.Mandate) []ui.Cell {
	var acts, evidence []string
	if given != nil {
		for _, consent := range given.Consents {
			if consent.EndedAt != nil {
				continue
			}
			for _, act := range consent.Acts {
				acts = append(acts, s.t("mandate.act."+act))
			}
			evidence = append(evidence, consent.Evidence+" ("+s.date(consent.At)+")")
		}
	}
	row := []ui.Cell{{Text: m.Name}, {Text: s.t("mandate.nothing")}, {Text: strings.Join(evidence, "; ")}, {}}
	action := w.here("/uy-quyen/" + string(m.Person))
	allow := sheetForm{Action: action, Folded: s.t("mandate.allow"), Hidden: [][2]string{{"deed", "allow"}}, Button: ui.Button{Label: s.t("mandate.allow"), Small: true}}
	field := ui.Field{Kind: ui.Check, Name: "acts", ID: "acts-" + string(m.Person), Label: s.t("mandate.acts.label")}
	for _, act := range cooperatives.Acts() {
		field.Options = append(field.Options, ui.Option{Value: act, Label: s.t("mandate.act." + act)})
	}
	allow.Fields = []ui.Field{field, {Name: "evidence", ID: "evidence-" + string(m.Person), Label: s.t("mandate.evidence.label"), Help: s.t("mandate.evidence.help"), MaxLength: "300"}}
	end := sheetForm{Action: action, Hidden: [][2]string{{"deed", "end"}}, Button: ui.Button{Label: s.t("mandate.end"), Look: ui.Quiet, Small: true}}
	if len(acts) == 0 {
		row[3].Other = cellForm(page, allow)
		return row
	}
	row[1].Text = strings.Join(acts, ", ")
	row[3].Other = twoForms(page, allow, end)
	return row
}

func (p *Pages) addWithoutPhone(c *gin.Context, w *workplace) error {
	_, err := p.Sellers.AddWithoutPhone(c.Request.Context(), w.by, w.seller.ID, market.ID(c.PostForm("id")), c.PostForm("name"))
	return p.mandated(c, w, err)
}

func (p *Pages) changeMandate(c *gin.Context, w *workplace) error {
	ctx, person := c.Request.Context(), market.ID(c.Param("person"))
	if c.PostForm("deed") == "end" {
		return p.mandated(c, w, p.Sellers.Disallow(ctx, w.by, w.seller.ID, person, c.PostForm("reason")))
	}
	return p.mandated(c, w, p.Sellers.Allow(ctx, w.by, w.seller.ID, person, c.PostFormArray("acts"), c.PostForm("evidence")))
}

func (p *Pages) mandated(c *gin.Context, w *workplace, err error) error {
	if mendable(err) {
		return p.showMandates(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/uy-quyen"), "mandate.done")
}

// myTrail shows a seller's audit trail to its managers.
func (p *Pages) myTrail(c *gin.Context, w *workplace) error {
	frame := p.workPage(c, w, p.speaker(c).t("trail.title"))
	return p.showTrail(c, sheetView{Page: frame.Page, Switch: sellerSwitch(frame)}, w.by, w.seller)
}

// sellerTrail shows any seller's to officials and those who check.
func (p *Pages) sellerTrail(c *gin.Context) error {
	seller, err := p.Sellers.Seller(c.Request.Context(), market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	return p.showTrail(c, sheetView{Page: p.adminPage(c, p.speaker(c).t("trail.title"))}, web.Actor(c), seller)
}

func (p *Pages) showTrail(c *gin.Context, v sheetView, by market.Actor, seller *cooperatives.Seller) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	page, err := p.Sellers.Trail(ctx, by, seller.ID, store.Query{Limit: pageSize, After: store.Cursor(c.Query("after"))})
	if err != nil {
		return err
	}
	chain, err := p.Sellers.CheckTrail(ctx, by, seller.ID)
	if err != nil {
		return err
	}
	v.Lead, v.Cursor = s.text(seller.Name), cursor(c, string(page.Next))
	v.Notices = []ui.Notice{{Tone: ui.Success, Text: s.t("trail.whole", "n", chain.Length)}}
	if chain.Broken != "" {
		v.Notices = []ui.Notice{{Tone: ui.Problem, Title: s.t("trail.broken"), Text: chain.Broken}}
	}
	t := ui.Table{Caption: s.t("trail.title"), Quiet: true, Note: s.t("trail.note"), Columns: []ui.Column{
		{Label: s.t("trail.number"), Number: true}, {Label: s.t("trail.at")}, {Label: s.t("trail.who")}, {Label: s.t("trail.what")}, {Label: s.t("trail.words")}, {Label: s.t("trail.hash")},
	}}
	for _, n := range page.Items {
		t.Rows = append(t.Rows, s.trailRow(n))
	}
	v.Parts = []sheetPart{{Table: t, Rows: [][2]string{{s.t("trail.head"), chain.Head}}}}
	return web.Render(c, http.StatusOK, sheetPage(v))
}

// doer names who did something; the market itself has no name of its own.
func (s speaker) doer(name string) string {
	if name == "" || name == market.System.Name {
		return s.t("trail.system")
	}
	return name
}

func (s speaker) trailRow(n *cooperatives.Note) []ui.Cell {
	who := ui.Cell{Text: s.doer(n.ByName)}
	if n.ForName != "" {
		who.Sub = s.t("trail.for", "name", n.ForName)
	}
	return []ui.Cell{
		{Text: s.number(n.Seq)}, {Text: s.moment(n.At)}, who, {Text: s.t("trail.what." + n.What)}, {Text: n.Words}, {Text: n.Hash[:min(12, len(n.Hash))]},
	}
}
