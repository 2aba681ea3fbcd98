package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// queueShown is how many listings one page of the queue has: as many as
// somebody decides before looking again.
const queueShown = 10

// cannedReasons are why most listings go back, as their sellers should read
// it: always in Vietnamese.
var cannedReasons = []string{"photo", "set", "price", "short", "claim", "papers"}

// wrongDecision is a rejection that could not be done.
type wrongDecision struct {
	product        market.ID
	canned, reason string
	failed         error
}

// queue shows the listings that wait, the longest waiting first, each with
// what is needed to decide.
func (p *Pages) queue(c *gin.Context) error { return p.showQueue(c, http.StatusOK, wrongDecision{}) }

func (p *Pages) showQueue(c *gin.Context, status int, wrong wrongDecision) error {
	ctx, by, s := c.Request.Context(), web.Actor(c), p.speaker(c)
	page, err := p.Catalog.Queue(ctx, by, catalog.StatusSubmitted, store.Cursor(c.Query("after")), queueShown)
	if err != nil {
		return err
	}
	sellers, err := p.Sellers.Sellers(ctx, sellersOf(page.Items)...)
	if err != nil {
		return err
	}
	v := queueView{Page: p.adminPage(c, s.t("admin.queue.title")), Cursor: cursor(c, string(page.Next))}
	v.Count = s.t("admin.queue.count", "n", len(page.Items))
	if page.Next != "" {
		v.Count = s.t("admin.queue.many", "n", len(page.Items))
	}
	for _, product := range page.Items {
		one := p.queued(s, product, sellers[product.Seller], wrong)
		one.Rows = append(one.Rows, p.originFacts(c, s, product, by)...)
		v.Items = append(v.Items, one)
	}
	v.Wrongs = p.wrongs(s, wrong.failed, nil)
	return web.Render(c, status, queuePage(v))
}

func sellersOf(products []*catalog.Product) []market.ID {
	ids := make([]market.ID, len(products))
	for i, product := range products {
		ids[i] = product.Seller
	}
	return ids
}

// adminPage is the frame of those who check.
func (p *Pages) adminPage(c *gin.Context, title string) ui.Page {
	page := p.page(c, title)
	path := c.Request.URL.Path
	page.Frame, page.NoIndex = ui.FrameDesk, true
	page.Nav = []ui.NavItem{
		{Label: page.T("admin.nav.queue"), Href: "/quan-tri", Icon: ui.IconInbox, Current: path == "/quan-tri"},
		{Label: page.T("admin.edits.title"), Href: "/quan-tri/ban-sua", Icon: ui.IconClock, Current: path == "/quan-tri/ban-sua"},
		{Label: page.T("admin.nav.sellers"), Href: "/quan-tri/nguoi-ban", Icon: ui.IconStore, Current: strings.HasPrefix(path, "/quan-tri/nguoi-ban")},
		{Label: page.T("admin.papers.title"), Href: "/quan-tri/giay-to", Icon: ui.IconShield, Current: path == "/quan-tri/giay-to"},
		{Label: page.T("dispute.title"), Href: "/quan-tri/phan-xu", Icon: ui.IconInbox, Current: path == "/quan-tri/phan-xu"},
		{Label: page.T("live.watch.title"), Href: "/quan-tri/phien", Icon: ui.IconLive, Current: path == "/quan-tri/phien"},
		{Label: page.T("unfound.title"), Href: "/quan-tri/tim-khong-thay", Icon: ui.IconSearch, Current: path == "/quan-tri/tim-khong-thay"},
		{Label: page.T("takedown.title"), Href: "/quan-tri/go-bo", Icon: ui.IconAlert, Current: path == "/quan-tri/go-bo"},
		{Label: page.T("reconcile.title"), Href: reconcileDoor, Icon: ui.IconScales, Current: path == reconcileDoor},
		{Label: page.T("office.nav.register"), Href: "/thong-ke/chung-nhan", Icon: ui.IconCertificate},
	}
	if web.Actor(c).Is(market.RoleOperator) {
		page.Nav = append(page.Nav,
			ui.NavItem{Label: page.T("payout.title"), Href: payoutDoor, Icon: ui.IconWallet, Current: strings.HasPrefix(path, payoutDoor)},
			ui.NavItem{Label: page.T("promo.title"), Href: voucherDoor, Icon: ui.IconTag, Current: path == voucherDoor},
			ui.NavItem{Label: page.T("tax.title"), Href: taxDoor, Icon: ui.IconReceipt, Current: strings.HasPrefix(path, taxDoor)})
	}
	return page
}

func (p *Pages) queued(s speaker, product *catalog.Product, seller *cooperatives.Seller, wrong wrongDecision) queued {
	q := queued{
		ID: string(product.ID), Name: s.text(product.Name), Photos: p.gallery(s, product), Link: productPath(product.Slug),
		Waited: s.t("admin.queue.waited", "ago", s.ago(product.SubmittedAt)), Description: paragraphs(s.text(product.Description)), Story: paragraphs(s.text(product.Story)),
		Adult: product.Alcohol, Before: product.Reason,
		Canned: ui.Field{Kind: ui.Select, Name: "canned", ID: "canned-" + string(product.ID), Label: s.t("admin.reason"), Placeholder: s.t("admin.reason.own"), Options: reasonOptions(s, wrong, product.ID), Optional: true, Unmarked: true},
		Reason: ui.Field{Kind: ui.Area, Name: "reason", ID: "reason-" + string(product.ID), Label: s.t("admin.reason.words"), Help: s.t("admin.reason.words.help"), Optional: true, Unmarked: true, MaxLength: "400"},
	}
	q.Rows = p.queuedFacts(s, product)
	if seller != nil {
		q.Seller, q.SellerHref = s.text(seller.Name), sellerPath(seller.Slug)
		q.Unverified = !verified(seller)
	}
	if wrong.product == product.ID {
		q.Open, q.Reason.Value, q.Reason.Error = true, wrong.reason, p.firstSentence(s, wrong.failed)
	}
	return q
}

