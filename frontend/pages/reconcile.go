package pages

import (
	"bytes"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

const (
	reconcileDoor = "/quan-tri/doi-soat"
	bankDoor      = coopDoor + "/sao-ke"
)

func (p *Pages) reconcileRoutes() []Route {
	staff := []market.Role{market.RoleOperator}
	var all []Route
	for _, r := range []Route{
		get(reconcileDoor, p.reconcile),
		post(reconcileDoor+"/bao-cao", p.matchReport),
		post(reconcileDoor+"/thu-ho", p.matchCOD),
		post(reconcileDoor+"/:id/hoi-lai", p.recheckMismatch),
		post(reconcileDoor+"/:id/xong", p.closeMismatch),
	} {
		r.Needs = staff
		all = append(all, r)
	}
	return append(all,
		get(bankDoor, p.work(p.bankStatement)),
		post(bankDoor, p.work(p.matchBank)),
		post(bankDoor+"/:id/xong", p.work(p.closeCredit)),
	)
}

// reconcile shows the platform's queue of differences and takes files.
func (p *Pages) reconcile(c *gin.Context) error {
	return p.showReconcile(c, http.StatusOK, nil, nil)
}

func (p *Pages) showReconcile(c *gin.Context, status int, read []ui.Stat, failed error) error {
	s := p.speaker(c)
	v := sheetView{Page: p.adminPage(c, s.t("reconcile.title")), Lead: s.t("reconcile.lead"), Stats: read}
	v.Sheets = moneySheets
	file := ui.Field{Kind: ui.File, Name: "file", Label: s.t("reconcile.file"), Help: s.t("reconcile.file.help"), Accept: ".csv"}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"file": &file.Error})
	queue, err := p.queueOf(c, s, "", reconcileDoor)
	if err != nil {
		return err
	}
	v.Parts = append(v.Parts, queue.parts...)
	v.Cursor = cursor(c, queue.next)
	v.Parts = append(v.Parts, p.reportForm(s, file), p.codForm(s, file))
	return web.Render(c, status, sheetPage(v))
}

func (p *Pages) reportForm(s speaker, file ui.Field) sheetPart {
	parties := make([]ui.Option, 0, 4)
	for _, method := range p.Payments.Methods() {
		if method != "cod" && method != "vietqr" {
			parties = append(parties, ui.Option{Value: method, Label: s.t("method." + method)})
		}
	}
	day := func(name string) ui.Field { return ui.Field{Kind: ui.Day, Name: name, Label: s.t("reconcile." + name)} }
	return sheetPart{Title: s.t("reconcile.report"), Text: s.t("reconcile.report.text"), Forms: []sheetForm{{
		Action: reconcileDoor + "/bao-cao", Upload: true,
		Fields: []ui.Field{{Kind: ui.Select, Name: "party", Label: s.t("reconcile.party"), Options: parties}, day("from"), day("to"), file},
		Button: ui.Button{Label: s.t("reconcile.match")},
	}}}
}

func (p *Pages) codForm(s speaker, file ui.Field) sheetPart {
	names := p.Orders.CarrierNames()
	carriers := make([]ui.Option, len(names))
	for i, name := range names {
		carriers[i] = ui.Option{Value: name, Label: s.t("carrier." + name)}
	}
	if len(carriers) == 0 {
		return sheetPart{}
	}
	file.ID = "cash"
	return sheetPart{Title: s.t("reconcile.cod"), Text: s.t("reconcile.cod.text"), Forms: []sheetForm{{
		Action: reconcileDoor + "/thu-ho", Upload: true,
		Fields: []ui.Field{{Kind: ui.Select, Name: "carrier", Label: s.t("reconcile.carrier"), Options: carriers}, file},
		Button: ui.Button{Label: s.t("reconcile.match"), Look: ui.Secondary},
	}}}
}

// shownQueue is one page of differences.
type shownQueue struct {
	parts []sheetPart
	next  string
}

func (p *Pages) queueOf(c *gin.Context, s speaker, seller market.ID, door string) (shownQueue, error) {
	page, err := p.Payments.Mismatches(c.Request.Context(), web.Actor(c), seller, store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return shownQueue{}, err
	}
	out := shownQueue{next: string(page.Next)}
	part := sheetPart{Title: s.t("reconcile.queue"), Text: s.t("reconcile.queue.none")}
	if len(page.Items) > 0 {
		diffs := make([]diffView, len(page.Items))
		for i, m := range page.Items {
			diffs[i] = s.mismatch(m, door)
		}
		part.Text, part.Body = "", diffList(p.page(c, ""), diffs)
	}
	out.parts = []sheetPart{part}
	return out, nil
}

