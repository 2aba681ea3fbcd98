package pages

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/store"
)

// typedLink is a link as it was asked for.
type typedLink struct{ product, show, channel, label, days string }

// saleLinks lists what the seller has shared and what came of it, and makes more.
func (p *Pages) saleLinks(c *gin.Context, w *workplace) error {
	return p.showLinks(c, w, http.StatusOK, typedLink{product: c.Query("product"), show: c.Query("show"), channel: "zalo", days: "90"}, nil)
}

// makeLink makes a link for a product or a show and one place to share it.
func (p *Pages) makeLink(c *gin.Context, w *workplace) error {
	typed := typedLink{c.PostForm("product"), c.PostForm("show"), c.PostForm("channel"), c.PostForm("label"), c.PostForm("days")}
	link, err := p.newLink(c, w, typed)
	if mendable(err) {
		return p.showLinks(c, w, web.Status(err), typed, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.to(farmDoor+"/lien-ket")+"#"+link.Code, "farm.link.made")
}

func (p *Pages) newLink(c *gin.Context, w *workplace, typed typedLink) (*livestream.Link, error) {
	if typed.product != "" {
		if _, err := p.ownProduct(c, w, market.ID(typed.product)); err != nil {
			return nil, err
		}
	}
	d := livestream.LinkDraft{Product: market.ID(typed.product), Show: market.ID(typed.show), Channel: typed.channel, Label: typed.label}
	if days, err := strconv.Atoi(typed.days); err == nil {
		d.Until = p.Env.Now().AddDate(0, 0, days)
	}
	if d.Show != "" {
		if err := p.sellsIn(c, w, d.Show); err != nil {
			return nil, err
		}
	}
	return p.Livestream.CreateLink(c.Request.Context(), w.by, d)
}

// sellsIn wants the seller to run the show; for others there is none.
func (p *Pages) sellsIn(c *gin.Context, w *workplace, show market.ID) error {
	kept, err := p.Livestream.Show(c.Request.Context(), show)
	if err != nil {
		return err
	}
	if w.forSeller(kept.Seller) != nil {
		return errNoLink
	}
	return nil
}

// linkDays are for how many days a link may lead somewhere.
var linkDays = []string{"7", "30", "90", "365"}

func dayOptions(s speaker, chosen string) []ui.Option {
	var out []ui.Option
	for _, days := range linkDays {
		out = append(out, ui.Option{Value: days, Label: s.t("farm.link.days." + days), Selected: days == chosen})
	}
	return out
}

// showField offers the shows that a link may lead to; empty when there are none.
func (p *Pages) showField(c *gin.Context, w *workplace, s speaker, chosen string) (ui.Field, error) {
	f := ui.Field{Kind: ui.Select, Name: "show", Label: s.t("farm.link.show"), Help: s.t("farm.link.show.help"), Placeholder: s.t("farm.link.show.none"), Optional: true}
	found, err := p.Livestream.Shows(c.Request.Context(), w.seller.ID, "", pageSize)
	for _, show := range found.Items {
		if !show.State.Over() || string(show.ID) == chosen {
			f.Options = append(f.Options, ui.Option{Value: string(show.ID), Label: s.text(show.Title) + " · " + s.moment(show.StartsAt), Selected: string(show.ID) == chosen})
		}
	}
	return f, err
}

func (p *Pages) showLinks(c *gin.Context, w *workplace, status int, typed typedLink, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	found, err := p.Livestream.LinksOf(ctx, w.by, w.seller.ID, store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	shelf, err := p.Catalog.List(ctx, catalog.Filter{Seller: w.seller.ID, Limit: todayShown})
	if err != nil {
		return err
	}
	v := linksView{workView: p.workPage(c, w, s.t("farm.link.title")), Cursor: cursor(c, string(found.Next)), Empty: len(shelf.Items) == 0}
	v.Sheets = liveSheets
	if v.Show, err = p.showField(c, w, s, typed.show); err != nil {
		return err
	}
	v.Product = ui.Field{Kind: ui.Select, Name: "product", Label: s.t("farm.link.product"), Placeholder: s.t("field.choose"), Optional: len(v.Show.Options) > 0, Unmarked: true}
	v.Days = ui.Field{Kind: ui.Select, Name: "days", Label: s.t("farm.link.days"), Options: dayOptions(s, typed.days)}
	for _, product := range shelf.Items {
		v.Product.Options = append(v.Product.Options, ui.Option{Value: string(product.ID), Label: s.text(product.Name), Selected: string(product.ID) == typed.product})
	}
	v.Channel = ui.Field{Kind: ui.Select, Name: "channel", Label: s.t("farm.link.channel"), Options: channelOptions(s, typed.channel)}
	v.Label = ui.Field{Name: "label", Label: s.t("farm.link.label"), Help: s.t("farm.link.label.help"), Value: typed.label, Optional: true, MaxLength: "80"}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"product": &v.Product.Error, "channel": &v.Channel.Error, "label": &v.Label.Error, "until": &v.Days.Error})
	if v.Links, err = p.madeLinks(c, w, s, found.Items); err != nil {
		return err
	}
	return web.Render(c, status, linksPage(v))
}

