package pages

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/payments"
)

const taxDoor = "/quan-tri/thue"

// taxRoutes are the monthly declaration and the yearly certificates.
func (p *Pages) taxRoutes() []Route {
	own := func(door string) []Route {
		return []Route{get(door+"/tien/chung-tu/:year", p.work(p.myCertificate))}
	}
	return append(append(append(own(farmDoor), own(coopDoor)...), p.taxPayRoutes()...), within([]market.Role{market.RoleOperator, market.RoleOfficial},
		get(taxDoor, p.declaration),
		get(taxDoor+"/bang.csv", p.declarationCSV),
		get(taxDoor+"/bang.xlsx", p.declarationXLSX),
		get(taxDoor+"/chung-tu/:seller/:year", p.sellerCertificate),
	)...)
}

// taxMonth is the month that was asked for, or the one that is declared now.
func (p *Pages) taxMonth(c *gin.Context) string {
	if month := c.Query("thang"); month != "" {
		return month
	}
	return payments.Period(p.Env.Now().In(market.HueZone).AddDate(0, 0, -p.Env.Now().In(market.HueZone).Day()))
}

// declaration shows a month's withholding, seller by seller.
func (p *Pages) declaration(c *gin.Context) error {
	s, month := p.speaker(c), p.taxMonth(c)
	v := sheetView{Page: p.adminPage(c, s.t("tax.title")), Lead: s.t("tax.lead")}
	v.Sheets = moneySheets
	ask := sheetForm{Get: true, Action: taxDoor, Fields: []ui.Field{{Name: "thang", Label: s.t("tax.month"), Value: month, Placeholder: "2026-10", Short: true}}, Button: ui.Button{Label: s.t("tax.show"), Look: ui.Secondary}}
	d, err := p.Payments.Declare(c.Request.Context(), web.Actor(c), month)
	if mendable(err) {
		v.Wrongs, v.Parts = p.wrongs(s, err, nil), []sheetPart{{Forms: []sheetForm{ask}}}
		return web.Render(c, web.Status(err), sheetPage(v))
	}
	if err != nil {
		return err
	}
	if d.Open {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Text: s.t("tax.open")})
	}
	v.Stats = []ui.Stat{
		{Label: s.t("tax.base"), Value: s.vnd(d.Total.Base)},
		{Label: s.t("tax.vat"), Value: s.vnd(d.Total.VAT)},
		{Label: s.t("tax.pit"), Value: s.vnd(d.Total.PIT)},
		{Label: s.t("tax.due"), Value: s.date(d.Due), Note: s.t("tax.due.note")},
	}
	table, err := p.declarationTable(c, s, d)
	if err != nil {
		return err
	}
	part := sheetPart{Title: s.t("tax.declared", "month", monthWords(month)), Table: table}
	if !web.Actor(c).Is(market.RoleOperator) { // who has the list of months below
		part.Forms = []sheetForm{ask}
	}
	if len(table.Rows) == 0 {
		part.Text = s.t("tax.none")
	} else {
		part.Links = []ui.NavItem{{Label: s.t("tax.csv"), Href: taxDoor + "/bang.csv?thang=" + month}, {Label: s.t("tax.xlsx"), Href: taxDoor + "/bang.xlsx?thang=" + month}}
	}
	if v.Parts, err = p.taxPayParts(c, s, month); err != nil {
		return err
	}
	v.Parts = append([]sheetPart{part}, v.Parts...)
	return web.Render(c, http.StatusOK, sheetPage(v))
}

