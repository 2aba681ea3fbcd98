package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chohue/catalog"
	"chohue/market"
)

// nothing names nothing that ever was, in every form that ids have here.
var nothingNames = map[string]string{
	"browser": strings.Repeat("0", 32), "taxpayment": "2026-01.99", "": "01JD0000000000000000000000", "list": strings.Repeat("0", 64), "number": "7777", "settlement": "01JD0000000000000000000000:2026-10:1",
}

func neverOf(name string) string {
	if v := nothingNames[name]; v != "" {
		return v
	}
	return nothingNames[""]
}

// notIDs are names in paths that say what is public, not whose it is.
var notIDs = map[string]string{
	"month": "a month is nobody's", "year": "nor is a year", "province": "areas are public", "release": "what is published is public; before, see TestSecondOfficialApproves", "provider": "names of payment providers are public", "carrier": "names of carriers are public", "variant": "in the path of a cart's line: what is in the shop is public",
}

// public operations show what everybody may see; there is nothing to hide.
var public = map[string]string{
	"getSeller": "sellers who are verified are public", "getLot": "what a lot is stands on its label", "getLotEvents": "public but for parcels, see TestLotsThroughTheAPI",
	"getCertificate": "a recognition is a public decision",
	"listHarvests":   "what can be reserved is public", "getHarvest": "the same, without who reserved", "reserveHarvest": "the same",
	"getOrder":    "whoever was given an order's address sees it without the people in it; see the tests of orders",
	"approveEdit": "only what is in the shop has an edition that waits, and that is public", "rejectEdit": "the same",
	"listReviews": "what buyers say of goods is public", "complainOfProduct": "whoever sees a product may complain of it", "reportReview": "whoever reads a review may report it",
	"signIn": "a cart's id is its guest's secret, and only theirs is taken over",
}

// told are the visitors who, for their office, may hear that there is such a
// thing. Everybody else hears of the foreign what they hear of the missing.
var told = map[string][]string{
	"getProduct": {"official", "moderator"}, "listOwn": {"official", "moderator"}, "productHistory": {"official", "moderator"},
	"photoPlaces": {"official", "moderator"}, "listSellerLots": {"official", "moderator"}, "listSellerHarvests": {"official", "moderator"}, "recallLot": {"official", "moderator"},
	"approveProduct": {"official", "moderator"}, "rejectProduct": {"official", "moderator"}, "withdrawProduct": {"official", "moderator"},
	"receiveTakedown": {"official", "moderator"}, "getDossier": {"moderator"}, "getPaperFile": {"moderator"}, "reviewPaper": {"moderator"},
	"identifySeller": {"moderator"}, "verifySeller": {"moderator"}, "listTrail": {"official", "moderator"}, "checkTrail": {"official", "moderator"},
	"doTakedown": {"official", "moderator"}, "refuseTakedown": {"official", "moderator"}, "putEvidence": {"official", "moderator"},
	"getReturn": {"moderator"}, "decideReturn": {"moderator"}, "retryReturn": {"moderator"}, "hideReview": {"moderator"}, "getComplaint": {"moderator"}, "addOrderPhoto": {"moderator"}, "getOrderPhoto": {"moderator"}, "addComplaintPhoto": {"moderator"}, "getComplaintPhoto": {"moderator"},
	"resolveComplaint": {"moderator"}, "getTaxCertificate": {"official"},
	"getDataRequest": {"official"}, "prepareDataRequest": {"official"}, "approveDataRequest": {"official"}, "sendBackDataRequest": {"official"}, "refuseDataRequest": {"official"},
	"deliverDataRequest": {"official"}, "dataRequestCSV": {"official"}, "dataRequestXLSX": {"official"},
	"getEvidence": {"official", "moderator"}, "listLinks": {"moderator"}, "applyDecisions": {"official"},
}

// bodyIDs are the fields of bodies that name what may be another's. An id that
// a client makes is none of them: that it is taken must be said.
var bodyIDs = []string{"product", "variant", "seller", "member", "lot", "cart"}

