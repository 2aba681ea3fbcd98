// Package meilisim plays a Meilisearch server for tests: its wire, its tasks,
// its refusals. It is stricter than the server where that finds mistakes sooner:
// a field that it does not know, a condition or an order on what the settings do
// not allow, documents for an index without settings, a swap while tasks wait.
// How it finds words is a plain reading of the server's documentation, good for
// small shops; what a real server finds is for a real server to show.
package meilisim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Server is a server in this process.
type Server struct {
	*httptest.Server
	Key string // what may do everything

	mu      sync.Mutex
	down    bool
	refuse  string // the next task of this type fails
	indexes map[string]*index
	tasks   []*task
}

type index struct {
	primary  string
	settings *settings
	docs     map[string]map[string]any
	order    []string
}

type settings struct {
	Searchable []string            `json:"searchableAttributes"`
	Filterable []string            `json:"filterableAttributes"`
	Sortable   []string            `json:"sortableAttributes"`
	Ranking    []string            `json:"rankingRules"`
	Synonyms   map[string][]string `json:"synonyms"`
	Localized  []struct {
		Locales  []string `json:"locales"`
		Patterns []string `json:"attributePatterns"`
	} `json:"localizedAttributes"`
	Typo struct {
		Enabled bool `json:"enabled"`
		Sizes   struct {
			One int `json:"oneTypo"`
			Two int `json:"twoTypos"`
		} `json:"minWordSizeForTypos"`
		Words      []string `json:"disableOnWords"`
		Attributes []string `json:"disableOnAttributes"`
		Numbers    bool     `json:"disableOnNumbers"`
	} `json:"typoTolerance"`
	Faceting struct {
		Max  int               `json:"maxValuesPerFacet"`
		Sort map[string]string `json:"sortFacetValuesBy"`
	} `json:"faceting"`
	Pagination struct {
		Max int `json:"maxTotalHits"`
	} `json:"pagination"`
}

type task struct {
	UID    int64      `json:"uid"`
	Index  string     `json:"indexUid"`
	Status string     `json:"status"`
	Type   string     `json:"type"`
	Error  *problem   `json:"error,omitempty"`
	At     time.Time  `json:"enqueuedAt"`
	End    *time.Time `json:"finishedAt,omitempty"`
	work   func() *problem
}

type problem struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Type    string `json:"type"`
	Link    string `json:"link"`
	status  int
}

func wrong(status int, code, format string, args ...any) *problem {
	return &problem{fmt.Sprintf(format, args...), code, "invalid_request", "https://docs.meilisearch.com/errors#" + code, status}
}

