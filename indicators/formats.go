package indicators

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"chohue/market"
)

// Format is a way of writing a release for machines. The same release gives
// the same bytes, wherever it is written.
type Format struct {
	File  string // name of the file behind the release's id
	Media string
	Name  market.Text
	write func(s *Service, w io.Writer, r *Release) error
}

// Licence of what is published: open data without conditions but naming.
const Licence = "https://creativecommons.org/licenses/by/4.0/"

const agency = "CHOHUE"

// Formats lists all of them.
func Formats() []Format {
	both := func(name string) market.Text { return market.Text{VI: name, EN: name} }
	return []Format{
		{"data.csv", "text/csv; charset=utf-8; header=present", both("CSV (RFC 4180)"), (*Service).writeFlat},
		{"data.csv-metadata.json", "application/csvm+json", both("CSVW"), (*Service).writeCSVW},
		{"sdmx.csv", "application/vnd.sdmx.data+csv; version=2.0.0", both("SDMX-CSV 2.0"), (*Service).writeSDMXCSV},
		{"sdmx.json", "application/vnd.sdmx.data+json; version=2.0.0", both("SDMX-JSON 2.0"), (*Service).writeSDMXJSON},
		{"structure.json", "application/vnd.sdmx.structure+json; version=2.0.0", market.Text{VI: "Cấu trúc SDMX 2.0", EN: "SDMX structure 2.0"}, (*Service).writeStructure},
		{"stat.json", "application/json; charset=utf-8", both("JSON-stat 2.0"), (*Service).writeJSONStat},
		{"data.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", both("Excel (XLSX)"), (*Service).writeXLSX},
		{"data.parquet", "application/vnd.apache.parquet", both("Parquet"), (*Service).writeParquet},
	}
}

// WriteRelease writes a release in the format of that file name. Published
// releases are for everybody, others for officials.
func (s *Service) WriteRelease(ctx context.Context, by market.Actor, w io.Writer, id market.ID, file string) (Format, error) {
	r, err := s.Release(ctx, by, id)
	if err != nil {
		return Format{}, err
	}
	all := Formats()
	i := slices.IndexFunc(all, func(f Format) bool { return f.File == file })
	if i < 0 {
		return Format{}, errRelease
	}
	return all[i], all[i].write(s, w, r)
}

func writeRows(w io.Writer, head []string, all []observation, row func(*observation) []string) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(head); err != nil {
		return err
	}
	for i := range all {
		if err := out.Write(row(&all[i])); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (s *Service) writeFlat(w io.Writer, r *Release) error {
	return writeRows(w, columns(), s.observations(r), (*observation).row)
}

// writeSDMXCSV writes SDMX-CSV 2.0: every row says which dataflow it belongs to
// and that it replaces what was there.
func (s *Service) writeSDMXCSV(w io.Writer, r *Release) error {
	head := append([]string{"STRUCTURE", "STRUCTURE_ID", "ACTION"}, columns()...)
	return writeRows(w, head, s.observations(r), func(o *observation) []string {
		return append([]string{"dataflow", agency + ":OCOP_TRADE(1.0)", "R"}, o.row()...)
	})
}

type object = map[string]any

func writeJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return out.Encode(v)
}

// writeCSVW describes the CSV file (W3C Metadata Vocabulary for Tabular Data).
func (s *Service) writeCSVW(w io.Writer, r *Release) error {
	var described []object
	for _, name := range columns() {
		c := object{"name": name, "titles": name, "datatype": "string", "required": name != "OBS_VALUE"}
		switch name {
		case "OBS_VALUE":
			c["datatype"], c["null"] = "decimal", ""
			c["dc:description"] = "Empty where OBS_STATUS is Q (suppressed) or M (missing)"
		case "REVISION":
			c["datatype"] = "integer"
		}
		described = append(described, c)
	}
	return writeJSON(w, object{
		"@context": []any{"http://www.w3.org/ns/csvw", object{"@language": "vi"}}, "url": "data.csv",
		"dc:title": title(r).VI, "dc:license": object{"@id": Licence}, "dc:publisher": "Chợ Huế", "dc:modified": object{"@value": r.Embargo.UTC().Format("2006-01-02"), "@type": "xsd:date"},
		"dialect":     object{"delimiter": ",", "header": true, "lineTerminators": []string{"\r\n"}, "encoding": "utf-8"},
		"tableSchema": object{"columns": described, "primaryKey": append(slices.Clone(dimensionColumns), "TIME_PERIOD")},
	})
}

