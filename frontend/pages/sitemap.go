package pages

import (
	"encoding/xml"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// sitemapURL is one page in the words of sitemaps.org.
type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

// maxSitemap is what one sitemap may list.
const maxSitemap = 50_000

// sitemap lists the pages that a search engine should know. It is written as
// it is read, so a large shop costs no memory.
func (p *Pages) sitemap(c *gin.Context) error {
	paths, err := p.publicPaths(c)
	if err != nil {
		return err
	}
	c.Header("Content-Type", "application/xml; charset=utf-8")
	c.Status(http.StatusOK)
	m := &siteMap{base: p.cfg.BaseURL, out: xml.NewEncoder(c.Writer)}
	if _, err := c.Writer.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`); err != nil {
		return err
	}
	for _, path := range paths {
		if err := m.add(path, time.Time{}); err != nil {
			return err
		}
	}
	if err := p.mapReleases(c, m); err != nil {
		return err
	}
	err = p.Catalog.EachPublished(c.Request.Context(), func(product *catalog.Product) error {
		return m.add(productPath(product.Slug), product.PublishedAt)
	})
	if err != nil {
		return err
	}
	_, err = c.Writer.WriteString("</urlset>\n")
	return err
}

// mapReleases adds what is published of statistics.
func (p *Pages) mapReleases(c *gin.Context, m *siteMap) error {
	all, err := p.Indicators.Releases(c.Request.Context(), market.Actor{})
	if err != nil {
		return err
	}
	for _, r := range newest(all) {
		if err := m.add(openDoor+"/"+string(r.ID), later(r.Embargo, r.ApprovedAt)); err != nil {
			return err
		}
	}
	return nil
}

// publicPaths are the pages for everybody but those of products.
func (p *Pages) publicPaths(c *gin.Context) ([]string, error) {
	paths := []string{"/", "/tim", "/tro-giup", "/quy-che", "/du-lieu-ca-nhan", "/phien", "/quy-che-livestream", openDoor, openWordsDoor}
	sellers, err := p.Sellers.List(c.Request.Context(), store.Query{Limit: store.MaxLimit})
	if err != nil {
		return nil, err
	}
	for _, seller := range sellers.Items {
		paths = append(paths, sellerPath(seller.Slug))
		if p.Studio != nil {
			paths = append(paths, sellerPath(seller.Slug)+callsPath)
		}
	}
	ahead, err := p.Livestream.Upcoming(c.Request.Context(), store.MaxLimit)
	if err != nil {
		return nil, err
	}
	past, err := p.Livestream.Past(c.Request.Context(), store.MaxLimit)
	for _, show := range ahead {
		if !show.State.Over() {
			paths = append(paths, roomPath(show.ID))
		}
	}
	for _, show := range past {
		if len(show.Footage) > 0 {
			paths = append(paths, roomPath(show.ID)+replayName)
		}
	}
	return paths, err
}

type siteMap struct {
	base string
	out  *xml.Encoder
	n    int
}

func (m *siteMap) add(path string, changed time.Time) error {
	if m.n++; m.n > maxSitemap {
		return nil
	}
	u := sitemapURL{Loc: m.base + path}
	if !changed.IsZero() {
		u.LastMod = changed.In(market.HueZone).Format(time.DateOnly)
	}
	return m.out.EncodeElement(u, xml.StartElement{Name: xml.Name{Local: "url"}})
}
