package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
)

const transferPath = "/nhap-xuat"

// transferRoutes are the pages of product sheets, by either door.
func (p *Pages) transferRoutes(door string) []Route {
	return []Route{
		get(door+transferPath, p.work(p.transfer)),
		post(door+transferPath, p.work(p.previewProducts)),
		post(door+transferPath+"/:list", p.work(p.applyProducts)),
		get(door+transferPath+"/san-pham.csv", p.work(p.exportProducts)),
		get(door+transferPath+"/san-pham.xlsx", p.work(p.exportProducts)),
		get(door+transferPath+"/mau.csv", p.work(p.productTemplate)),
		get(door+transferPath+"/mau.xlsx", p.work(p.productTemplate)),
	}
}

// transfer asks for a product sheet and offers one.
func (p *Pages) transfer(c *gin.Context, w *workplace) error {
	return p.showTransfer(c, w, http.StatusOK, nil, nil)
}

// previewProducts reads a product sheet for trial.
func (p *Pages) previewProducts(c *gin.Context, w *workplace) error {
	_, data, err := formFile(c, "file", catalog.MaxTransferBytes)
	var list *catalog.Transfer
	if err == nil {
		list, err = p.Catalog.PreviewProducts(c.Request.Context(), w.by, w.seller.ID, data)
	}
	if mendable(err) {
		return p.showTransfer(c, w, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	return p.showTransfer(c, w, http.StatusOK, list, nil)
}

// applyProducts writes what was read for trial. Rows that were refused at the
// last moment are shown.
func (p *Pages) applyProducts(c *gin.Context, w *workplace) error {
	valid := c.PostForm("rows") == "valid"
	list, err := p.Catalog.ApplyProducts(c.Request.Context(), w.by, w.seller.ID, c.Param("list"), valid)
	if mendable(err) {
		return p.showTransfer(c, w, web.Status(err), list, err)
	}
	if err != nil {
		return err
	}
	flash := web.Flash{Tone: string(ui.Success), Key: "transfer.done", Args: map[string]any{"n": list.Applied}}
	if list.Wrong > 0 && !valid {
		flash = web.Flash{Tone: string(ui.Warning), Key: "transfer.refused", Args: map[string]any{"n": list.Wrong}}
	}
	if err := web.AddFlash(c, flash); err != nil {
		return err
	}
	return see(c, w.to(farmDoor+"/san-pham"))
}

func (p *Pages) showTransfer(c *gin.Context, w *workplace, status int, list *catalog.Transfer, failed error) error {
	s := p.speaker(c)
	frame := p.workPage(c, w, s.t("transfer.title"))
	v := sheetView{Page: frame.Page, Lead: s.t("transfer.lead"), Switch: sellerSwitch(frame)}
	file := ui.Field{Kind: ui.File, Name: "file", Label: s.t("transfer.file"), Help: s.t("transfer.file.help"), Accept: ".xlsx,.csv"}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"file": &file.Error})
	if list != nil {
		v.Parts = append(v.Parts, p.transferResult(s, w, list))
	}
	v.Parts = append(v.Parts, s.transferOut(w), sheetPart{
		ID: "nhap", Title: s.t("transfer.in"), Text: s.t("transfer.in.text"),
		Links: []ui.NavItem{
			{Label: s.t("register.import.template.xlsx"), Href: w.here(transferPath + "/mau.xlsx")},
			{Label: s.t("register.import.template.csv"), Href: w.here(transferPath + "/mau.csv")},
		},
		Forms: []sheetForm{{Action: w.here(transferPath), Upload: true, Fields: []ui.Field{file}, Button: ui.Button{Label: s.t("register.import.read"), Wide: true}}},
	})
	return web.Render(c, status, sheetPage(v))
}

func (s speaker) transferOut(w *workplace) sheetPart {
	return sheetPart{ID: "xuat", Title: s.t("transfer.out"), Text: s.t("transfer.out.text"), Links: []ui.NavItem{
		{Label: s.t("transfer.out.xlsx"), Href: w.here(transferPath + "/san-pham.xlsx")},
		{Label: s.t("transfer.out.csv"), Href: w.here(transferPath + "/san-pham.csv")},
	}}
}

func (p *Pages) transferResult(s speaker, w *workplace, list *catalog.Transfer) sheetPart {
	part := sheetPart{
		ID: "ket-qua", Title: s.t("register.import.result"),
		Text:  s.t("transfer.counts", "new", list.New, "changed", list.Changed, "known", list.Known, "wrong", list.Wrong),
		Table: p.transferTable(s, list),
	}
	action, writes := w.here(transferPath+"/"+list.File), list.New+list.Changed
	switch {
	case writes > 0 && list.Wrong == 0:
		part.Forms = []sheetForm{{Action: action, Button: ui.Button{Label: s.t("register.import.apply.all")}}}
	case writes > 0:
		part.Forms = []sheetForm{{
			Action: action, Hidden: [][2]string{{"rows", "valid"}},
			Button: ui.Button{Label: s.t("register.import.apply.valid", "n", writes), Look: ui.Secondary},
		}}
	}
	return part
}

var transferTones = map[catalog.RowState]ui.Tone{
	catalog.RowNew: ui.Success, catalog.RowChanged: ui.Success, catalog.RowKnown: ui.Info, catalog.RowWrong: ui.Problem,
}

func (p *Pages) transferTable(s speaker, list *catalog.Transfer) ui.Table {
	tb := ui.Table{Caption: s.t("register.import.result"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("register.import.row"), Number: true},
		{Label: s.t("register.import.what")}, // beside the row, where phones show it without scrolling
		{Label: s.t("register.import.state")},
		{Label: s.t("coop.stock.product")},
	}}
	rows := slices.Clone(list.Rows)
	slices.SortStableFunc(rows, func(a, b *catalog.TransferRow) int { return len(b.Wrongs) - len(a.Wrongs) })
	if len(rows) > importShown {
		tb.Note = s.t("register.import.cut", "n", importShown)
	}
	for _, row := range rows[:min(len(rows), importShown)] {
		tb.Rows = append(tb.Rows, []ui.Cell{
			{Text: strconv.Itoa(row.Row)},
			{Text: p.cellWrongs(s, row.Wrongs)},
			{Text: s.t("transfer.state." + string(row.State)), Tag: transferTones[row.State]},
			{Text: s.text(row.Name), Sub: s.text(row.Variant)},
		})
	}
	return tb
}

// cellWrongs says what is wrong in the cells of a row and how to mend it.
func (p *Pages) cellWrongs(s speaker, wrongs []catalog.CellWrong) string {
	var out []string
	for _, w := range wrongs {
		out = append(out, s.t("register.import.cell", "column", w.Column, "text", p.texts.Sentence(s.lang, w.Err.Key, w.Err.Args)))
	}
	return strings.Join(out, " ")
}

// exportProducts gives all products of the seller as a file.
func (p *Pages) exportProducts(c *gin.Context, w *workplace) error {
	workbook := strings.HasSuffix(c.Request.URL.Path, ".xlsx")
	data, err := p.Catalog.ExportProducts(c.Request.Context(), w.by, w.seller.ID, workbook)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	return sendSheet(c, "san-pham-"+w.seller.Slug, workbook, data)
}

// productTemplate gives the empty sheet as a file.
func (p *Pages) productTemplate(c *gin.Context, _ *workplace) error {
	workbook := strings.HasSuffix(c.Request.URL.Path, ".xlsx")
	data, err := p.Catalog.ProductTemplate(workbook)
	if err != nil {
		return err
	}
	return sendSheet(c, "mau-san-pham", workbook, data)
}
