package indicators

import (
	"bytes"
	"context"
	"strings"

	"chohue/market"
)

// catalogueWords are the vocabularies of a DCAT catalogue.
var catalogueWords = object{
	"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "xsd": "http://www.w3.org/2001/XMLSchema#", "foaf": "http://xmlns.com/foaf/0.1/",
	"spdx": "http://spdx.org/rdf/terms#",
}

// WriteCatalogue lists the published releases as a DCAT 3 catalogue in JSON-LD.
// base is the address below which the files of releases lie, ending in a slash.
func (s *Service) WriteCatalogue(ctx context.Context, base string) ([]byte, error) {
	all, err := s.Releases(ctx, market.Actor{})
	if err != nil {
		return nil, err
	}
	sets := []object{}
	for _, r := range all {
		d, err := s.dataset(r, base)
		if err != nil {
			return nil, err
		}
		sets = append(sets, d)
	}
	var b bytes.Buffer
	err = writeJSON(&b, object{
		"@context": catalogueWords, "@id": base, "@type": "dcat:Catalog",
		"dct:title": inLanguages(market.Text{VI: "Dữ liệu mở thương mại OCOP của Chợ Huế", EN: "Open data on OCOP trade of Chợ Huế"}),
		"dct:description": inLanguages(market.Text{
			VI: "Các kỳ công bố số liệu thương mại OCOP, đã kiểm soát bảo mật thống kê", EN: "Releases of statistics on OCOP trade, controlled for disclosure",
		}),
		"dct:publisher": publisher(base), "dct:license": object{"@id": Licence}, "dct:language": languages(), "dcat:dataset": sets,
	})
	return b.Bytes(), err
}

func publisher(base string) object {
	return object{"@id": base + "#publisher", "@type": "foaf:Agent", "foaf:name": "Chợ Huế"}
}

func inLanguages(t market.Text) []object {
	return []object{{"@value": t.VI, "@language": "vi"}, {"@value": t.In("en"), "@language": "en"}}
}

// languages are those of names and codes, by the European Union's list, which
// DCAT-AP wants.
func languages() []object {
	const list = "http://publications.europa.eu/resource/authority/language/"
	return []object{{"@id": list + "VIE"}, {"@id": list + "ENG"}}
}

func (s *Service) dataset(r *Release, base string) (object, error) {
	at := base + string(r.ID) + "/"
	files, err := s.distributions(r, at)
	if err != nil {
		return nil, err
	}
	first, last := periodBounds(r.Period)
	date := func(form string) object { return object{"@value": form, "@type": "xsd:date"} }
	d := object{
		"@id": at, "@type": "dcat:Dataset", "dct:title": inLanguages(title(r)), "dct:description": inLanguages(aboutRelease), "dct:identifier": string(r.ID), "dct:license": object{"@id": Licence},
		"dct:publisher": publisher(base), "dct:language": languages(),
		"dct:issued":   object{"@value": r.Embargo.UTC().Format("2006-01-02T15:04:05Z"), "@type": "xsd:dateTime"},
		"dct:temporal": object{"@type": "dct:PeriodOfTime", "dcat:startDate": date(first.Format(dayForm)), "dcat:endDate": date(last.Format(dayForm))},
		"dcat:version": string(r.ID), "dcat:distribution": files,
	}
	if r.Reason != "" {
		d["dct:provenance"] = object{"@type": "dct:ProvenanceStatement", "dct:description": r.Reason}
	}
	return d, nil
}

var aboutRelease = market.Text{
	VI: "Giá trị giao ròng (đồng, không gồm thuế và phí vận chuyển) và số dòng hàng, theo phường xã, bộ sản phẩm, kênh bán; ô bị che để trống với OBS_STATUS Q",
	EN: "Net value delivered (đồng, without tax and shipping) and lines by ward, product set and channel; hidden cells are empty with OBS_STATUS Q",
}

func (s *Service) distributions(r *Release, at string) ([]object, error) {
	weights, err := s.weigh(r)
	if err != nil {
		return nil, err
	}
	var files []object
	for i, f := range Formats() {
		media, _, _ := strings.Cut(f.Media, ";")
		files = append(files, object{
			"@id": at + f.File, "@type": "dcat:Distribution", "dct:title": inLanguages(f.Name), "dct:license": object{"@id": Licence},
			"dcat:downloadURL": object{"@id": at + f.File}, "dcat:accessURL": object{"@id": at + f.File},
			"dcat:mediaType": object{"@id": "https://www.iana.org/assignments/media-types/" + media},
			"dcat:byteSize":  object{"@value": weights[i].size, "@type": "xsd:nonNegativeInteger"},
			"spdx:checksum": object{
				"@type": "spdx:Checksum", "spdx:algorithm": object{"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"},
				"spdx:checksumValue": object{"@value": weights[i].sum, "@type": "xsd:hexBinary"},
			},
		})
	}
	return files, nil
}

// weight is what a catalogue says of a file without showing it.
type weight struct {
	size int
	sum  string // SHA-256
}

// weigh writes every format once in the life of the process: a published
// release does not change.
func (s *Service) weigh(r *Release) ([]weight, error) {
	s.mu.Lock()
	kept := s.weights[r.ID]
	s.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	var all []weight
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.write(s, &b, r); err != nil {
			return nil, err
		}
		all = append(all, weight{b.Len(), hashOf(b.Bytes())})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.weights[r.ID] = all
	return all, nil
}
