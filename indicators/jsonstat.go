package indicators

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// divided are the tables by themselves, with the columns that divide each.
var divided = []struct {
	table   string
	columns []string
}{
	{TableTotal, nil},
	{TableDistrict, []string{"REF_AREA"}},
	{TableWard, []string{"REF_AREA"}},
	{TableIndustry, []string{"OCOP_PRODUCT"}},
	{TableSet, []string{"OCOP_PRODUCT"}},
	{TableChannel, []string{"CHANNEL"}},
	{TableDestination, []string{"DEST_AREA"}},
	{TablePay, []string{"PAY_METHOD"}},
	{TableStars, []string{"STAR"}},
	{TableKind, []string{"SELLER_TYPE"}},
	{TableCross, []string{"REF_AREA", "OCOP_PRODUCT"}},
}

// divisions are the codes of a cell in those columns.
func divisions(r *Release, c ReleasedCell, columns []string) []string {
	o := blank(r)
	o.place(c)
	codes := make([]string, len(columns))
	for i, name := range columns {
		codes[i] = o.dimensions()[slices.Index(dimensionColumns, name)]
	}
	return codes
}

// writeJSONStat writes JSON-stat 2.0: a collection with a dataset for each
// table and one for the indicators.
func (s *Service) writeJSONStat(w io.Writer, r *Release) error {
	lists := s.codeLists()
	var items []object
	for _, d := range divided {
		items = append(items, statTable(r, d.table, d.columns, lists))
	}
	return writeJSON(w, object{
		"version": "2.0", "class": "collection", "label": title(r).VI, "href": string(r.ID), "updated": r.Embargo.UTC().Format("2006-01-02T15:04:05Z"),
		"extension": object{"licence": Licence, "inputs": r.Inputs, "program": r.Program, "revision": r.Revision, "reason": r.Reason},
		"link":      object{"item": append(items, statFigures(r, lists))},
	})
}

// statTable is a cube: the columns, the measures and the one period. A place of
// it that the release has no cell for is empty without a status.
func statTable(r *Release, table string, columns []string, lists map[string][]Code) object {
	var cells []ReleasedCell
	codes := make([][]string, len(columns))
	for _, c := range r.Cells {
		if c.Table() != table {
			continue
		}
		cells = append(cells, c)
		for i, code := range divisions(r, c, columns) {
			if !slices.Contains(codes[i], code) {
				codes[i] = append(codes[i], code)
			}
		}
	}
	cube := statCube{ids: append(slices.Clone(columns), "MEASURE"), codes: append(codes, []string{measureValue, measureLines}), values: []any{}, status: object{}}
	places := 1
	for _, of := range cube.codes {
		places *= len(of)
	}
	cube.values = make([]any, places)
	for _, c := range cells {
		cube.put(divisions(r, c, columns), c)
	}
	return cube.dataset(r, table, lists)
}

// statCube is a dataset of JSON-stat before it is written.
type statCube struct {
	ids    []string
	codes  [][]string // of each
	values []any      // the last of ids counts fastest
	status object
}

func (a *statCube) put(codes []string, c ReleasedCell) {
	at := 0
	for i, code := range codes {
		at = at*len(a.codes[i]) + slices.Index(a.codes[i], code)
	}
	for m, n := range []int64{c.Value, c.Lines} {
		place := at*measuresOfCell + m
		if c.Hidden {
			a.status[fmt.Sprint(place)] = "c"
			continue
		}
		a.values[place] = n
	}
}

func (a *statCube) dataset(r *Release, label string, lists map[string][]Code) object {
	dimensions, sizes := object{"TIME_PERIOD": object{"label": "TIME_PERIOD", "category": object{"index": []string{r.Period}}}}, []int{}
	for i, id := range a.ids {
		labels := object{}
		for _, code := range a.codes[i] {
			labels[code] = labelOf(lists[id], code)
		}
		dimensions[id] = object{"label": id, "category": object{"index": a.codes[i], "label": labels}}
		sizes = append(sizes, len(a.codes[i]))
	}
	role := object{"time": []string{"TIME_PERIOD"}, "metric": []string{"MEASURE"}}
	if slices.Contains(a.ids, "REF_AREA") {
		role["geo"] = []string{"REF_AREA"}
	}
	return object{
		"version": "2.0", "class": "dataset", "label": label, "source": "Chợ Huế", "id": append(slices.Clone(a.ids), "TIME_PERIOD"), "size": append(sizes, 1),
		"role": role, "dimension": dimensions, "value": a.values, "status": a.status,
	}
}

func labelOf(codes []Code, id string) string {
	if i := slices.IndexFunc(codes, func(c Code) bool { return c.ID == id }); i >= 0 {
		return codes[i].Name.VI
	}
	return id
}

func statFigures(r *Release, lists map[string][]Code) object {
	cube := statCube{ids: []string{"MEASURE"}, codes: [][]string{nil}, status: object{}}
	for i, f := range r.Figures {
		o := figureObservation(r, f)
		cube.codes[0] = append(cube.codes[0], o.Measure)
		if o.Value != "" {
			cube.values = append(cube.values, json.Number(o.Value))
			continue
		}
		cube.values = append(cube.values, nil)
		cube.status[fmt.Sprint(i)] = o.Status
	}
	return cube.dataset(r, "indicators", lists)
}
