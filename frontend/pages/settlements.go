package pages

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

var settleTones = map[string]ui.Tone{
	cooperatives.SettlePrepared: ui.Warning, cooperatives.SettleApproved: ui.Warning, cooperatives.SettleClaimed: ui.Warning,
	cooperatives.SettlePosted: ui.Success, cooperatives.SettleReversing: ui.Problem, cooperatives.SettleReversed: ui.Problem,
	cooperatives.SettleStale: ui.Info, cooperatives.SettleDropped: ui.Info,
}

// settlements lists what was shared out, works a month out on request, and
// keeps it for a second person.
func (p *Pages) settlements(c *gin.Context, w *workplace) error {
	return p.showSettlements(c, w, http.StatusOK, nil)
}

func (p *Pages) showSettlements(c *gin.Context, w *workplace, status int, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	page, err := p.Pool.Settlements(ctx, w.by, w.seller.ID, store.Query{Limit: pageSize, After: store.Cursor(c.Query("after"))})
	if err != nil {
		return err
	}
	frame := p.workPage(c, w, s.t("settle.title"))
	v := sheetView{Page: frame.Page, Lead: s.t("settle.lead"), Switch: sellerSwitch(frame), Cursor: cursor(c, string(page.Next))}
	if w.manages() {
		if failed = p.addPreview(c, w, s, &v, failed); failed != nil && !mendable(failed) {
			return failed
		}
	}
	t := ui.Table{Caption: s.t("settle.list"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("settle.month.label")}, {Label: s.t("cert.state")}, {Label: s.t("settle.sales"), Number: true}, {Label: s.t("settle.members"), Number: true}, {Label: s.t("settle.prepared")}, {Label: s.t("settle.approved")},
	}}
	for _, one := range page.Items {
		t.Rows = append(t.Rows, s.settlementRow(w, one))
	}
	part := sheetPart{Title: s.t("settle.list"), Table: t}
	if len(t.Rows) == 0 {
		part.Text = s.t("settle.none")
	}
	v.Parts = append(v.Parts, part, p.balancesPart(c, w, s))
	rule, err := p.Pool.Sharing(ctx, w.by, w.seller.ID)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, p.sharingPart(s, w, rule))
	v.Wrongs = p.wrongs(s, failed, nil)
	return web.Render(c, status, sheetPage(v))
}

func (s speaker) settlementRow(w *workplace, one *cooperatives.Settlement) []ui.Cell {
	month := ui.Cell{Text: s.t("settle.of", "month", one.Month), Href: w.here("/chia-tien/" + string(one.ID))}
	if one.Reverses != "" {
		month.Sub = s.t("settle.is_contra")
	}
	return []ui.Cell{
		month,
		{Text: s.t("settle.state." + one.State), Tag: settleTones[one.State]},
		{Text: s.vnd(one.Totals.Sales)},
		{Text: s.vnd(shared(one.Shares))},
		{Text: one.PreparedName, Sub: s.date(one.PreparedAt)},
		{Text: one.ApprovedName},
	}
}

func shared(shares []cooperatives.Share) market.VND {
	var sum market.VND
	for _, one := range shares {
		sum += one.Amount
	}
	return sum
}

// addPreview puts in the month that was asked for, or nothing, and the form
// that asks.
func (p *Pages) addPreview(c *gin.Context, w *workplace, s speaker, v *sheetView, failed error) error {
	month := c.Query("thang")
	if month == "" {
		month = c.PostForm("month")
	}
	ask := sheetForm{
		Get: true, Action: w.here("/chia-tien"), Fields: []ui.Field{{Name: "thang", Label: s.t("settle.month.label"), Help: s.t("settle.month.help"), Value: month, Placeholder: "2026-10", Short: true}},
		Button: ui.Button{Label: s.t("settle.preview"), Look: ui.Secondary},
	}
	if len(w.sellers) > 1 {
		ask.Hidden = [][2]string{{paramSeller, w.seller.Slug}}
	}
	part := sheetPart{ID: "xem", Title: s.t("settle.new"), Forms: []sheetForm{ask}}
	if month != "" && failed == nil {
		one, err := p.Pool.Preview(c.Request.Context(), w.by, w.seller.ID, month)
		if err != nil {
			failed = err
		} else {
			part.Rows, part.Table = s.totalRows(one), s.sharesTable(w, one)
			part.Forms = append(part.Forms, sheetForm{Action: w.here("/chia-tien"), Hidden: [][2]string{{"month", month}}, Button: ui.Button{Label: s.t("settle.prepare")}})
		}
	}
	v.Parts = append(v.Parts, part)
	return failed
}