func title(r *Release) market.Text {
	return market.Text{VI: "Thương mại OCOP trên Chợ Huế, kỳ " + r.Period, EN: "OCOP trade on Chợ Huế, period " + r.Period}
}

func inBoth(t market.Text) object { return object{"vi": t.VI, "en": t.In("en")} }

// component is one column with the values that occur, for SDMX-JSON.
func component(name string, codes []Code) object {
	values := make([]object, len(codes))
	for i, c := range codes {
		values[i] = object{"id": c.ID, "name": c.Name.VI, "names": inBoth(c.Name)}
	}
	return object{"id": name, "name": name, "values": values}
}

// writeSDMXJSON writes SDMX-JSON 2.0 data with every dimension at the
// observation.
func (s *Service) writeSDMXJSON(w io.Writer, r *Release) error {
	all, lists := s.observations(r), s.codeLists()
	var dims []object
	places := make([]map[string]int, len(dimensionColumns))
	for i, name := range dimensionColumns {
		codes := listed(lists[name], all, func(o *observation) string { return o.dimensions()[i] })
		d := component(name, codes)
		d["keyPosition"] = i
		dims, places[i] = append(dims, d), positions(codes)
	}
	dims = append(dims, object{"id": "TIME_PERIOD", "name": "TIME_PERIOD", "keyPosition": len(dims), "values": []object{{"value": r.Period}}})
	var attributes []object
	at := make([]map[string]int, len(attributeColumns))
	for i, name := range attributeColumns {
		codes := listed(lists[name], all, func(o *observation) string { return o.attributes()[i] })
		a := component(name, codes)
		a["relationship"] = object{"observation": object{}}
		attributes, at[i] = append(attributes, a), positions(codes)
	}
	observed := object{}
	for i := range all {
		o := &all[i]
		observed[keyOf(o, places)] = valuesAt(o, at)
	}
	return writeJSON(w, object{
		"meta": object{
			"schema": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json",
			"id":     string(r.ID), "prepared": r.Embargo.UTC().Format("2006-01-02T15:04:05Z"), "contentLanguages": []string{"vi", "en"}, "sender": object{"id": agency},
		},
		"data": object{
			"structures": []object{{
				"links":      []object{{"rel": "dataflow", "urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=" + agency + ":OCOP_TRADE(1.0)"}},
				"name":       title(r).VI,
				"dimensions": object{"observation": dims}, "measures": object{"observation": []object{{"id": "OBS_VALUE", "name": "OBS_VALUE"}}},
				"attributes": object{"observation": attributes}, "dataSets": []int{0},
			}},
			"dataSets": []object{{"structure": 0, "action": "Replace", "observations": observed}},
		},
	})
}

func positions(codes []Code) map[string]int {
	at := map[string]int{}
	for i, c := range codes {
		at[c.ID] = i
	}
	return at
}

func keyOf(o *observation, places []map[string]int) string {
	var b strings.Builder
	for i, code := range o.dimensions() {
		_, _ = fmt.Fprintf(&b, "%d:", places[i][code])
	}
	return b.String() + "0"
}

func valuesAt(o *observation, at []map[string]int) []any {
	out := []any{nil}
	if o.Value != "" {
		out[0] = json.Number(o.Value)
	}
	for i, code := range o.attributes() {
		out = append(out, at[i][code])
	}
	return out
}

