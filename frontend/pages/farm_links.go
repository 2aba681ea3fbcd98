package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/store"
)

// typedLink is a link as it was asked for.
type typedLink struct{ product, channel, label string }

// saleLinks lists what the seller has shared and what came of it, and makes more.
func (p *Pages) saleLinks(c *gin.Context, w *workplace) error {
	return p.showLinks(c, w, http.StatusOK, typedLink{product: c.Query("product"), channel: "zalo"}, nil)
}

// makeLink makes a link for one product and one place to share it.
func (p *Pages) makeLink(c *gin.Context, w *workplace) error {
	typed := typedLink{c.PostForm("product"), c.PostForm("channel"), c.PostForm("label")}
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
	return p.Livestream.CreateLink(c.Request.Context(), w.by, livestream.LinkDraft{
		Product: market.ID(typed.product), Channel: typed.channel, Label: typed.label,
	})
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
	v.Product = ui.Field{Kind: ui.Select, Name: "product", Label: s.t("farm.link.product"), Placeholder: s.t("field.choose")}
	for _, product := range shelf.Items {
		v.Product.Options = append(v.Product.Options, ui.Option{Value: string(product.ID), Label: s.text(product.Name), Selected: string(product.ID) == typed.product})
	}
	v.Channel = ui.Field{Kind: ui.Select, Name: "channel", Label: s.t("farm.link.channel"), Options: channelOptions(s, typed.channel)}
	v.Label = ui.Field{Name: "label", Label: s.t("farm.link.label"), Help: s.t("farm.link.label.help"), Value: typed.label, Optional: true, MaxLength: "80"}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"product": &v.Product.Error, "channel": &v.Channel.Error, "label": &v.Label.Error})
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
		out[i] = p.madeLink(w, s, l, products[l.Product])
	}
	return out, nil
}

func (p *Pages) madeLink(w *workplace, s speaker, l *livestream.Link, product *catalog.Product) madeLink {
	m := madeLink{
		Code: l.Code, URL: p.linkURL(l), Channel: s.t("channel." + l.Channel), Label: l.Label, At: s.date(l.CreatedAt),
		QR: w.to(farmDoor + "/lien-ket/" + l.Code + "/qr.png"), Name: s.t("farm.link.gone"),
		Stats: []ui.Stat{
			{Label: s.t("farm.link.clicks"), Value: s.number(l.Clicks)},
			{Label: s.t("farm.link.orders"), Value: s.number(l.Orders)},
			{Label: s.t("farm.link.value"), Value: s.vnd(l.Revenue)},
		},
	}
	m.Text = m.URL
	if product != nil {
		m.Name = s.text(product.Name)
		m.Text = s.t("farm.link.text", "name", product.Name, "price", s.priceWords(product), "url", m.URL)
	}
	return m
}

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
