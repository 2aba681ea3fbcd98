package chohue_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "chohue/"

// floors says on which floor each room stands. A package belongs to the room
// named by its first path element; frontend has floors of its own inside.
var floors = map[string]int{
	"market":   0,
	"store":    1, // speaks of market.ID and market.Event, so it stands on market
	"accounts": 2, "cooperatives": 2, "catalog": 2, "payments": 2,
	"orders": 3, "search": 3,
	"livestream": 4, "notices": 4,
	"indicators": 5,
	"frontend":   6,
	"cmd":        7,
}

// doors orders the packages inside frontend the same way.
var doors = map[string]int{
	"frontend/locale":  0,
	"frontend/ui":      1,
	"frontend/letters": 1,
	"frontend/web":     2,
	"frontend/api":     3,
	"frontend/pages":   3,
	"frontend/video":   3, // neither JSON nor HTML: WHIP, WHEP, HLS
	"frontend":         4,
}

// doorOnly are modules that speak HTTP or HTML: they live under frontend.
var doorOnly = map[string]string{
	"github.com/gin-gonic/gin":         "gin lives only under frontend",
	"github.com/danielgtaylor/huma/v2": "huma lives only under frontend",
	"github.com/gorilla/sessions":      "gorilla lives only under frontend",
	"github.com/a-h/templ":             "HTML lives only under frontend",
	"html/template":                    "HTML lives only under frontend",
}

type file struct {
	path    string
	imports []string
}

// TestHouse reads every import in the tree and holds it against the plan in
// docs/architecture.md.
func TestHouse(t *testing.T) {
	for _, breach := range inspect(t, os.DirFS(".")) {
		t.Error(breach)
	}
}

// TestHouseNoticesBreaches plants one breach of each rule and wants it named.
func TestHouseNoticesBreaches(t *testing.T) {
	planted := []struct{ at, imports, rule string }{
		{"market/x.go", "github.com/google/go-cmp/cmp", "standard library only"},
		{"market/x.go", "chohue/store", "standard library only"},
		{"store/x.go", "chohue/catalog", "lower floors"},
		{"catalog/x.go", "chohue/orders", "lower floors"},
		{"catalog/x.go", "chohue/payments", "one floor"},
		{"search/x.go", "chohue/orders", "one floor"},
		{"orders/x.go", "chohue/livestream", "lower floors"},
		{"indicators/x.go", "chohue/frontend/web", "lower floors"},
		{"frontend/pages/x.go", "chohue/frontend/api", "one floor"},
		{"frontend/ui/x.go", "chohue/frontend/pages", "lower floors"},
		{"orders/x.go", "chohue/payments/sandbox", "cmd alone"},
		{"frontend/api/x.go", "chohue/store/sqlite", "cmd alone"},
		{"search/x.go", "chohue/search/bleve", "cmd alone"},
		{"catalog/x.go", "chohue/store/storetest", "tests alone"},
		{"payments/x.go", "github.com/gin-gonic/gin", "only under frontend"},
		{"cmd/marketd/x.go", "github.com/danielgtaylor/huma/v2/adapters/humagin", "only under frontend"},
		{"accounts/x.go", "github.com/gorilla/sessions", "only under frontend"},
		{"orders/x.go", "html/template", "only under frontend"},
		{"catalog/x.go", "github.com/a-h/templ", "only under frontend"},
		{"cellar/x.go", "fmt", "no room"},
		{"cmd/marketd/x.go", "chohue/payments/momo/momosim", "gatewaysim and tests alone"},
		{"payments/momo/x.go", "chohue/payments/momo/momosim", "gatewaysim and tests alone"},
		{"cmd/marketd/x.go", "html/template", "only under frontend"},
	}
	for _, p := range planted {
		source := fmt.Sprintf("package x\n\nimport _ %q\n", p.imports)
		found := inspect(t, fstest.MapFS{p.at: {Data: []byte(source)}})
		if len(found) != 1 || !strings.Contains(found[0], p.rule) {
			t.Errorf("%s importing %s: got %q, want one breach of %q", p.at, p.imports, found, p.rule)
		}
	}
	fine := fstest.MapFS{
		"orders/x.go":      {Data: []byte("package x\n\nimport _ \"chohue/catalog\"\n")},
		"orders/x_test.go": {Data: []byte("package x\n\nimport _ \"chohue/store/sqlite\"\n")},
		"cmd/marketd/x.go": {Data: []byte("package x\n\nimport _ \"chohue/payments/sandbox\"\n")},

		"payments/momo/momosim/x.go": {Data: []byte("package x\n\nimport _ \"html/template\"\n")},
		"cmd/gatewaysim/x.go":        {Data: []byte("package x\n\nimport _ \"chohue/payments/momo/momosim\"\n")},
	}
	if found := inspect(t, fine); len(found) != 0 {
		t.Errorf("a tidy house has breaches: %q", found)
	}
}

