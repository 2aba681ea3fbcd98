package indicators

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// laidOut is a folder with every format of a release and the catalogue, and the
// rows of the CSV, header first.
func laidOut(t *testing.T) (dir string, rows [][]string) {
	t.Helper()
	s, _ := released(t, 31, 900, 60, 3)
	r := publish(t, s, "2026-10", "")
	dir = t.TempDir()
	put := func(name string, body []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range Formats() {
		put(f.File, written(t, s, r.ID, f.File))
	}
	catalogue, err := s.WriteCatalogue(t.Context(), "https://example.org/open-data/")
	if err != nil {
		t.Fatal(err)
	}
	put("catalog.jsonld", catalogue)
	rows, err = csv.NewReader(bytes.NewReader(written(t, s, r.ID, "data.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return dir, rows
}

// wants skips the test on a machine without a reader, unless that is forbidden.
func wants(t *testing.T, there error, mend string) {
	t.Helper()
	if there == nil {
		return
	}
	if os.Getenv("MARKET_TEST_REQUIRED") == "1" {
		t.Fatal(mend, ": ", there)
	}
	t.Skip(mend, ": ", there)
}

// TestPythonReadsTheFormats: pyarrow, openpyxl, csvw, rdflib, SHACL, pysdmx and
// the published schemas of SDMX-JSON, all from PyPI.
func TestPythonReadsTheFormats(t *testing.T) {
	python := filepath.Join("..", "bin", "readers", "bin", "python")
	_, err := os.Stat(python)
	wants(t, err, "run make readers")
	dir, _ := laidOut(t)
	out, err := exec.CommandContext(t.Context(), python, "testdata/read.py", dir).CombinedOutput()
	if err != nil || !strings.HasSuffix(string(out), "all read\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

// seen is what testdata/node/read.mjs saw.
type seen struct {
	Stat []struct {
		Dataset string   `json:"dataset"`
		Area    string   `json:"REF_AREA"`
		Product string   `json:"OCOP_PRODUCT"`
		Measure string   `json:"MEASURE"`
		Period  string   `json:"TIME_PERIOD"`
		Status  string   `json:"status"`
		Value   *float64 `json:"value"`
	} `json:"stat"`
	SDMX []struct {
		Status string   `json:"OBS_STATUS"`
		Period string   `json:"TIME_PERIOD"`
		Value  *float64 `json:"value"`
	} `json:"sdmx"`
	Parquet []struct {
		Area    string   `json:"REF_AREA"`
		Measure string   `json:"MEASURE"`
		Value   *float64 `json:"OBS_VALUE"`
	} `json:"parquet"`
	Quads int `json:"quads"`
}

// TestNodeReadsTheFormats: the JSON-stat toolkit of the format's author, the
// SDMX-JSON parser of the Pacific Community, hyparquet and jsonld, all from npm.
func TestNodeReadsTheFormats(t *testing.T) {
	script := filepath.Join("testdata", "node", "read.mjs")
	_, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "jsonstat-toolkit"))
	wants(t, err, "run make clients")
	dir, rows := laidOut(t)
	cmd := exec.CommandContext(t.Context(), "node", script, dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got seen
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	area, product, measure, value, status := column("REF_AREA"), column("OCOP_PRODUCT"), column("MEASURE"), column("OBS_VALUE"), column("OBS_STATUS")
	if len(got.Parquet) != len(rows)-1 || len(got.SDMX) != len(rows)-1 || len(got.Stat) != len(rows)-1 || got.Quads < 100 {
		t.Fatalf("%d rows; Parquet %d, SDMX-JSON %d, JSON-stat %d, %d quads", len(rows)-1, len(got.Parquet), len(got.SDMX), len(got.Stat), got.Quads)
	}
	statusNames := map[string]string{"A": "Bình thường", "Q": "Không công bố", "M": "Không có số liệu"}
	var values, sdmx []string
	for i, row := range rows[1:] {
		if p := got.Parquet[i]; p.Area != row[area] || p.Measure != row[measure] || decimal(p.Value) != rounded(row[value]) {
			t.Errorf("Parquet %+v %s, want %q", p, decimal(p.Value), row)
		}
		values = append(values, rounded(row[value])+" "+statusNames[row[status]]+" 2026-10")
		o := got.SDMX[i] // in the order of keys
		sdmx = append(sdmx, decimal(o.Value)+" "+o.Status+" "+o.Period)
	}
	slices.Sort(values)
	slices.Sort(sdmx)
	if diff := cmp.Diff(values, sdmx); diff != "" {
		t.Errorf("SDMX-JSON (-CSV +SDMX): %s", diff)
	}
	wantStat(t, got, rows, area, product, measure, value)
}

// wantStat holds every cell of JSON-stat against the rows that say the same.
func wantStat(t *testing.T, got seen, rows [][]string, area, product, measure, value int) {
	t.Helper()
	crossed := 0
	for _, c := range got.Stat {
		if (c.Value == nil) != (c.Status != "") || c.Period != "2026-10" {
			t.Errorf("JSON-stat %+v", c)
		}
		if c.Dataset != TableCross && c.Dataset != TableWard && c.Dataset != TableDistrict {
			continue
		}
		crossed++
		i := slices.IndexFunc(rows, func(row []string) bool {
			return row[area] == c.Area && row[product] == orAll(c.Product) && row[measure] == c.Measure
		})
		if i < 0 || decimal(c.Value) != rounded(rows[i][value]) {
			t.Errorf("JSON-stat %+v at row %d", c, i)
		}
	}
	if crossed < 100 {
		t.Errorf("%d cells were compared", crossed)
	}
}

func orAll(code string) string {
	if code == "" {
		return allCodes
	}
	return code
}

func decimal(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', 2, 64)
}

func rounded(text string) string {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return ""
	}
	return decimal(&v)
}

// TestLibreOfficeOpensTheWorkbook lets LibreOffice write every sheet as CSV and
// holds the wards against ours.
func TestLibreOfficeOpensTheWorkbook(t *testing.T) {
	_, err := exec.LookPath("soffice")
	wants(t, err, "install libreoffice-calc-nogui")
	dir, rows := laidOut(t)
	const everySheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
	cmd := exec.CommandContext(t.Context(), "soffice", "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to", everySheet, "--outdir", dir, filepath.Join(dir, "data.xlsx"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, d := range divided {
		if _, err := os.Stat(filepath.Join(dir, "data-"+d.table+".csv")); err != nil {
			t.Error(err)
		}
	}
	file, err := os.Open(filepath.Join(dir, "data-"+TableWard+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	sheet := csv.NewReader(file)
	sheet.FieldsPerRecord = -1
	read, err := sheet.ReadAll()
	if err != nil || len(read) != 2+40 {
		t.Fatalf("%d rows, %v", len(read), err)
	}
	for _, got := range read[2:] {
		i := slices.IndexFunc(rows, func(row []string) bool { return row[1] == got[0] })
		if i < 0 || got[2] != rows[i][10] || got[3] != rows[i+1][10] || got[4] != rows[i][12] {
			t.Errorf("LibreOffice read %q, want %q", got, rows[i])
		}
	}
}
