package pages_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/frontend/pages"
	"chohue/frontend/ui"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
)

// foreignRow is what the matrix must know of a page with an id in its path:
// how to make the things that the path names and the form with which their own
// people get through, or why there is nothing to hide.
type foreignRow struct {
	things func(m *foreignMatrix) map[string]string // by the names in the path
	owner  string                                   // whose they are; empty for the keeper of the seller
	form   []string
	file   string   // name of the field of a file, for forms with one
	told   []string // for their office they may hear that there is such a thing
	public string   // why everybody may know; then nothing else is set
}

// foreignVisitors are those to whom the things are another's.
var foreignVisitors = []string{"anonymous", "buyer", "other farmer", "other coop", "suspended", "official", "moderator"}

// notForeign are names in paths that say what is public, not whose it is.
var notForeign = map[string]string{
	"year": "years are everybody's", "deed": "a word for what is to be done", "number": "editions are counted from 1",
	"measure": "what is counted is in the market's own list of definitions",
}

// TestEveryForeignPageIsMissing walks the list of pages: whoever asks for what
// is another's gets the bytes that answer what never was, and changes nothing.
// A new page is in here by being listed; one whose ids nobody knows, or that
// its own people cannot use, fails.
func TestEveryForeignPageIsMissing(t *testing.T) {
	m := newForeignMatrix(t)
	unused := map[string]bool{}
	for key := range foreignRows {
		unused[key] = true
	}
	for _, r := range m.routes() {
		names := foreignNames(r.Path)
		if len(names) == 0 {
			continue
		}
		key := r.Method + " " + anyDoor(r.Path)
		row, ok := foreignRows[key]
		delete(unused, key)
		switch {
		case !ok:
			t.Errorf("%s %s is in no row: say what its ids name, or why everybody may know", r.Method, r.Path)
		case row.public == "":
			m.row(r, names, row)
		}
	}
	for key := range unused {
		t.Errorf("%s: there is no such page any more", key)
	}
	t.Logf("%d pairs of answers over %d pages", m.pairs, m.rows)
}

// TestTheWorkOfAForeignSellerIsMissing names another's seller at every page of
// work.
func TestTheWorkOfAForeignSellerIsMissing(t *testing.T) {
	m := newForeignMatrix(t)
	theirs, never := paramOf("htx-thuy-bieu"), paramOf("khong-co-ai-the")
	for _, r := range m.routes() {
		if anyDoor(r.Path) == r.Path {
			continue
		}
		path := r.Path
		for _, name := range foreignNames(path) {
			path = strings.Replace(path, ":"+name, neverWas, 1)
		}
		for _, name := range foreignVisitors {
			m.compare(name+": "+r.Method+" "+path, m.ask(name, r.Method, path+theirs, foreignRow{}), m.ask(name, r.Method, path+never, foreignRow{}), theirs, never)
		}
	}
}

func paramOf(slug string) string { return "?gian-hang=" + slug }

// neverWas names nothing.
const neverWas = "01JD0000000000000000000000"

