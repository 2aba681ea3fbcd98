package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
)

// barn is what a pool needs of other rooms, with sales that are given.
type barn struct {
	rooms *Rooms
	sales map[market.ID][]cooperatives.Sale
	books map[market.ID]market.VND // what members are owed
	seen  map[market.ID]bool
}

func (b *barn) Good(ctx context.Context, seller, variant market.ID) (cooperatives.Good, error) {
	p, err := b.rooms.Catalog.ByVariant(ctx, variant)
	if err != nil || p.Seller != seller {
		return cooperatives.Good{}, market.NotFound("catalog.missing")
	}
	return cooperatives.Good{Product: p.ID, Name: p.Name, Unit: "kg", Size: market.Size{Base: market.Grams, Amount: 1000}}, nil
}

func (b *barn) Bring(context.Context, cooperatives.Brought) error { return nil }

func (b *barn) Sales(_ context.Context, seller market.ID, _, _ time.Time) ([]cooperatives.Sale, error) {
	return b.sales[seller], nil
}

func (b *barn) Post(_ context.Context, e cooperatives.Entry) error {
	if b.seen[e.ID] {
		return nil
	}
	b.seen[e.ID] = true
	for member, owed := range e.Owed {
		b.books[member] += owed
	}
	return nil
}

func (b *barn) Owner(ctx context.Context, product market.ID) (market.ID, error) {
	p, err := b.rooms.Catalog.Product(ctx, market.System, product)
	if err != nil {
		return "", err
	}
	return p.Seller, nil
}

func (b *barn) TakeDown(ctx context.Context, by market.Actor, product market.ID, reason string) error {
	_, err := b.rooms.Catalog.Reject(ctx, by, product, reason)
	if market.KindOf(err) == market.KindConflict {
		return nil // it is not in the shop
	}
	return err
}

// cooperate opens the rooms of papers, pooled stock and takedowns.
func (s *shop) cooperate(r *Rooms) {
	s.t.Helper()
	s.barn = &barn{rooms: r, sales: map[market.ID][]cooperatives.Sale{}, books: map[market.ID]market.VND{}, seen: map[market.ID]bool{}}
	var err error
	r.Papers = cooperatives.NewPapers(r.Sellers, &files{})
	r.Pool, err = cooperatives.NewPool(s.ctx, s.engine, r.Sellers, cooperatives.Outside{Goods: s.barn, Shelf: s.barn, Sales: s.barn, Ledger: s.barn})
	s.must(err)
	r.Takedowns, err = cooperatives.NewTakedowns(s.ctx, s.engine, r.Sellers, s.barn)
	s.must(err)
}

// The month that is settled: the clock of tests stands in November.
const settledMonth = "2026-10"

// pooled is a cooperative with a month to settle.
type pooled struct {
	seller  market.ID
	product *catalog.Product
	member  market.ID // without a phone
}

// pool makes one. Its managers are those of the phones.
func (s *shop) pool(name string, phones ...string) pooled {
	s.t.Helper()
	seller := s.seller(name)
	for _, phone := range phones {
		p, err := s.Accounts.Ensure(s.ctx, market.System, phone, "Người Thử", market.RoleBuyer)
		s.must(err)
		_, err = s.Sellers.AddMember(s.ctx, market.System, seller, cooperatives.Member{Person: p.ID, Name: p.Name, Role: cooperatives.MemberManager})
		s.must(err)
	}
	out := pooled{seller: seller, product: s.product(seller, "Cam "+name, 20_000, 100)}
	var err error
	out.member, err = s.Sellers.AddWithoutPhone(s.ctx, market.System, seller, "", "Bác Không Máy")
	s.must(err)
	s.must(s.Sellers.Allow(s.ctx, market.System, seller, out.member, []string{cooperatives.ActDeliver}, "giấy ký tay"))
	s.barn.sales[seller] = []cooperatives.Sale{{ID: "1", Product: out.product.ID, Base: 5000, Amount: 100_000, Fee: 3_000}}
	return out
}

// bring writes down ten units that the member brought in the settled month.
func (s *shop) bring(p pooled, id market.ID) {
	s.t.Helper()
	_, err := s.Pool.Deliver(s.ctx, market.System, p.seller, cooperatives.Bringing{
		ID: id, Member: p.member, Variant: p.product.Variants[0].ID, Units: 10, Grade: "A", At: time.Date(2026, time.October, 10, 1, 0, 0, 0, time.UTC),
	})
	s.must(err)
}

