package api

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func TestASaleFromListingToStatistics(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Thuỷ Biều")
	farmer := s.person("0905000001", nil, coop)
	moderator := s.person("0905000002", []market.Role{market.RoleModerator})
	official := s.person("0905000003", []market.Role{market.RoleOfficial})
	p := listed(t, farmer, moderator, coop)
	s.drain()

	buyer := s.guest()
	if found := get[SearchResult](buyer, "/search?q="+url.QueryEscape("thanh tra")); found.Total != 1 || found.Items[0].ID != p.ID {
		t.Fatalf("search found %+v", found)
	}
	link := ok[Link](t, farmer.do("POST", "/links", LinkDraft{Product: string(p.ID), Channel: "facebook_live", Label: "tối thứ bảy"}))
	cart := ok[Cart](t, buyer.do("POST", "/carts", nil))
	line := "/carts/" + string(cart.ID) + "/lines/" + string(p.Variants[0].ID)
	cart = ok[Cart](t, buyer.do("PUT", line, LineWish{Quantity: 2, Link: link.Code}))
	if cart.Goods.Amount != 90_000 || cart.Shipping != nil {
		t.Fatalf("cart %+v", cart)
	}
	quote := get[Cart](buyer, "/carts/"+string(cart.ID)+"/quote?province=01&ward=00004")
	if quote.Shipping == nil || quote.Total.Amount != quote.Goods.Amount+quote.Shipping.Amount {
		t.Fatalf("quote %+v", quote)
	}
	placed := ok[Placed](t, buyer.do("POST", "/carts/"+string(cart.ID)+"/checkout", Checkout{Address: home, Method: "sandbox", Expect: &quote.Total}))
	s.approve(placed.Payment.URL)
	s.drain()

	order := get[Order](buyer, "/orders/"+string(placed.Order.ID)+"?key="+placed.Order.Key)
	if order.State != "confirmed" || order.Parcels[0].State != "new" || !order.Parcels[0].Paid {
		t.Fatalf("order after the notice: %+v", order)
	}
	delivered(t, farmer, coop, order)
	s.drain()
	table := get[TradeTable](official, "/statistics/trade?by=ward,channel")
	if len(table.Cells) != 1 || table.Cells[0].Value.Amount != 90_000 || table.Cells[0].Channel != "livestream" {
		t.Errorf("table %+v", table)
	}
	csv := official.do("GET", "/statistics/trade.csv", nil)
	if csv.Code != http.StatusOK || !strings.Contains(csv.Body.String(), "90000") {
		t.Errorf("csv %d %s", csv.Code, csv.Body)
	}
	links := get[LinkPage](farmer, "/sellers/"+string(coop)+"/links")
	if len(links.Items) != 1 || links.Items[0].Orders != 1 || links.Items[0].Revenue.Amount != 90_000 {
		t.Errorf("links %+v", links)
	}
}

// listed takes a product from draft to shop.
func listed(t *testing.T, farmer, moderator *visitor, coop market.ID) Product {
	t.Helper()
	draft := NewListing{ID: "01JDLISTING0000000000000A1", Seller: string(coop), Listing: listing("Thanh trà Thuỷ Biều")}
	made := farmer.do("POST", "/products", draft)
	p := ok[Product](t, made)
	if again := farmer.do("POST", "/products", draft); again.Code != http.StatusCreated || ok[Product](t, again).ID != p.ID {
		t.Errorf("the same id again: %d %s", again.Code, again.Body)
	}
	path := made.Header().Get("Location")[len(Prefix):]
	photo := farmer.do("POST", path+"/photos?alt=thanh+tra", picture(t, 9), "Content-Type", "image/jpeg")
	if got := ok[Product](t, photo); len(got.Photos) != 1 {
		t.Fatalf("photos %+v", got.Photos)
	}
	ok[Product](t, farmer.do("POST", path+"/submit", nil))
	queue := get[ProductList](moderator, "/moderation/products")
	if len(queue.Items) != 1 || queue.Items[0].ID != p.ID {
		t.Fatalf("queue %+v", queue)
	}
	ok[Product](t, moderator.do("POST", path+"/approve", nil))
	if own := get[ProductList](farmer, "/sellers/"+string(coop)+"/products"); len(own.Items) != 1 || own.Items[0].Status != "published" {
		t.Errorf("own products %+v", own)
	}
	return get[Product](farmer.guest(), "/products/"+p.Slug)
}

