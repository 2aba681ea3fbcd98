package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// The two doors to a seller's work: on a phone in the field, and at the desk
// of a cooperative. What both can do is the same; what surrounds it is not.
const (
	farmDoor = "/nong-ho"
	coopDoor = "/hop-tac-xa"
)

// paramSeller names, in addresses, the seller that somebody of several works
// for.
const paramSeller = "gian-hang"

var (
	errNoSeller = market.NotFound("cooperatives.missing")
	errNoGoods  = market.NotFound("catalog.missing")
	errNoLink   = market.NotFound("livestream.missing")
)

// workplace is where somebody works: by which door, for which seller, and
// among which.
type workplace struct {
	by      market.Actor
	door    string
	seller  *cooperatives.Seller
	sellers []*cooperatives.Seller
}

// workHandler is a page of a seller's work.
type workHandler func(c *gin.Context, w *workplace) error

// work serves people of a seller. Guests are asked who they are; those who
// belong to no seller are led to open one. Another's seller is not found.
func (p *Pages) work(serve workHandler) web.Handler {
	return func(c *gin.Context) error {
		w, err := p.workplace(c)
		if err != nil {
			return err
		}
		if w.seller == nil && c.Request.Method == http.MethodGet {
			return see(c, farmDoor+"/mo-gian-hang")
		}
		if w.seller == nil {
			return errNoSeller
		}
		return serve(c, w)
	}
}

func (p *Pages) workplace(c *gin.Context) (*workplace, error) {
	w := &workplace{by: web.Actor(c), door: farmDoor}
	if w.by.Person == "" {
		return nil, market.Unauthenticated("signin.needed")
	}
	if strings.HasPrefix(c.Request.URL.Path, coopDoor) {
		w.door = coopDoor
	}
	var err error
	if w.sellers, err = p.Sellers.Of(c.Request.Context(), w.by.Person); err != nil {
		return nil, err
	}
	return w, w.choose(c.Query(paramSeller))
}

// choose takes the seller of that address, the first when none is named.
func (w *workplace) choose(slug string) error {
	for _, s := range w.sellers {
		if slug == "" || s.Slug == slug {
			w.seller = s
			return nil
		}
	}
	if slug != "" {
		return errNoSeller
	}
	return nil
}

// forSeller goes on for the seller of what was asked for; not found when that
// is another's.
func (w *workplace) forSeller(id market.ID) error {
	for _, s := range w.sellers {
		if s.ID == id && w.by.For(id) {
			w.seller = s
			return nil
		}
	}
	return errNoSeller
}

func (w *workplace) manages() bool {
	return w.seller.RoleOf(w.by.Person) == cooperatives.MemberManager
}

// to is a path that keeps the choice of seller.
func (w *workplace) to(path string) string {
	if len(w.sellers) < 2 {
		return path
	}
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	return path + sign + paramSeller + "=" + url.QueryEscape(w.seller.Slug)
}

// here is to within the door that was used.
func (w *workplace) here(path string) string { return w.to(w.door + path) }

// workView is what every page of a seller's work has.
type workView struct {
	ui.Page

	Seller string
	Switch []ui.NavItem // the sellers to choose from; empty for people of one
	at     *workplace
}

// To is a path that keeps the choice of seller.
func (v workView) To(path string) string { return v.at.to(path) }

// Here is To within the door that was used.
func (v workView) Here(path string) string { return v.at.here(path) }

func (p *Pages) workPage(c *gin.Context, w *workplace, title string) workView {
	s := p.speaker(c)
	v := workView{Page: p.page(c, title), Seller: s.text(w.seller.Name), at: w}
	v.NoIndex = true
	if w.door == coopDoor {
		v.Frame, v.Nav = ui.FrameDesk, w.coopNav(s.t, c.Request.URL.Path)
	} else {
		v.Frame, v.Nav = ui.FrameFarm, w.farmNav(s.t, c.Request.URL.Path)
		p.keepOffline(s, w, &v.Page)
	}
	if len(w.sellers) > 1 {
		for _, seller := range w.sellers {
			v.Switch = append(v.Switch, ui.NavItem{
				Label: s.text(seller.Name), Current: seller == w.seller,
				Href: w.door + "?" + paramSeller + "=" + url.QueryEscape(seller.Slug),
			})
		}
	}
	return v
}

func (w *workplace) farmNav(t ui.T, path string) []ui.NavItem {
	return w.nav(path, []ui.NavItem{
		{Label: t("farm.nav.today"), Href: farmDoor, Icon: ui.IconSun},
		{Label: t("farm.nav.products"), Href: farmDoor + "/san-pham", Icon: ui.IconWheat},
		{Label: t("farm.nav.list"), Href: farmDoor + "/dang-ban", Icon: ui.IconPlus},
		{Label: t("farm.nav.links"), Href: farmDoor + "/lien-ket", Icon: ui.IconShare},
		{Label: t("farm.nav.money"), Href: farmDoor + "/tien", Icon: ui.IconWallet},
	})
}