func (p *Pages) declarationTable(c *gin.Context, s speaker, d *payments.Declaration) (ui.Table, error) {
	t := ui.Table{Caption: s.t("tax.declared", "month", monthWords(d.Period)), Quiet: true, Note: s.t("tax.note"), Columns: []ui.Column{
		{Label: s.t("payout.seller")}, {Label: s.t("tax.category")}, {Label: s.t("tax.base"), Number: true}, {Label: s.t("tax.vat"), Number: true}, {Label: s.t("tax.pit"), Number: true},
	}, Totals: []string{s.t("table.total"), "", s.vnd(d.Total.Base), s.vnd(d.Total.VAT), s.vnd(d.Total.PIT)}}
	names, err := p.sellerNames(c, d)
	if err != nil {
		return t, err
	}
	year := d.Period[:4]
	for _, r := range d.Rows {
		name := ui.Cell{Text: names[r.Seller], Sub: r.TaxCode, Href: taxDoor + "/chung-tu/" + string(r.Seller) + "/" + year}
		if r.Incomplete() {
			name.Sub = s.t("tax.incomplete")
		}
		category := ui.Cell{Text: s.taxCategory(r), Sub: s.t("tax.counts", "sales", r.Sales, "returns", r.Returns)}
		t.Rows = append(t.Rows, []ui.Cell{name, category, {Text: s.vnd(r.Base)}, {Text: s.vnd(r.VAT), Sub: locale.Percent(s.lang, r.VATRate)}, {Text: s.vnd(r.PIT), Sub: locale.Percent(s.lang, r.PITRate)}})
	}
	return t, nil
}

func (s speaker) taxCategory(r payments.DeclaredRow) string {
	if r.Highest != "" {
		return s.t("tax.highest." + r.Highest)
	}
	return s.t("tax.category." + r.Category)
}

func (p *Pages) sellerNames(c *gin.Context, d *payments.Declaration) (map[market.ID]string, error) {
	ids := make([]market.ID, len(d.Rows))
	for i, r := range d.Rows {
		ids[i] = r.Seller
	}
	found, err := p.Sellers.Sellers(c.Request.Context(), ids...)
	names := map[market.ID]string{}
	for id, seller := range found {
		names[id] = seller.Name.VI
	}
	return names, err
}

// declarationRows are the declaration as a file: the list 01-1/BK-CNKD-TMĐT with
// the totals of form 01/CNKD-TMĐT as its last row.
func (p *Pages) declarationRows(c *gin.Context) ([][]string, string, error) {
	s := p.speaker(c)
	d, err := p.Payments.Declare(c.Request.Context(), web.Actor(c), p.taxMonth(c))
	if err != nil {
		return nil, "", err
	}
	names, err := p.sellerNames(c, d)
	if err != nil {
		return nil, "", err
	}
	rows := [][]string{{s.t("tax.form.no"), s.t("tax.form.name"), s.t("shop.tax"), s.t("tax.form.kind"), s.t("tax.form.residency"), s.t("tax.category"), s.t("tax.base"), s.t("tax.form.vat_rate"), s.t("tax.vat"), s.t("tax.form.pit_rate"), s.t("tax.pit"), s.t("tax.form.rest"), s.t("tax.form.remark")}}
	for i, r := range d.Rows {
		remark := ""
		if r.Highest != "" {
			remark = s.taxCategory(r)
		}
		rows = append(rows, []string{
			strconv.Itoa(i + 1), cellText(names[r.Seller]), r.TaxCode, s.kind(r.Kind), s.t("tax.residency." + r.Residency), s.taxCategory(r),
			bareVND(r.Base), locale.Percent(s.lang, r.VATRate), bareVND(r.VAT), locale.Percent(s.lang, r.PITRate), bareVND(r.PIT), rest(r), remark,
		})
	}
	t := d.Total
	rows = append(rows, []string{"", s.t("table.total"), "", "", "", "", bareVND(t.Base), "", bareVND(t.VAT), "", bareVND(t.PIT), rest(t), s.t("tax.due") + " " + s.date(d.Due)})
	return rows, d.Period, nil
}

func bareVND(v market.VND) string { return strconv.FormatInt(int64(v), 10) }

// rest is what rounding left out of both taxes, in đồng with four decimals.
func rest(r payments.DeclaredRow) string {
	return strconv.FormatFloat(float64(r.VATRest+r.PITRest)/10_000, 'f', 4, 64)
}