const decisionsCSV = "Tên sản phẩm;Chủ thể;Số quyết định;Ngày quyết định;Cơ quan;Cấp;Số sao\n" +
	"Bưởi da xanh;HTX Bị Vây;77/QĐ-UBND;15/06/2026;UBND thành phố Huế;Thành phố;3\n"

// coopTags are whose operations need more than a shop.
var coopTags = []string{"cooperative", "certificates", "checking"}

// goodCoop adds to the values of a good request what the operations of
// cooperatives, papers, takedowns and recognitions need.
func (s *shop) goodCoop(values map[string]string, op string) {
	s.t.Helper()
	found := s.tagOf(op)
	if !slices.Contains(coopTags, found) {
		return
	}
	if found != "checking" || !strings.HasSuffix(strings.ToLower(op), "product") && !strings.HasSuffix(op, "Edit") {
		s.goodPool(values, op)
	}
	list, err := s.Catalog.PreviewDecisions(s.ctx, market.System, []byte(decisionsCSV))
	s.must(err)
	values["list"] = list.File
}

func (s *shop) tagOf(op string) string {
	for _, item := range s.api.OpenAPI().Paths {
		for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if o != nil && o.OperationID == op {
				return o.Tags[0]
			}
		}
	}
	return ""
}

func (s *shop) goodPool(values map[string]string, op string) {
	s.t.Helper()
	id := market.ID(values["order"]) // new with each set of values
	p := s.pool("HTX "+string(id[len(id)-8:]), "0905000001", "0905000009")
	values["seller"], values["product"], values["shelf"] = string(p.seller), string(p.product.ID), string(p.product.ID)
	values["variant"], values["person"], values["member"] = string(p.product.Variants[0].ID), string(p.member), string(p.member)
	values["month"], values["at"] = settledMonth, "2026-11-20T01:00:00Z"
	if op == "setSharing" {
		values["month"] = "2027-01"
	}
	values["received_at"] = s.clock().Add(-time.Hour).Format(time.RFC3339)
	values["code"] = "tax"
	values["delivery"] = "D" + string(id)
	s.bring(p, market.ID(values["delivery"]))
	values["paper"] = "P" + string(id)
	s.must(s.Papers.Show(s.ctx, market.System, p.seller, cooperatives.Upload{ID: market.ID(values["paper"]), Code: "tax", Data: []byte("%PDF-1.7")}))
	down, err := s.Takedowns.Receive(s.ctx, market.System, cooperatives.Request{
		ID: "T" + id, Product: p.product.ID, Authority: "Sở Công Thương", Document: "12/SCT", Basis: "Luật 122/2025/QH15", Grounds: "Nhãn sai",
	})
	s.must(err)
	values["takedown"] = string(down.ID)
	s.certify(p.product.ID, 24*time.Hour)
	certified, err := s.Catalog.Product(s.ctx, market.System, p.product.ID)
	s.must(err)
	values["certificate"] = string(certified.Certificates[0].ID)
	_, err = s.Catalog.AttachEvidence(s.ctx, market.System, p.product.ID, certified.Certificates[0].ID, "qd.pdf", []byte("%PDF-1.7 qd"))
	s.must(err)
	s.goodSettlement(values, p.seller, op)
}

// goodSettlement prepares the month, and posts it where it is to be reversed.
func (s *shop) goodSettlement(values map[string]string, seller market.ID, op string) {
	s.t.Helper()
	if slices.Contains([]string{"prepareSettlement", "previewSettlement", "correctDelivery"}, op) {
		return
	}
	one, err := s.Pool.Prepare(s.ctx, market.System, seller, settledMonth)
	s.must(err)
	values["settlement"] = string(one.ID)
	if op == "reverseSettlement" {
		second, err := s.Accounts.Ensure(s.ctx, market.System, "0905000009", "Người Thử", market.RoleBuyer)
		s.must(err)
		_, err = s.Pool.Approve(s.ctx, market.Actor{Person: second.ID, Name: second.Name, Sellers: []market.ID{seller}}, seller, one.ID)
		s.must(err)
	}
}