// codes are fields that look like ids and name what is public.
var codes = []string{"id", "link", "show"}

// idShaped is how the patterns of fields for ids look.
var idShaped = regexp.MustCompile(`\{\d+(,\d+)?\}\$$`)

// owner is who an operation is for, to prove that the request works at all.
func owner(op string, staff, seller, buyer *visitor) *visitor {
	if buyers[op] {
		return buyer
	}
	if office[op] || slices.Contains(officials, op) {
		return staff
	}
	switch op {
	case "getOrder", "cancelOrder", "getCart", "quoteCart", "setLine", "removeLine", "setVouchers", "checkout", "getPreorder", "cancelPreorder", "payBalance",
		"editParcel", "previewEdit", "changeReceiver", "answerWeight":
		return buyer
	case "receiveTakedown", "applyDecisions", "doTakedown", "refuseTakedown", "reviewPaper", "identifySeller", "verifySeller", "approveProduct", "rejectProduct", "approveEdit", "rejectEdit":
		return staff
	}
	return seller
}

// TestForeignIsMissingEverywhere walks the description of the API: every
// operation that names something in its path or its body, as every kind of
// visitor. What belongs to another is answered by the very bytes with which
// what never was is answered. A new operation is in here by being described;
// one whose ids nobody knows, or whose own visitor cannot make it work, fails.
func TestForeignIsMissingEverywhere(t *testing.T) {
	s := openShop(t)
	m := s.matrix(t)
	for _, op := range m.served.operations() {
		m.row(t, op)
	}
	for op, names := range m.needless {
		for _, name := range names {
			t.Errorf("%s tells %s nothing: take the exception out", op, name)
		}
	}
	t.Logf("%d pairs of answers over %d operations", m.pairs, m.rows)
}

// matrix is the two worlds, the visitors, and what was found out.
type matrix struct {
	*shop

	served               spec
	theirs, mine         market.ID
	shelf, own           *catalog.Product
	staff, seller, buyer *visitor
	visitors             map[string]*visitor
	needless             map[string][]string // exceptions that nothing has needed yet
	pairs, rows          int
}

func (s *shop) matrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{shop: s, served: s.served(), theirs: s.seller("HTX Của Họ"), mine: s.seller("HTX Của Tôi"), needless: maps.Clone(told)}
	m.shelf, m.own = s.product(m.theirs, "Bưởi da xanh", 30_000, 1_000_000), s.product(m.mine, "Cam của tôi", 30_000, 1_000_000)
	m.staff = s.person("0905000005", []market.Role{market.RoleOperator, market.RoleModerator, market.RoleOfficial})
	m.seller, m.buyer = s.person("0905000001", nil, m.theirs), s.person("0905000008", nil)
	m.visitors = m.kinds()
	return m
}

func (m *matrix) kinds() map[string]*visitor {
	suspended := m.shop.seller("HTX Bị Dừng")
	out := map[string]*visitor{
		"anonymous":    m.guest(),
		"buyer":        m.person("0905000011", nil),
		"other farmer": m.person("0905000012", nil, m.shop.seller("Hộ Khác")),
		"other coop":   m.person("0905000013", nil, m.mine),
		"official":     m.person("0905000014", []market.Role{market.RoleOfficial}),
		"moderator":    m.person("0905000015", []market.Role{market.RoleModerator}),
		"suspended":    m.person("0905000016", nil, suspended),
	}
	_, err := m.Sellers.Suspend(m.ctx, market.System, suspended)
	m.must(err)
	return out
}

var visitorNames = []string{"anonymous", "buyer", "other farmer", "other coop", "suspended", "official", "moderator"}