// channelOptions puts what people here use first.
func channelOptions(s speaker, chosen string) []ui.Option {
	var out []ui.Option
	for _, channel := range []string{"zalo", "facebook", "facebook_live", "tiktok", "tiktok_live", "youtube", "youtube_live", "poster"} {
		out = append(out, ui.Option{Value: channel, Label: s.t("channel." + channel), Selected: channel == chosen})
	}
	return out
}

func (p *Pages) madeLinks(c *gin.Context, w *workplace, s speaker, links []*livestream.Link) ([]madeLink, error) {
	ids := make([]market.ID, len(links))
	for i, l := range links {
		ids[i] = l.Product
	}
	products, err := p.Catalog.Products(c.Request.Context(), ids...)
	if err != nil {
		return nil, err
	}
	out := make([]madeLink, len(links))
	for i, l := range links {
		out[i] = p.madeLink(c, w, s, l, products[l.Product])
	}
	return out, nil
}

func (p *Pages) madeLink(c *gin.Context, w *workplace, s speaker, l *livestream.Link, product *catalog.Product) madeLink {
	m := madeLink{
		Code: l.Code, URL: p.linkURL(l), Channel: s.t("channel." + l.Channel), Label: l.Label, At: s.date(l.CreatedAt),
		QR: w.to(farmDoor + "/lien-ket/" + l.Code + "/qr.png"), Poster: w.to(farmDoor + "/lien-ket/" + l.Code + posterName),
		Card: "/l/" + l.Code + cardName, Name: s.t("farm.link.gone"), Over: l.Over(s.now),
		Stats: []ui.Stat{
			{Label: s.t("farm.link.clicks"), Value: s.number(l.Clicks)},
			{Label: s.t("farm.link.orders"), Value: s.number(l.Orders)},
			{Label: s.t("farm.link.value"), Value: s.vnd(l.Revenue)},
		},
	}
	if m.Until = s.t("farm.link.until", "at", s.date(l.ExpiresAt)); m.Over {
		m.Until = s.t("link.over")
	}
	m.Text = m.URL
	if product != nil {
		m.Name = s.text(product.Name)
		m.Text = s.t("farm.link.text", "name", product.Name, "price", s.priceWords(product), "seller", w.seller.Name, "url", m.URL)
	} else if show, err := p.Livestream.Show(c.Request.Context(), l.Show); l.Show != "" && err == nil {
		m.Name = s.text(show.Title)
		m.Text = s.t("farm.link.text.show", "title", show.Title, "at", s.moment(show.StartsAt), "seller", w.seller.Name, "url", m.URL)
	}
	return m
}

// posterName ends the address of a link's poster.
const posterName = "/to-roi.pdf"

func (p *Pages) linkURL(l *livestream.Link) string { return p.cfg.BaseURL + "/l/" + l.Code }

func (s speaker) priceWords(product *catalog.Product) string {
	v, ok := cheapest(product)
	if !ok {
		return ""
	}
	return s.vnd(v.Price) + "/" + v.Unit
}

// qrPoster is the size of a link's code in pixels: sharp on a poster of A5.
const qrPoster = 720

// linkQR draws a link of the seller's own as a QR code to print.
func (p *Pages) linkQR(c *gin.Context, w *workplace) error {
	link, err := p.Livestream.Link(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	if w.forSeller(link.Seller) != nil {
		return errNoLink // as of a code that nobody made
	}
	image, err := livestream.QR(p.linkURL(link), qrPoster)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, max-age=86400")
	c.Data(http.StatusOK, "image/png", image)
	return nil
}