// New starts a server that the key opens.
func New(key string) *Server {
	s := &Server{Key: key, indexes: map[string]*index{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

// Down makes every request fail, as a server that is overloaded does, until it
// is up again.
func (s *Server) Down(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Refuse makes the next task of the type fail: documentAdditionOrUpdate,
// indexSwap, settingsUpdate.
func (s *Server) Refuse(kind string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = kind
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		http.Error(w, "overloaded", http.StatusServiceUnavailable)
		return
	}
	status, body, bad := s.answer(r)
	if bad != nil {
		status, body = bad.status, bad
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// answer does what one request asks for.
func (s *Server) answer(r *http.Request) (int, any, *problem) {
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	route := r.Method + " " + path[0]
	if len(path) > 2 {
		route += " " + strings.Join(path[2:], "/")
	}
	rules, bad := s.allowed(r, route)
	if bad != nil && route != "GET health" {
		return 0, nil, bad
	}
	uid := ""
	if len(path) > 1 {
		uid = path[1]
	}
	switch route {
	case "GET health":
		return http.StatusOK, map[string]string{"status": "available"}, nil
	case "GET tasks":
		return s.task(uid)
	case "POST indexes":
		return s.create(r)
	case "DELETE indexes":
		return s.enqueue(uid, "indexDeletion", func() *problem {
			if s.indexes[uid] == nil {
				return wrong(404, "index_not_found", "Index `%s` not found.", uid)
			}
			delete(s.indexes, uid)
			return nil
		})
	case "PATCH indexes settings":
		return s.set(r, uid)
	case "DELETE indexes settings/synonyms":
		return s.enqueue(uid, "settingsUpdate", func() *problem {
			s.indexes[uid].settings.Synonyms = nil
			return nil
		})
	case "POST indexes documents":
		return s.add(r, uid)
	case "POST indexes documents/fetch":
		return s.fetch(r, uid)
	case "POST swap-indexes":
		return s.swap(r)
	case "POST multi-search":
		return s.multi(r, rules)
	}
	return 0, nil, wrong(404, "not_found", "no such route: %s", route)
}

func decode(r *http.Request, into any) *problem {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return wrong(400, "bad_request", "%s %s: %v", r.Method, r.URL.Path, err)
	}
	return nil
}

func (s *Server) enqueue(uid, kind string, work func() *problem) (int, any, *problem) {
	t := &task{UID: int64(len(s.tasks)), Index: uid, Status: "enqueued", Type: kind, At: time.Now(), work: work}
	s.tasks = append(s.tasks, t)
	return http.StatusAccepted, map[string]any{"taskUid": t.UID, "indexUid": uid, "status": "enqueued", "type": kind, "enqueuedAt": t.At}, nil
}

// run does the tasks that wait, in their order. The server does so by itself;
// here it happens when somebody asks about a task, or about what it changes.
func (s *Server) run() {
	for _, t := range s.tasks {
		if t.Status != "enqueued" {
			continue
		}
		if s.refuse == t.Type {
			s.refuse, t.Error = "", wrong(500, "internal", "no space left on device")
		} else {
			t.Error = t.work()
		}
		t.Status = "succeeded"
		if t.Error != nil {
			t.Status = "failed"
		}
		t.End = new(time.Now())
	}
}

// task is looked at once as waiting before it is done, so that who does not wait
// is found out.
func (s *Server) task(uid string) (int, any, *problem) {
	n, err := strconv.Atoi(uid)
	if err != nil || n < 0 || n >= len(s.tasks) {
		return 0, nil, wrong(404, "task_not_found", "Task `%s` not found.", uid)
	}
	seen := *s.tasks[n]
	s.run()
	return http.StatusOK, seen, nil
}

func (s *Server) create(r *http.Request) (int, any, *problem) {
	var in struct{ UID, PrimaryKey string }
	if bad := decode(r, &in); bad != nil {
		return 0, nil, bad
	}
	return s.enqueue(in.UID, "indexCreation", func() *problem {
		if s.indexes[in.UID] != nil {
			return wrong(409, "index_already_exists", "Index `%s` already exists.", in.UID)
		}
		s.indexes[in.UID] = &index{primary: in.PrimaryKey, docs: map[string]map[string]any{}}
		return nil
	})
}

func (s *Server) set(r *http.Request, uid string) (int, any, *problem) {
	in := &settings{}
	if bad := decode(r, in); bad != nil {
		return 0, nil, bad
	}
	for _, rule := range in.Ranking {
		name, _, custom := strings.Cut(rule, ":")
		if !custom && !slices.Contains([]string{"words", "typo", "proximity", "attribute", "attributeRank", "wordPosition", "sort", "exactness"}, name) {
			return 0, nil, wrong(400, "invalid_settings_ranking_rules", "`%s` ranking rule is invalid.", rule)
		}
	}
	for _, l := range in.Localized {
		if !slices.Equal(l.Locales, []string{"vie"}) {
			return 0, nil, wrong(400, "invalid_settings_localized_attributes", "locales %v", l.Locales)
		}
	}
	return s.enqueue(uid, "settingsUpdate", func() *problem {
		if s.indexes[uid] == nil {
			return wrong(404, "index_not_found", "Index `%s` not found.", uid)
		}
		if in.Synonyms == nil && s.indexes[uid].settings != nil {
			in.Synonyms = s.indexes[uid].settings.Synonyms
		}
		s.indexes[uid].settings = in
		return nil
	})
}

// add takes whole documents. Their fields are those of the first one: a field
// that comes later was forgotten before.
func (s *Server) add(r *http.Request, uid string) (int, any, *problem) {
	var docs []map[string]any
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if err := d.Decode(&docs); err != nil {
		return 0, nil, wrong(400, "malformed_payload", "%v", err)
	}
	return s.enqueue(uid, "documentAdditionOrUpdate", func() *problem {
		x := s.indexes[uid]
		if x == nil || x.settings == nil {
			return wrong(400, "index_without_settings", "documents for `%s` before its settings", uid)
		}
		for _, doc := range docs {
			id, ok := doc[x.primary].(string)
			if !ok || !plainID(id) {
				return wrong(400, "invalid_document_id", "Document identifier `%v` is invalid.", doc[x.primary])
			}
			if x.docs[id] == nil {
				x.order = append(x.order, id)
			}
			x.docs[id] = doc
		}
		return nil
	})
}

func plainID(id string) bool {
	return id != "" && len(id) <= 511 && strings.IndexFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) < 0
}

func (s *Server) fetch(r *http.Request, uid string) (int, any, *problem) {
	var in struct {
		Offset, Limit int
		Fields        []string
	}
	if bad := decode(r, &in); bad != nil {
		return 0, nil, bad
	}
	x := s.indexes[uid]
	if x == nil {
		return 0, nil, wrong(404, "index_not_found", "Index `%s` not found.", uid)
	}
	results := []map[string]any{}
	for _, id := range x.order[min(in.Offset, len(x.order)):min(in.Offset+in.Limit, len(x.order))] {
		results = append(results, pick(x.docs[id], in.Fields))
	}
	return http.StatusOK, map[string]any{"results": results, "offset": in.Offset, "limit": in.Limit, "total": len(x.order)}, nil
}

func pick(doc map[string]any, fields []string) map[string]any {
	if len(fields) == 0 {
		return doc
	}
	out := map[string]any{}
	for _, f := range fields {
		if v, ok := doc[f]; ok {
			out[f] = v
		}
	}
	return out
}

// swap refuses while documents for either index wait: what they hold would be
// swapped half.
func (s *Server) swap(r *http.Request) (int, any, *problem) {
	var in []struct {
		Indexes []string
		Rename  bool
	}
	if bad := decode(r, &in); bad != nil {
		return 0, nil, bad
	}
	for _, t := range s.tasks {
		if t.Status == "enqueued" && t.Type == "documentAdditionOrUpdate" {
			return 0, nil, wrong(400, "swap_with_tasks_waiting", "task %d is not done", t.UID)
		}
	}
	return s.enqueue("", "indexSwap", func() *problem {
		for _, pair := range in {
			if len(pair.Indexes) != 2 || s.indexes[pair.Indexes[0]] == nil || s.indexes[pair.Indexes[1]] == nil {
				return wrong(404, "index_not_found", "Indexes %v not found.", pair.Indexes)
			}
			a, b := pair.Indexes[0], pair.Indexes[1]
			s.indexes[a], s.indexes[b] = s.indexes[b], s.indexes[a]
		}
		return nil
	})
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	case bool:
		if n {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

func text(v any) string {
	switch t := v.(type) {
	case string:
		return t
	case json.Number:
		return t.String()
	case bool:
		return strconv.FormatBool(t)
	}
	var b bytes.Buffer
	_ = json.NewEncoder(&b).Encode(v)
	return b.String()
}