func (s speaker) totalRows(one *cooperatives.Settlement) [][2]string {
	t := one.Totals
	return [][2]string{
		{s.t("settle.sales"), s.vnd(t.Sales)},
		{s.t("settle.platform"), s.vnd(-t.Platform)},
		{s.t("settle.cooperative", "rate", locale.Percent(s.lang, int64(one.Rule.Fee))), s.vnd(-t.Cooperative)},
		{s.t("settle.kept"), s.vnd(-t.Kept)},
		{s.t("settle.members"), s.vnd(t.Sales - t.Platform - t.Cooperative - t.Kept)},
	}
}

func (s speaker) sharesTable(w *workplace, one *cooperatives.Settlement) ui.Table {
	t := ui.Table{Caption: s.t("settle.shares"), Columns: []ui.Column{
		{Label: s.t("pool.member")}, {Label: s.t("pool.goods")}, {Label: s.t("pool.grade")}, {Label: s.t("settle.counted"), Number: true}, {Label: s.t("settle.amount"), Number: true},
	}, Totals: []string{s.t("table.total"), "", "", "", s.vnd(shared(one.Shares))}}
	for _, share := range one.Shares {
		basis := s.t("pool.share")
		if share.Agreed {
			basis = s.t("pool.agreed")
		}
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: share.MemberName, Href: w.here("/xa-vien/" + string(share.Member))},
			{Text: s.text(share.Name), Sub: basis},
			{Text: share.Grade, Sub: s.t("settle.weight", "n", share.Weight)},
			{Text: s.baseAmount(share)},
			{Text: s.vnd(share.Amount)},
		})
	}
	return t
}

func (s speaker) baseAmount(share cooperatives.Share) string {
	return s.size(market.Size{Base: share.Base, Amount: share.Taken})
}

func (p *Pages) balancesPart(c *gin.Context, w *workplace, s speaker) sheetPart {
	part := sheetPart{Title: s.t("settle.balances")}
	if !w.manages() {
		part.Links = []ui.NavItem{{Label: s.t("settle.mine"), Href: w.here("/xa-vien/" + string(w.by.Person))}}
		return part
	}
	balances, err := p.Pool.Balances(c.Request.Context(), w.by, w.seller.ID)
	if err != nil {
		web.Note(c, "balances not shown", err)
		return part
	}
	part.Table = ui.Table{Caption: s.t("settle.balances"), Quiet: true, Columns: []ui.Column{{Label: s.t("pool.member")}, {Label: s.t("settle.amount"), Number: true}}}
	for _, m := range w.seller.Members {
		part.Table.Rows = append(part.Table.Rows, []ui.Cell{{Text: m.Name, Href: w.here("/xa-vien/" + string(m.Person))}, {Text: s.vnd(balances[m.Person])}})
	}
	return part
}

func (p *Pages) sharingPart(s speaker, w *workplace, rule cooperatives.SharingRule) sheetPart {
	part := sheetPart{ID: "quy-tac", Title: s.t("sharing.title"), Rows: [][2]string{
		{s.t("sharing.fee.label"), locale.Percent(s.lang, int64(rule.Fee))}, {s.t("sharing.from"), s.date(rule.From)}, {s.t("sharing.basis.label"), rule.Basis},
	}}
	form := sheetForm{
		Action: w.here("/chia-tien/quy-tac"), Folded: s.t("sharing.change"), Button: ui.Button{Label: s.t("sharing.save")},
		Fields: []ui.Field{
			{Name: "month", Label: s.t("sharing.month"), Help: s.t("sharing.month.help"), Placeholder: "2027-01", Short: true},
			{Kind: ui.Decimal, Name: "fee", Label: s.t("sharing.fee.label"), Suffix: "%", Short: true},
		},
	}
	for _, g := range cooperatives.Grades() {
		part.Rows = append(part.Rows, [2]string{s.t("pool.grade." + g), s.t("settle.weight", "n", rule.Grades[g])})
		form.Fields = append(form.Fields, ui.Field{Kind: ui.Number, Name: "grade_" + g, Label: s.t("pool.grade." + g), Value: strconv.FormatInt(rule.Grades[g], 10), Short: true})
	}
	form.Fields = append(form.Fields, ui.Field{Name: "basis", Label: s.t("sharing.basis.label"), Help: s.t("sharing.basis.help"), MaxLength: "300"})
	if w.manages() {
		part.Forms = []sheetForm{form}
	}
	return part
}