// writeStructure writes the data structure definition with its code lists.
func (s *Service) writeStructure(w io.Writer, _ *Release) error {
	urn := func(kind, id string) string {
		return "urn:sdmx:org.sdmx.infomodel." + kind + "=" + agency + ":" + id + "(1.0)"
	}
	artefact := func(id string, name market.Text) object {
		return object{"id": id, "agencyID": agency, "version": "1.0", "name": name.VI, "names": inBoth(name)}
	}
	var codelists, concepts, dims, attributes []object
	lists := s.codeLists()
	names := append(slices.Concat(dimensionColumns, attributeColumns), "TIME_PERIOD", "OBS_VALUE")
	for _, name := range names {
		concepts = append(concepts, object{"id": name, "name": name, "names": object{"en": name}})
	}
	concept := func(name string) string {
		return "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept=" + agency + ":CS_OCOP(1.0)." + name
	}
	represented := func(name string) object {
		if len(lists[name]) == 0 {
			return object{"format": object{"dataType": "String"}}
		}
		return object{"enumeration": urn("codelist.Codelist", "CL_"+name)}
	}
	for i, name := range dimensionColumns {
		dims = append(dims, object{"id": name, "position": i, "conceptIdentity": concept(name), "localRepresentation": represented(name)})
	}
	for _, name := range attributeColumns {
		attributes = append(attributes, object{"id": name, "usage": "optional", "conceptIdentity": concept(name), "localRepresentation": represented(name), "attributeRelationship": object{"observation": object{}}})
	}
	for _, name := range slices.Concat(dimensionColumns, attributeColumns) {
		if codes := lists[name]; len(codes) > 0 {
			list := artefact("CL_"+name, both(name))
			list["codes"] = component(name, codes)["values"]
			codelists = append(codelists, list)
		}
	}
	scheme := artefact("CS_OCOP", both("OCOP trade concepts"))
	scheme["concepts"] = concepts
	dsd := artefact("OCOP_TRADE", market.Text{VI: "Thương mại OCOP", EN: "OCOP trade"})
	dsd["dataStructureComponents"] = object{
		"dimensionList": object{"id": "DimensionDescriptor", "dimensions": dims, "timeDimension": object{
			"id": "TIME_PERIOD", "position": len(dims), "conceptIdentity": concept("TIME_PERIOD"), "localRepresentation": object{"format": object{"dataType": "ObservationalTimePeriod"}},
		}},
		"measureList":   object{"id": "MeasureDescriptor", "measures": []object{{"id": "OBS_VALUE", "conceptIdentity": concept("OBS_VALUE"), "localRepresentation": object{"format": object{"dataType": "Decimal"}}}}},
		"attributeList": object{"id": "AttributeDescriptor", "attributes": attributes},
	}
	flow := artefact("OCOP_TRADE", market.Text{VI: "Thương mại OCOP", EN: "OCOP trade"})
	flow["structure"] = urn("datastructure.DataStructure", "OCOP_TRADE")
	return writeJSON(w, object{
		"meta": object{"id": "OCOP_TRADE", "prepared": "2026-01-01T00:00:00Z", "contentLanguages": []string{"vi", "en"}, "sender": object{"id": agency}},
		"data": object{"dataflows": []object{flow}, "dataStructures": []object{dsd}, "codelists": codelists, "conceptSchemes": []object{scheme}},
	})
}

// divided are the tables of JSON-stat with the column that divides each.
var divided = []struct {
	table, column string
}{
	{TableDistrict, "REF_AREA"},
	{TableWard, "REF_AREA"},
	{TableIndustry, "OCOP_PRODUCT"},
	{TableSet, "OCOP_PRODUCT"},
	{TableChannel, "CHANNEL"},
	{TableDestination, "DEST_AREA"},
	{TablePay, "PAY_METHOD"},
	{TableStars, "STAR"},
	{TableKind, "SELLER_TYPE"},
}

