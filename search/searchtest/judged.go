package searchtest

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"chohue/market"
	"chohue/search"
)

//go:embed judged/catalogue.json
var judgedCatalogue []byte

//go:embed judged/queries.csv
var judgedQueries []byte

// Judged is a query and what answers it. See judged/README.md.
type Judged struct {
	Kind, Text string
	Grades     map[market.ID]int // 3 best, 1 good
	Best       int               // how many of grade 3
}

// JudgedProducts is the catalogue that queries are judged over.
func JudgedProducts() ([]search.Document, error) {
	var kept []struct {
		search.Document
		Stars int
	}
	if err := json.Unmarshal(judgedCatalogue, &kept); err != nil {
		return nil, err
	}
	var docs []search.Document
	for i, k := range kept {
		d := k.Document
		d.Version, d.InStock, d.PublishedAt = 1, true, Now.AddDate(0, 0, -i)
		if k.Stars >= 3 {
			certify(&d, k.Stars, Now.AddDate(1, 0, 0))
		}
		docs = append(docs, d)
	}
	return append(docs, Products(5000, 7)...), nil
}

// JudgedQueries grades the products for every query.
func JudgedQueries(docs []search.Document) ([]Judged, error) {
	rows, err := csv.NewReader(bytes.NewReader(judgedQueries)).ReadAll()
	if err != nil {
		return nil, err
	}
	books := make([]book, len(docs))
	for i := range docs {
		books[i] = newBook(&docs[i])
	}
	var out []Judged
	for _, r := range rows[1:] {
		j := Judged{Kind: r[0], Text: r[1], Grades: map[market.ID]int{}}
		best, good := parseRule(r[2]), parseRule(r[3])
		for i, b := range books {
			switch {
			case best.meets(b):
				j.Grades[docs[i].ID] = 3
				j.Best++
			case good.meets(b):
				j.Grades[docs[i].ID] = 1
			}
		}
		if j.Best == 0 {
			return nil, fmt.Errorf("judged query %q: nothing answers %q", j.Text, r[2])
		}
		out = append(out, j)
	}
	return out, nil
}

// book is a product's words by where they stand.
type book map[byte][]string

func newBook(d *search.Document) book {
	names := []string{d.Name.VI, d.Name.EN}
	var options []string
	for _, o := range d.Options {
		options = append(options, o.VI, o.EN)
	}
	makers := []string{d.SellerName.VI, d.SellerName.EN, d.WardName}
	b := book{'n': names, 'o': options, 'p': append(slices.Clone(names), options...), 'm': makers}
	b['a'] = slices.Concat(names, options, makers, []string{d.Description.VI, d.Description.EN, d.SetName.VI})
	for _, texts := range b {
		for i := range texts {
			texts[i] = plainly(texts[i])
		}
	}
	return b
}

// plainly spells a text in one way: lower case, one space between words and
// around, the tone behind the word. No mark is lost.
func plainly(text string) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(norm.NFD.String(strings.ToLower(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		rest, tone := strings.Map(func(r rune) rune {
			if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", r) {
				return -1
			}
			return r
		}, word), ""
		for _, r := range word {
			if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", r) {
				tone = string(r)
			}
		}
		out.WriteString(" " + norm.NFC.String(rest) + tone)
	}
	return out.String() + " "
}

// judgement is or of and of phrases.
type judgement [][]phrase

type phrase struct {
	where byte
	words string
}

func parseRule(text string) judgement {
	var rule judgement
	for either := range strings.SplitSeq(text, "|") {
		var all []phrase
		for p := range strings.SplitSeq(either, "&") {
			if where, words, ok := strings.Cut(strings.TrimSpace(p), ":"); ok {
				spelt := plainly(words)
				if strings.HasSuffix(words, "*") {
					spelt = strings.TrimRight(spelt, " \u0300\u0301\u0303\u0309\u0323")
				}
				all = append(all, phrase{where[0], spelt})
			}
		}
		if len(all) > 0 {
			rule = append(rule, all)
		}
	}
	return rule
}