func (p *Pages) firstSentence(s speaker, err error) string {
	for _, e := range each(err) {
		return p.texts.Sentence(s.lang, e.Key, e.Args)
	}
	return ""
}

func (p *Pages) queuedFacts(s speaker, product *catalog.Product) [][2]string {
	rows := [][2]string{{s.t("item.fact.ward"), s.fullPlace(product.Ward)}}
	if set, ok := p.Sets.Find(product.Set); ok {
		rows = append(rows, [2]string{s.t("item.fact.set"), strconv.Itoa(set.Number) + ". " + s.text(set.Name)})
	}
	if product.ProducerName != "" {
		rows = append(rows, [2]string{s.t("admin.fact.by"), product.ProducerName})
	}
	for _, v := range product.Variants {
		rows = append(rows, [2]string{s.text(v.Name), s.vnd(v.Price) + "/" + v.Unit + " · " + s.size(v.Size)})
	}
	if product.ShelfLifeDays > 0 {
		rows = append(rows, [2]string{s.t("item.fact.life"), s.t("item.fact.days", "n", product.ShelfLifeDays)})
	}
	if last, ok := lastCertificate(product); ok {
		rows = append(rows, [2]string{s.t("cert.one"), last.DecisionNo})
	}
	return rows
}

func reasonOptions(s speaker, wrong wrongDecision, id market.ID) []ui.Option {
	var out []ui.Option
	for _, name := range cannedReasons {
		out = append(out, ui.Option{Value: name, Label: s.t("admin.reason." + name), Selected: wrong.product == id && wrong.canned == name})
	}
	return out
}

// approve puts a listing into the shop.
func (p *Pages) approve(c *gin.Context) error {
	_, err := p.Catalog.Approve(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")))
	if mendable(err) {
		return p.sayWrong(c, "/quan-tri", err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri", "admin.approved")
}

// reject sends a listing back with what its seller has to mend.
func (p *Pages) reject(c *gin.Context) error {
	wrong := wrongDecision{product: market.ID(c.Param("id")), canned: c.PostForm("canned"), reason: strings.TrimSpace(c.PostForm("reason"))}
	_, err := p.Catalog.Reject(c.Request.Context(), web.Actor(c), wrong.product, p.wholeReason(wrong))
	if mendable(err) {
		wrong.failed = err
		return p.showQueue(c, web.Status(err), wrong)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri", "admin.rejected")
}

func (p *Pages) wholeReason(d wrongDecision) string {
	for _, name := range cannedReasons {
		if name == d.canned {
			return strings.TrimSpace(p.texts.T(locale.VI, "admin.reason."+name) + " " + d.reason)
		}
	}
	return d.reason
}

// newSellers lists the sellers whose papers nobody has looked at yet.
func (p *Pages) newSellers(c *gin.Context) error {
	s := p.speaker(c)
	page, err := p.Sellers.Queue(c.Request.Context(), web.Actor(c), cooperatives.StatusPending, store.Query{After: store.Cursor(c.Query("after")), Limit: queueShown})
	if err != nil {
		return err
	}
	v := newSellersView{Page: p.adminPage(c, s.t("admin.sellers.title")), Cursor: cursor(c, string(page.Next))}
	for _, seller := range page.Items {
		v.Sellers = append(v.Sellers, s.newSeller(p, seller))
	}
	return web.Render(c, http.StatusOK, newSellersPage(v))
}

func (s speaker) newSeller(p *Pages, seller *cooperatives.Seller) newSeller {
	n := newSeller{
		ID: string(seller.ID), Name: s.text(seller.Name), Kind: s.kind(string(seller.Kind)), At: s.ago(seller.CreatedAt), Story: paragraphs(s.text(seller.Story)),
		Rows: [][2]string{{s.t("shop.address"), joined(seller.Street, s.fullPlace(seller.Ward))}, {s.t("till.phone"), nationalPhone(seller.Phone)}},
	}
	tax := seller.TaxCode
	if tax == "" {
		tax, n.NoTax = s.t("admin.sellers.notax"), true
	}
	n.Rows = append(n.Rows, [2]string{s.t("shop.tax"), tax})
	if seller.Bank.Account != "" {
		n.Rows = append(n.Rows, [2]string{s.t("farm.shop.bank"), p.bankName(seller.Bank.BIN) + " · " + seller.Bank.Account + " · " + seller.Bank.Holder})
	}
	for _, m := range seller.Members {
		n.Rows = append(n.Rows, [2]string{s.t("member.role." + string(m.Role)), m.Name})
	}
	return n
}

func (p *Pages) bankName(bin string) string {
	for _, b := range p.banks {
		if b.bin == bin {
			return b.name
		}
	}
	return bin
}

// verifySeller lets a seller sell.
func (p *Pages) verifySeller(c *gin.Context) error {
	_, err := p.Sellers.Verify(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")))
	if mendable(err) {
		return p.sayWrong(c, "/quan-tri/nguoi-ban", err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri/nguoi-ban", "admin.verified")
}
