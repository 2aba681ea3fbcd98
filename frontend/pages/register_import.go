package pages

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

const (
	registerDoor = "/thong-ke/chung-nhan"
	importDoor   = registerDoor + "/nhap"
)

// importShown is how many rows of a list are shown.
const importShown = 200

// importList asks for a decision list.
func (p *Pages) importList(c *gin.Context) error {
	return p.showImport(c, http.StatusOK, nil, nil)
}

// previewList reads a list for trial.
func (p *Pages) previewList(c *gin.Context) error {
	_, data, err := formFile(c, "file", catalog.MaxListBytes)
	var list *catalog.DecisionList
	if err == nil {
		list, err = p.Catalog.PreviewDecisions(c.Request.Context(), web.Actor(c), data)
	}
	if mendable(err) {
		return p.showImport(c, web.Status(err), nil, err)
	}
	if err != nil {
		return err
	}
	return p.showImport(c, http.StatusOK, list, nil)
}

// applyList enters what was read for trial.
func (p *Pages) applyList(c *gin.Context) error {
	list, err := p.Catalog.ApplyDecisions(c.Request.Context(), web.Actor(c), c.Param("list"), c.PostForm("rows") == "valid")
	if mendable(err) {
		return p.showImport(c, web.Status(err), list, err)
	}
	if err != nil {
		return err
	}
	flash := web.Flash{Tone: string(ui.Success), Key: "register.import.done", Args: map[string]any{"n": list.Applied}}
	if err := web.AddFlash(c, flash); err != nil {
		return err
	}
	return see(c, registerDoor)
}

func (p *Pages) showImport(c *gin.Context, status int, list *catalog.DecisionList, failed error) error {
	s := p.speaker(c)
	v := sheetView{Page: p.officePage(c, s.t("register.import")), Lead: s.t("register.import.lead")}
	file := ui.Field{Kind: ui.File, Name: "file", Label: s.t("register.import.file"), Help: s.t("register.import.file.help"), Accept: ".xlsx,.csv"}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"file": &file.Error})
	if list != nil {
		v.Parts = append(v.Parts, p.importResult(s, list))
	}
	v.Parts = append(v.Parts, sheetPart{
		Forms: []sheetForm{{Action: importDoor, Upload: true, Fields: []ui.Field{file}, Button: ui.Button{Label: s.t("register.import.read"), Wide: true}}},
		Links: []ui.NavItem{
			{Label: s.t("register.import.template.xlsx"), Href: importDoor + "/mau.xlsx"},
			{Label: s.t("register.import.template.csv"), Href: importDoor + "/mau.csv"},
		},
	})
	return web.Render(c, status, sheetPage(v))
}

func (p *Pages) importResult(s speaker, list *catalog.DecisionList) sheetPart {
	part := sheetPart{
		ID: "ket-qua", Title: s.t("register.import.result"),
		Text:  s.t("register.import.counts", "new", list.New, "known", list.Known, "wrong", list.Wrong),
		Table: p.importTable(s, list),
	}
	action := importDoor + "/" + list.File
	switch {
	case list.New > 0 && list.Wrong == 0:
		part.Forms = []sheetForm{{Action: action, Button: ui.Button{Label: s.t("register.import.apply.all")}}}
	case list.New > 0:
		part.Forms = []sheetForm{{
			Action: action, Hidden: [][2]string{{"rows", "valid"}},
			Button: ui.Button{Label: s.t("register.import.apply.valid", "n", list.New), Look: ui.Secondary},
		}}
	}
	return part
}

var rowTones = map[catalog.RowState]ui.Tone{catalog.RowNew: ui.Success, catalog.RowKnown: ui.Info, catalog.RowWrong: ui.Problem}

func (p *Pages) importTable(s speaker, list *catalog.DecisionList) ui.Table {
	tb := ui.Table{Caption: s.t("register.import.result"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("register.import.row"), Number: true},
		{Label: s.t("coop.stock.product")},
		{Label: s.t("stars.decision")},
		{Label: s.t("register.import.state")},
		{Label: s.t("register.import.what")},
	}}
	rows := slices.Clone(list.Rows)
	slices.SortStableFunc(rows, func(a, b catalog.DecisionRow) int { return len(b.Wrongs) - len(a.Wrongs) })
	if len(rows) > importShown {
		tb.Note = s.t("register.import.cut", "n", importShown)
	}
	for _, row := range rows[:min(len(rows), importShown)] {
		tb.Rows = append(tb.Rows, []ui.Cell{
			{Text: strconv.Itoa(row.Row)},
			{Text: s.text(row.Name), Sub: s.text(row.Seller)},
			{Text: row.Certificate.DecisionNo, Sub: s.date(row.Certificate.DecisionDate)},
			{Text: s.t("register.import." + string(row.State)), Tag: rowTones[row.State]},
			{Text: p.cellWrongs(s, row.Wrongs)},
		})
	}
	return tb
}

// listTemplate gives the empty list as a file.
func (p *Pages) listTemplate(c *gin.Context) error {
	workbook := strings.HasSuffix(c.Request.URL.Path, ".xlsx")
	data, err := catalog.DecisionTemplate(workbook)
	if err != nil {
		return err
	}
	return sendSheet(c, "mau-quyet-dinh", workbook, data)
}

// ptnt gives the state's table of a year, this one when none is named.
func (p *Pages) ptnt(c *gin.Context) error {
	year := p.Env.Now().In(market.HueZone).Year()
	if text := c.Query("nam"); text != "" {
		var err error
		if year, err = strconv.Atoi(text); err != nil {
			return market.Invalid("indicators.year", "nam")
		}
	}
	rows, err := p.Indicators.PTNT(c.Request.Context(), web.Actor(c), year, p.Catalog)
	if err != nil {
		return err
	}
	workbook := strings.HasSuffix(c.Request.URL.Path, ".xlsx")
	data, err := catalog.WriteSheetCSV(rows)
	if workbook {
		data, err = catalog.WriteWorkbook("PTNT_OCOP", rows)
	}
	if err != nil {
		return err
	}
	return sendSheet(c, "ptnt-ocop-"+strconv.Itoa(year), workbook, data)
}

func sendSheet(c *gin.Context, name string, workbook bool, data []byte) error {
	ext, media := ".csv", "text/csv; charset=utf-8"
	if workbook {
		ext, media = ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	c.Header("Content-Disposition", `attachment; filename="`+name+ext+`"`)
	c.Data(http.StatusOK, media, data)
	return nil
}

// formFile reads an uploaded file up to one byte more than most, so that the
// room can say that it is too large.
func formFile(c *gin.Context, field string, most int64) (string, []byte, error) {
	header, err := c.FormFile(field)
	if err != nil {
		return "", nil, market.Invalid("input.invalid", field)
	}
	f, err := header.Open()
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	return header.Filename, data, err
}

// sendEvidence sends a document to be kept, never to be run in the page.
func sendEvidence(c *gin.Context, file catalog.EvidenceFile) error {
	ext := map[string]string{"application/pdf": ".pdf", "image/jpeg": ".jpg"}[file.Type]
	c.Header("Content-Disposition", `attachment; filename="`+file.SHA256[:16]+ext+`"`)
	c.Header("Cache-Control", "private, no-store")
	c.Data(http.StatusOK, file.Type, file.Data)
	return nil
}