// writeJSONStat writes JSON-stat 2.0: a collection with a dataset for each
// table and one for the indicators.
func (s *Service) writeJSONStat(w io.Writer, r *Release) error {
	lists := s.codeLists()
	var items []object
	for _, d := range divided {
		items = append(items, s.statTable(r, d.table, d.column, lists))
	}
	return writeJSON(w, object{
		"version": "2.0", "class": "collection", "label": title(r).VI, "href": string(r.ID), "updated": r.Embargo.UTC().Format("2006-01-02T15:04:05Z"),
		"extension": object{"licence": Licence, "inputs": r.Inputs, "program": r.Program, "revision": r.Revision, "reason": r.Reason},
		"link":      object{"item": append(items, statFigures(r, lists))},
	})
}

func (s *Service) statTable(r *Release, table, column string, lists map[string][]Code) object {
	var codes []string
	var values []any
	status := object{}
	labels := object{}
	for _, c := range r.Cells {
		if c.Table() != table {
			continue
		}
		o := blank(r)
		o.place(c)
		code := o.dimensions()[slices.Index(dimensionColumns, column)]
		codes = append(codes, code)
		labels[code] = labelOf(lists[column], code)
		for _, n := range []int64{c.Value, c.Lines} {
			if c.Hidden {
				status[fmt.Sprint(len(values))] = "c"
				values = append(values, nil)
			} else {
				values = append(values, n)
			}
		}
	}
	return object{
		"version": "2.0", "class": "dataset", "label": table, "source": "Chợ Huế", "id": []string{column, "MEASURE", "TIME_PERIOD"}, "size": []int{len(codes), measuresOfCell, 1},
		"role": object{"time": []string{"TIME_PERIOD"}, "metric": []string{"MEASURE"}},
		"dimension": object{
			column:        object{"label": column, "category": object{"index": codes, "label": labels}},
			"MEASURE":     object{"label": "MEASURE", "category": object{"index": []string{measureValue, measureLines}, "label": object{measureValue: labelOf(lists["MEASURE"], measureValue), measureLines: labelOf(lists["MEASURE"], measureLines)}}},
			"TIME_PERIOD": object{"label": "TIME_PERIOD", "category": object{"index": []string{r.Period}}},
		},
		"value": values, "status": status,
	}
}

func labelOf(codes []Code, id string) string {
	if i := slices.IndexFunc(codes, func(c Code) bool { return c.ID == id }); i >= 0 {
		return codes[i].Name.VI
	}
	return id
}

func statFigures(r *Release, lists map[string][]Code) object {
	var codes []string
	var values []any
	labels, status := object{}, object{}
	for _, f := range r.Figures {
		o := figureObservation(r, f)
		codes = append(codes, o.Measure)
		labels[o.Measure] = labelOf(lists["MEASURE"], o.Measure)
		if o.Value == "" {
			status[fmt.Sprint(len(values))] = o.Status
			values = append(values, nil)
		} else {
			values = append(values, json.Number(o.Value))
		}
	}
	return object{
		"version": "2.0", "class": "dataset", "label": "indicators", "source": "Chợ Huế", "id": []string{"MEASURE", "TIME_PERIOD"}, "size": []int{len(codes), 1},
		"role": object{"time": []string{"TIME_PERIOD"}, "metric": []string{"MEASURE"}},
		"dimension": object{
			"MEASURE":     object{"label": "MEASURE", "category": object{"index": codes, "label": labels}},
			"TIME_PERIOD": object{"label": "TIME_PERIOD", "category": object{"index": []string{r.Period}}},
		},
		"value": values, "status": status,
	}
}

