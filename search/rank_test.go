package search

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestEveryWeightIsPublished reads the constants that engines rank by from the
// source: one that is not among the published criteria must not exist.
func TestEveryWeightIsPublished(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "rank.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	published := map[string]int{}
	for _, c := range Criteria() {
		published[strings.ReplaceAll(c.Name, "_", "")] = c.Points
	}
	found := 0
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		points, err := strconv.Atoi(v.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ToLower(strings.TrimPrefix(v.Names[0].Name, "Rank"))
		if got, ok := published[name]; !ok || got != points {
			t.Errorf("%s is %d, published as %d (%v)", v.Names[0].Name, points, got, ok)
		}
		found++
		return true
	})
	if found != len(published) {
		t.Errorf("%d weights, %d published", found, len(published))
	}
}