func (p *Pages) setSharing(c *gin.Context, w *workplace) error {
	rule := cooperatives.SharingRule{Basis: c.PostForm("basis"), Grades: map[string]int64{}}
	percent, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(c.PostForm("fee")), ",", "."), 64)
	if err != nil || percent < 0 || percent > 100 {
		return p.sayWrong(c, w.here("/chia-tien"), market.Invalid("sharing.fee", "fee"))
	}
	rule.Fee = market.Rate(percent*100 + 0.5)
	for _, g := range cooperatives.Grades() {
		rule.Grades[g], _ = strconv.ParseInt(c.PostForm("grade_"+g), 10, 64) // what is no number is refused as zero
	}
	return p.settled(c, w, "/chia-tien", "sharing.saved", p.Pool.SetSharing(c.Request.Context(), w.by, w.seller.ID, c.PostForm("month"), rule))
}

// settled answers a deed: what can be mended is said on the page, what went
// well too.
func (p *Pages) settled(c *gin.Context, w *workplace, to, key string, err error) error {
	if mendable(err) {
		return p.sayWrong(c, w.here(to), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here(to), key)
}

// prepareSettlement keeps a month's figures for a second person.
func (p *Pages) prepareSettlement(c *gin.Context, w *workplace) error {
	one, err := p.Pool.Prepare(c.Request.Context(), w.by, w.seller.ID, c.PostForm("month"))
	if mendable(err) {
		return p.showSettlements(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/chia-tien/"+string(one.ID)), "settle.prepared.done")
}

// settlement shows one, and what may be done with it.
func (p *Pages) settlement(c *gin.Context, w *workplace) error {
	s := p.speaker(c)
	one, err := p.Pool.Settlement(c.Request.Context(), w.by, w.seller.ID, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	frame := p.workPage(c, w, s.t("settle.of", "month", one.Month))
	at := "/chia-tien/" + string(one.ID)
	v := sheetView{Page: frame.Page, Lead: frame.Seller + " · " + s.t("settle.state."+one.State), Switch: sellerSwitch(frame)}
	if one.State == cooperatives.SettlePrepared {
		v.Notices = []ui.Notice{{Tone: ui.Warning, Text: s.t("settle.waits", "name", one.PreparedName)}}
	}
	v.Parts = []sheetPart{
		{Title: s.t("settle.where"), Rows: s.totalRows(one)},
		{Table: s.sharesTable(w, one), Links: []ui.NavItem{{Label: "CSV", Href: w.here(at + "/bang.csv")}, {Label: s.t("settle.back"), Href: w.here("/chia-tien")}}},
		{Title: s.t("settle.who"), Rows: s.settlementPeople(one), Forms: settlementForms(s, w, one, at)},
	}
	return web.Render(c, http.StatusOK, sheetPage(v))
}

func (s speaker) settlementPeople(one *cooperatives.Settlement) [][2]string {
	rows := [][2]string{{s.t("settle.prepared"), joined(one.PreparedName, s.moment(one.PreparedAt))}}
	if one.ApprovedAt != nil {
		rows = append(rows, [2]string{s.t("settle.approved"), joined(one.ApprovedName, s.moment(*one.ApprovedAt))})
	}
	if one.ReversedAt != nil {
		rows = append(rows, [2]string{s.t("settle.reversed"), joined(one.ReversedName, s.moment(*one.ReversedAt)) + ": " + one.Reason})
	}
	return append(rows, [2]string{s.t("sharing.basis.label"), one.Rule.Basis}, [2]string{s.t("settle.facts"), one.Facts})
}

func settlementForms(s speaker, w *workplace, one *cooperatives.Settlement, at string) []sheetForm {
	var out []sheetForm
	if one.MayApprove(w.seller, w.by) {
		out = append(out, sheetForm{Action: w.here(at + "/duyet"), Button: ui.Button{Label: s.t("settle.approve"), Icon: ui.IconCheck}})
	}
	if one.State == cooperatives.SettlePrepared && (w.manages() || len(out) > 0) {
		out = append(out, sheetForm{Action: w.here(at + "/bo"), Button: ui.Button{Label: s.t("settle.drop"), Look: ui.Quiet}})
	}
	if one.State == cooperatives.SettlePosted && one.Reverses == "" && w.manages() {
		out = append(out, sheetForm{
			Action: w.here(at + "/dao"), Folded: s.t("settle.reverse"), Fields: []ui.Field{{Name: "reason", Label: s.t("settle.reason.label"), MaxLength: "300"}},
			Button: ui.Button{Label: s.t("settle.reverse"), Look: ui.Danger},
		})
	}
	return out
}

// decideSettlement approves, gives up or reverses.
func (p *Pages) decideSettlement(c *gin.Context, w *workplace) error {
	ctx, id, at := c.Request.Context(), market.ID(c.Param("id")), "/chia-tien/"+c.Param("id")
	switch c.Param("deed") {
	case "duyet":
		_, err := p.Pool.Approve(ctx, w.by, w.seller.ID, id)
		return p.settled(c, w, at, "settle.approved.done", err)
	case "bo":
		_, err := p.Pool.Drop(ctx, w.by, w.seller.ID, id)
		return p.settled(c, w, at, "settle.dropped.done", err)
	case "dao":
		_, err := p.Pool.Reverse(ctx, w.by, w.seller.ID, id, c.PostForm("reason"))
		return p.settled(c, w, at, "settle.reversed.done", err)
	}
	return errNoPage
}

func (p *Pages) settlementCSV(c *gin.Context, w *workplace) error {
	s := p.speaker(c)
	one, err := p.Pool.Settlement(c.Request.Context(), w.by, w.seller.ID, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	rows := [][]string{{s.t("settle.month.label"), s.t("pool.member"), s.t("pool.goods"), s.t("pool.grade"), s.t("settle.weight.plain"), s.t("settle.counted"), s.t("settle.unit"), s.t("settle.amount")}}
	for _, share := range one.Shares {
		rows = append(rows, shareCSV(s, one.Month, share))
	}
	return sendCSV(c, "chia-tien-"+one.Month, rows)
}

func shareCSV(s speaker, month string, share cooperatives.Share) []string {
	return []string{
		month, cellText(share.MemberName), cellText(s.text(share.Name)), share.Grade, strconv.FormatInt(share.Weight, 10),
		strconv.FormatInt(share.Taken, 10), string(share.Base), strconv.FormatInt(int64(share.Amount), 10),
	}
}

// cellText keeps what people wrote from being a formula in a spreadsheet.
func cellText(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func sendCSV(c *gin.Context, name string, rows [][]string) error {
	var b strings.Builder
	b.WriteString("\ufeff") // spreadsheets then read UTF-8
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, "text/csv; charset=utf-8", []byte(b.String()))
	return nil
}

// statement tells one member how they stand with the cooperative.
func (p *Pages) statement(c *gin.Context, w *workplace) error {
	s := p.speaker(c)
	st, err := p.Pool.Statement(c.Request.Context(), w.by, w.seller.ID, market.ID(c.Param("person")))
	if err != nil {
		return err
	}
	frame := p.workPage(c, w, s.t("statement.title", "name", st.Member.Name))
	v := sheetView{Page: frame.Page, Lead: frame.Seller, Switch: sellerSwitch(frame), Stats: []ui.Stat{{Label: s.t("statement.balance"), Value: s.vnd(st.Balance), Note: s.t("statement.note")}}}
	t := ui.Table{Caption: s.t("statement.lines"), Columns: []ui.Column{
		{Label: s.t("settle.month.label")}, {Label: s.t("pool.goods")}, {Label: s.t("pool.grade")}, {Label: s.t("settle.counted"), Number: true}, {Label: s.t("settle.amount"), Number: true}, {Label: s.t("statement.after"), Number: true},
	}}
	for _, line := range st.Lines {
		t.Rows = append(t.Rows, s.statementRows(w, line)...)
	}
	part := sheetPart{Table: t, Links: []ui.NavItem{{Label: "CSV", Href: w.here("/xa-vien/" + string(st.Member.Person) + "/bang.csv")}}}
	if len(t.Rows) == 0 {
		part.Text = s.t("statement.none")
	}
	v.Parts = []sheetPart{part}
	return web.Render(c, http.StatusOK, sheetPage(v))
}

func (s speaker) statementRows(w *workplace, line cooperatives.StatementLine) [][]ui.Cell {
	rows := make([][]ui.Cell, len(line.Shares))
	for i, share := range line.Shares {
		month := ui.Cell{Text: s.t("settle.of", "month", line.Month), Href: w.here("/chia-tien/" + string(line.Settlement))}
		if line.Reverses != "" {
			month.Sub = s.t("settle.is_contra")
		}
		rows[i] = []ui.Cell{month, {Text: s.text(share.Name)}, {Text: share.Grade}, {Text: s.baseAmount(share)}, {Text: s.vnd(share.Amount)}, {}}
	}
	if n := len(rows); n > 0 {
		rows[n-1][5].Text = s.vnd(line.Balance)
	}
	return rows
}

func (p *Pages) statementCSV(c *gin.Context, w *workplace) error {
	s := p.speaker(c)
	st, err := p.Pool.Statement(c.Request.Context(), w.by, w.seller.ID, market.ID(c.Param("person")))
	if err != nil {
		return err
	}
	rows := [][]string{{s.t("settle.month.label"), s.t("pool.member"), s.t("pool.goods"), s.t("pool.grade"), s.t("settle.weight.plain"), s.t("settle.counted"), s.t("settle.unit"), s.t("settle.amount")}}
	for _, line := range st.Lines {
		for _, share := range line.Shares {
			rows = append(rows, shareCSV(s, line.Month, share))
		}
	}
	return sendCSV(c, "xa-vien-"+market.Slug(st.Member.Name), rows)
}
