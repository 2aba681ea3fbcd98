package indicators

import (
	"bytes"
	"context"

	"chohue/market"
)

// WriteCatalogue lists the published releases as a DCAT 3 catalogue in JSON-LD.
// base is the address below which the files of releases lie, ending in a slash.
func (s *Service) WriteCatalogue(ctx context.Context, base string) ([]byte, error) {
	all, err := s.Releases(ctx, market.Actor{})
	if err != nil {
		return nil, err
	}
	sets := []object{}
	for _, r := range all {
		d, err := s.dataset(r, base+string(r.ID)+"/")
		if err != nil {
			return nil, err
		}
		sets = append(sets, d)
	}
	var b bytes.Buffer
	err = writeJSON(&b, object{
		"@context": object{
			"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "xsd": "http://www.w3.org/2001/XMLSchema#", "foaf": "http://xmlns.com/foaf/0.1/",
			"spdx": "http://spdx.org/rdf/terms#",
		},
		"@id": base, "@type": "dcat:Catalog", "dct:title": inLanguages(market.Text{VI: "Dữ liệu mở thương mại OCOP của Chợ Huế", EN: "Open data on OCOP trade of Chợ Huế"}),
		"dct:publisher": object{"@id": base + "#publisher", "@type": "foaf:Agent", "foaf:name": "Chợ Huế"}, "dct:license": object{"@id": Licence}, "dcat:dataset": sets,
	})
	return b.Bytes(), err
}

func inLanguages(t market.Text) []object {
	return []object{{"@value": t.VI, "@language": "vi"}, {"@value": t.In("en"), "@language": "en"}}
}

func (s *Service) dataset(r *Release, base string) (object, error) {
	var files []object
	for _, f := range Formats() {
		var b bytes.Buffer
		if err := f.write(s, &b, r); err != nil {
			return nil, err
		}
		files = append(files, object{
			"@id": base + f.File, "@type": "dcat:Distribution", "dct:title": inLanguages(f.Name),
			"dcat:downloadURL": object{"@id": base + f.File}, "dcat:accessURL": object{"@id": base + f.File},
			"dcat:mediaType": f.Media, "dct:license": object{"@id": Licence},
			"dcat:byteSize": object{"@value": b.Len(), "@type": "xsd:nonNegativeInteger"},
		})
	}
	months, err := monthsOf(r.Period)
	if err != nil {
		return nil, err
	}
	date := func(v string) object { return object{"@value": v, "@type": "xsd:gYearMonth"} }
	return object{
		"@id": base, "@type": "dcat:Dataset", "dct:title": inLanguages(title(r)), "dct:identifier": string(r.ID), "dct:license": object{"@id": Licence},
		"dct:issued":   object{"@value": r.Embargo.UTC().Format("2006-01-02T15:04:05Z"), "@type": "xsd:dateTime"},
		"dct:temporal": object{"@type": "dct:PeriodOfTime", "dcat:startDate": date(months[0]), "dcat:endDate": date(months[len(months)-1])},
		"dcat:version": r.Revision, "dcat:distribution": files,
	}, nil
}