func listing(name string) Listing {
	return Listing{
		Set: 1, Name: ListingWords{VI: name}, Description: &ListingWords{VI: "Hái sáng, giao chiều."},
		Variants: []ListingVariant{{
			Name: ListingWords{VI: "1 kg"}, Unit: "kg", Size: Size{Base: "grams", Amount: 1000}, Price: Money{45_000, "VND"}, Stock: 20,
		}},
	}
}

// approve plays the payer in the wallet.
func (s *shop) approve(address string) {
	s.t.Helper()
	u, err := url.Parse(address)
	s.must(err)
	view, err := s.wallet.Open(s.ctx, u.RawQuery)
	s.must(err)
	_, err = s.wallet.Decide(s.ctx, view.ID, true)
	s.must(err)
}

func delivered(t *testing.T, farmer *visitor, coop market.ID, order Order) {
	t.Helper()
	work := get[OrderPage](farmer, "/sellers/"+string(coop)+"/orders?state=new")
	if len(work.Items) != 1 || work.Items[0].ID != order.ID || work.Items[0].Key != "" {
		t.Fatalf("worklist %+v", work)
	}
	parcel := "/orders/" + string(order.ID) + "/parcels/" + string(order.Parcels[0].ID)
	ok[Order](t, farmer.do("POST", parcel+"/pack", nil))
	ok[Order](t, farmer.do("POST", parcel+"/ship", Shipment{Carrier: "Viettel Post", Tracking: "VTP1"}))
	done := ok[Order](t, farmer.do("POST", parcel+"/deliver", nil))
	if done.State != "completed" || done.Parcels[0].Fee == nil {
		t.Fatalf("order after delivery %+v", done)
	}
}

func TestAForgedNoticeChangesNothing(t *testing.T) {
	s := openShop(t)
	p := s.product(s.seller("HTX Một"), "Bưởi", 30_000, 10)
	placed := s.guest().buy("sandbox", p)
	forged := s.guest().do("POST", "/payments/sandbox/notices", []byte(`{"payment":"`+placed.Order.ID+`","type":"capture","amount":60000}`))
	if forged.Code != http.StatusForbidden || forged.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("forged notice: %d %s", forged.Code, forged.Header())
	}
	s.drain()
	if order := get[Order](s.guest(), "/orders/"+string(placed.Order.ID)); order.State != "placed" {
		t.Errorf("state %s", order.State)
	}
	problem(t, s.guest().do("POST", "/payments/nobody/notices", []byte("x")), http.StatusNotFound)
	problem(t, s.guest().do("GET", "/payments/nobody/notices?a=b", nil), http.StatusNotFound)
}

