package pages

import (
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui/label"
)

// linkPoster is a link of the seller's own as a sheet to hang up.
func (p *Pages) linkPoster(c *gin.Context, w *workplace) error {
	link, err := p.Livestream.Link(c.Request.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	if w.forSeller(link.Seller) != nil {
		return errNoLink // as of a code that nobody made
	}
	_, product, err := p.target(c, link)
	if err != nil {
		return err
	}
	about, photo, err := p.cardOf(c, link, product)
	if err != nil {
		return err
	}
	s, url := p.speaker(c), p.linkURL(link)
	_, typed, _ := strings.Cut(url, "://")
	poster := label.Poster{
		Brand: about.Brand, Title: about.Title, Price: about.Price, By: about.Note, Call: s.t("farm.link.poster.call"), Link: url, Typed: typed,
	}
	if about.Stars > 0 {
		poster.Stars = s.t("farm.link.poster.stars", "n", about.Stars)
	}
	if poster.Photo, err = p.photoData(c.Request.Context(), photo, largePhoto); err != nil {
		return err
	}
	pdf, err := label.PosterPDF(poster, s.now)
	if err != nil {
		return err
	}
	return sendPDF(c, "to-roi-"+link.Code, pdf)
}
