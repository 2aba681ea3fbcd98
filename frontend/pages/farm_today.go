package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
)

// todayShown is how many orders and products one page of work looks at.
const todayShown = 100

// farmToday shows what there is to do: orders to pack, what must be mended,
// what runs out; and how the money stands.
func (p *Pages) farmToday(c *gin.Context, w *workplace) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	v := todayView{workView: p.workPage(c, w, s.t("farm.nav.today")), Greeting: s.greeting(w.by.Name), Day: s.date(s.now)}
	v.Sheets = inboxSheets
	found, err := p.Orders.OfSeller(ctx, w.by, w.seller.ID, orders.ParcelNew, "", todayShown)
	if err != nil {
		return err
	}
	for _, o := range found.Items {
		v.Orders = append(v.Orders, p.orderMessages(s, w, o)...)
	}
	v.OrderCount = s.t("farm.today.orders", "n", len(v.Orders))
	balance, err := p.Payments.Balance(ctx, payments.Payable(w.seller.ID))
	if err != nil {
		return err
	}
	v.Money, v.MoneyText = s.balance(balance)
	products, err := p.Catalog.OfSeller(ctx, w.by, w.seller.ID, "", todayShown)
	if err != nil {
		return err
	}
	v.Reminders = s.reminders(w, products)
	if v.Reminded, v.Seen, err = p.certificateReminders(ctx, s, w); err != nil {
		return err
	}
	v.States = s.stateCounts(w, products)
	v.Status, v.Manager, v.Ways = w.seller.Status, w.manages(), s.ways(w, p.Studio != nil)
	return web.Render(c, http.StatusOK, todayPage(v))
}

// ways lead to what the bar at the bottom has no room for.
func (s speaker) ways(w *workplace, calls bool) []ui.NavItem {
	out := []ui.NavItem{
		{Label: s.t("live.title"), Href: w.to(farmDoor + "/phien"), Icon: ui.IconLive},
		{Label: s.t("harvest.mine"), Href: w.to(farmDoor + "/mua-vu"), Icon: ui.IconCalendar},
		{Label: s.t("lot.mine"), Href: w.to(farmDoor + "/lo"), Icon: ui.IconQR},
		{Label: s.t("rights.mine"), Href: w.to(farmDoor + "/quyen-ten"), Icon: ui.IconTag},
		{Label: s.t("transfer.title"), Href: w.to(farmDoor + transferPath), Icon: ui.IconUpload},
	}
	if calls {
		out = append(out, ui.NavItem{Label: s.t("call.offered"), Href: w.to(farmDoor + callsPath), Icon: ui.IconPhone})
	}
	if w.manages() {
		out = append(out, ui.NavItem{Label: s.t("papers.title"), Href: w.to(farmDoor + "/giay-to"), Icon: ui.IconDocument})
	}
	return out
}

func (s speaker) greeting(name string) string {
	part := "evening"
	switch hour := s.now.In(market.HueZone).Hour(); {
	case hour >= 4 && hour < 11:
		part = "morning"
	case hour >= 11 && hour < 13:
		part = "noon"
	case hour >= 13 && hour < 18:
		part = "afternoon"
	}
	return s.t("farm.hello."+part, "name", name)
}

// orderMessages says, for each parcel that waits, what goes into it and where
// it goes.
func (p *Pages) orderMessages(s speaker, w *workplace, o *orders.Order) []ui.Message {
	var out []ui.Message
	for _, parcel := range o.Parcels {
		if parcel.Seller != w.seller.ID || parcel.State != orders.ParcelNew {
			continue
		}
		out = append(out, ui.Message{
			Title: s.goods(parcel.Lines), Text: s.t("farm.today.to", "code", o.Code, "place", s.destination(o.Address)),
			At: s.ago(o.PlacedAt), Href: w.here(parcelPath(o.ID, parcel.ID)), Icon: ui.IconPackage, Unread: true,
		})
	}
	return out
}

