package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/web"
	"chohue/market"
)

// DecisionList is an officials' list of recognitions that was read, and what it
// would do or has done.
type DecisionList struct {
	File    string        `json:"file" doc:"SHA-256 of the list, under which it can be applied"`
	New     int           `json:"new"`
	Known   int           `json:"known" doc:"Rows that are entered already"`
	Wrong   int           `json:"wrong"`
	Applied int           `json:"applied,omitempty" doc:"Recognitions entered by this call"`
	Rows    []DecisionRow `json:"rows"`
}

// DecisionRow is one line of a list as it was understood.
type DecisionRow struct {
	Row        int         `json:"row" doc:"As spreadsheets count, the heading is 1"`
	State      string      `json:"state" enum:"new,known,wrong"`
	Product    market.ID   `json:"product,omitempty"`
	Name       Text        `json:"name"`
	DecisionNo string      `json:"decision_no,omitempty"`
	Stars      int         `json:"stars,omitempty"`
	Wrongs     []CellWrong `json:"wrongs,omitempty"`
}

// CellWrong is what is wrong in a cell, and how to mend it.
type CellWrong struct {
	Column string `json:"column"`
	Type   string `json:"type" example:"/problems/decisions.product"`
	Detail string `json:"detail"`
}

// ApplyDecisions says what becomes of wrong rows.
type ApplyDecisions struct {
	Rows string `json:"rows" enum:"valid,all" doc:"all: one wrong row is enough to enter none; valid: wrong rows are left out"`
}

const (
	mediaCSV  = "text/csv"
	mediaXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func (d *Door) addDecisions() error {
	sheet := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	d.addPlain(operation{
		method: http.MethodPost, path: "/certificates/lists", id: "previewDecisions", tag: "certificates",
		vi: "Đọc thử danh sách quyết định", en: "Read a list of recognitions for trial",
		about:   "CSV or XLSX of at most 5 MB as the body, with the columns of the template. Nothing is entered; the file is kept so that what was seen is what is applied.",
		returns: DecisionList{}, signedIn: true,
		errors: []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity},
	}, nil, &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{mediaCSV: sheet, mediaXLSX: sheet}}, d.previewDecisions)
	add(d, operation{
		method: http.MethodPost, path: "/certificates/lists/{list}/apply", id: "applyDecisions", tag: "certificates",
		vi: "Ghi danh sách quyết định", en: "Enter the recognitions of a list that was read",
		about:   "Rows are judged anew. Applied again it enters nothing: a decision counts once for a product.",
		returns: DecisionList{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		List string `path:"list" pattern:"^[0-9a-f]{64}$" doc:"file of the list that was read"`
		Body ApplyDecisions
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			list, err := d.Catalog.ApplyDecisions(ctx, by, in.List, in.Body.Rows == "valid")
			if err != nil {
				return nil, err
			}
			return d.decisions(ctx, list), nil
		})
	})
	d.addEvidence()
	return nil
}

func (d *Door) previewDecisions(c *gin.Context) error {
	by, err := signedIn(c)
	if err != nil {
		return err
	}
	if m := c.ContentType(); m != mediaCSV && m != mediaXLSX {
		return d.hall.StatusProblem(c, http.StatusUnsupportedMediaType, "api.media")
	}
	data, err := d.readFile(c, catalog.MaxListBytes)
	if err != nil {
		return err
	}
	list, err := d.Catalog.PreviewDecisions(c.Request.Context(), by, data)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, d.decisions(c.Request.Context(), list))
}

func (d *Door) decisions(ctx context.Context, list *catalog.DecisionList) DecisionList {
	say := web.T(ctx)
	out := DecisionList{File: list.File, New: list.New, Known: list.Known, Wrong: list.Wrong, Applied: list.Applied, Rows: []DecisionRow{}}
	for _, r := range list.Rows {
		row := DecisionRow{
			Row: r.Row, State: string(r.State), Product: r.Product, Name: text(r.Name), DecisionNo: r.Certificate.DecisionNo, Stars: r.Certificate.Stars,
		}
		for _, w := range r.Wrongs {
			row.Wrongs = append(row.Wrongs, CellWrong{Column: w.Column, Type: "/problems/" + w.Err.Key, Detail: say(w.Err.Key, spoken(w.Err.Args)...)})
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
