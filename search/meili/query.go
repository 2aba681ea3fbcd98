package meili

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	meilisearch "github.com/meilisearch/meilisearch-go"

	"chohue/market"
	"chohue/search"
)

const (
	defaultLimit = 24
	maxLimit     = 100
	maxOffset    = 10_000
	// window is how many of the first hits are put in order here. Pages beyond
	// come as the server orders them.
	window = 200
)

// Query asks for the page and for the counts of facets in one request.
func (e *Engine) Query(ctx context.Context, q search.Query) (search.Result, error) {
	result := search.Result{Engine: Name}
	q = bounded(q)
	terms := search.Terms(strings.ToValidUTF8(q.Text, ""), e.config.Synonyms)
	words := wordsOf(terms)
	if q.Text != "" && len(words) == 0 {
		return result, nil
	}
	now := e.config.Now().UnixMilli()
	queries := []*meilisearch.SearchRequest{e.page(q, words, now)}
	if q.Facets {
		queries = append(queries, e.counts(q, words, now)...)
	}
	asker, err := e.asker(ctx)
	if err != nil {
		return result, err
	}
	answer, err := asker.MultiSearchWithContext(ctx, &meilisearch.MultiSearchRequest{Queries: queries})
	if err != nil {
		return result, broken(err)
	}
	if len(answer.Results) != len(queries) {
		return result, fmt.Errorf("meilisearch: %d answers to %d questions", len(answer.Results), len(queries))
	}
	result.Total = int(max(answer.Results[0].TotalHits, answer.Results[0].EstimatedTotalHits))
	if result.IDs, result.Corrected, err = e.ids(q, terms, answer.Results[0], now); err != nil {
		return result, err
	}
	if q.Facets {
		result.Facets, err = facets(answer.Results[1:])
	}
	return result, err
}

func bounded(q search.Query) search.Query {
	if q.Limit <= 0 {
		q.Limit = defaultLimit
	}
	q.Limit = min(q.Limit, maxLimit)
	q.Offset = min(max(q.Offset, 0), maxOffset)
	return q
}

// ordered reports whether the first hits are put in order here.
func ordered(q search.Query) bool {
	return (q.Sort == "" || q.Sort == search.SortRelevance) && q.Offset+q.Limit <= window
}

func (e *Engine) page(q search.Query, words []search.Word, now int64) *meilisearch.SearchRequest {
	r := e.ask(q, words, now)
	r.Offset, r.Limit = int64(q.Offset), int64(q.Limit)
	if ordered(q) {
		r.Offset, r.Limit = 0, window
	}
	r.Facets = nil
	switch q.Sort {
	case search.SortPrice:
		r.Sort = []string{"price:asc", "published:desc"}
	case search.SortPriceDown:
		r.Sort = []string{"price:desc", "published:desc"}
	case search.SortNewest:
		r.Sort = []string{"published:desc"}
	case search.SortNear:
		r.Sort = []string{fmt.Sprintf("_geoPoint(%v, %v):asc", q.Near.Lat, q.Near.Lng)}
	}
	return r
}

func (e *Engine) ask(q search.Query, words []search.Word, now int64) *meilisearch.SearchRequest {
	text := make([]string, 0, len(words))
	for _, w := range words[:min(len(words), 10)] { // the server looks at ten words
		text = append(text, w.Text)
	}
	return &meilisearch.SearchRequest{
		IndexUID: e.config.Index, Query: strings.Join(text, " "), MatchingStrategy: meilisearch.All,
		Filter: conditions(q, now),
	}
}

