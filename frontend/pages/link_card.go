package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui/card"
	"chohue/livestream"
	"chohue/market"
)

// cardName ends the address of the picture that a shared page is shown by.
const cardName = "/the.jpg"

// cardRoutes are the pictures of what is shared.
func (p *Pages) cardRoutes() []Route {
	return []Route{
		get("/l/:code"+cardName, p.linkCard),
		get("/san-pham/:slug"+cardName, p.productCardPicture),
		get("/phien/:id"+cardName, p.roomCard),
	}
}

func (p *Pages) linkCard(c *gin.Context) error {
	link, err := p.Livestream.Link(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	if link.Over(p.Env.Now()) {
		return errNoLink
	}
	_, product, err := p.target(c, link)
	if err != nil {
		return err
	}
	drawn, photo, err := p.cardOf(c, link, product)
	if err != nil {
		return err
	}
	return p.sendCard(c, drawn, photo)
}

func (p *Pages) productCardPicture(c *gin.Context) error {
	product, err := p.Catalog.BySlug(c.Request.Context(), market.Actor{}, c.Param("slug"))
	if err != nil {
		return err
	}
	drawn, photo := p.productCard(c, product)
	return p.sendCard(c, drawn, photo)
}

func (p *Pages) roomCard(c *gin.Context) error {
	show, err := p.Livestream.Show(c.Request.Context(), market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	drawn, photo, err := p.showCardPicture(c, show)
	if err != nil {
		return err
	}
	return p.sendCard(c, drawn, photo)
}

// cardOf is the card of where a link leads, and the photo on it.
func (p *Pages) cardOf(c *gin.Context, link *livestream.Link, product *catalog.Product) (card.Card, *catalog.Photo, error) {
	if product != nil {
		drawn, photo := p.productCard(c, product)
		return drawn, photo, nil
	}
	if link.Show != "" {
		show, err := p.Livestream.Show(c.Request.Context(), link.Show)
		if err != nil {
			return card.Card{}, nil, err
		}
		return p.showCardPicture(c, show)
	}
	return p.plainCard(c), nil, nil
}

func (p *Pages) plainCard(c *gin.Context) card.Card {
	_, domain, _ := strings.Cut(p.cfg.BaseURL, "://")
	return card.Card{Brand: p.speaker(c).t("site.name"), Domain: domain}
}

func (p *Pages) productCard(c *gin.Context, product *catalog.Product) (card.Card, *catalog.Photo) {
	s, out := p.speaker(c), p.plainCard(c)
	out.Title = s.text(product.Name)
	if v, ok := cheapest(product); ok {
		out.Price = s.vnd(v.Price) + "/" + v.Unit
	}
	if badge, ok := product.Badge(s.now); ok {
		out.Stars = badge.Stars
	}
	if seller, err := p.Sellers.Seller(c.Request.Context(), product.Seller); err == nil {
		out.Note = s.text(seller.Name) + " · " + s.place(seller.Ward)
	}
	return out, cover(product)
}

func cover(product *catalog.Product) *catalog.Photo {
	if product == nil || len(product.Photos) == 0 {
		return nil
	}
	return &product.Photos[0]
}

// showCardPicture is the card of a show: what is offered in it, while it is
// live at its live price.
func (p *Pages) showCardPicture(c *gin.Context, show *livestream.Show) (card.Card, *catalog.Photo, error) {
	s, out := p.speaker(c), p.plainCard(c)
	about := p.showCard(c, s, show)
	out.Title, out.Flag, out.Note = about.Title, about.State, about.Seller+" · "+about.When
	ids := show.Products
	if o, ok := shownOffer(show); ok {
		ids = []market.ID{o.Product}
		if show.OnAir(s.now) {
			out.Price = s.vnd(o.Price) + "/" + o.Unit
			if o.Usual > o.Price {
				out.Was = s.vnd(o.Usual)
			}
		}
		out.Stars = o.Papers.Stars
	}
	products, err := p.Catalog.Products(c.Request.Context(), ids...)
	if err != nil {
		return out, nil, err
	}
	for _, id := range ids {
		if photo := cover(products[id]); photo != nil {
			return out, photo, nil
		}
	}
	return out, nil, nil
}

// shownOffer is the offer that stands for the show: what is pinned, else the
// first.
func shownOffer(show *livestream.Show) (livestream.Offer, bool) {
	if o, ok := show.Offer(show.Pinned); ok {
		return o, true
	}
	for _, o := range show.Offers {
		if o.Open() {
			return o, true
		}
	}
	return livestream.Offer{}, false
}

func (p *Pages) sendCard(c *gin.Context, drawn card.Card, photo *catalog.Photo) error {
	key := cardKey(drawn, photo)
	tag := `"` + key + `"`
	c.Header("Cache-Control", "public, max-age=600")
	c.Header("ETag", tag)
	if c.GetHeader("If-None-Match") == tag {
		c.Status(http.StatusNotModified)
		return nil
	}
	data, err := p.drawn.get(key, func() ([]byte, error) {
		var err error
		if drawn.Photo, err = p.photoData(c.Request.Context(), photo, largePhoto); err != nil {
			return nil, err
		}
		return card.Draw(drawn)
	})
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, "image/jpeg", data)
	return nil
}

// photoData is a photo of about that width as JPEG; nothing when there is none.
func (p *Pages) photoData(ctx context.Context, photo *catalog.Photo, width int) ([]byte, error) {
	if photo == nil {
		return nil, nil
	}
	best := 0
	for _, w := range photo.Widths {
		if best == 0 || best < width {
			best = w
		}
	}
	data, err := p.Files.Get(ctx, catalog.PhotoKey(photo.ID, best, catalog.PhotoJPEG))
	if market.KindOf(err) == market.KindNotFound {
		return nil, nil
	}
	return data, err
}

// cardKey names a card by all that is on it.
func cardKey(drawn card.Card, photo *catalog.Photo) string {
	id := ""
	if photo != nil {
		id = photo.ID
	}
	words, err := json.Marshal([]any{drawn, id})
	if err != nil {
		panic(err) // strings and a number always marshal
	}
	sum := sha256.Sum256(words)
	return hex.EncodeToString(sum[:16])
}

// cardCache keeps the cards that were drawn last. One is drawn at a time: a
// crowd that shares a link must not take the processor from those who buy.
type cardCache struct {
	mu    sync.Mutex
	kept  map[string][]byte
	order []string
}

// cardsKept is how many are kept, of at most card.MaxBytes each.
const cardsKept = 64

func (k *cardCache) get(key string, draw func() ([]byte, error)) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if data, ok := k.kept[key]; ok {
		return data, nil
	}
	data, err := draw()
	if err != nil {
		return nil, err
	}
	if k.kept == nil {
		k.kept = map[string][]byte{}
	}
	if len(k.order) == cardsKept {
		delete(k.kept, k.order[0])
		k.order = k.order[1:]
	}
	k.kept[key], k.order = data, append(k.order, key)
	return data, nil
}
