package indicators

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"chohue/market"
	"chohue/store"
	"chohue/store/memory"
	"chohue/store/mongo"
	"chohue/store/mongo/mongotest"
	"chohue/store/sqlite"
)

func written(t testing.TB, s *Service, id market.ID, file string) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := s.WriteRelease(t.Context(), official, &b, id, file); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return b.Bytes()
}

// TestFormatsSayTheSame reads every format back and holds it against the CSV.
func TestFormatsSayTheSame(t *testing.T) {
	s, _ := released(t, 23, 900, 60, 3)
	r := publish(t, s, "2026-10", "")
	rows, err := csv.NewReader(bytes.NewReader(written(t, s, r.ID, "data.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	hidden := 0
	for _, row := range rows[1:] {
		if (row[13] == "C") != (row[12] == "Q") || row[13] == "C" && row[10] != "" || row[12] == "A" && row[10] == "" {
			t.Errorf("row %q", row)
		}
		if row[13] == "C" {
			hidden++
		}
	}
	if hidden == 0 || len(rows) != 1+2*len(r.Cells)+len(r.Figures) {
		t.Fatalf("%d rows, %d hidden", len(rows), hidden)
	}
	sdmx, err := csv.NewReader(bytes.NewReader(written(t, s, r.ID, "sdmx.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i := range sdmx {
		if diff := cmp.Diff(rows[i], sdmx[i][3:]); diff != "" {
			t.Fatalf("SDMX-CSV row %d: %s", i, diff)
		}
	}
	file := written(t, s, r.ID, "data.parquet")
	packed, err := parquet.Read[parquetRow](bytes.NewReader(file), int64(len(file)))
	if err != nil || len(packed) != len(rows)-1 {
		t.Fatalf("parquet: %d rows, %v", len(packed), err)
	}
	for i, p := range packed {
		if want := rows[i+1]; p.Area != want[1] || p.Measure != want[8] || (p.Value == nil) != (want[10] == "") {
			t.Errorf("parquet row %d: %+v, want %q", i, p, want)
		}
	}
	book, err := excelize.OpenReader(bytes.NewReader(written(t, s, r.ID, "data.xlsx")))
	if err != nil {
		t.Fatal(err)
	}
	wards, err := book.GetRows(TableWard)
	if err != nil || len(wards) != 2+40 {
		t.Errorf("XLSX: %d rows of wards, %v", len(wards), err)
	}
	for _, name := range []string{"sdmx.json", "structure.json", "stat.json", "data.csv-metadata.json"} {
		if !json.Valid(written(t, s, r.ID, name)) {
			t.Errorf("%s is not JSON", name)
		}
	}
	if _, err := s.WriteRelease(t.Context(), official, new(bytes.Buffer), r.ID, "data.exe"); market.KindOf(err) != market.KindNotFound {
		t.Errorf("unknown format: %v", err)
	}
}

// TestReleaseIsTheSameOnEveryEngine makes one release from the same sales on
// the file, in memory and on MongoDB's wire, and wants the same bytes of every
// format.
func TestReleaseIsTheSameOnEveryEngine(t *testing.T) {
	engines := map[string]func() store.Engine{
		"memory": func() store.Engine { return memory.New() },
		"sqlite": func() store.Engine {
			e, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "market.db"))
			if err != nil {
				t.Fatal(err)
			}
			return e
		},
	}
	t.Run("mongo", func(t *testing.T) {
		address, n := mongotest.Start(t), 0
		engines["mongo"] = func() store.Engine {
			n++
			e, err := mongo.Open(t.Context(), address, fmt.Sprint("statistics", n))
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		sameEverywhere(t, engines)
	})
	if len(engines) == 2 {
		sameEverywhere(t, engines)
	}
}

// sameEverywhere hears the sales on some engines and makes them again from the
// orders on others.
func sameEverywhere(t *testing.T, engines map[string]func() store.Engine) {
	t.Helper()
	want := map[string][]byte{}
	for name, open := range engines {
		for _, rebuilt := range []bool{false, true} {
			e := open()
			got := publishedFrom(t, e, rebuilt)
			for file, body := range got {
				if want[file] == nil {
					want[file] = body
				} else if !bytes.Equal(body, want[file]) {
					t.Errorf("%s differs on %s, rebuilt %v", file, name, rebuilt)
				}
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if len(want) != len(Formats())+1 {
		t.Errorf("%d files", len(want))
	}
}

// publishedFrom makes a market's facts, heard or from the orders, publishes a
// month and returns all files of it and the facts.
func publishedFrom(t *testing.T, e store.Engine, rebuilt bool) map[string][]byte {
	t.Helper()
	trade := newTrade(29, 40)
	trade.sell(400, 3)
	events := append(trade.deliveries(), trade.giveBack(5)...)
	s := on(t, e)
	if rebuilt {
		if r, err := s.Rebuild(t.Context(), market.System, trade); err != nil || r.Added != r.Facts || len(r.Wrong) > 0 {
			t.Fatalf("%+v, %v", r, err)
		}
	} else {
		hearMany(t, s, trade.muddle(events))
	}
	r := publish(t, s, "2026-10", "")
	files := map[string][]byte{}
	for _, f := range Formats() {
		files[f.File] = written(t, s, r.ID, f.File)
	}
	var facts bytes.Buffer
	if err := s.WriteFacts(t.Context(), official, &facts, "2026-01", "2026-11"); err != nil {
		t.Fatal(err)
	}
	files["facts.jsonl"] = facts.Bytes()
	return files
}

// TestReleaseIsTheSameInAnotherProcess makes the facts again from the orders and
// publishes them in another process, with one processor.
func TestReleaseIsTheSameInAnotherProcess(t *testing.T) {
	const folder = "INDICATORS_TEST_FOLDER"
	if dir := os.Getenv(folder); dir != "" {
		e, err := sqlite.Open(t.Context(), filepath.Join(dir, "market.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = e.Close() }()
		for name, body := range publishedFrom(t, e, true) {
			if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	dir := t.TempDir()
	other := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	other.Env = append(os.Environ(), folder+"="+dir, "GOMAXPROCS=1")
	if out, err := other.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, want := range publishedFrom(t, memory.New(), false) {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(got, want) || len(got) == 0 {
			t.Errorf("%s differs: %d and %d bytes, %v", name, len(got), len(want), err)
		}
	}
}