func (w *workplace) coopNav(t ui.T, path string) []ui.NavItem {
	return w.nav(path, []ui.NavItem{
		{Label: t("coop.nav.board"), Href: coopDoor, Icon: ui.IconPackage},
		{Label: t("coop.nav.stock"), Href: coopDoor + "/san-pham", Icon: ui.IconTag},
		{Label: t("lot.mine"), Href: coopDoor + "/lo", Icon: ui.IconCertificate},
		{Label: t("harvest.mine"), Href: coopDoor + "/mua-vu", Icon: ui.IconCalendar},
		{Label: t("live.title"), Href: coopDoor + "/phien", Icon: ui.IconLive},
		{Label: t("promo.title"), Href: coopDoor + voucherPath, Icon: ui.IconTag},
		{Label: t("coop.nav.members"), Href: coopDoor + "/thanh-vien", Icon: ui.IconUsers},
		{Label: t("coop.nav.pool"), Href: coopDoor + "/nhap-hang", Icon: ui.IconWheat},
		{Label: t("coop.nav.settle"), Href: coopDoor + "/chia-tien", Icon: ui.IconWallet},
		{Label: t("coop.nav.mandates"), Href: coopDoor + "/uy-quyen", Icon: ui.IconUsers},
		{Label: t("coop.nav.papers"), Href: coopDoor + "/giay-to", Icon: ui.IconCertificate},
		{Label: t("trail.title"), Href: coopDoor + "/nhat-ky", Icon: ui.IconShield},
		{Label: t("coop.nav.money"), Href: coopDoor + "/tien", Icon: ui.IconWallet},
		{Label: t("coop.nav.farm"), Href: farmDoor, Icon: ui.IconWheat},
	})
}

// nav marks where one is: the item with the longest path that leads here.
func (w *workplace) nav(path string, items []ui.NavItem) []ui.NavItem {
	best := -1
	for i, item := range items {
		if (path == item.Href || strings.HasPrefix(path, item.Href+"/")) && (best < 0 || len(item.Href) > len(items[best].Href)) {
			best = i
		}
	}
	for i := range items {
		items[i].Current = i == best
		items[i].Href = w.to(items[i].Href)
	}
	return items
}

// ownProduct is a product that the visitor may change; not found otherwise,
// also when the shop shows it to everybody.
func (p *Pages) ownProduct(c *gin.Context, w *workplace, id market.ID) (*catalog.Product, error) {
	product, err := p.Catalog.Product(c.Request.Context(), w.by, id)
	if err != nil {
		return nil, err
	}
	if w.forSeller(product.Seller) != nil {
		return nil, errNoGoods
	}
	return product.AsEdited(), nil
}

// without takes a prefix off the names of the fields that err is about: rooms
// name a place in a list or a text's language, forms ask one thing.
func without(prefix string, err error) error {
	var e *market.Error
	if !errors.As(err, &e) {
		return err
	}
	cut := e.At(strings.TrimPrefix(e.Field, prefix))
	cut.Many = nil
	for _, one := range e.Many {
		cut.Many = append(cut.Many, one.At(strings.TrimPrefix(one.Field, prefix)))
	}
	return cut
}

// ago writes how long ago something was: minutes, hours, then days.
func (s speaker) ago(at time.Time) string {
	d := s.now.Sub(at)
	switch {
	case d < time.Hour:
		return s.t("ago.minutes", "n", max(int(d/time.Minute), 1))
	case d < 48*time.Hour:
		return s.t("ago.hours", "n", int(d/time.Hour))
	default:
		return s.t("ago.days", "n", int(d/(24*time.Hour)))
	}
}

// daysLeft are the whole days until a certificate ends, below zero after it.
func daysLeft(now, end time.Time) int {
	left := end.Sub(now)
	days := int(left / (24 * time.Hour))
	if left < 0 {
		days--
	}
	return days
}

// expireWarning is how many days before its end a certificate is spoken of:
// renewing one takes a round of evaluation (QĐ 26/2026/QĐ-TTg, Art. 5).
const expireWarning = 180

var statusTones = map[catalog.Status]ui.Tone{
	catalog.StatusDraft: ui.Info, catalog.StatusSubmitted: ui.Warning, catalog.StatusPublished: ui.Success,
	catalog.StatusRejected: ui.Problem, catalog.StatusWithdrawn: ui.Info,
}

func (s speaker) status(status catalog.Status) string { return s.t("listing.status." + string(status)) }