// party names whose report it was.
func (s speaker) party(name string) string {
	for _, room := range []string{"method.", "carrier.", "reconcile.party."} {
		if words := s.t(room + name); words != room+name {
			return words
		}
	}
	return name
}

// mismatch says what differs, since when, and what to do.
func (s speaker) mismatch(m *payments.Mismatch, door string) diffView {
	part := diffView{
		ID: string(m.ID), Why: s.t("reconcile.why." + string(m.Why)), Do: s.t("reconcile.do." + m.Action()),
		Party: s.party(m.Party), At: s.moment(m.At), Age: s.t("reconcile.found_ago", "ago", s.ago(m.FoundAt)),
		OursLabel: s.t("reconcile.ours"), TheirsLabel: s.t("reconcile.theirs"), GapLabel: s.t("reconcile.gap"),
		Ours: s.vnd(m.Ours), Theirs: s.vnd(m.Theirs), Gap: s.signed(m.Theirs - m.Ours),
	}
	for _, row := range [][2]string{{s.t("reconcile.transaction"), m.Transaction}, {s.t("reconcile.reference"), m.Reference}, {s.t("reconcile.payment"), string(m.Payment)}} {
		if row[1] != "" && (row[1] != m.Reference || row[0] != s.t("reconcile.payment")) { // a reference that is our payment says it once
			part.Facts = append(part.Facts, row)
		}
	}
	at := door + "/" + string(m.ID)
	if m.Action() == "recheck" && door == reconcileDoor {
		part.Forms = append(part.Forms, sheetForm{Action: at + "/hoi-lai", Button: ui.Button{Label: s.t("reconcile.recheck"), Small: true}})
	}
	part.Forms = append(part.Forms, sheetForm{
		Action: at + "/xong", Folded: s.t("reconcile.close"),
		Fields: []ui.Field{{Name: "note", ID: "note-" + string(m.ID), Label: s.t("reconcile.note"), MaxLength: "500"}},
		Button: ui.Button{Label: s.t("reconcile.close.do"), Look: ui.Secondary, Small: true},
	})
	return part
}

