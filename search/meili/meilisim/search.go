package meilisim

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"chohue/market"
)

// allowed reads the key. A tenant token may only search, and brings a filter for
// each index.
func (s *Server) allowed(r *http.Request, route string) (map[string]string, *problem) {
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if key == s.Key {
		return nil, nil
	}
	parts := strings.Split(key, ".")
	if len(parts) != 3 || route != "POST multi-search" {
		return nil, wrong(http.StatusForbidden, "invalid_api_key", "The provided API key is invalid.")
	}
	mac := hmac.New(sha256.New, []byte(SearchKey))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(signature, mac.Sum(nil)) {
		return nil, wrong(http.StatusForbidden, "invalid_api_key", "signature")
	}
	var claims struct {
		UID   string `json:"apiKeyUid"`
		Exp   int64  `json:"exp"`
		Rules map[string]struct {
			Filter string `json:"filter"`
		} `json:"searchRules"`
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(body, &claims) != nil || claims.UID != SearchUID || time.Now().Unix() > claims.Exp {
		return nil, wrong(http.StatusForbidden, "invalid_api_key", "claims")
	}
	rules := map[string]string{}
	for uid, rule := range claims.Rules {
		rules[uid] = rule.Filter
	}
	return rules, nil
}

// The key that may only search, and its id.
const (
	SearchKey = "a-key-that-may-only-search-0123456789"
	SearchUID = "74c9c733-3368-4738-bbe5-1d18a5fecb37"
)

type question struct {
	IndexUID   string   `json:"indexUid"`
	Q          string   `json:"q"`
	Filter     string   `json:"filter"`
	Sort       []string `json:"sort"`
	Facets     []string `json:"facets"`
	Offset     int      `json:"offset"`
	Limit      *int     `json:"limit"`
	Page       int      `json:"page"`
	PerPage    *int     `json:"hitsPerPage"`
	Strategy   string   `json:"matchingStrategy"`
	Retrieve   []string `json:"attributesToRetrieve"`
	SearchOn   []string `json:"attributesToSearchOn"`
	HybridNull any      `json:"hybrid"`
}

func (s *Server) multi(r *http.Request, rules map[string]string) (int, any, *problem) {
	var in struct{ Queries []question }
	if bad := decode(r, &in); bad != nil {
		return 0, nil, bad
	}
	results := []any{}
	for _, q := range in.Queries {
		x := s.indexes[q.IndexUID]
		if x == nil || x.settings == nil {
			return 0, nil, wrong(404, "index_not_found", "Index `%s` not found.", q.IndexUID)
		}
		if rules != nil {
			forced, ok := rules[q.IndexUID]
			if !ok {
				return 0, nil, wrong(http.StatusForbidden, "invalid_api_key", "not for this index")
			}
			q.Filter = "(" + forced + ") AND " + q.Filter
		}
		answer, bad := x.search(q)
		if bad != nil {
			return 0, nil, bad
		}
		results = append(results, answer)
	}
	return http.StatusOK, map[string]any{"results": results}, nil
}

func (x *index) search(q question) (any, *problem) {
	keep, err := parseFilter(q.Filter, x.settings.Filterable)
	if err != nil {
		return nil, wrong(400, "invalid_search_filter", "%v: %s", err, q.Filter)
	}
	type hit struct {
		doc   map[string]any
		typos int
	}
	var hits []hit
	for _, id := range x.order {
		doc := x.docs[id]
		if !keep(doc) {
			continue
		}
		if typos, ok := x.matches(doc, q); ok {
			hits = append(hits, hit{doc, typos})
		}
	}
	order, err := x.order0(q.Sort)
	if err != nil {
		return nil, wrong(400, "invalid_search_sort", "%v", err)
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(order(a.doc, b.doc), cmp.Compare(a.typos, b.typos), -less(a.doc["stock"], b.doc["stock"]), -less(a.doc["published"], b.doc["published"]))
	})
	answer := map[string]any{"query": q.Q, "indexUid": q.IndexUID, "processingTimeMs": 1}
	if len(q.Facets) > 0 {
		counts := map[string]map[string]int{}
		for _, f := range q.Facets {
			if !slices.Contains(x.settings.Filterable, f) {
				return nil, wrong(400, "invalid_search_facets", "`%s` is not filterable", f)
			}
			counts[f] = map[string]int{}
			for _, h := range hits {
				counts[f][text(h.doc[f])]++
			}
		}
		answer["facetDistribution"] = counts
	}
	from, n := q.Offset, 20
	if q.Limit != nil {
		n = *q.Limit
	}
	if q.PerPage != nil {
		from, n = 0, *q.PerPage
		answer["totalHits"], answer["page"], answer["hitsPerPage"] = len(hits), q.Page, n
	} else {
		answer["estimatedTotalHits"], answer["offset"], answer["limit"] = len(hits), from, n
	}
	docs := []map[string]any{}
	for _, h := range hits[min(from, len(hits)):min(from+n, len(hits))] {
		docs = append(docs, pick(h.doc, q.Retrieve))
	}
	answer["hits"] = docs
	return answer, nil
}