func parcelPath(order, parcel market.ID) string {
	return "/don/" + string(order) + "/" + string(parcel)
}

// goods writes what is in a parcel: "3 hộp Mè xửng, 2 kg Thanh trà".
func (s speaker) goods(lines []orders.Line) string {
	parts := make([]string, len(lines))
	for i, l := range lines {
		parts[i] = s.number(l.Quantity) + " " + l.Unit + " " + s.text(l.Name)
	}
	return strings.Join(parts, ", ")
}

// destination is where a parcel goes, as far as a list needs it.
func (s speaker) destination(a market.Address) string {
	return joined(s.place(a.Ward), s.place(a.Province))
}

// balance says in words who owes whom.
func (s speaker) balance(v market.VND) (amount, text string) {
	switch {
	case v > 0:
		return s.vnd(v), s.t("farm.money.owed")
	case v < 0:
		return s.vnd(-v), s.t("farm.money.owing")
	default:
		return s.vnd(0), s.t("farm.money.even")
	}
}

// reminders are what the seller should know of their goods, the most pressing
// first.
func (s speaker) reminders(w *workplace, products store.Page[catalog.Product]) []ui.Message {
	var wrong, ending, empty []ui.Message
	for _, product := range products.Items {
		switch {
		case product.Status == catalog.StatusRejected:
			wrong = append(wrong, s.rejected(w, product))
		case product.Status == catalog.StatusPublished && !product.InStock:
			empty = append(empty, ui.Message{
				Title: s.t("farm.remind.empty", "name", product.Name), Text: s.t("farm.remind.empty.text"),
				Href: w.to(farmDoor + "/san-pham#" + string(product.ID)), Icon: ui.IconBasket, Tone: ui.Info,
			})
		}
		ending = append(ending, s.ending(w, product)...)
	}
	return append(append(wrong, ending...), empty...)
}

func (s speaker) rejected(w *workplace, product *catalog.Product) ui.Message {
	return ui.Message{
		Title: s.t("farm.remind.rejected", "name", product.Name), Text: s.t("farm.remind.rejected.text", "reason", product.Reason),
		Href: w.to(farmDoor + "/dang-ban?id=" + string(product.ID)), Icon: ui.IconEdit, Tone: ui.Problem, Unread: true,
	}
}

// ending speaks of the certificate that a product shows, before it ends, and
// of the last one, after it has.
func (s speaker) ending(w *workplace, product *catalog.Product) []ui.Message {
	last, ok := lastCertificate(product)
	days := daysLeft(s.now, last.ValidTo)
	if !ok || last.RevokedAt != nil || days > expireWarning || product.Status == catalog.StatusWithdrawn {
		return nil
	}
	m := ui.Message{
		Title: s.t("farm.remind.cert", "name", product.Name, "n", days), Text: s.t("farm.remind.cert.text", "no", last.DecisionNo, "to", lastDay(last)),
		Href: w.to(farmDoor + "/san-pham#" + string(product.ID)), Icon: ui.IconCertificate, Tone: ui.Warning,
	}
	if days < 0 {
		m.Title, m.Tone = s.t("farm.remind.cert.over", "name", product.Name), ui.Problem
	}
	return []ui.Message{m}
}

// stateCounts says how many listings stand where.
func (s speaker) stateCounts(w *workplace, products store.Page[catalog.Product]) []ui.Stat {
	counts := map[catalog.Status]int{}
	for _, product := range products.Items {
		counts[product.Status]++
	}
	var out []ui.Stat
	for _, status := range []catalog.Status{catalog.StatusPublished, catalog.StatusSubmitted, catalog.StatusDraft, catalog.StatusRejected} {
		if n := counts[status]; n > 0 || status == catalog.StatusPublished {
			out = append(out, ui.Stat{Label: s.status(status), Value: s.number(int64(n)), Href: w.to(farmDoor + "/san-pham")})
		}
	}
	return out
}
