package indicators

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"

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
