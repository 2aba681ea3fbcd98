package pages

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/orders"
)

// Values a visit keeps because of a sale link.
const (
	keyTouch   = "touch"
	keyVisitor = "visitor"
)

// keptTouch is the last sale link that was followed, and what it was for.
type keptTouch struct {
	Product market.ID     `json:"product,omitempty"`
	Sellers []market.ID   `json:"sellers"` // whose goods it may sell
	Window  time.Duration `json:"window"`  // for how long it counts
	Touch   orders.Touch  `json:"touch"`
}

// link follows a sale link: it remembers who shared it and leads to what was
// shared. Programs that only draw a preview get the preview.
func (p *Pages) link(c *gin.Context) error {
	preview := previewing(c)
	link, touch, err := p.Livestream.Follow(c.Request.Context(), c.Param("code"), livestream.Visitor{
		ID: visitor(c), UserAgent: c.Request.UserAgent(), Method: c.Request.Method,
		Purpose: c.GetHeader("Sec-Purpose") + c.GetHeader("Purpose"),
	})
	if isKey(err, "link.expired") {
		return p.linkOver(c)
	}
	if err != nil {
		return err
	}
	to, product, err := p.target(c, link)
	if err != nil {
		return err
	}
	if preview {
		return p.showLink(c, link, to, product)
	}
	sellers, window, err := p.Livestream.Reach(c.Request.Context(), link)
	if err != nil {
		return err
	}
	kept, err := json.Marshal(keptTouch{link.Product, sellers, window, touch})
	if err != nil {
		return err
	}
	if err := web.SetValue(c, keyTouch, string(kept)); err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	return see(c, to)
}

// visitor is a name for this browser, made at its first link and kept in its
// session; what does not keep it is counted as nobody.
func visitor(c *gin.Context) string {
	if id := web.Value(c, keyVisitor); id != "" || previewing(c) {
		return id
	}
	id := market.NewSecret()
	if err := web.SetValue(c, keyVisitor, id); err != nil {
		return ""
	}
	return id
}

// previewers are parts of the User-Agent of programs that fetch a link to draw
// it in a chat or to index it.
var previewers = []string{"bot", "crawler", "spider", "facebookexternalhit", "facebookcatalog", "whatsapp", "telegram", "zalo-preview", "skypeuripreview", "embedly", "slack"}

func previewing(c *gin.Context) bool {
	agent := strings.ToLower(c.Request.UserAgent())
	if c.Request.Method == http.MethodHead || strings.Contains(c.GetHeader("Sec-Purpose"), "prefetch") {
		return true
	}
	for _, name := range previewers {
		if strings.Contains(agent, name) {
			return true
		}
	}
	return false
}

// linkOver says that a link leads nobody any more, and where it led: whoever
// comes late may still buy, but nobody is owed for it.
func (p *Pages) linkOver(c *gin.Context) error {
	link, err := p.Livestream.Link(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	to, _, err := p.target(c, link)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := linkView{Page: p.page(c, s.t("link.over")), Name: s.t("link.over"), Text: s.t("link.over.text"), Href: to}
	v.NoIndex = true
	return web.Render(c, http.StatusGone, linkPage(v))
}

// isKey reports whether the error is ours with that key.
func isKey(err error, key string) bool {
	var e *market.Error
	return errors.As(err, &e) && e.Key == key
}

// target is where a link leads: its product while that is in the shop, the room
// of its show, else its seller.
func (p *Pages) target(c *gin.Context, link *livestream.Link) (string, *catalog.Product, error) {
	if link.Product != "" {
		product, err := p.Catalog.PublishedProduct(c.Request.Context(), link.Product)
		if err == nil {
			return productPath(product.Slug), product, nil
		}
		if market.KindOf(err) != market.KindNotFound {
			return "", nil, err
		}
	}
	if link.Show != "" {
		return roomPath(link.Show), nil, nil
	}
	seller, err := p.Sellers.Seller(c.Request.Context(), link.Seller)
	if err != nil {
		return "", nil, err
	}
	return sellerPath(seller.Slug), nil, nil
}

func (p *Pages) showLink(c *gin.Context, link *livestream.Link, to string, product *catalog.Product) error {
	s := p.speaker(c)
	v := linkView{Page: p.page(c, s.t("site.name")), Name: s.t("site.name"), Href: to}
	if product != nil {
		v.Title, v.Name = s.text(product.Name), s.text(product.Name)
		if variant, ok := cheapest(product); ok {
			v.Description = s.t("link.description", "price", s.price(variant).Amount+"/"+variant.Unit, "text", short(s.text(product.Description), 120))
		}
	}
	card, _, err := p.cardOf(c, link, product)
	if err != nil {
		return err
	}
	if product == nil && card.Title != "" {
		v.Title, v.Name, v.Description = card.Title, card.Title, card.Note
	}
	v.OG = ui.OG{Type: "product", Image: p.linkURL(link) + cardName, Alt: v.Name, Card: true}
	v.Canonical, v.NoIndex = p.cfg.BaseURL+to, true
	return web.Render(c, http.StatusOK, linkPage(v))
}

// touchFor is the link that led to this product, to its seller or to a show of
// theirs, for as long as its click counts.
func (p *Pages) touchFor(c *gin.Context, product *catalog.Product) *orders.Touch {
	var kept keptTouch
	raw := web.Value(c, keyTouch)
	if raw == "" || json.Unmarshal([]byte(raw), &kept) != nil {
		return nil
	}
	late := p.Env.Now().Sub(kept.Touch.At) > kept.Window
	if late || kept.Product != product.ID && !slices.Contains(kept.Sellers, product.Seller) {
		return nil
	}
	return &kept.Touch
}
