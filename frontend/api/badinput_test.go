package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/orders/carriersim"
)

// hostile are texts that somebody may send where another text belongs.
var hostile = []string{
	"", " ", "\x00", "a\x00b", "\xff\xfe", "Phở", "-1", "0", "1e308", "99999999999999999999", "NaN", "true", "null", "undefined",
	"' OR 1=1 --", `{"$gt":""}`, `{"$ne":null}`, "$where", "a.b", "__proto__", "../../../../etc/passwd", "..%2f..%2f", `..\..\`,
	"🐟🐟🐟", "\u202egnp.exe", "<script>alert(1)</script>", "%00", "a\r\nSet-Cookie: x=1", "*", "W/\"\"", strings.Repeat("9", 400), strings.Repeat("ắ", 2000),
}

// odd are JSON values that somebody may send where another value belongs.
func odd() []any {
	values := []any{
		nil, true, false, -1, 0, 1.5, json.Number("1e308"), json.Number("-1e308"), json.Number("9223372036854775808"),
		json.Number("99999999999999999999999"), json.Number("1000000000001"),
		[]any{},
		[]any{[]any{}},
		[]any{nil},
		map[string]any{},
		map[string]any{"$gt": ""},
		map[string]any{"$ne": nil},
		map[string]any{"vi": 1},
		strings.Repeat("x", 15_000), strings.Repeat("[", 2000),
	}
	for _, h := range hostile {
		values = append(values, h)
	}
	return values
}

// torn are bodies that are no JSON object at all.
var torn = []string{
	"", "{", "}", "null", "[]", `"x"`, "123", "true", `{"a":}`, `{"a":1,}`, "{'a':1}", "\xff\xfe{}", "\x00", `{"a":1}{"b":2}`,
	"a=1&b=2", "<xml/>", strings.Repeat("[", 10_000), `{"` + strings.Repeat("k", 5000) + `":1}`,
}

// siege attacks one operation as one visitor.
type siege struct {
	*shop

	served spec
	op     specOp
	by     *visitor
	name   string
	values map[string]string // good values for parameters and fields, by name
	before int64             // writes until now
	tried  int
	worked bool // a request did what it should
}

// TestBadInput sends every operation of the served description everything
// wrong that the description allows to think of, as a guest, as a seller and
// as staff: no answer is a mistake of ours, all are described, those that
// refuse say where and how to mend, and refused requests leave every document
// as it was.
func TestBadInput(t *testing.T) {
	s := openShop(t)
	served := s.served()
	coop := s.seller("HTX Bị Vây")
	shelf := s.product(coop, "Bưởi da xanh", 30_000, 1_000_000)
	visitors := map[string]*visitor{
		"guest":  s.guest(),
		"seller": s.person("0905000001", nil, coop),
		"staff":  s.person("0905000002", []market.Role{market.RoleModerator, market.RoleOfficial, market.RoleOperator}),
	}
	s.drain()
	tried := 0
	for _, op := range served.operations() {
		worked := false
		for _, name := range slices.Sorted(maps.Keys(visitors)) {
			g := &siege{shop: s, served: served, op: op, by: visitors[name], name: name}
			g.values = s.good(coop, shelf, op.ID)
			s.goodLot(g.values, op.ID)
			s.goodCoop(g.values, op.ID)
			s.goodHarvest(g.values, op.ID, name, shelf)
			s.goodEdit(g.values, op.ID, "0905000001", coop)
			s.goodMoney(g.values, op.ID)
			s.goodRelease(g.values, op.ID)
			g.before = s.writes.Load()
			g.lay(t)
			tried += g.tried
			worked = worked || g.worked
			if t.Failed() {
				t.FailNow()
			}
			if op.ID == "signOut" && name != "guest" {
				visitors[name] = s.person(map[string]string{"seller": "0905000001", "staff": "0905000002"}[name], nil)
			}
		}
		if proven := []string{"signIn", "notice", "noticeByGet", "carrierNotice"}; !worked && !slices.Contains(proven, op.ID) && !buyers[op.ID] {
			t.Errorf("%s never worked: what was tried proves nothing", op.ID)
		}
	}
	s.drain()
	stocks, err := s.Catalog.Stocks(s.ctx, shelf.Variants[0].ID)
	s.must(err)
	s.must(stocks[shelf.Variants[0].ID].Check())
	if s.log.Len() > 0 {
		t.Errorf("mistakes of ours: %.2000s", s.log)
	}
	t.Logf("%d requests", tried)
}

// good are values with which the operation works.
func (s *shop) good(coop market.ID, shelf *catalog.Product, op string) map[string]string {
	draft := s.draft(coop, "Bản nháp")
	if op == "approveProduct" || op == "rejectProduct" {
		_, err := s.Catalog.Submit(s.ctx, market.System, draft.ID)
		s.must(err)
	}
	placed := s.guest().buy("cod", shelf)
	order, parcel := placed.Order.ID, placed.Order.Parcels[0].ID
	if op == "shipParcel" || op == "deliverParcel" || op == "proveParcel" {
		_, err := s.Orders.Pack(s.ctx, market.System, order, parcel)
		s.must(err)
	}
	if op == "deliverParcel" {
		_, err := s.Orders.Ship(s.ctx, market.System, order, parcel, orders.Shipment{Carrier: "Viettel Post"})
		s.must(err)
	}
	s.carry(order, parcel, op)
	if strings.HasSuffix(op, "Upload") || op == "upload" {
		s.halfSent("siege", "0905000001")
	}
	product := draft.ID
	if op == "approveEdit" || op == "rejectEdit" { // what is on sale is edition 1
		product = shelf.ID
	}
	values := map[string]string{
		"order_key": placed.Order.Key,
		"number":    "1", "upload": "siege", "Upload-Length": "300", "Upload-Offset": "0", "Upload-Metadata": "id c2llZ2U=",
		"product": string(product), "seller": string(coop), "variant": string(shelf.Variants[0].ID), "cart": string(s.guest().fill(shelf).ID),
		"order": string(order), "parcel": string(parcel), "province": "46", "provider": "sandbox", "carrier": "ghn",
		"phone": "0905111222", "ward": "19813", "method": "cod", "shelf": string(shelf.ID), "If-Match": "*",
	}
	if op == "makeVoucher" || op == "stopVoucher" {
		s.goodVoucher(values, coop)
	}
	return values
}

// goodVoucher makes a seller's voucher and says when another may run.
func (s *shop) goodVoucher(values map[string]string, coop market.ID) {
	s.t.Helper()
	from, to := s.clock(), s.clock().AddDate(0, 1, 0)
	values["from"], values["to"] = from.Format(time.RFC3339), to.Format(time.RFC3339)
	v, err := s.Orders.MakeVoucher(s.ctx, market.System, orders.NewVoucher{Seller: coop, Name: market.Text{VI: "Miễn phí giao"}, Terms: orders.VoucherTerms{
		Kind: orders.VoucherShipping, Way: orders.VoucherListed, From: from, To: to, Budget: 1_000_000, Uses: 10,
	}})
	s.must(err)
	values["code"] = string(v.ID)
}

// carry brings a parcel as far with its carrier as the operation wants it.
func (s *shop) carry(order, parcel market.ID, op string) {
	if !slices.Contains([]string{"carriageParcel", "answerCarriage", "carrierLabel", "handOverParcel", "backParcel"}, op) {
		return
	}
	_, err := s.Orders.Pack(s.ctx, market.System, order, parcel)
	s.must(err)
	if op == "answerCarriage" {
		s.road.Break(carriersim.Deaf)
	}
	if op != "carriageParcel" {
		_, err = s.Orders.Book(s.ctx, market.System, order, parcel, orders.Booking{Carrier: "ghn"})
		s.must(err)
	}
	if op == "backParcel" {
		_, err = s.Orders.HandOver(s.ctx, market.System, order, parcel)
		s.must(err)
		_, err = s.Orders.TurnAround(s.ctx, market.System, order, parcel, "không ai nhận")
		s.must(err)
	}
}

func (g *siege) lay(t *testing.T) {
	t.Helper()
	g.send(t, "as it should be", g.target("", "", nil), g.body())
	for _, p := range g.op.Parameters {
		for _, value := range hostile {
			if p.In != "path" || value != "" {
				g.send(t, p.In+" "+p.Name+" = "+strconv.Quote(cut(value)), g.target(p.In, p.Name, &value), g.body())
			}
		}
	}
	if g.media() == "" {
		g.send(t, "a body nobody asked for", g.target("", "", nil), []byte(`{"a":`))
		return
	}
	for _, body := range torn {
		g.send(t, "body "+strconv.Quote(cut(body)), g.target("", "", nil), []byte(body))
	}
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ";", "a+b;c", "application/json; charset=latin1"} {
		r := g.target("", "", nil)
		r.Header.Set("Content-Type", media)
		g.send(t, "as "+media, r, g.body())
	}
	if body := g.served.resolve(g.op.json()); body != nil {
		g.bend(t, body, nil)
	}
}

// media is the kind of body that the operation takes, "" for none.
func (g *siege) media() string {
	if g.op.RequestBody == nil {
		return ""
	}
	for _, media := range []string{mediaJSON, "application/pdf", mediaCSV, "image/jpeg", mediaPart} {
		if _, takes := g.op.RequestBody.Content[media]; takes {
			return media
		}
	}
	return ""
}

func cut(s string) string { return s[:min(len(s), 60)] }

// target is a request for the operation with one parameter replaced.
func (g *siege) target(in, name string, value *string) *http.Request {
	path, query, header := g.op.path, url.Values{}, http.Header{}
	for _, p := range g.op.Parameters {
		v, set := keyed(p.Name, g.value(p.Name)), p.Required || p.Name == "If-Match"
		if p.In == in && p.Name == name {
			v, set = *value, true
		}
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(v))
		case set && p.In == "query":
			query.Set(p.Name, v)
		case set && p.In == "header":
			header.Set(p.Name, strings.NewReplacer("\r", "", "\n", "").Replace(v))
		}
	}
	r := httptest.NewRequest(g.op.method, Prefix+path+"?"+query.Encode(), nil)
	maps.Copy(r.Header, header)
	return r
}

// keyed is the header's value, and of a key that nobody has chosen a fresh one:
// the same again would only be answered from memory.
func keyed(name, value string) string {
	if name == web.KeyHeader && value == "" {
		return market.NewSecret()
	}
	return value
}

func (g *siege) value(name string) string {
	if name == "cart" && g.op.ID == "checkout" { // an ordered cart would answer with its order
		c, err := g.Orders.NewCart(g.ctx, market.Actor{})
		g.must(err)
		_, err = g.Orders.SetLine(g.ctx, market.Actor{}, c.ID, market.ID(g.values["variant"]), 1, nil)
		g.must(err)
		g.before = g.writes.Load()
		return string(c.ID)
	}
	return g.values[name]
}

// body is a good one, nil for operations without.
func (g *siege) body() []byte {
	switch g.media() {
	case "":
		return nil
	case "image/jpeg":
		return picture(g.t, 1)
	case "application/pdf":
		return []byte("%PDF-1.7 giấy tờ")
	case mediaCSV:
		return []byte(cmp.Or(sheets[g.op.ID], decisionsCSV))
	case mediaPart:
		return []byte("part")
	}
	raw, err := json.Marshal(g.sample(g.served.resolve(g.op.json()), ""))
	g.must(err)
	return raw
}

// left out of good bodies: what must be new, or fit something else.
var optional = []string{"id", "show", "link", "cart", "key", "code", "expect_total", "expect_deposit", "sellers", "en", "photos", "end", "escalate", "corrects", "band", "packing", "weights"}

func (g *siege) sample(s *specSchema, name string) any {
	switch s.kind() {
	case "object":
		out := map[string]any{}
		for field, inner := range s.Properties {
			if !slices.Contains(optional, field) {
				out[field] = g.sample(g.served.resolve(inner), field)
			}
		}
		return out
	case "array":
		return []any{g.sample(g.served.resolve(s.Items), name)}
	case "integer":
		return map[string]int{
			"amount": 45_000, "set": 1, "quantity": 1, "stock": 3, "shelf_life_days": 10, "units": 1, "fee": 500, "A": 100, "B": 80, "C": 50, "sets": 1,
			"budget": 1_000_000, "uses": 10, "min_goods": 100_000, "yield": 100, "deposit": 2000, "actual": 10, "price": 30_000, "grams": 2_100, "stars": 4,
		}[name]
	case "boolean":
		return true
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	if name == "product" {
		name = "shelf"
	}
	if good := g.values[name]; good != "" {
		return good
	}
	return "mười chữ"
}

// bend replaces each value of a good body, at any depth, by each odd one,
// leaves it out, and adds one that is not known.
func (g *siege) bend(t *testing.T, s *specSchema, path []string) {
	t.Helper()
	if s.kind() == "array" {
		g.bend(t, g.served.resolve(s.Items), append(path, "0"))
		return
	}
	for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
		at := append(slices.Clone(path), field)
		for _, value := range odd() {
			g.with(t, at, value, false)
		}
		g.with(t, at, nil, true)
		g.bend(t, g.served.resolve(s.Properties[field]), at)
	}
	if s.kind() == "object" {
		for _, unknown := range []string{"unknown", "$set", "__proto__", "a.b[0]", "", "🐟", strings.Repeat("k", 3000)} {
			g.with(t, append(slices.Clone(path), unknown), 1, false)
		}
	}
}

func (g *siege) with(t *testing.T, at []string, value any, remove bool) {
	t.Helper()
	var body any
	g.must(json.Unmarshal(g.body(), &body))
	place(body, at, value, remove)
	raw, err := json.Marshal(body)
	g.must(err)
	what := "/" + strings.Join(at, "/")
	if remove {
		what += " left out"
	} else {
		shown, _ := json.Marshal(value)
		what += " = " + cut(string(shown))
	}
	g.send(t, what, g.target("", "", nil), raw)
}

// place sets or removes the value at a path, making objects on the way.
func place(in any, at []string, value any, remove bool) {
	switch holder := in.(type) {
	case []any:
		place(holder[0], at[1:], value, remove)
	case map[string]any:
		switch {
		case len(at) > 1:
			if holder[at[0]] == nil {
				holder[at[0]] = map[string]any{}
			}
			place(holder[at[0]], at[1:], value, remove)
		case remove:
			delete(holder, at[0])
		default:
			holder[at[0]] = value
		}
	}
}

// rawKey is how a sentence looks that nobody has written.
var rawKey = regexp.MustCompile(`^[a-z_]+(\.[a-z_0-9]+)+$`)

func (g *siege) send(t *testing.T, what string, r *http.Request, body []byte) {
	t.Helper()
	g.tried++
	if body != nil {
		full := httptest.NewRequest(r.Method, r.URL.String(), strings.NewReader(string(body)))
		full.Header = r.Header
		if full.Header.Get("Content-Type") == "" {
			full.Header.Set("Content-Type", cmp.Or(g.media(), mediaJSON))
		}
		r = full
	}
	r.Header.Set("Accept-Language", "en")
	for name, value := range g.by.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	g.handler.ServeHTTP(w, r)
	for _, wrong := range g.judge(w, strings.HasPrefix(what, "path")) {
		t.Errorf("%s as %s, %s: %d %s\n\t%.400s", g.op.ID, g.name, what, w.Code, wrong, w.Body)
	}
}

// judge says what is wrong with an answer.
func (g *siege) judge(w *httptest.ResponseRecorder, lost bool) []string {
	var wrong []string
	status := strconv.Itoa(w.Code)
	_, described := g.op.Responses[status]
	astray := lost && (w.Code == http.StatusNotFound || w.Code == http.StatusMethodNotAllowed)
	if !described && !astray {
		wrong = append(wrong, "is not described")
	}
	if w.Code >= http.StatusInternalServerError {
		wrong = append(wrong, "is a mistake of ours")
	}
	if w.Code < http.StatusBadRequest {
		for _, err := range g.conforms(g.op, status, w.Body.Bytes()) {
			wrong = append(wrong, err.Error())
		}
		g.before, g.worked = g.writes.Load(), true
		return wrong
	}
	if now := g.writes.Load(); now != g.before {
		wrong = append(wrong, "but something was written")
		g.before = now
	}
	if strings.HasPrefix(g.op.path, "/payments/") && w.Header().Get("Content-Type") == "text/plain; charset=utf-8" {
		return wrong
	}
	return append(wrong, readProblem(w)...)
}

// readProblem says what is wrong with a problem.
func readProblem(w *httptest.ResponseRecorder) []string {
	var p web.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
		return []string{"is no problem+json but " + w.Header().Get("Content-Type")}
	}
	var wrong []string
	if p.Status != w.Code || p.Instance == "" || !strings.HasPrefix(p.Type, "/problems/") {
		wrong = append(wrong, "lacks status, instance or type")
	}
	sentences := []string{p.Title, p.Detail}
	for _, e := range p.Errors {
		sentences = append(sentences, e.Detail)
		if whole := e.Pointer == "" && e.Field == ""; !whole && e.Pointer != "/"+e.Field {
			wrong = append(wrong, "has an error at "+strconv.Quote(e.Pointer))
		}
	}
	for _, said := range sentences {
		if said == "" || rawKey.MatchString(said) || strings.Contains(said, "{") {
			wrong = append(wrong, "says "+strconv.Quote(said))
		}
	}
	if w.Code == http.StatusUnprocessableEntity && len(p.Errors) == 0 && !strings.HasSuffix(p.Type, "/idempotency.reused") {
		wrong = append(wrong, "does not say which input")
	}
	if len(w.Body.Bytes()) > 32<<10 {
		wrong = append(wrong, "gives back too much")
	}
	return wrong
}