// parquetRow is a row for analysts; a hidden value is null.
type parquetRow struct {
	Freq    string   `parquet:"FREQ,dict"`
	Area    string   `parquet:"REF_AREA,dict"`
	Product string   `parquet:"OCOP_PRODUCT,dict"`
	Channel string   `parquet:"CHANNEL,dict"`
	Dest    string   `parquet:"DEST_AREA,dict"`
	Pay     string   `parquet:"PAY_METHOD,dict"`
	Star    string   `parquet:"STAR,dict"`
	Seller  string   `parquet:"SELLER_TYPE,dict"`
	Measure string   `parquet:"MEASURE,dict"`
	Period  string   `parquet:"TIME_PERIOD,dict"`
	Value   *float64 `parquet:"OBS_VALUE,optional"`
	Unit    string   `parquet:"UNIT_MEASURE,dict"`
	Status  string   `parquet:"OBS_STATUS,dict"`
	Conf    string   `parquet:"CONF_STATUS,dict"`
	Rev     int32    `parquet:"REVISION"`
}

func (s *Service) writeParquet(w io.Writer, r *Release) error {
	out := parquet.NewGenericWriter[parquetRow](w, parquet.Compression(&parquet.Snappy))
	var rows []parquetRow
	for _, o := range s.observations(r) {
		row := parquetRow{o.Freq, o.Area, o.Product, o.Channel, o.Dest, o.Pay, o.Star, o.Seller, o.Measure, o.Period, nil, o.Unit, o.Status, o.Conf, int32(o.Rev)}
		if o.Value != "" {
			v, err := json.Number(o.Value).Float64()
			if err != nil {
				return err
			}
			row.Value = &v
		}
		rows = append(rows, row)
	}
	if _, err := out.Write(rows); err != nil {
		return err
	}
	return out.Close()
}

// writeXLSX writes a sheet with names beside codes for each table, and one of
// indicators.
func (s *Service) writeXLSX(w io.Writer, r *Release) (err error) {
	book := excelize.NewFile()
	defer func() { err = cmp.Or(err, book.Close()) }()
	stamp := r.Embargo.UTC().Format("2006-01-02T15:04:05Z")
	if err := book.SetDocProps(&excelize.DocProperties{Title: title(r).VI, Creator: "Chợ Huế", Created: stamp, Modified: stamp, Language: "vi"}); err != nil {
		return err
	}
	lists := s.codeLists()
	if err := s.figureSheet(book, r, lists); err != nil {
		return err
	}
	for _, d := range divided {
		if err := s.tableSheet(book, r, d.table, d.column, lists); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

func (s *Service) figureSheet(book *excelize.File, r *Release, lists map[string][]Code) error {
	const sheet = "indicators"
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	rows := [][]any{{title(r).VI}, {"Mã", "Chỉ tiêu", "Giá trị", "Đơn vị", "Trạng thái"}}
	for _, f := range r.Figures {
		o := figureObservation(r, f)
		rows = append(rows, []any{o.Measure, labelOf(lists["MEASURE"], o.Measure), number(o.Value), o.Unit, o.Status})
	}
	return putRows(book, sheet, rows)
}

func (s *Service) tableSheet(book *excelize.File, r *Release, table, column string, lists map[string][]Code) error {
	if _, err := book.NewSheet(table); err != nil {
		return err
	}
	rows := [][]any{{title(r).VI}, {"Mã", "Tên", "Giá trị giao ròng (đồng)", "Dòng hàng", "Trạng thái"}}
	for _, c := range r.Cells {
		if c.Table() != table {
			continue
		}
		o := blank(r)
		o.place(c)
		code := o.dimensions()[slices.Index(dimensionColumns, column)]
		row := []any{code, labelOf(lists[column], code), c.Value, c.Lines, "A"}
		if c.Hidden {
			row[2], row[3], row[4] = nil, nil, "Q"
		}
		rows = append(rows, row)
	}
	return putRows(book, table, rows)
}

func number(text string) any {
	if v, err := json.Number(text).Float64(); err == nil {
		return v
	}
	return nil
}

func putRows(book *excelize.File, sheet string, rows [][]any) error {
	for i, row := range rows {
		if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row); err != nil {
			return err
		}
	}
	return book.SetColWidth(sheet, "B", "C", 32)
}