// TestPain19ASettlementThroughTheAPI: preview, a second person, posted,
// reversed by a contra entry, never deleted, balances as before.
func TestPain19ASettlementThroughTheAPI(t *testing.T) {
	s := openShop(t)
	p := s.pool("HTX Chia Tiền", "0905000001", "0905000009")
	first, second := s.person("0905000001", nil), s.person("0905000009", nil)
	at := "/sellers/" + string(p.seller)
	brought := NewDelivery{
		ID: "DELIVERY0001", Member: string(p.member), Variant: string(p.product.Variants[0].ID), Units: 10, Grade: "A",
		At: new(time.Date(2026, time.October, 10, 1, 0, 0, 0, time.UTC)),
	}
	for range 2 {
		if got := ok[Delivery](t, first.do("POST", at+"/deliveries", brought)); got.Units != 10 || got.MemberName != "Bác Không Máy" {
			t.Fatalf("delivery %+v", got)
		}
	}
	preview := get[Settlement](first, at+"/settlement-preview?month="+settledMonth)
	if total := preview.Platform.Amount + preview.Cooperative.Amount + preview.Kept.Amount + preview.Members.Amount; total != preview.Sales.Amount || total != 100_000 {
		t.Errorf("preview does not add up: %+v", preview)
	}
	if kept := get[SettlementPage](first, at+"/settlements"); len(kept.Items) != 0 {
		t.Errorf("a preview was kept: %+v", kept)
	}
	w := first.do("POST", at+"/settlements", Settling{Month: settledMonth})
	one := ok[Settlement](t, w)
	path := at + "/settlements/" + string(one.ID)
	if w.Code != http.StatusCreated || w.Header().Get("Location") != Prefix+path || one.State != cooperatives.SettlePrepared || one.Members != preview.Members {
		t.Fatalf("prepared: %d %s %+v", w.Code, w.Header().Get("Location"), one)
	}
	problem(t, first.do("POST", path+"/approve", nil), http.StatusConflict)
	if got := get[Balances](first, at+"/balances"); got.Items[len(got.Items)-1].Amount.Amount != 0 {
		t.Errorf("owed before anybody approved: %+v", got)
	}
	approve := func() *httptest.ResponseRecorder {
		return second.do("POST", path+"/approve", nil, "Idempotency-Key", "duyet-1")
	}
	if posted, again := approve(), approve(); ok[Settlement](t, posted).State != cooperatives.SettlePosted || posted.Body.String() != again.Body.String() {
		t.Errorf("approved: %s, again %s", posted.Body, again.Body)
	}
	if got := get[Statement](first, at+"/members/"+string(p.member)+"/statement"); got.Balance != one.Members || s.barn.books[p.member] != market.VND(one.Members.Amount) {
		t.Errorf("the member is owed %+v, books say %v", got.Balance, s.barn.books)
	}
	problem(t, first.do("POST", path+"/reverse", Reasoned{Reason: "x"}), http.StatusUnprocessableEntity)
	reversed := ok[Settlement](t, first.do("POST", path+"/reverse", Reasoned{Reason: "ghi sót một chuyến"}))
	if reversed.State != cooperatives.SettleReversed || reversed.Contra == "" {
		t.Errorf("reversed: %+v", reversed)
	}
	contra := get[Settlement](first, at+"/settlements/"+string(reversed.Contra))
	if contra.Reverses != one.ID || contra.Members.Amount != -one.Members.Amount || s.barn.books[p.member] != 0 {
		t.Errorf("contra %+v, books %v", contra, s.barn.books)
	}
	if kept := get[SettlementPage](first, at+"/settlements"); len(kept.Items) != 2 {
		t.Errorf("kept: %+v", kept)
	}
	s.drain()
	if trail := get[TrailCheck](second, at+"/trail/check"); trail.Broken != "" || trail.Length == 0 {
		t.Errorf("trail %+v", trail)
	}
	problem(t, second.do("DELETE", path, nil), http.StatusMethodNotAllowed)
}

