package pages_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/letters"
	"chohue/frontend/locale"
	"chohue/frontend/pages"
	"chohue/market"
	"chohue/notices"
	"chohue/store"
)

// mailbox stands for a mail server.
type mailbox struct {
	mu      sync.Mutex
	letters []notices.Letter
}

func (*mailbox) Name() string     { return notices.ChannelEmail }
func (*mailbox) Repeatable() bool { return true }
func (m *mailbox) Send(_ context.Context, l notices.Letter) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = append(m.letters, l)
	return nil
}

func (m *mailbox) last() notices.Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.letters) == 0 {
		return notices.Letter{}
	}
	return m.letters[len(m.letters)-1]
}

type people struct {
	accounts *accounts.Service
	sellers  *cooperatives.Service
}

func (p people) Reader(ctx context.Context, id market.ID) (notices.Reader, error) {
	found, err := p.accounts.Person(ctx, id)
	if err != nil {
		return notices.Reader{}, err
	}
	return notices.Reader{Person: found.ID, Phone: found.Phone, Lang: locale.Pick(found.Lang)}, nil
}

func (p people) Operators(ctx context.Context) ([]market.ID, error) {
	return p.accounts.WithRole(ctx, market.RoleOperator)
}

func (p people) Keepers(ctx context.Context, seller market.ID) (ids []market.ID, err error) {
	s, err := p.sellers.Seller(ctx, seller)
	if err != nil {
		return nil, err
	}
	for _, m := range s.Members {
		ids = append(ids, m.Person)
	}
	return ids, nil
}

type goodNames struct{ catalog *catalog.Service }

func (n goodNames) Good(ctx context.Context, id market.ID) (market.ID, market.Text, error) {
	p, err := n.catalog.Product(ctx, market.System, id)
	if err != nil {
		return "", market.Text{}, err
	}
	return p.Seller, p.Name, nil
}

// post opens what tells people things.
func (s *shop) post(engine store.Engine, r *pages.Rooms) {
	s.t.Helper()
	texts, err := locale.Load()
	s.must(err)
	s.mailbox = &mailbox{}
	r.Notices, err = notices.New(s.t.Context(), engine, r.Env, notices.Rooms{
		People: people{r.Accounts, r.Sellers}, Orders: r.Orders, Goods: goodNames{r.Catalog}, Writer: letters.New(texts, "http://market.test"),
	}, s.mailbox)
	s.must(err)
}

// TestNoticesReachBuyerAndShop goes through a sale and looks at what people
// were told, in the inbox and by email.
func TestNoticesReachBuyerAndShop(t *testing.T) {
	s := newShop(t)
	keeper := s.member("0905000011", "Tôn Nữ Hỷ Khương", s.coop, cooperatives.MemberManager)
	buyer := s.enter("0905000012")
	s.proveEmail(buyer, "hoa@vidu.vn")

	buyer.post("/gio-hang/them", "product", "thanh-tra-thuy-bieu", "variant", string(s.variant["kg"]), "quantity", "2").is(200)
	step := buyer.post("/thanh-toan", with(address[:6], "area", "province")...).is(200)
	buyer.post("/thanh-toan", with(address, "method", "cod", "expect", attr(step.input("expect"), "value"))...).is(200)
	s.drain()

	list := buyer.get("/thong-bao").is(200)
	for _, want := range []string{"Đã nhận đơn HUE-"} {
		if !strings.Contains(list.text(), want) {
			t.Errorf("the buyer's inbox lacks %q:\n%s", want, list.text())
		}
	}
	if got := keeper.get("/thong-bao").is(200).text(); !strings.Contains(got, "Có đơn mới: HUE-") {
		t.Errorf("the keeper's inbox:\n%s", got)
	}
	letter := s.mailbox.last()
	if letter.To != "hoa@vidu.vn" || !strings.Contains(letter.Subject, "Đã nhận đơn HUE-") {
		t.Errorf("letter to %s: %s", letter.To, letter.Subject)
	}
	total := regexp.MustCompile(`Tổng cộng: ([\d.]+)`).FindStringSubmatch(letter.Text)
	if total == nil || !strings.Contains(letter.HTML, total[1]) {
		t.Fatalf("no total in the letter:\n%s", letter.Text)
	}
	opened := buyer.follow(list.link("Đã nhận đơn"))
	if got := opened.is(200).text(); !strings.Contains(got, total[1]) {
		t.Errorf("the order's page does not say %s", total[1])
	}
	if got := buyer.get("/thong-bao").body; strings.Contains(got, "message--unread") {
		t.Error("a message that was opened is still unread")
	}
}

// link is where the link that begins with these words leads.
func (p page) link(words string) string {
	p.t.Helper()
	for _, a := range p.all("a") {
		if a.FirstChild != nil && strings.HasPrefix(strings.TrimSpace(a.FirstChild.Data), words) {
			return attr(a, "href")
		}
	}
	p.t.Fatalf("%s: no link %q", p.at.Path, words)
	return ""
}

// follow gets a page and goes where it leads.
func (v *visitor) follow(path string) page {
	v.t.Helper()
	got := v.get(path).is(303)
	return v.get(got.header.Get("Location"))
}

// proveEmail types an address and follows the letter that comes.
func (s *shop) proveEmail(v *visitor, email string) {
	s.t.Helper()
	v.post("/tai-khoan/thong-bao/email", "email", email).is(200)
	link := regexp.MustCompile(`/tai-khoan/thong-bao/email\?ma=\S+`).FindString(s.mailbox.last().Text)
	stranger := s.enter("0905000019")
	stranger.get(link).is(422) // a link that was sent on proves nothing
	if got := v.follow(link).is(200).text(); !strings.Contains(got, email) {
		s.t.Fatalf("%s is not in use:\n%s", email, got)
	}
}

// TestForeignNoticesAreMissing: another's message is as one that never was.
func TestForeignNoticesAreMissing(t *testing.T) {
	s := newShop(t)
	s.member("0905000011", "Tôn Nữ Hỷ Khương", s.coop, cooperatives.MemberManager)
	s.buy("thanh-tra-thuy-bieu", "kg", "cod")
	keeper, stranger := s.enter("0905000011"), s.enter("0905000012")
	href := keeper.get("/thong-bao").is(200).link("Có đơn mới")
	stranger.get(href).is(404)
	stranger.get("/thong-bao/01JD0000000000000000000000").is(404)
	s.visitor().get(href).is(404)
	if got := keeper.get("/thong-bao").body; !strings.Contains(got, "message--unread") {
		t.Error("a stranger has read the keeper's message")
	}
}

// TestNoticeSettings: what is not ticked is not used, and bad addresses are
// told.
func TestNoticeSettings(t *testing.T) {
	s := newShop(t)
	v := s.enter("0905000012")
	v.post("/tai-khoan/thong-bao/email", "email", "không phải email").is(422)
	v.post("/tai-khoan/thong-bao/may", "subscription", `{"endpoint":"http://127.0.0.1/x"}`).is(422)
	s.proveEmail(v, "hoa@vidu.vn")
	v.post("/tai-khoan/thong-bao", "want", "email:money").is(200)
	page := v.get("/tai-khoan/thong-bao").is(200)
	for _, box := range page.all("input") {
		if attr(box, "name") != "want" {
			continue
		}
		on := slices.ContainsFunc(box.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
		if want := attr(box, "value") == "email:money"; on != want {
			t.Errorf("%s: ticked %v", attr(box, "value"), on)
		}
	}
}