// row compares all that one operation answers.
func (m *matrix) row(t *testing.T, op specOp) {
	t.Helper()
	names := m.ids(t, op)
	if len(names.path)+len(names.body) == 0 || public[op.ID] != "" {
		return
	}
	m.rows++
	values := m.world(m.theirs, m.shelf, op.ID)
	foreign := &siege{shop: m.shop, served: m.served, op: op, values: values}
	for _, name := range visitorNames { // those who may change something last
		v := m.visitors[name]
		for _, c := range m.cases(op, names, values) {
			m.compare(t, op, name, v, foreign, c)
		}
	}
	who := owner(op.ID, m.staff, m.seller, m.buyer)
	good := maps.Clone(values)
	if len(names.path) == 0 { // what is named in a body alone must be in the shop
		good["product"] = values["shelf"]
	}
	if got := m.ask(who, foreign, op, good, good); slices.Contains([]int{401, 403, 404, 405, 415, 422}, got.Code) || got.Code >= 500 {
		t.Errorf("%s by its own visitor: %d %s: the row proves nothing", op.ID, got.Code, got.Body)
	}
}

// compare wants one answer to two requests of which one names what is another's.
func (m *matrix) compare(t *testing.T, op specOp, name string, v *visitor, g *siege, c pairing) {
	t.Helper()
	m.pairs++
	got, want := m.ask(v, g, op, c.path, c.body), m.ask(v, g, op, c.missingPath, c.missingBody)
	same := got.Code == want.Code && plain(got.Body.String()) == plain(want.Body.String())
	if slices.Contains(told[op.ID], name) {
		if !same {
			m.needless[op.ID] = slices.DeleteFunc(slices.Clone(m.needless[op.ID]), func(n string) bool { return n == name })
		}
		return
	}
	// taking out what is not there is done already
	if got.Code < 400 && op.method != http.MethodDelete || !same {
		t.Errorf("%s %s as %s, %s:\n%d %.300s\nbut of what never was:\n%d %.300s", op.method, op.path, name, c.what, got.Code, got.Body, want.Code, want.Body)
	}
}

// pairing is a request that names what is another's, and its twin that names
// what never was.
type pairing struct {
	what                                 string
	path, body, missingPath, missingBody map[string]string
}

func with1(values map[string]string, name, value string) map[string]string {
	out := maps.Clone(values)
	out[name] = value
	return out
}

// cases lists the pairs: each id of the path replaced alone and all together,
// what is theirs under a seller of one's own, and each id of the body under
// paths of one's own.
func (m *matrix) cases(op specOp, names idNames, theirs map[string]string) []pairing {
	var out []pairing
	none := maps.Clone(theirs)
	for _, name := range names.path {
		out = append(out, pairing{"path " + name, theirs, theirs, with1(theirs, name, neverOf(name)), theirs})
		none[name] = neverOf(name)
	}
	if len(names.path) > 1 {
		out = append(out, pairing{"the whole path", theirs, theirs, none, theirs})
	}
	if slices.Contains(names.path, "seller") {
		for _, name := range names.path {
			if name != "seller" {
				own := with1(theirs, "seller", string(m.mine))
				out = append(out, pairing{"path " + name + " under an own seller", own, theirs, with1(own, name, neverOf(name)), theirs})
			}
		}
	}
	for _, name := range names.body {
		own := maps.Clone(theirs)
		own["seller"] = string(m.mine)
		out = append(out, pairing{"body " + name, own, theirs, own, with1(theirs, name, neverOf(name))})
	}
	return out
}

// idNames are the names in an operation that say whose something is.
type idNames struct{ path, body []string }

func (m *matrix) ids(t *testing.T, op specOp) idNames {
	t.Helper()
	var out idNames
	for _, p := range op.Parameters {
		if p.In == "path" && notIDs[p.Name] == "" {
			out.path = append(out.path, p.Name)
		}
	}
	if body := m.served.resolve(op.json()); body != nil {
		m.fieldIDs(t, op, body, &out)
	}
	return out
}