func TestNoticesPassFromOtherOrigins(t *testing.T) {
	s := openShop(t)
	w := s.guest().do("POST", "/payments/sandbox/notices", []byte("{}"), "Origin", "https://wallet.example", "Sec-Fetch-Site", "cross-site")
	if w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	problem(t, s.guest().do("POST", "/carts", nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"), http.StatusForbidden)
}

func TestAProductIsNamedByWhatItShows(t *testing.T) {
	s := openShop(t)
	p := s.product(s.seller("HTX Một"), "Mắm nêm", 30_000, 10)
	s.certify(p.ID, 48*time.Hour)
	s.drain()
	guest := s.guest()
	path := "/products/" + p.Slug
	first := guest.do("GET", path, nil)
	tag := first.Header().Get("ETag")
	if shown := ok[Product](t, first); shown.Stars != 4 || shown.Badge == nil || shown.Variants[0].Available != 10 {
		t.Fatalf("product %+v", shown)
	}
	same := guest.do("GET", path, nil, "If-None-Match", `W/"x", `+tag)
	if same.Code != http.StatusNotModified || same.Body.Len() != 0 || same.Header().Get("ETag") != tag {
		t.Errorf("unchanged: %d %q %s", same.Code, same.Header().Get("ETag"), same.Body)
	}
	if again := guest.do("GET", path, nil); !bytes.Equal(again.Body.Bytes(), first.Body.Bytes()) || again.Header().Get("ETag") != tag {
		t.Error("the same product is not the same bytes")
	}
	s.guest().buy("cod", p)
	sold := guest.do("GET", path, nil, "If-None-Match", tag)
	if got := ok[Product](t, sold); got.Variants[0].Available != 8 || sold.Header().Get("ETag") == tag {
		t.Errorf("after a sale: %+v", got.Variants)
	}
	s.pass(48 * time.Hour)
	ended := guest.do("GET", path, nil, "If-None-Match", sold.Header().Get("ETag"))
	if got := ok[Product](t, ended); got.Stars != 0 || got.Badge != nil {
		t.Errorf("after the certificate ended: %+v", got)
	}
	list := get[ProductPage](guest, "/products")
	if list.Items[0].Stars != 0 {
		t.Error("a list shows stars of a certificate that has ended")
	}
	if head := guest.do("HEAD", path, nil); head.Code != http.StatusOK || head.Header().Get("ETag") == "" {
		t.Errorf("HEAD: %d", head.Code)
	}
}

func TestAnEditNeedsTheRevisionThatItChanges(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Một")
	farmer := s.person("0905000001", nil, coop)
	p := s.draft(coop, "Mè xửng")
	path := "/products/" + string(p.ID)
	tag := farmer.do("GET", path, nil).Header().Get("ETag")
	problem(t, farmer.do("PUT", path, listing("Mè xửng giòn")), http.StatusPreconditionRequired)
	edited := farmer.do("PUT", path, listing("Mè xửng giòn"), "If-Match", tag)
	if got := ok[Product](t, edited); got.Name.VI != "Mè xửng giòn" {
		t.Errorf("edited %+v", got.Name)
	}
	problem(t, farmer.do("PUT", path, listing("Mè xửng dẻo"), "If-Match", tag), http.StatusPreconditionFailed)
	if next := edited.Header().Get("ETag"); farmer.do("PUT", path, listing("Mè xửng dẻo"), "If-Match", next).Code != http.StatusOK {
		t.Error("the ETag of an edit does not allow the next one")
	}
	if got := get[Product](farmer, path); got.Name.VI != "Mè xửng dẻo" || len(got.Variants) != 1 {
		t.Errorf("in the end %+v", got)
	}
}

func TestAFormUploadsAPhoto(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Một")
	farmer := s.person("0905000001", nil, coop)
	p := s.draft(coop, "Nón lá")
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	s.must(w.WriteField("alt", "Nón bài thơ"))
	part, err := w.CreateFormFile("photo", "../../etc/passwd")
	s.must(err)
	_, err = part.Write(picture(t, 77))
	s.must(err)
	s.must(w.Close())
	path := "/products/" + string(p.ID) + "/photos"
	got := ok[Product](t, farmer.do("POST", path, form.Bytes(), "Content-Type", w.FormDataContentType()))
	if len(got.Photos) != 2 || got.Photos[1].Alt.VI != "Nón bài thơ" {
		t.Errorf("photos %+v", got.Photos)
	}
	problem(t, farmer.do("POST", path, []byte("not a picture"), "Content-Type", "image/png"), http.StatusUnprocessableEntity)
	problem(t, farmer.do("POST", path, []byte("GIF89a"), "Content-Type", "image/gif"), http.StatusUnsupportedMediaType)
	problem(t, farmer.do("POST", path, []byte("x"), "Content-Type", "multipart/form-data; boundary=b"), http.StatusBadRequest)
	problem(t, farmer.do("POST", path, make([]byte, 9<<20), "Content-Type", "image/jpeg"), http.StatusRequestEntityTooLarge)
}

func TestACursorWalksWhileProductsComeAndGo(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Một")
	want := map[market.ID]bool{}
	var last market.ID
	for i := range 23 {
		s.pass(time.Minute)
		p := s.product(coop, "Trà "+strings.Repeat("x", i), market.VND(10_000+i%5*1000), 5)
		want[p.ID], last = true, p.ID
	}
	seen := map[market.ID]int{}
	path := "/products?sort=price&limit=5"
	for page := 0; path != ""; page++ {
		w := s.guest().do("GET", path, nil)
		for _, item := range ok[ProductPage](t, w).Items {
			seen[item.ID]++
		}
		path = next(t, w.Header().Get("Link"))
		if page == 1 { // one appears where the walk has been, one vanishes where it may go
			delete(want, last)
			s.product(coop, "Trà mới", 10_000, 5)
			_, err := s.Catalog.Withdraw(s.ctx, market.System, last)
			s.must(err)
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s seen %d times", id, n)
		}
	}
	for id := range want {
		if seen[id] == 0 {
			t.Errorf("%s missed", id)
		}
	}
}

func next(t *testing.T, link string) string {
	t.Helper()
	if link == "" {
		return ""
	}
	address, rest, found := strings.Cut(strings.TrimPrefix(link, "<"+Prefix), ">")
	if !found || rest != `; rel="next"` {
		t.Fatalf("Link: %s", link)
	}
	return address
}

func TestACheckoutHappensOnce(t *testing.T) {
	s := openShop(t)
	p := s.product(s.seller("HTX Một"), "Bưởi", 30_000, 10)
	guest := s.guest()
	cart := guest.fill(p)
	path := "/carts/" + string(cart.ID) + "/checkout"
	body := Checkout{Address: home, Method: "cod"}
	first := guest.do("POST", path, body, "Idempotency-Key", "k1")
	second := guest.do("POST", path, body, "Idempotency-Key", "k1")
	if second.Header().Get("Idempotent-Replayed") != "true" || !bytes.Equal(first.Body.Bytes(), second.Body.Bytes()) ||
		second.Header().Get("Location") != first.Header().Get("Location") {
		t.Errorf("repeated: %d %s", second.Code, second.Body)
	}
	body.Note = "khác"
	problem(t, guest.do("POST", path, body, "Idempotency-Key", "k1"), http.StatusUnprocessableEntity)
	third := ok[Placed](t, guest.do("POST", path, body))
	if third.Order.ID != ok[Placed](t, first).Order.ID {
		t.Error("one cart, two orders")
	}
	stock, err := s.Catalog.Stocks(s.ctx, p.Variants[0].ID)
	s.must(err)
	if got := stock[p.Variants[0].ID]; got.Available != 8 || got.Sold != 2 {
		t.Errorf("stock %+v", got)
	}
}

func TestAShortShelfNamesTheLine(t *testing.T) {
	s := openShop(t)
	p := s.product(s.seller("HTX Một"), "Bưởi", 30_000, 1)
	guest := s.guest()
	cart := guest.fill(p)
	if len(cart.Problems) != 1 || cart.Problems[0].Available != 1 || !strings.Contains(cart.Problems[0].Detail, "1") {
		t.Errorf("problems %+v", cart.Problems)
	}
	refused := problem(t, guest.do("POST", "/carts/"+string(cart.ID)+"/checkout", Checkout{Address: home, Method: "cod"}), http.StatusConflict)
	if want := "/lines/" + string(p.Variants[0].ID); len(refused.Errors) != 1 || refused.Errors[0].Pointer != want {
		t.Errorf("errors %+v, want at %s", refused.Errors, want)
	}
}

func TestWhoSeesWhatOfAnOrder(t *testing.T) {
	s := openShop(t)
	one, two := s.seller("HTX Một"), s.seller("HTX Hai")
	buyer := s.person("0905000009", nil)
	placed := buyer.buy("cod", s.product(one, "Bưởi", 30_000, 10), s.product(two, "Cam", 20_000, 10))
	path := "/orders/" + string(placed.Order.ID)
	whole := get[Order](buyer, path)
	if len(whole.Parcels) != 2 || whole.Key == "" || whole.Masked {
		t.Errorf("the buyer sees %+v", whole)
	}
	keyed := get[Order](s.guest(), path+"?key="+placed.Order.Key)
	if diff := cmp.Diff(whole, keyed); diff != "" {
		t.Errorf("who has the key sees another order: %s", diff)
	}
	masked := get[Order](s.guest(), path+"?key=wrong")
	if !masked.Masked || masked.Key != "" || masked.Note != "" || masked.Address.Street != "" ||
		strings.Contains(masked.Address.Phone, "111222") || strings.Contains(masked.Address.Name, "Nguyễn") {
		t.Errorf("a stranger sees %+v", masked)
	}
	part := get[Order](s.person("0905000001", nil, one), path)
	if len(part.Parcels) != 1 || part.Parcels[0].Seller.ID != one || part.Key != "" || part.Parcels[0].Fee == nil {
		t.Errorf("a seller sees %+v", part)
	}
	if mine := get[OrderPage](buyer, "/orders"); len(mine.Items) != 1 || mine.Items[0].ID != placed.Order.ID {
		t.Errorf("my orders %+v", mine)
	}
	cancelled := ok[Order](t, s.guest().do("POST", path+"/cancel", Cancellation{Key: placed.Order.Key, Reason: "đổi ý"}))
	if cancelled.State != "cancelled" {
		t.Errorf("cancelled: %+v", cancelled)
	}
}

func TestAGuestsCartComesAlongAtSignIn(t *testing.T) {
	s := openShop(t)
	p := s.product(s.seller("HTX Một"), "Bưởi", 30_000, 10)
	guest := s.guest()
	cart := guest.fill(p)
	guest.do("POST", "/signin/codes", CodeRequest{Phone: "0905000007"})
	in := ok[Session](t, guest.do("POST", "/signin", SignIn{Phone: "0905000007", Code: s.code("0905000007"), Cart: string(cart.ID)}))
	if in.Person == nil || in.Cart == "" {
		t.Fatalf("session %+v", in)
	}
	if mine := get[Cart](guest, "/carts/"+string(in.Cart)); mine.Count != 2 {
		t.Errorf("cart %+v", mine)
	}
	problem(t, s.guest().do("GET", "/carts/"+string(in.Cart), nil), http.StatusNotFound)
	if w := guest.do("DELETE", "/session", nil); w.Code != http.StatusNoContent {
		t.Errorf("sign out: %d", w.Code)
	}
	if out := get[Session](guest, "/session"); out.Person != nil {
		t.Errorf("after signing out: %+v", out)
	}
}

func TestUnknownRoutesAndMethodsAreProblems(t *testing.T) {
	s := openShop(t)
	problem(t, s.guest().do("GET", "/nowhere", nil), http.StatusNotFound)
	w := s.guest().do("DELETE", "/products", nil)
	problem(t, w, http.StatusMethodNotAllowed)
	allowed := strings.Split(strings.ReplaceAll(w.Header().Get("Allow"), " ", ""), ",")
	slices.Sort(allowed)
	if diff := cmp.Diff([]string{"GET", "HEAD", "POST"}, allowed); diff != "" {
		t.Errorf("Allow: %s", diff)
	}
}

func TestPlacesMayBeKept(t *testing.T) {
	s := openShop(t)
	provinces := s.guest().do("GET", "/areas/provinces", nil)
	if n := len(ok[Areas](t, provinces).Items); n != 34 || !strings.Contains(provinces.Header().Get("Cache-Control"), "max-age=86400") {
		t.Errorf("%d provinces, %s", n, provinces.Header().Get("Cache-Control"))
	}
	if n := len(get[Areas](s.guest(), "/areas/provinces/46/wards").Items); n != 40 {
		t.Errorf("%d wards of Huế", n)
	}
	problem(t, s.guest().do("GET", "/areas/provinces/99/wards", nil), http.StatusNotFound)
	if n := len(get[Sets](s.guest(), "/sets").Items); n != 26 {
		t.Errorf("%d sets", n)
	}
}