var (
	ulids  = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}`)
	hashes = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// neverLike is an id of the same form that never was.
func neverLike(id string) string {
	switch {
	case ulids.MatchString(id):
		return ulids.ReplaceAllString(id, neverWas)
	case hashes.MatchString(id):
		return strings.Repeat("0", 64)
	default:
		return strings.Repeat("7", len(id))
	}
}

// anyDoor is the path whichever of the two doors to a seller's work it uses.
func anyDoor(path string) string {
	for _, door := range []string{"/nong-ho", "/hop-tac-xa"} {
		if rest, ok := strings.CutPrefix(path, door); ok {
			return "…" + rest
		}
	}
	return path
}

var pathNames = regexp.MustCompile(`:(\w+)`)

// foreignNames are the names in a path that say whose something is.
func foreignNames(path string) []string {
	var out []string
	for _, found := range pathNames.FindAllStringSubmatch(path, -1) {
		if notForeign[found[1]] == "" {
			out = append(out, found[1])
		}
	}
	return out
}

// foreignMatrix is the visitors, what they are asked about, and a count.
type foreignMatrix struct {
	*shop

	visitors    map[string]*visitor
	shelf       *catalog.Product // of the seller whose things are asked for
	member      market.ID        // who belongs to that seller
	settled     string           // its settlement of last month
	pairs, rows int
}

func newForeignMatrix(t *testing.T) *foreignMatrix {
	t.Helper()
	s := newShop(t)
	m := &foreignMatrix{shop: s}
	others, stopped := s.seller("HTX Khác", cooperatives.KindHTX), s.seller("HTX Bị Dừng", cooperatives.KindHTX)
	m.visitors = map[string]*visitor{
		"keeper":   s.member("0905000301", "Chị Quản Lý", s.coop, cooperatives.MemberManager),
		"customer": s.enter("0905000302"), "operator": s.staff("0905000303", "Vận Hành", market.RoleOperator),
		"anonymous": s.visitor(), "buyer": s.enter("0905000311"),
		"other farmer": s.member("0905000312", "Người Khác", s.craft, cooperatives.MemberFarmer),
		"other coop":   s.member("0905000313", "Chủ Nhiệm Khác", others, cooperatives.MemberManager),
		"suspended":    s.member("0905000314", "Người Bị Dừng", stopped, cooperatives.MemberManager),
		"official":     s.staff("0905000315", "Cán Bộ", market.RoleOfficial),
		"moderator":    s.staff("0905000316", "Kiểm Duyệt", market.RoleModerator),
	}
	_, err := s.rooms.Sellers.Suspend(t.Context(), market.System, stopped)
	s.must(err)
	m.shelf = s.product(s.coop, "Quýt Hương Cần", 1, 4, catalog.VariantDraft{
		Name: market.Text{VI: "Theo ký"}, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}, Price: 50_000, Stock: 100_000,
	})
	keeper, err := s.rooms.Accounts.ByPhone(t.Context(), market.System, "0905000301")
	s.must(err)
	m.member = keeper.ID
	s.drain()
	return m
}

// routes are the pages that can be asked for by GET and POST.
func (m *foreignMatrix) routes() []pages.Route {
	texts, err := locale.Load()
	m.must(err)
	assets, err := ui.Load()
	m.must(err)
	door, err := pages.New(m.shop.rooms, assets, texts, pages.Config{BaseURL: m.server.URL, Demo: true})
	m.must(err)
	return slices.DeleteFunc(door.Routes(), func(r pages.Route) bool { return r.Method == http.MethodHead })
}

// row compares all that one page answers. Its own people come last: what they
// came for must still be there.
func (m *foreignMatrix) row(r pages.Route, names []string, row foreignRow) {
	m.t.Helper()
	m.rows++
	what := r.Method + " " + r.Path
	things := row.things(m)
	row.form = typed(row.form, things)
	for _, name := range foreignVisitors {
		if slices.Contains(row.told, name) {
			continue
		}
		for _, missing := range neverOnes(names, things) {
			m.pair(name+": "+what, name, r, row, things, missing)
		}
	}
	owner := row.owner
	if owner == "" {
		owner = "keeper"
	}
	if got := m.ask(owner, r.Method, fill(r.Path, things), row); got.status >= 400 && got.status != http.StatusConflict {
		m.t.Errorf("%s by its own %s: %d %.400s: the row proves nothing", what, owner, got.status, got.text())
	}
	for _, name := range row.told {
		m.heard(what, name, r, row)
	}
}

// typed puts what a form's fields are named after into their names.
func typed(form []string, things map[string]string) []string {
	out := slices.Clone(form)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "{variant}", things["variant"])
	}
	return out
}

// heard wants an exception to be needed.
func (m *foreignMatrix) heard(what, name string, r pages.Route, row foreignRow) {
	m.t.Helper()
	things := row.things(m)
	missing := neverOnes(foreignNames(r.Path), things)[0]
	got, want := m.ask(name, r.Method, fill(r.Path, things), row), m.ask(name, r.Method, fill(r.Path, missing), row)
	if got.status == want.status {
		m.t.Errorf("%s tells %s nothing (%d): take the exception out", what, name, got.status)
	}
}

// neverOnes are the things with each id replaced alone, and all together.
func neverOnes(names []string, things map[string]string) []map[string]string {
	all := clone(things)
	var out []map[string]string
	for _, name := range names {
		all[name] = neverLike(things[name])
		one := clone(things)
		one[name] = all[name]
		out = append(out, one)
	}
	if len(names) > 1 {
		out = append(out, all)
	}
	return out
}

func clone(things map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, things)
	return out
}

func fill(path string, things map[string]string) string {
	return pathNames.ReplaceAllStringFunc(path, func(name string) string { return url.PathEscape(things[name[1:]]) })
}

// ask sends a request, and reads what is said where a form leads.
func (m *foreignMatrix) ask(name, method, path string, row foreignRow) page {
	m.t.Helper()
	got := m.send(m.visitors[name], method, path, row)
	if to := got.header.Get("Location"); method != http.MethodGet && strings.HasPrefix(to, "/") {
		got.body += m.visitors[name].get(to).body // what was kept to be said there
	}
	return got
}

func (m *foreignMatrix) send(v *visitor, method, path string, row foreignRow) page {
	m.t.Helper()
	switch {
	case method == http.MethodGet:
		return v.get(path)
	case row.file != "":
		return v.attach(path, row.file, "giay.pdf", []byte("%PDF-1.7 giấy"), row.form...)
	default:
		return v.do(method, path, form(row.form...))
	}
}

func (m *foreignMatrix) pair(what, name string, r pages.Route, row foreignRow, things, missing map[string]string) {
	m.t.Helper()
	m.pairs++
	got, want := m.ask(name, r.Method, fill(r.Path, things), row), m.ask(name, r.Method, fill(r.Path, missing), row)
	var ids, nones []string
	for key, id := range things {
		ids, nones = append(ids, id), append(nones, missing[key])
	}
	m.compareIDs(what, got, want, ids, nones)
}

func (m *foreignMatrix) compare(what string, got, want page, a, b string) {
	m.t.Helper()
	m.compareIDs(what, got, want, []string{a}, []string{b})
}

// compareIDs wants one answer: status, where it leads, kind and bytes, but for
// the ids that were asked for.
func (m *foreignMatrix) compareIDs(what string, got, want page, ids, nones []string) {
	m.t.Helper()
	x, y := without(got, ids), without(want, nones)
	if x != y {
		m.t.Errorf("%s:\n%.1500s\nbut of what never was:\n%.1500s", what, differing(x, y), differing(y, x))
	}
}

// differing is the text from shortly before where the two part.
func differing(x, y string) string {
	at := 0
	for at < len(x) && at < len(y) && x[at] == y[at] {
		at++
	}
	head, _, _ := strings.Cut(x, "\n")
	return head + " … " + x[max(0, min(at, len(x))-200):min(len(x), at+400)]
}

// without is what a page answers, without those ids in any spelling.
func without(p page, ids []string) string {
	text := strconv.Itoa(p.status) + " " + p.header.Get("Location") + " " + p.header.Get("Content-Type") + " " + p.header.Get("Content-Disposition") + "\n" + p.body
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b string) int { return len(b) - len(a) })
	for _, id := range ids {
		for _, spelt := range []string{id, url.PathEscape(id), url.QueryEscape(id), url.QueryEscape(url.PathEscape(id))} {
			text = strings.ReplaceAll(text, spelt, "@")
		}
	}
	return madeIDs.ReplaceAllString(text, "@")
}

// madeIDs are ids that a form is given anew each time it is drawn.
var madeIDs = regexp.MustCompile(`[0-9A-HJKMNP-TV-Z]{26}`)

// inMonths is a day as forms take it.
func inMonths(n int) string {
	return time.Now().In(market.HueZone).AddDate(0, n, 0).Format(time.DateOnly)
}

// The makers of things, each new with each call.

func (m *foreignMatrix) id() market.ID { return m.shop.rooms.Env.NewID() }

func one(name string, id market.ID) map[string]string { return map[string]string{name: string(id)} }

func (m *foreignMatrix) product(state catalog.Status) *catalog.Product {
	m.t.Helper()
	ctx, room := m.t.Context(), m.shop.rooms.Catalog
	p, err := room.CreateDraft(ctx, market.System, catalog.Draft{
		Seller: m.coop, Set: 7, Name: market.Text{VI: "Bánh ép"}, Description: market.Text{VI: "Giòn, ép tay, làm mỗi sáng."},
		Variants: []catalog.VariantDraft{{Name: market.Text{VI: "Hộp"}, Unit: "hộp", Size: market.Size{Base: market.Grams, Amount: 500}, Price: 80_000, Stock: 4}},
	})
	m.must(err)
	_, err = room.AddPhoto(ctx, market.System, p.ID, photo(m.t, 7), market.Text{VI: "Bánh"})
	m.must(err)
	if state != catalog.StatusDraft {
		p, err = room.Submit(ctx, market.System, p.ID)
		m.must(err)
	}
	if state == catalog.StatusPublished {
		p, err = room.Approve(ctx, market.System, p.ID)
		m.must(err)
		m.drain()
	}
	return p
}

func draftThing(m *foreignMatrix) map[string]string {
	p := m.product(catalog.StatusDraft)
	return map[string]string{"id": string(p.ID), "slug": p.Slug, "variant": string(p.Variants[0].ID)}
}

func waitingThing(m *foreignMatrix) map[string]string {
	return one("id", m.product(catalog.StatusSubmitted).ID)
}

// editThing is a published product with an edition that waits.
func editThing(m *foreignMatrix) map[string]string {
	p := m.product(catalog.StatusPublished)
	d := p.Draft()
	d.Description = market.Text{VI: "Giòn hơn trước, ép tay."}
	p, err := m.shop.rooms.Catalog.Edit(m.t.Context(), market.Actor{Person: m.member, Sellers: []market.ID{m.coop}}, p.ID, d)
	m.must(err)
	return map[string]string{"id": string(p.ID), "number": "2"}
}

// orderThing is an order of the customer with one parcel that waits to be
// packed.
func orderThing(m *foreignMatrix) map[string]string { return m.placed("cod") }

func paidThing(m *foreignMatrix) map[string]string { return m.placed("vietqr") }

func (m *foreignMatrix) placed(method string) map[string]string {
	m.t.Helper()
	v := m.visitors["customer"]
	v.post("/gio-hang/them", "product", m.shelf.Slug, "variant", string(m.shelf.Variants[0].ID), "quantity", "1").is(200)
	step := v.post("/thanh-toan", with(address[:6], "area", "province")...).is(200)
	at := v.post("/thanh-toan", with(address, "method", method, "expect", attr(step.input("expect"), "value"))...).is(200)
	m.drain()
	id := ulids.FindString(at.at.Path)
	o, err := m.shop.rooms.Orders.Order(m.t.Context(), market.System, market.ID(id), "")
	m.must(err)
	return map[string]string{"id": id, "order": id, "parcel": string(o.Parcels[0].ID), "payment": string(o.Parcels[0].Payment), "variant": string(o.Parcels[0].Lines[0].Variant)}
}

func packedThing(m *foreignMatrix) map[string]string {
	things := orderThing(m)
	_, err := m.shop.rooms.Orders.Pack(m.t.Context(), market.System, market.ID(things["order"]), market.ID(things["parcel"]))
	m.must(err)
	return things
}

func shippedThing(m *foreignMatrix) map[string]string {
	things := packedThing(m)
	_, err := m.shop.rooms.Orders.Ship(m.t.Context(), market.System, market.ID(things["order"]), market.ID(things["parcel"]), orders.Shipment{Carrier: "Viettel Post"})
	m.must(err)
	return things
}

func lotThing(m *foreignMatrix) map[string]string {
	l, err := m.shop.rooms.Catalog.MakeLot(m.t.Context(), market.System, catalog.LotDraft{
		Product: m.shelf.ID, Variant: m.shelf.Variants[0].ID, Quantity: 10, MadeAt: m.now().Add(-time.Hour), Name: "Hiệp", Code: "L" + string(m.id()[16:]),
	})
	m.must(err)
	return one("id", l.ID)
}

func harvestThing(m *foreignMatrix) map[string]string {
	now := m.now()
	h, err := m.shop.rooms.Catalog.DeclareHarvest(m.t.Context(), market.System, catalog.HarvestDraft{
		Product: m.shelf.ID, Variant: m.shelf.Variants[0].ID, From: now.AddDate(0, 2, 0), To: now.AddDate(0, 3, 0), Closes: now.AddDate(0, 1, 0), Yield: 100, Deposit: 2000,
	})
	m.must(err)
	return one("id", h.ID)
}

// closedHarvestThing is one of which nobody may reserve any more.
func closedHarvestThing(m *foreignMatrix) map[string]string {
	things := harvestThing(m)
	_, err := m.shop.rooms.Catalog.CloseHarvest(m.t.Context(), market.System, market.ID(things["id"]))
	m.must(err)
	return things
}

func deliveryThing(m *foreignMatrix) map[string]string {
	brought, err := m.shop.rooms.Pool.Deliver(m.t.Context(), market.System, m.coop, cooperatives.Bringing{
		ID: m.id(), Member: m.member, Variant: m.shelf.Variants[0].ID, Units: 2, Grade: "A", At: m.lastMonth(),
	})
	m.must(err)
	return one("id", brought.ID)
}

func (m *foreignMatrix) lastMonth() time.Time {
	now := m.now().In(market.HueZone)
	return now.AddDate(0, 0, -now.Day())
}

// settlementThing is the one of last month: a month has one.
func settlementThing(m *foreignMatrix) map[string]string {
	if m.settled != "" {
		return map[string]string{"id": m.settled, "deed": "bo"}
	}
	deliveryThing(m)
	m.barn.sales = []cooperatives.Sale{{ID: "1", Product: m.shelf.ID, Base: 1000, Amount: 50_000, Fee: 1_500}}
	made, err := m.shop.rooms.Pool.Prepare(m.t.Context(), market.System, m.coop, m.lastMonth().Format("2006-01"))
	m.must(err)
	m.settled = string(made.ID)
	return settlementThing(m)
}

func memberThing(m *foreignMatrix) map[string]string {
	person, err := m.shop.rooms.Sellers.AddWithoutPhone(m.t.Context(), market.System, m.coop, m.id(), "Bác Không Máy")
	m.must(err)
	return one("person", person)
}

func paperThing(m *foreignMatrix) map[string]string {
	id := m.id()
	m.must(m.shop.rooms.Papers.Show(m.t.Context(), market.System, m.coop, cooperatives.Upload{ID: id, Code: "tax", Data: []byte("%PDF-1.7 " + string(id))}))
	return map[string]string{"id": string(m.coop), "paper": string(id)}
}

func sellerThing(m *foreignMatrix) map[string]string {
	return map[string]string{"id": string(m.coop), "seller": string(m.coop), "year": "2026"}
}

func takedownThing(m *foreignMatrix) map[string]string {
	down, err := m.shop.rooms.Takedowns.Receive(m.t.Context(), market.System, cooperatives.Request{
		ID: m.id(), Product: m.product(catalog.StatusPublished).ID, Authority: "Sở Công Thương", Document: "12/SCT", Basis: "Luật 122/2025/QH15", Grounds: "Nhãn sai",
	})
	m.must(err)
	return one("id", down.ID)
}

// certificateThing is a recognition with its scan.
func certificateThing(m *foreignMatrix) map[string]string {
	p := m.product(catalog.StatusPublished)
	ctx, room := m.t.Context(), m.shop.rooms.Catalog
	p, err := room.Certify(ctx, market.System, p.ID, catalog.Certificate{
		ID: m.id(), DecisionNo: "77/QĐ-UBND", DecisionDate: time.Date(2026, time.June, 15, 0, 0, 0, 0, market.HueZone),
		Issuer: "UBND thành phố Huế", IssuerLevel: "province", Score: 55, Verification: catalog.ProofDecision,
	})
	m.must(err)
	cert := p.Certificates[0].ID
	_, err = room.AttachEvidence(ctx, market.System, p.ID, cert, "qd.pdf", []byte("%PDF-1.7 qđ"))
	m.must(err)
	return map[string]string{"id": string(cert), "product": string(p.ID), "certificate": string(cert)}
}

// useThing is a claimed right in a name, with its scan.
func useThing(m *foreignMatrix) map[string]string {
	ctx, room := m.t.Context(), m.shop.rooms.Catalog
	name := "Cam " + string(m.id())
	right, err := room.RegisterRight(ctx, market.System, catalog.IPRight{
		Type: catalog.RightTypes()[0], Name: name, Holder: "UBND xã", Number: "00099", Words: []string{name}, Decision: "1/QĐ-SHTT", ValidFrom: m.now().AddDate(-1, 0, 0),
	})
	m.must(err)
	_, err = room.ClaimUse(ctx, market.System, catalog.UseClaim{
		Right: right.ID, Seller: m.coop, DocumentNo: "12/GP", Issuer: "UBND xã", ValidFrom: m.now().AddDate(0, -1, 0), FileName: "gp.pdf", File: []byte("%PDF-1.7 gp"),
	})
	m.must(err)
	return map[string]string{"right": string(right.ID), "seller": string(m.coop)}
}

func linkThing(m *foreignMatrix) map[string]string {
	made := m.visitors["keeper"].post("/nong-ho/lien-ket", "product", string(m.shelf.ID), "channel", "zalo").is(200)
	return map[string]string{"code": made.at.Fragment}
}

// showThing is an announced show of the keeper's.
func showThing(m *foreignMatrix) map[string]string {
	now := m.now().In(market.HueZone)
	made := m.visitors["keeper"].post("/nong-ho/phien", "title", "Phiên trà", "starts_at", now.Format("2006-01-02T15:04"), "ends_at", now.Add(time.Hour).Format("2006-01-02T15:04")).is(200)
	return map[string]string{"id": path.Base(made.at.Path)}
}

func sheetThing(m *foreignMatrix) map[string]string {
	read := m.visitors["keeper"].sendSheet("/nong-ho/nhap-xuat", "a.csv", "Tên sản phẩm;Bộ sản phẩm OCOP;Đơn vị bán;Giá (đồng)\nDưa "+string(m.id())+";7;kg;80000\n").is(200)
	return map[string]string{"list": sheetOf(read)}
}

func decisionsThing(m *foreignMatrix) map[string]string {
	list, err := m.shop.rooms.Catalog.PreviewDecisions(m.t.Context(), market.System, []byte(listHead+"Nón lá bài thơ;Làng nghề Bao La;77/QĐ-UBND;15/06/2026;UBND thành phố Huế;Thành phố;3\n"))
	m.must(err)
	return map[string]string{"list": list.File}
}

// noticeThing is what the keeper was told of an order.
func noticeThing(m *foreignMatrix) map[string]string {
	orderThing(m)
	href := m.visitors["keeper"].get("/thong-bao").is(200).link("Có đơn mới")
	id, err := url.PathUnescape(strings.TrimPrefix(href, "/thong-bao/"))
	m.must(err)
	return map[string]string{"id": id}
}

// browserThing is a device of the customer's that is pushed to.
func browserThing(m *foreignMatrix) map[string]string {
	v := m.visitors["customer"]
	v.post("/tai-khoan/thong-bao/may", "subscription", fmt.Sprintf(`{"endpoint":"https://push.vidu.vn/%s","keys":{"p256dh":"%s","auth":"%s"}}`, m.id(), strings.Repeat("A", 87), strings.Repeat("A", 22))).is(200)
	found, err := m.shop.rooms.Notices.Settings(m.t.Context(), m.customer())
	m.must(err)
	return one("id", found.Browsers[len(found.Browsers)-1].ID)
}

// customer is who the orders and pre-orders are of.
func (m *foreignMatrix) customer() market.Actor {
	m.t.Helper()
	found, err := m.shop.rooms.Accounts.ByPhone(m.t.Context(), market.System, "0905000302")
	m.must(err)
	return market.Actor{Person: found.ID}
}

// reminderThing is what the keeper is told of a recognition that ends.
func reminderThing(m *foreignMatrix) map[string]string {
	ctx, room := m.t.Context(), m.shop.rooms.Catalog
	p := m.product(catalog.StatusPublished)
	_, err := room.Certify(ctx, market.System, p.ID, catalog.Certificate{
		ID: m.id(), DecisionNo: "78/QĐ-UBND", DecisionDate: m.now().AddDate(-3, 0, 20), ValidTo: m.now().AddDate(0, 0, 20),
		Issuer: "UBND thành phố Huế", IssuerLevel: "province", Score: 55, Verification: catalog.ProofDecision,
	})
	m.must(err)
	_, err = room.Remind(ctx)
	m.must(err)
	all, err := room.Reminders(ctx, market.System, m.coop, 100)
	m.must(err)
	at := slices.IndexFunc(all, func(r *catalog.Reminder) bool { return r.Product == p.ID })
	if at < 0 {
		m.t.Fatal("nobody is told that the recognition ends")
	}
	return one("id", all[at].ID)
}

// preorderThing is the customer's share of a harvest, with its deposit open.
func preorderThing(m *foreignMatrix) map[string]string {
	p, _, err := m.shop.rooms.Orders.Reserve(m.t.Context(), m.customer(), orders.Reserving{
		Harvest: market.ID(harvestThing(m)["id"]), Quantity: 5, Method: "vietqr", BaseURL: m.server.URL,
		Address: market.Address{Name: "Nguyễn Thị Mua", Phone: "0905111222", Province: "01", Ward: "00004", Street: "12 Đội Cấn"},
	})
	m.must(err)
	return one("id", p.ID)
}

// duePreorderThing is one of which the rest is to be paid.
func duePreorderThing(m *foreignMatrix) map[string]string {
	things := preorderThing(m)
	ctx, r := m.t.Context(), m.shop.rooms
	p, err := r.Orders.Preorder(ctx, market.System, market.ID(things["id"]))
	m.must(err)
	_, err = r.Payments.Confirm(ctx, market.System, p.DepositID())
	m.must(err)
	m.drain()
	_, err = r.Catalog.AllocateHarvest(ctx, market.System, p.Harvest, 100)
	m.must(err)
	m.drain()
	return things
}

// mismatchThing is a difference between the books and a wallet's report.
func mismatchThing(m *foreignMatrix) map[string]string {
	day := m.now().In(market.HueZone).Format(time.DateOnly)
	file := fmt.Sprintf("%s\n%s,X,capture,45000,500,%s\n", strings.Join(payments.ReportColumns, ","), m.id(), day)
	m.visitors["operator"].attach("/quan-tri/doi-soat/bao-cao", "file", "vi.csv", []byte(file), "party", "sandbox", "from", day, "to", day).is(200)
	return m.toClose("operator", "/quan-tri/doi-soat")
}

// creditThing is money on the seller's account that names no order.
func creditThing(m *foreignMatrix) map[string]string {
	file := fmt.Sprintf("%s\n%s,%s,970405,0000000001,45000,tien hang,NGUYEN VAN A\n", strings.Join(payments.BankStatementColumns, ","), m.now().Format(time.RFC3339), m.id())
	m.visitors["keeper"].attach("/hop-tac-xa/sao-ke", "file", "saoke.csv", []byte(file)).is(200)
	return m.toClose("keeper", "/hop-tac-xa/sao-ke")
}

func (m *foreignMatrix) toClose(name, door string) map[string]string {
	m.t.Helper()
	action, _, _ := strings.Cut(m.visitors[name].get(door).is(200).action("/xong"), "?")
	id, err := url.PathUnescape(strings.TrimSuffix(strings.TrimPrefix(action, door+"/"), "/xong"))
	m.must(err)
	return map[string]string{"id": id}
}