func TestMembersThroughTheAPI(t *testing.T) {
	s := openShop(t)
	p := s.pool("HTX Đông Người", "0905000001")
	manager := s.person("0905000001", nil)
	at := "/sellers/" + string(p.seller) + "/members"
	added := ok[Members](t, manager.do("POST", at, NewMember{Name: "Anh Hiệp", Phone: "0905000777", Role: "packer"}))
	hiep := added.Items[len(added.Items)-1]
	if hiep.Name != "Anh Hiệp" || hiep.Role != "packer" {
		t.Fatalf("added %+v", added)
	}
	packer := s.person("0905000777", nil)
	problem(t, packer.do("POST", at, NewMember{Name: "Người Nhà"}), http.StatusForbidden)
	changed := ok[Members](t, manager.do("PUT", at+"/"+string(hiep.Person), MemberRole{Name: "Hiệp", Role: "farmer"}))
	if got := changed.Items[len(changed.Items)-1]; got.Role != "farmer" || got.Name != "Hiệp" {
		t.Errorf("changed %+v", got)
	}
	problem(t, manager.do("PUT", at+"/01JD0000000000000000000000", MemberRole{Name: "Ai Đó", Role: "manager"}), http.StatusNotFound)
	ended := ok[Mandates](t, manager.do("POST", at+"/"+string(p.member)+"/mandate/end", Reasoned{Reason: "bác rút lại"}))
	if got := ended.Items[0].Consents[0]; got.EndedAt == nil || got.Evidence != "giấy ký tay" {
		t.Errorf("the consent is not kept as ended: %+v", got)
	}
	w := manager.do("POST", "/sellers/"+string(p.seller)+"/deliveries", NewDelivery{Member: string(p.member), Variant: string(p.product.Variants[0].ID), Units: 1, Grade: "A"})
	if w.Code < 400 {
		t.Errorf("a delivery for who no longer allows it: %d", w.Code)
	}
	left := ok[Members](t, packer.do("DELETE", at+"/"+string(hiep.Person), nil))
	if slices.ContainsFunc(left.Items, func(m Member) bool { return m.Person == hiep.Person }) {
		t.Errorf("still there: %+v", left)
	}
	problem(t, packer.do("GET", at, nil), http.StatusNotFound)
}

func TestPapersThroughTheAPI(t *testing.T) {
	s := openShop(t)
	p := s.pool("HTX Giấy Tờ", "0905000001")
	manager, moderator := s.person("0905000001", nil), s.person("0905000002", []market.Role{market.RoleModerator})
	at := "/sellers/" + string(p.seller)
	if got := ok[Dossier](t, manager.do("PUT", at+"/sets", DeclaredSets{Sets: []int{1}})); len(got.Sets) != 1 || got.Needed < 3 {
		t.Errorf("declared: %+v", got)
	}
	pdf := []byte("%PDF-1.7 thuế")
	shown := manager.do("POST", at+"/papers?code=tax&id=PAPER000001", pdf, "Content-Type", "application/pdf")
	if got := ok[Dossier](t, shown); shown.Code != http.StatusCreated || got.Done != 0 {
		t.Errorf("shown: %d %+v", shown.Code, got)
	}
	problem(t, manager.do("POST", at+"/papers?code=tax", []byte("<script>"), "Content-Type", "application/pdf"), http.StatusUnprocessableEntity)
	problem(t, manager.do("POST", at+"/papers/PAPER000001/review", Review{Decision: "approve"}), http.StatusForbidden)
	if got := get[WaitingPage](moderator, "/moderation/papers"); len(got.Items) != 1 || got.Items[0].Seller != p.seller {
		t.Errorf("waiting: %+v", got)
	}
	file := moderator.do("GET", at+"/papers/PAPER000001/file", nil)
	if file.Body.String() != string(pdf) || !strings.HasPrefix(file.Header().Get("Content-Disposition"), "attachment") || file.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("file %q with %v", file.Body, file.Header())
	}
	if got := ok[Dossier](t, moderator.do("POST", at+"/papers/PAPER000001/review", Review{Decision: "approve"})); got.Done != 1 {
		t.Errorf("reviewed: %+v", got)
	}
}

func TestTakedownThroughTheAPI(t *testing.T) {
	s := openShop(t)
	p := s.pool("HTX Bị Gỡ")
	official, moderator := s.person("0905000003", []market.Role{market.RoleOfficial}), s.person("0905000002", []market.Role{market.RoleModerator})
	letter := NewTakedown{
		ID: "LETTER000001", Product: string(p.product.ID), Authority: "Sở Công Thương", Document: "12/SCT", Basis: "Luật 122/2025/QH15", Grounds: "Nhãn sai",
	}
	got := ok[Takedown](t, official.do("POST", "/takedowns", letter))
	if got.State != "received" || got.DueAt.Sub(*got.ReceivedAt) != 24*time.Hour {
		t.Errorf("received: %+v", got)
	}
	problem(t, official.do("POST", "/takedowns/LETTER000001/do", nil), http.StatusForbidden)
	if got := ok[Takedown](t, moderator.do("POST", "/takedowns/LETTER000001/do", nil)); got.State != "done" || got.EndedAt == nil {
		t.Errorf("done: %+v", got)
	}
	problem(t, s.guest().do("GET", "/products/"+string(p.product.ID), nil), http.StatusNotFound)
	if done := get[TakedownPage](official, "/takedowns?state=done"); len(done.Items) != 1 {
		t.Errorf("done: %+v", done)
	}
}
