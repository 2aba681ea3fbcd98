package api

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"chohue/frontend/web"
	"chohue/indicators"
	"chohue/market"
)

// OpenRelease is a published release of statistics and its files.
type OpenRelease struct {
	ID        string     `json:"id" example:"2026-10.r1"`
	Period    string     `json:"period" example:"2026-10"`
	Revision  int        `json:"revision"`
	Reason    string     `json:"reason,omitempty"`
	Published time.Time  `json:"published"`
	Inputs    string     `json:"inputs" doc:"SHA-256 of the facts, or the months that were added up"`
	Program   string     `json:"program" doc:"SHA-256 of what reckoned"`
	Licence   string     `json:"licence"`
	Files     []OpenFile `json:"files"`
}

// OpenFile is one format of a release.
type OpenFile struct {
	Href  string `json:"href"`
	Media string `json:"media"`
}

// OpenReleases are all published releases, the newest first.
type OpenReleases struct {
	Items []OpenRelease `json:"items"`
}

type openInput struct{ Conditional }

type openFileInput struct {
	ID string `path:"release" maxLength:"32" doc:"Release, such as 2026-10.r1"`
	Conditional
}

func (d *Door) addOpenData() error {
	list := operation{
		method: http.MethodGet, path: "/open-data/releases", id: "openReleases", tag: "statistics",
		vi: "Số liệu thống kê đã công bố", en: "Published statistics",
		about: "Open data, without signing in. Hidden figures are empty with OBS_STATUS Q, never zero.", returns: OpenReleases{}, headers: []string{"ETag"},
	}
	add(d, list, d.openReleases)
	list.path, list.id, list.media, list.returns = "/open-data/catalog", "openCatalog", "application/ld+json", ""
	list.vi, list.en = "Danh mục dữ liệu mở (DCAT 3)", "Catalogue of open data (DCAT 3)"
	add(d, list, d.openCatalog)
	for _, f := range indicators.Formats() {
		media, _, _ := strings.Cut(f.Media, ";")
		op := operation{
			method: http.MethodGet, path: "/open-data/releases/{release}/" + f.File, id: "openData_" + strings.ReplaceAll(f.File, ".", "_"), tag: "statistics",
			vi: "Kỳ công bố dạng " + f.Name.VI, en: "Release as " + f.Name.In("en"), about: list.about, returns: "", media: media, headers: []string{"ETag"},
		}
		if strings.HasSuffix(media, "json") {
			op.returns = map[string]any{}
		}
		add(d, op, func(ctx context.Context, in *openFileInput) (*answer, error) { return d.openFile(ctx, in.ID, f.File) })
	}
	return nil
}

const openCache = "public, max-age=300"

func (d *Door) openReleases(ctx context.Context, _ *openInput) (*answer, error) {
	all, err := d.Indicators.Releases(ctx, market.Actor{})
	if err != nil {
		return nil, err
	}
	out := OpenReleases{Items: []OpenRelease{}}
	for _, r := range all {
		one := OpenRelease{
			ID: string(r.ID), Period: r.Period, Revision: r.Revision, Reason: r.Reason, Published: r.Embargo.UTC(), Inputs: r.Inputs, Program: r.Program, Licence: indicators.Licence,
		}
		for _, f := range indicators.Formats() {
			one.Files = append(one.Files, OpenFile{Prefix + "/open-data/releases/" + string(r.ID) + "/" + f.File, f.Media})
		}
		out.Items = append(out.Items, one)
	}
	return show(out)
}

func (d *Door) openCatalog(ctx context.Context, _ *openInput) (*answer, error) {
	body, err := d.Indicators.WriteCatalogue(ctx, d.cfg.BaseURL+Prefix+"/open-data/releases/")
	if err != nil {
		return nil, err
	}
	return &answer{Status: http.StatusOK, ContentType: "application/ld+json", ETag: etag("", body), CacheControl: openCache, Body: body}, nil
}

func (d *Door) openFile(ctx context.Context, id, file string) (*answer, error) {
	var b bytes.Buffer
	f, err := d.Indicators.WriteRelease(ctx, web.Actor(ctx), &b, market.ID(id), file)
	if err != nil {
		return nil, err
	}
	return &answer{
		Status: http.StatusOK, ContentType: f.Media, ETag: etag("", b.Bytes()), Link: "<" + indicators.Licence + `>; rel="license"`,
		Disposition: `attachment; filename="chohue-` + id + "-" + file + `"`, Body: b.Bytes(),
	}, nil
}
