package indicators

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"chohue/market"
)

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
	dims = append(dims, object{"id": "TIME_PERIOD", "name": "TIME_PERIOD", "keyPosition": len(dims), "values": []object{timeValue(r.Period)}})
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
	flow := []object{{"rel": "dataflow", "urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=" + agency + ":OCOP_TRADE(1.0)"}}
	none := []object{} // other readers want every level, though it be empty
	return writeJSON(w, object{
		"meta": object{
			"schema": "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json",
			"id":     strings.ReplaceAll(string(r.ID), ".", "_"), "prepared": r.Embargo.UTC().Format("2006-01-02T15:04:05Z"), "contentLanguages": []string{"vi", "en"}, "sender": object{"id": agency},
		},
		"data": object{
			"structures": []object{{
				"links": flow, "name": title(r).VI, "names": inBoth(title(r)),
				"dimensions": object{"dataSet": none, "series": none, "observation": dims}, "measures": object{"observation": []object{{"id": "OBS_VALUE", "name": "OBS_VALUE"}}},
				"attributes": object{"dataSet": none, "dimensionGroup": none, "series": none, "observation": attributes}, "dataSets": []int{0},
			}},
			"dataSets": []object{{"structure": 0, "action": "Replace", "links": flow, "observations": observed}},
		},
	})
}

// timeValue is the period with its first and last moment, in Huế.
func timeValue(period string) object {
	first, last := periodBounds(period)
	return object{"id": period, "name": period, "start": first.Format(time.RFC3339), "end": last.Format(time.RFC3339)}
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