// matches wants every word of the query somewhere: as it is, as a beginning if
// it is the last, by a synonym, or with a mistake if it is long enough.
func (x *index) matches(doc map[string]any, q question) (int, bool) {
	if q.Strategy != "all" {
		return 0, false
	}
	fields := x.settings.Searchable
	if len(q.SearchOn) > 0 {
		fields = q.SearchOn
	}
	var words []string
	for _, f := range fields {
		words = append(words, tokens(texts(doc[f]))...)
	}
	asked := tokens(q.Q)
	typos := 0
	for i := 0; i < len(asked); {
		if n := x.bySynonym(asked[i:], words); n > 0 {
			i += n
			continue
		}
		best := x.nearest(asked[i], words, i == len(asked)-1)
		if best < 0 {
			return 0, false
		}
		typos += best
		i++
	}
	return typos, true
}

// bySynonym returns how many words of the query a synonym stands for that the
// document has.
func (x *index) bySynonym(asked, words []string) int {
	for n := min(len(asked), 4); n > 0; n-- {
		for _, other := range x.settings.Synonyms[strings.Join(asked[:n], " ")] {
			if !slices.ContainsFunc(tokens(other), func(w string) bool { return !slices.Contains(words, w) }) {
				return n
			}
		}
	}
	return 0
}

func (x *index) nearest(asked string, words []string, last bool) int {
	best := -1
	for _, w := range words {
		d := distance(w, asked)
		switch {
		case w == asked || last && strings.HasPrefix(w, asked):
			return 0
		case !x.settings.Typo.Enabled || x.settings.Typo.Numbers && asked[0] <= '9':
			continue
		case d == 1 && len(asked) >= x.settings.Typo.Sizes.One || d == 2 && len(asked) >= x.settings.Typo.Sizes.Two:
			if best < 0 || d < best {
				best = d
			}
		}
	}
	return best
}

func texts(v any) string {
	list, ok := v.([]any)
	if !ok {
		s, _ := v.(string)
		return s
	}
	var b strings.Builder
	for _, item := range list {
		s, _ := item.(string)
		b.WriteString(s + " | ")
	}
	return b.String()
}

func tokens(s string) []string {
	var out []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	for _, r := range market.Fold(strings.ReplaceAll(strings.ReplaceAll(s, "Ð", "đ"), "ð", "đ")) {
		letter, digit := unicode.IsLetter(r), unicode.IsDigit(r)
		if !letter && !digit {
			end()
			continue
		}
		if len(word) > 0 && unicode.IsDigit(word[0]) != digit {
			end()
		}
		word = append(word, r)
	}
	end()
	return out
}

func distance(a, b string) int {
	if len(a)-len(b) > 2 || len(b)-len(a) > 2 {
		return 3
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func less(a, b any) int {
	x, _ := number(a)
	y, _ := number(b)
	return cmp.Compare(x, y)
}

// order0 reads what the request sorts by.
func (x *index) order0(sort []string) (func(a, b map[string]any) int, error) {
	var by []func(a, b map[string]any) int
	for _, s := range sort {
		at := strings.LastIndex(s, ":")
		if at < 0 {
			return nil, fmt.Errorf("no direction: %s", s)
		}
		field, down := s[:at], s[at+1:] == "desc"
		value := func(d map[string]any) any { return d[field] }
		if point, ok := strings.CutPrefix(field, "_geoPoint("); ok {
			var lat, lng float64
			if _, err := fmt.Sscanf(point, "%f, %f)", &lat, &lng); err != nil {
				return nil, err
			}
			field = "_geo"
			value = func(d map[string]any) any { return away(d["_geo"], lat, lng) }
		}
		if !slices.Contains(x.settings.Sortable, field) {
			return nil, fmt.Errorf("`%s` is not sortable", field)
		}
		by = append(by, func(a, b map[string]any) int {
			if c := less(value(a), value(b)); !down {
				return c
			} else {
				return -c
			}
		})
	}
	return func(a, b map[string]any) int {
		for _, f := range by {
			if c := f(a, b); c != 0 {
				return c
			}
		}
		return 0
	}, nil
}

func away(geo any, lat, lng float64) json.Number {
	g, ok := geo.(map[string]any)
	if !ok {
		return json.Number("1e12")
	}
	x, _ := number(g["lat"])
	y, _ := number(g["lng"])
	return json.Number(fmt.Sprint(math.Hypot(x-lat, (y-lng)*math.Cos(lat*math.Pi/180))))
}