func (j judgement) meets(b book) bool {
	return slices.ContainsFunc(j, func(all []phrase) bool {
		return !slices.ContainsFunc(all, func(p phrase) bool {
			return !slices.ContainsFunc(b[p.where], func(text string) bool { return strings.Contains(text, p.words) })
		})
	})
}

// Score is how well a kind of query is answered, from 0 to 1.
type Score struct {
	Kind         string
	Queries      int
	Recall, NDCG float64
}

// Judge asks every query and returns the scores by kind, all together last.
func Judge(ctx context.Context, t testing.TB, ask func(context.Context, search.Query) (search.Result, error), queries []Judged) []Score {
	t.Helper()
	kinds := map[string]*Score{}
	total := &Score{Kind: "all"}
	for _, j := range queries {
		r, err := ask(ctx, search.Query{Text: j.Text, Limit: 10})
		if err != nil {
			t.Fatalf("judged query %q: %v", j.Text, err)
		}
		recall, ndcg := j.score(r.IDs)
		if recall < 1 {
			t.Logf("%s %q: recall %.2f, nDCG %.2f, %d found, corrected %q", j.Kind, j.Text, recall, ndcg, r.Total, r.Corrected)
		}
		k := kinds[j.Kind]
		if k == nil {
			k = &Score{Kind: j.Kind}
			kinds[j.Kind] = k
		}
		for _, s := range []*Score{k, total} {
			s.Queries, s.Recall, s.NDCG = s.Queries+1, s.Recall+recall, s.NDCG+ndcg
		}
	}
	var out []Score
	for _, k := range kinds {
		out = append(out, k.mean())
	}
	slices.SortFunc(out, func(a, b Score) int { return cmp.Compare(a.Kind, b.Kind) })
	return append(out, total.mean())
}

func (s *Score) mean() Score {
	n := float64(s.Queries)
	return Score{s.Kind, s.Queries, s.Recall / n, s.NDCG / n}
}

const first = 10

func (j Judged) score(ids []market.ID) (recall, ndcg float64) {
	ids = ids[:min(len(ids), first)]
	var ideal []int
	for _, g := range j.Grades {
		ideal = append(ideal, g)
	}
	slices.SortFunc(ideal, func(a, b int) int { return b - a })
	got := make([]int, len(ids))
	hits := 0
	for i, id := range ids {
		got[i] = j.Grades[id]
		if got[i] == 3 {
			hits++
		}
	}
	return float64(hits) / float64(min(first, j.Best)), gain(got) / gain(ideal)
}

func gain(grades []int) float64 {
	sum := 0.0
	for i, g := range grades[:min(len(grades), first)] {
		sum += (math.Exp2(float64(g)) - 1) / math.Log2(float64(i+2))
	}
	return sum
}

// JudgeEngine fills the engine and demands that the judged queries are
// answered: recall@10 of at least 0.95 over all. It prints the table of
// docs/search.md.
func JudgeEngine(t *testing.T, e search.Engine, ask func(context.Context, search.Query) (search.Result, error)) {
	docs, err := JudgedProducts()
	if err != nil {
		t.Fatal(err)
	}
	queries, err := JudgedQueries(docs)
	if err != nil {
		t.Fatal(err)
	}
	if len(queries) < 200 {
		t.Fatalf("%d judged queries, want 200", len(queries))
	}
	if err := rebuild(e, docs); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	scores := Judge(t.Context(), t, ask, queries)
	t.Logf("%d queries in %v", len(queries), time.Since(begun))
	t.Log("| kind | queries | recall@10 | nDCG@10 |")
	for _, s := range scores {
		t.Logf("| %s | %d | %.3f | %.3f |", s.Kind, s.Queries, s.Recall, s.NDCG)
	}
	if all := scores[len(scores)-1]; all.Recall < 0.95 {
		t.Errorf("recall@10 = %.3f, want 0.95", all.Recall)
	}
}