// conditions are the filter: all must hold.
func conditions(q search.Query, now int64) string {
	all := []string{"gone = false"}
	add := func(on bool, format string, args ...any) {
		if on {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	add(q.Set != 0, "set = %d", q.Set)
	add(q.Ward != "", "ward = %s", raw(q.Ward))
	add(q.Seller != "", "seller = %s", raw(q.Seller))
	add(q.InStock, "in_stock = true")
	add(q.PriceFrom > 0, "price >= %d", q.PriceFrom)
	add(q.PriceTo > 0, "price <= %d", q.PriceTo)
	add(q.Stars > 0, "%s", starred(q.Stars, now))
	return strings.Join(all, " AND ")
}

func starred(least int, now int64) string {
	spans := make([]string, 3)
	for i := range spans {
		n := i + 1
		spans[i] = fmt.Sprintf("(stars_%d >= %d AND from_%d <= %d AND until_%d > %d)", n, least, n, now, n, now)
	}
	return "(" + strings.Join(spans, " OR ") + ")"
}

const mostStars = 5

// counts ask for each facet without its own condition.
func (e *Engine) counts(q search.Query, words []search.Word, now int64) []*meilisearch.SearchRequest {
	sets, wards := q, q
	sets.Set, wards.Ward = 0, ""
	requests := []*meilisearch.SearchRequest{e.ask(sets, words, now), e.ask(wards, words, now)}
	requests[0].Facets, requests[1].Facets = []string{"set"}, []string{"ward"}
	for stars := 1; stars <= mostStars; stars++ {
		least := q
		least.Stars = stars
		requests = append(requests, e.ask(least, words, now))
	}
	for _, r := range requests { // counted whole, without a hit
		r.HitsPerPage, r.Page = new(int64(0)), 1
		r.AttributesToRetrieve = []string{"id"}
	}
	return requests
}

func facets(answers []meilisearch.SearchResponse) (map[string][]search.Count, error) {
	out := map[string][]search.Count{"stars": {}}
	for i, name := range []string{"set", "ward"} {
		var counts map[string]map[string]int
		if err := json.Unmarshal(answers[i].FacetDistribution, &counts); err != nil {
			return nil, broken(err)
		}
		out[name] = []search.Count{}
		for value, n := range counts[name] {
			if n > 0 && value != "0" {
				out[name] = append(out[name], search.Count{Value: value, N: n})
			}
		}
	}
	above := 0
	for stars := mostStars; stars > 0; stars-- {
		n := int(answers[1+stars].TotalHits)
		if n > above {
			out["stars"] = append(out["stars"], search.Count{Value: strconv.Itoa(stars), N: n})
		}
		above = n
	}
	for _, counts := range out {
		slices.SortFunc(counts, func(a, b search.Count) int {
			if a.N != b.N {
				return b.N - a.N
			}
			return strings.Compare(a.Value, b.Value)
		})
	}
	return out, nil
}

// Suggest looks at names only.
func (e *Engine) Suggest(ctx context.Context, text string, limit int) ([]search.Suggestion, error) {
	terms := search.Terms(strings.ToValidUTF8(text, ""), e.config.Synonyms)
	words := wordsOf(terms)
	if len(words) == 0 || limit <= 0 {
		return nil, nil
	}
	now := e.config.Now().UnixMilli()
	asker, err := e.asker(ctx)
	if err != nil {
		return nil, err
	}
	queries := make([]*meilisearch.SearchRequest, 3)
	for i, attribute := range []string{"name", "seller_name", "place"} {
		queries[i] = e.ask(search.Query{}, words, now)
		queries[i].AttributesToSearchOn, queries[i].Limit = []string{attribute}, maxLimit
	}
	answer, err := asker.MultiSearchWithContext(ctx, &meilisearch.MultiSearchRequest{Queries: queries})
	if err != nil {
		return nil, broken(err)
	}
	var found [3][]document
	for i := range found {
		if err := answer.Results[i].Hits.DecodeInto(&found[i]); err != nil {
			return nil, broken(err)
		}
	}
	out := places(found[1], found[2], words)
	return names(out[:min(len(out), limit)], inOrder(found[0], terms, now), words, limit), nil
}

func names(out []search.Suggestion, docs []document, words []search.Word, limit int) []search.Suggestion {
	seen := map[string]bool{}
	for _, d := range docs {
		if len(out) >= limit || len(d.Name) == 0 {
			break
		}
		if n := d.Name[0]; !seen[n] && says(strings.Join(d.Name, " . "), words, false, true) {
			seen[n] = true
			out = append(out, search.Suggestion{Kind: search.SuggestProduct, Text: n})
		}
	}
	return out
}

const fewPlaces = 2

func places(bySeller, byPlace []document, words []search.Word) []search.Suggestion {
	var out []search.Suggestion
	pick := func(docs []document, of func(document) (search.Suggestion, bool)) {
		seen, n := map[string]bool{}, 0
		for _, d := range docs {
			s, ok := of(d)
			if ok && n < fewPlaces && !seen[s.Value] && says(s.Text, words, true, true) {
				seen[s.Value] = true
				s.Begun = !says(s.Text, words, true, false)
				n++
				out = append(out, s)
			}
		}
	}
	pick(bySeller, func(d document) (search.Suggestion, bool) {
		return search.Suggestion{Kind: search.SuggestSeller, Text: at(d.SellerName, 0), Value: d.SellerSlug}, d.SellerSlug != ""
	})
	pick(byPlace, func(d document) (search.Suggestion, bool) {
		return search.Suggestion{Kind: search.SuggestWard, Text: at(d.Place, 0), Value: d.Ward}, d.Ward != ""
	})
	return out
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}

// says reports whether the text has the words, the last one whole or only begun,
// with the marks that were typed when marks count.
func says(text string, typed []search.Word, marks, goesOn bool) bool {
	words := search.Words(text)
	for i, t := range typed {
		begun := goesOn && i == len(typed)-1
		if !slices.ContainsFunc(words, func(w search.Word) bool {
			switch {
			case marks && t.Marked() && begun:
				return search.Begins(w.Exact, t.Exact)
			case marks && t.Marked():
				return w.Exact == t.Exact
			default:
				return w.Folded == t.Folded || begun && strings.HasPrefix(w.Folded, t.Folded)
			}
		}) {
			return false
		}
	}
	return true
}

func (e *Engine) ids(q search.Query, terms []search.Term, answer meilisearch.SearchResponse, now int64) ([]market.ID, string, error) {
	var docs []document
	if err := answer.Hits.DecodeInto(&docs); err != nil {
		return nil, "", broken(err)
	}
	if ordered(q) {
		docs = inOrder(docs, terms, now)
		docs = docs[min(q.Offset, len(docs)):]
		docs = docs[:min(q.Limit, len(docs))]
	}
	ids := make([]market.ID, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	if len(docs) == 0 {
		return ids, "", nil
	}
	return ids, corrected(docs[0], terms), nil
}
