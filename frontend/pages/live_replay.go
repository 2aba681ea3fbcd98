package pages

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
)

// replayName ends the address of what was shown in a show.
const replayName = "/xem-lai"

// replay plays what was recorded of a show, with what was pinned and when.
func (p *Pages) replay(c *gin.Context) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	show, err := p.Livestream.Show(ctx, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	pins, err := p.Livestream.Pins(ctx, show.ID)
	if err != nil {
		return err
	}
	products, err := p.Catalog.Products(ctx, pinned(pins)...)
	if err != nil {
		return err
	}
	v := replayView{Page: p.page(c, s.t("live.replay.title", "title", show.Title)), Card: p.showCard(c, s, show), Room: roomPath(show.ID), Running: !show.State.Over()}
	v.Sheets, v.Scripts = liveSheets, []string{"page-replay.js"}
	v.Canonical, v.Description = p.cfg.BaseURL+roomPath(show.ID)+replayName, s.t("live.replay.description", "title", show.Title)
	v.OG = ui.OG{Type: "video.other", Image: p.cfg.BaseURL + roomPath(show.ID) + cardName, Alt: s.text(show.Title), Card: true}
	v.Products = p.cards(s, sold(pins, products))
	if v.Replays, err = p.replays(c, s, show, pins, products); err != nil {
		return err
	}
	v.NoIndex = len(v.Replays) == 0
	return web.Render(c, http.StatusOK, replayPage(v))
}

func pinned(pins []livestream.Pin) []market.ID {
	ids := make([]market.ID, len(pins))
	for i, pin := range pins {
		ids[i] = pin.Product
	}
	return ids
}

// sold are the products of the pins that are in the shop still, each once.
func sold(pins []livestream.Pin, products map[market.ID]*catalog.Product) []*catalog.Product {
	var out []*catalog.Product
	seen := map[market.ID]bool{}
	for _, pin := range pins {
		if product := products[pin.Product]; product != nil && !seen[pin.Product] {
			seen[pin.Product] = true
			out = append(out, product)
		}
	}
	return out
}

func (p *Pages) replays(c *gin.Context, s speaker, show *livestream.Show, pins []livestream.Pin, products map[market.ID]*catalog.Product) ([]ui.ReplayView, error) {
	if p.Studio == nil {
		return nil, nil
	}
	marks := make([]livestream.Mark, len(pins))
	for i, pin := range pins {
		marks[i] = livestream.Mark{Product: pin.Product, At: pin.At}
	}
	found, err := p.Studio.Replays(c.Request.Context(), web.Actor(c), show.ID, marks)
	if err != nil {
		return nil, err
	}
	names := map[market.ID]string{}
	for _, pin := range pins {
		names[pin.Product] = s.text(pin.Name)
	}
	out := make([]ui.ReplayView, len(found))
	for i, r := range found {
		out[i] = s.replayView(r, names, products)
		if len(found) > 1 {
			out[i].Title = s.t("live.replay.part", "n", i+1, "at", s.moment(r.StartedAt))
		}
	}
	return out, nil
}

func (s speaker) replayView(r livestream.Replay, names map[market.ID]string, products map[market.ID]*catalog.Product) ui.ReplayView {
	at := "/video/replay/" + string(r.ID) + "/"
	v := ui.ReplayView{
		ID: string(r.ID), Title: s.moment(r.StartedAt) + " · " + clock(r.Length), File: at + "show." + string(r.Container), Type: r.Container.MediaType(),
		Kept: s.t("live.replay.kept", "day", s.date(r.KeepUntil), "sum", r.SHA256[:min(12, len(r.SHA256))]),
	}
	if r.Container == livestream.ContainerMP4 {
		v.Playlist = at + livestream.IndexFile
	}
	for _, m := range r.Marks {
		mark := ui.ReplayMark{Seconds: strconv.Itoa(int(m.At.Seconds())), At: clock(m.At), Name: names[m.Product]}
		if product := products[m.Product]; product != nil {
			mark.Href = productPath(product.Slug)
		}
		v.Marks = append(v.Marks, mark)
	}
	return v
}

// clock writes a time into a recording: 1:13, 1:02:03.
func clock(d time.Duration) string {
	n := int(d.Seconds())
	if n < 3600 {
		return fmt.Sprintf("%d:%02d", n/60, n%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
}