// matchReport holds a provider's report against the books.
func (p *Pages) matchReport(c *gin.Context) error {
	_, data, err := formFile(c, "file", payments.MaxReport)
	var got payments.Matched
	if err == nil {
		got, err = p.matched(c, data)
	}
	if mendable(err) {
		return p.showReconcile(c, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	s := p.speaker(c)
	return p.showReconcile(c, http.StatusOK, []ui.Stat{
		{Label: s.t("reconcile.lines"), Value: s.number(int64(got.Lines))},
		{Label: s.t("reconcile.fits"), Value: s.number(int64(got.Fits))},
		{Label: s.t("reconcile.found"), Value: s.number(int64(len(got.Mismatches)))},
		{Label: s.t("reconcile.captured"), Value: s.vnd(got.Captured)},
		{Label: s.t("reconcile.refunded"), Value: s.vnd(got.Refunded)},
		{Label: s.t("reconcile.fees"), Value: s.vnd(got.Fees)},
	}, unreadable(got.Unreadable))
}

func (p *Pages) matched(c *gin.Context, data []byte) (payments.Matched, error) {
	from, err := formDay(c, "from")
	if err != nil {
		return payments.Matched{}, err
	}
	to, err := formDay(c, "to")
	if err != nil {
		return payments.Matched{}, err
	}
	lines, err := payments.ReadReport(bytes.NewReader(data))
	if err != nil {
		return payments.Matched{}, err
	}
	return p.Payments.MatchReport(c.Request.Context(), web.Actor(c), payments.Report{
		Provider: c.PostForm("party"), From: from.UTC(), To: to.AddDate(0, 0, 1).UTC(), Lines: lines,
	})
}

func formDay(c *gin.Context, field string) (time.Time, error) {
	day, err := time.ParseInLocation(time.DateOnly, c.PostForm(field), market.HueZone)
	if err != nil {
		return day, market.Invalid("reconcile.day", field)
	}
	return day, nil
}

// unreadable are the rows that could not be read, as one error.
func unreadable(rows []error) error {
	var checks market.Checks
	for _, err := range rows {
		checks.Add("file", err)
	}
	return checks.Err()
}

// matchCOD holds a carrier's cash against the books.
func (p *Pages) matchCOD(c *gin.Context) error {
	_, data, err := formFile(c, "file", payments.MaxReport)
	var got payments.CODMatched
	var lines []payments.Remittance
	if err == nil {
		lines, err = p.Orders.ReadCODStatement(c.Request.Context(), web.Actor(c), c.PostForm("carrier"), bytes.NewReader(data))
	}
	if err == nil {
		got, err = p.Payments.MatchCOD(c.Request.Context(), web.Actor(c), c.PostForm("carrier"), lines)
	}
	if mendable(err) {
		return p.showReconcile(c, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	s := p.speaker(c)
	return p.showReconcile(c, http.StatusOK, []ui.Stat{
		{Label: s.t("reconcile.lines"), Value: s.number(int64(got.Lines))},
		{Label: s.t("reconcile.remitted"), Value: s.number(int64(got.Remitted))},
		{Label: s.t("reconcile.known"), Value: s.number(int64(got.Known))},
		{Label: s.t("reconcile.found"), Value: s.number(int64(len(got.Mismatches)))},
		{Label: s.t("reconcile.cash"), Value: s.vnd(got.Cash)},
		{Label: s.t("reconcile.fees"), Value: s.vnd(got.Fees)},
	}, nil)
}

func (p *Pages) recheckMismatch(c *gin.Context) error {
	m, err := p.Payments.RecheckMismatch(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	if m.State == payments.MismatchDone {
		return tell(c, reconcileDoor, "reconcile.rechecked")
	}
	return tell(c, reconcileDoor, "reconcile.still")
}

func (p *Pages) closeMismatch(c *gin.Context) error {
	_, err := p.Payments.CloseMismatch(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), c.PostForm("note"))
	if mendable(err) {
		return p.showReconcile(c, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	return tell(c, reconcileDoor, "reconcile.closed")
}

// bankStatement asks a seller for the statement of their own account.
func (p *Pages) bankStatement(c *gin.Context, w *workplace) error {
	return p.showBank(c, w, http.StatusOK, nil, nil)
}

func (p *Pages) showBank(c *gin.Context, w *workplace, status int, read []ui.Stat, failed error) error {
	s := p.speaker(c)
	work := p.workPage(c, w, s.t("bank.title"))
	v := sheetView{Page: work.Page, Lead: s.t("bank.lead"), Stats: read}
	v.Sheets = moneySheets
	file := ui.Field{Kind: ui.File, Name: "file", Label: s.t("bank.file"), Help: s.t("bank.file.help"), Accept: ".csv"}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"file": &file.Error})
	v.Parts = append(v.Parts, sheetPart{Forms: []sheetForm{{Action: w.to(bankDoor), Upload: true, Fields: []ui.Field{file}, Button: ui.Button{Label: s.t("bank.match")}}}})
	queue, err := p.queueOf(c, s, w.seller.ID, bankDoor)
	if err != nil {
		return err
	}
	v.Parts, v.Cursor = append(v.Parts, queue.parts...), cursor(c, queue.next)
	return web.Render(c, status, sheetPage(v))
}

// matchBank confirms what a seller's statement says was paid.
func (p *Pages) matchBank(c *gin.Context, w *workplace) error {
	_, data, err := formFile(c, "file", payments.MaxReport)
	var got payments.BankMatched
	var lines *payments.ReportReader
	if err == nil {
		lines, err = payments.ReadBankStatement(bytes.NewReader(data))
	}
	if err == nil {
		got, err = p.Payments.MatchBank(c.Request.Context(), web.Actor(c), w.seller.ID, lines)
	}
	if mendable(err) {
		return p.showBank(c, w, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	s := p.speaker(c)
	return p.showBank(c, w, http.StatusOK, []ui.Stat{
		{Label: s.t("reconcile.lines"), Value: s.number(int64(got.Lines))},
		{Label: s.t("bank.confirmed"), Value: s.number(int64(got.Confirmed))},
		{Label: s.t("reconcile.known"), Value: s.number(int64(got.Known))},
		{Label: s.t("reconcile.found"), Value: s.number(int64(len(got.Mismatches)))},
	}, unreadable(got.Unreadable))
}

func (p *Pages) closeCredit(c *gin.Context, w *workplace) error {
	_, err := p.Payments.CloseMismatch(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), c.PostForm("note"))
	if mendable(err) {
		return p.showBank(c, w, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.to(bankDoor), "reconcile.closed")
}