func (m *matrix) fieldIDs(t *testing.T, op specOp, s *specSchema, out *idNames) {
	t.Helper()
	for name, inner := range s.Properties {
		inner = m.served.resolve(inner)
		switch {
		case slices.Contains(bodyIDs, name) && inner.kind() == "string":
			out.body = append(out.body, name)
		case inner.kind() == "string" && idShaped.MatchString(inner.Pattern) && strings.Contains(inner.Pattern, "A-Z") && !slices.Contains(codes, name):
			t.Errorf("%s: the field %s looks like an id and is in no row", op.ID, name)
		case inner.kind() == "object":
			m.fieldIDs(t, op, inner, out)
		case inner.kind() == "array":
			if items := m.served.resolve(inner.Items); items.kind() == "object" {
				m.fieldIDs(t, op, items, out)
			}
		}
	}
}

// world is a set of things of one seller, made anew for each row.
func (m *matrix) world(seller market.ID, shelf *catalog.Product, op string) map[string]string {
	values := m.good(seller, shelf, op)
	m.goodLot(values, op)
	m.goodCoop(values, op)
	m.goodHarvest(values, op, "", shelf)
	m.goodEdit(values, op, "0905000008", seller)
	m.owned(values, op)
	m.goodMoney(values, op)
	m.goodRelease(values, op)
	return values
}

// owned makes the buyer's what a buyer's operation is about.
func (m *matrix) owned(values map[string]string, op string) {
	switch op {
	case "askReturn", "getReturn", "disputeReturn", "sendReturn", "withdrawReturn", "complain", "getComplaint", "plead", "writeReview", "readMessage", "addOrderPhoto", "getOrderPhoto", "addComplaintPhoto", "getComplaintPhoto":
		placed := m.buyer.buy("cod", m.shelf)
		values["order"], values["parcel"], values["order_key"] = string(placed.Order.ID), string(placed.Order.Parcels[0].ID), placed.Order.Key
		values["message"] = string(m.lastMessage(m.buyer))
	case "getOrder", "cancelOrder":
		values["order"] = string(m.buyer.buy("cod", m.shelf).Order.ID)
	case "getCart", "quoteCart", "setLine", "removeLine", "setVouchers", "checkout":
		cart := string(m.buyer.fill(m.shelf).ID)
		ok[Cart](m.t, m.buyer.do("PUT", "/carts/"+cart+"/lines/"+string(m.shelf.Variants[0].ID), LineWish{Quantity: 1}))
		values["cart"] = cart
	case "stopVoucher": // of the seller that the others have settled on
		m.goodVoucher(values, market.ID(values["seller"]))
	case "getPreorder", "cancelPreorder", "payBalance":
		m.goodHarvest(values, op, "buyer", m.shelf)
	}
}

// ask sends the operation's request with these values in path and body.
func (m *matrix) ask(v *visitor, g *siege, op specOp, path, body map[string]string) *httptest.ResponseRecorder {
	m.t.Helper()
	address, query, header := op.path, url.Values{}, http.Header{"If-Match": {"*"}}
	for _, p := range op.Parameters {
		value := path[p.Name]
		switch {
		case p.In == "path":
			address = strings.ReplaceAll(address, "{"+p.Name+"}", url.PathEscape(value))
		case p.In == "query" && p.Required:
			query.Set(p.Name, value)
		case p.In == "header" && p.Required:
			header.Set(p.Name, keyed(p.Name, value))
		}
	}
	filled := *g
	filled.values = body
	r := httptest.NewRequest(op.method, Prefix+address+"?"+query.Encode(), strings.NewReader(string(filled.full(m.served.resolve(op.json())))))
	maps.Copy(r.Header, header)
	maps.Copy(r.Header, v.header)
	if media := filled.media(); media != "" {
		r.Header.Set("Content-Type", media)
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	return w
}

// full is a good body in which every id is said, also those that may be left
// out.
func (g *siege) full(s *specSchema) []byte {
	if g.media() != mediaJSON {
		return g.body()
	}
	body, _ := g.sample(s, "").(map[string]any)
	for name, inner := range s.Properties {
		if !slices.Contains(bodyIDs, name) || g.served.resolve(inner).kind() != "string" {
			continue
		}
		if delete(body, name); g.values[name] != "" {
			body[name] = g.values[name]
		}
	}
	raw, err := json.Marshal(body)
	g.must(err)
	return raw
}