func (p *Pages) declarationCSV(c *gin.Context) error {
	rows, month, err := p.declarationRows(c)
	if err != nil {
		return err
	}
	return sendCSV(c, "01-1-BK-CNKD-TMDT-"+month, rows)
}

func (p *Pages) declarationXLSX(c *gin.Context) error {
	rows, month, err := p.declarationRows(c)
	if err != nil {
		return err
	}
	data, err := catalog.WriteWorkbook("01-1-BK", rows)
	if err != nil {
		return err
	}
	return sendFile(c, "01-1-BK-CNKD-TMDT-"+month+".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", data)
}

// myCertificate certifies a year's withholding to the seller.
func (p *Pages) myCertificate(c *gin.Context, w *workplace) error {
	frame := p.workPage(c, w, p.speaker(c).t("tax.certificate"))
	return p.certificateOf(c, frame.Page, sellerSwitch(frame), w.seller.ID)
}

func (p *Pages) sellerCertificate(c *gin.Context) error {
	return p.certificateOf(c, p.adminPage(c, p.speaker(c).t("tax.certificate")), nil, market.ID(c.Param("seller")))
}

// certificateOf draws the certificate (form 01/CTKT-TMĐT) as a page that prints.
func (p *Pages) certificateOf(c *gin.Context, page ui.Page, choice templ.Component, seller market.ID) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	year, err := strconv.Atoi(c.Param("year"))
	if err != nil {
		return errNoPage
	}
	who, err := p.Sellers.Seller(ctx, seller)
	if err != nil {
		return err
	}
	one, err := p.Payments.Certify(ctx, web.Actor(c), seller, year)
	if err != nil {
		return err
	}
	v := sheetView{Page: page, Lead: s.t("tax.certificate.lead", "year", strconv.Itoa(year)), Switch: choice}
	if !one.Over {
		v.Notices = append(v.Notices, ui.Notice{Tone: ui.Info, Text: s.t("tax.certificate.open")})
	}
	t := ui.Table{Caption: s.t("tax.certificate.months"), Note: s.t("tax.note"), Columns: []ui.Column{
		{Label: s.t("tax.month")}, {Label: s.t("tax.base"), Number: true}, {Label: s.t("tax.vat"), Number: true}, {Label: s.t("tax.pit"), Number: true},
	}, Totals: []string{s.t("table.total"), s.vnd(one.Total.Base), s.vnd(one.Total.VAT), s.vnd(one.Total.PIT)}}
	for i, r := range one.Rows {
		t.Rows = append(t.Rows, []ui.Cell{{Text: one.Months[i]}, {Text: s.vnd(r.Base)}, {Text: s.vnd(r.VAT)}, {Text: s.vnd(r.PIT)}})
	}
	part := sheetPart{Title: s.text(who.Name), Table: t, Rows: [][2]string{
		{s.t("shop.tax"), who.TaxCode},
		{s.t("tax.form.kind"), s.kind(string(who.Kind))},
		{s.t("shop.address"), joined(who.Street, s.fullPlace(who.Ward))},
		{s.t("tax.certificate.issued"), s.moment(one.IssuedAt)},
	}}
	if len(t.Rows) == 0 {
		part.Text = s.t("tax.certificate.none")
	}
	v.Parts = []sheetPart{part}
	if one.Estimated && len(t.Rows) > 0 {
		v.Parts = append(v.Parts, sheetPart{Title: s.t("tax.estimate"), Text: s.t("tax.estimate.text"), Rows: [][2]string{
			{s.t("tax.estimate.free"), s.vnd(one.FreeRevenue)},
			{s.t("tax.estimate.withheld"), s.vnd(one.Total.PIT)},
			{s.t("tax.estimate.due"), s.vnd(one.Due)},
			{s.t("tax.estimate.over"), s.vnd(one.Overpaid)},
		}})
	}
	return web.Render(c, http.StatusOK, sheetPage(v))
}