func inspect(t *testing.T, tree fs.FS) []string {
	t.Helper()
	var breaches []string
	for _, f := range sources(t, tree) {
		for _, imported := range f.imports {
			if why := breach(f.path, imported); why != "" {
				breaches = append(breaches, fmt.Sprintf("%s imports %s: %s", f.path, imported, why))
			}
		}
	}
	return breaches
}

func sources(t *testing.T, tree fs.FS) []file {
	t.Helper()
	var found []file
	err := fs.WalkDir(tree, ".", func(at string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || at != "." && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(at, ".go") || path.Dir(at) == "." {
			return nil
		}
		data, err := fs.ReadFile(tree, at)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), at, data, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := file{path: at}
		for _, spec := range parsed.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			f.imports = append(f.imports, name)
		}
		found = append(found, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// breach names the rule that an import breaks, or returns "".
func breach(at, imported string) string {
	from, test := path.Dir(at), strings.HasSuffix(at, "_test.go")
	floor, ok := floors[room(from)]
	if !ok {
		return "no room of that name is in the plan (rule 1)"
	}
	to, ours := strings.CutPrefix(imported, module)
	if room(from) == "market" && !test && (ours || strings.Contains(imported, ".")) {
		return "market imports the standard library only (rule 1)"
	}
	if !ours {
		return foreign(from, imported)
	}
	if helper(from) || test {
		return ""
	}
	if helper(to) {
		return "conformance suites are for tests alone (rule 3)"
	}
	if simulator(to) && !simulator(from) {
		return "simulators are for gatewaysim and tests alone (rule 3)"
	}
	if room(from) == room(to) {
		return inside(from, to)
	}
	switch target := floors[room(to)]; {
	case target > floor:
		return "import only lower floors (rule 1)"
	case target == floor:
		return "rooms on one floor do not import each other (rule 1)"
	case hangsOn(to) && room(from) != "cmd":
		return "what hangs on a room is imported by cmd alone (rule 3)"
	}
	return ""
}

func room(pkg string) string {
	first, _, _ := strings.Cut(pkg, "/")
	return first
}

// helper reports whether pkg is a conformance suite or stand-in (…test).
func helper(pkg string) bool { return strings.HasSuffix(pkg, "test") }

// simulator reports whether pkg plays another party on the wire (…sim). What
// it draws is that party's page, not the market's.
func simulator(pkg string) bool { return strings.HasSuffix(pkg, "sim") }

// hangsOn reports whether pkg is an adapter: a folder below a room.
func hangsOn(pkg string) bool {
	return strings.Contains(pkg, "/") && room(pkg) != "frontend"
}

func foreign(from, imported string) string {
	if room(from) == "frontend" || simulator(from) && imported == "html/template" {
		return ""
	}
	for name, why := range doorOnly {
		if imported == name || strings.HasPrefix(imported, name+"/") {
			return why + " (rule 4)"
		}
	}
	return ""
}

// inside judges imports within one room: an adapter may know its room, a room
// never its adapters, and the doors have their own floors.
func inside(from, to string) string {
	if room(from) != "frontend" {
		if hangsOn(to) && !hangsOn(from) && room(from) != "cmd" {
			return "what hangs on a room is imported by cmd alone (rule 3)"
		}
		return ""
	}
	a, b := doors[door(from)], doors[door(to)]
	switch {
	case door(from) == door(to):
		return ""
	case b > a:
		return "import only lower floors (rule 1)"
	case b == a:
		return "rooms on one floor do not import each other (rule 1)"
	}
	return ""
}

func door(pkg string) string {
	parts := strings.Split(pkg, "/")
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// TestEveryRoomIsThere holds the plan's list of rooms against the tree.
func TestEveryRoomIsThere(t *testing.T) {
	var have []string
	for _, f := range sources(t, os.DirFS(".")) {
		have = append(have, room(f.path))
	}
	for name := range floors {
		if !slices.Contains(have, name) {
			t.Errorf("room %s is in the plan but has no code", name)
		}
	}
}
