package pages

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
)

// roomComments is how many comments a page of the room shows.
const roomComments = 40

// shows lists what is on air and what was announced.
func (p *Pages) shows(c *gin.Context) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	v := showsView{Page: p.page(c, s.t("live.title"))}
	v.Sheets = liveSheets
	v.Description, v.Canonical = s.t("live.lead"), p.cfg.BaseURL+"/phien"
	live, err := p.Livestream.LiveNow(ctx, pageSize)
	if err != nil {
		return err
	}
	ahead, err := p.Livestream.Upcoming(ctx, pageSize)
	if err != nil {
		return err
	}
	for _, show := range live {
		v.Live = append(v.Live, p.showCard(c, s, show))
	}
	for _, show := range ahead {
		if show.State == livestream.ShowAnnounced {
			v.Ahead = append(v.Ahead, p.showCard(c, s, show))
		}
	}
	past, err := p.Livestream.Past(ctx, pageSize)
	if err != nil {
		return err
	}
	for _, show := range past {
		v.Past = append(v.Past, p.showCard(c, s, show))
	}
	return web.Render(c, http.StatusOK, showsPage(v))
}

func (p *Pages) showCard(c *gin.Context, s speaker, show *livestream.Show) showCard {
	card := showCard{Href: roomPath(show.ID), Picture: roomPath(show.ID) + cardName, Title: s.text(show.Title), When: s.moment(show.StartsAt), State: s.t("live.state." + string(show.State))}
	if seller, err := p.Sellers.Seller(c.Request.Context(), show.Seller); err == nil {
		card.Seller, card.SellerHref = s.text(seller.Name), sellerPath(seller.Slug)
	}
	if show.Ward != "" {
		card.Seller += " · " + s.place(show.Ward)
	}
	return card
}

// room is the page of a show, whole without script.
func (p *Pages) room(c *gin.Context) error { return p.showRoom(c, http.StatusOK, nil) }

func (p *Pages) showRoom(c *gin.Context, status int, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	show, err := p.Livestream.Show(ctx, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	room, err := p.Livestream.Room(ctx, show.ID)
	if err != nil {
		return err
	}
	who := visitor(c)
	v := roomView{Page: p.page(c, s.text(show.Title)), Card: p.showCard(c, s, show), ID: string(show.ID), Path: roomPath(show.ID)}
	v.Sheets = liveSheets
	v.Canonical, v.Description = p.cfg.BaseURL+v.Path, s.t("live.room.description", "title", show.Title)
	v.OG = ui.OG{Type: "video.other", Image: v.Canonical + cardName, Alt: s.text(show.Title), Card: true}
	v.Shape = shapeOf(room)
	v.Live, v.Over, v.Why, v.Warnings = show.OnAir(p.Env.Now()), show.State.Over(), room.Why, room.Warnings
	v.Token, v.Wrongs = p.Livestream.RoomToken(show.ID, who), p.wrongs(s, failed, nil)
	v.Text, v.Name = c.PostForm("text"), c.PostForm("name")
	if failed == nil {
		v.Text = ""
	}
	if !v.Over && p.Feed != nil {
		v.Feed, v.Scripts = v.Path+"/tin", append(v.Scripts, "page-room.js")
	}
	v.Head = refresh(v.Path)
	p.frameVideo(c, &v, show)
	if err := p.fillRoom(c, s, &v, room, who); err != nil {
		return err
	}
	if v.Over {
		if err := p.fillOver(c, s, &v, show); err != nil {
			return err
		}
	}
	return web.Render(c, status, roomPage(v))
}

// shapeOf is what of a room the page's script cannot put right by itself: when
// it changes, the script fetches those parts anew.
func shapeOf(room *livestream.Room) string {
	shape := []string{string(room.State), ""}
	if room.Pinned != nil {
		shape[1] = room.Pinned.Code
	}
	for _, o := range room.Offers {
		shape = append(shape, o.Code+"="+strconv.FormatInt(int64(o.Price), 10))
	}
	return strings.Join(shape, " ")
}

// fillOver puts into the page of a show that is over what can be seen and
// bought of it still.
func (p *Pages) fillOver(c *gin.Context, s speaker, v *roomView, show *livestream.Show) error {
	var ids []market.ID
	for _, o := range show.Offers {
		ids = append(ids, o.Product)
	}
	products, err := p.Catalog.Products(c.Request.Context(), ids...)
	if err != nil {
		return err
	}
	seen := map[market.ID]bool{}
	for _, id := range ids {
		if product := products[id]; product != nil && !seen[id] {
			seen[id] = true
			v.Shop = append(v.Shop, p.card(s, product))
		}
	}
	if p.Studio == nil {
		return nil
	}
	found, err := p.Studio.Replays(c.Request.Context(), web.Actor(c), show.ID, nil)
	if len(found) > 0 {
		v.Replay = v.Path + replayName
	}
	return err
}

// frameVideo opens the page's policy for the one place whose video it shows.
func (p *Pages) frameVideo(c *gin.Context, v *roomView, show *livestream.Show) {
	address, origin := show.Broadcast.Frame()
	if v.Frame = address; address == "" {
		if v.Native = p.cfg.Video; v.Native && v.Live {
			v.Scripts = append(v.Scripts, "page-live-watch.js")
		}
		return
	}
	policy := c.Writer.Header().Get("Content-Security-Policy")
	c.Header("Content-Security-Policy", strings.Replace(policy, "frame-src 'self'", "frame-src 'self' "+origin, 1))
}

func (p *Pages) fillRoom(c *gin.Context, s speaker, v *roomView, room *livestream.Room, who string) error {
	ctx := c.Request.Context()
	ids := make([]market.ID, len(room.Offers))
	for i, o := range room.Offers {
		ids[i] = o.Product
	}
	products, err := p.Catalog.Products(ctx, ids...)
	if err != nil {
		return err
	}
	for _, o := range room.Offers {
		on := p.onSale(s, o, products[o.Product])
		if room.Pinned != nil && o.Code == room.Pinned.Code {
			v.Pinned = &on
		} else {
			v.Offers = append(v.Offers, on)
		}
	}
	comments, err := p.Livestream.Comments(ctx, room.Show, roomComments)
	if err != nil {
		return err
	}
	for _, k := range comments {
		v.Comments = append(v.Comments, roomComment{ID: string(k.ID), Name: k.Name, Text: k.Text})
	}
	drafts, err := p.Livestream.DraftsOf(ctx, room.Show, who)
	for _, d := range drafts {
		v.Drafts = append(v.Drafts, p.roomDraft(s, d))
	}
	if v.Viewers = "0"; p.Feed != nil {
		if n, err := p.Feed.Viewers(ctx, room.Show); err == nil {
			v.Viewers = s.number(int64(n))
		}
	}
	return err
}

func (p *Pages) onSale(s speaker, o livestream.OnSale, product *catalog.Product) roomOffer {
	out := roomOffer{
		Code: o.Code, Name: s.text(o.Name), Price: ui.Price{Amount: s.vnd(o.Price), Unit: o.Unit}, Stars: o.Stars,
		Left: s.t("live.left", "n", s.number(o.Left), "unit", o.Unit), Gone: o.Left <= 0,
	}
	if o.Usual > o.Price {
		out.Price.Was = s.vnd(o.Usual)
	}
	if product != nil {
		out.Href, out.Image = productPath(product.Slug), p.picture(product, middlePhoto)
	}
	return out
}

func (p *Pages) roomDraft(s speaker, d *livestream.Draft) roomDraft {
	return roomDraft{
		Href: "/chot-don/" + p.Livestream.ConfirmToken(d), Until: s.moment(d.ExpiresAt),
		Text: s.t("live.draft", "n", s.number(d.Quantity), "unit", d.Unit, "name", d.Goods, "total", s.vnd(d.Price*market.VND(d.Quantity))),
	}
}

// inRoom takes what a viewer does: buy, say something, complain.
func (p *Pages) inRoom(c *gin.Context) error {
	show := market.ID(c.Param("id"))
	if _, err := p.Livestream.Show(c.Request.Context(), show); err != nil {
		return err
	}
	var to, said string
	var err error
	switch c.PostForm("do") {
	case "buy":
		to, err = p.buyInRoom(c, show)
	case "complain":
		_, err = p.Livestream.Complain(c.Request.Context(), web.Actor(c), livestream.ComplaintDraft{
			Show: show, Offer: c.PostForm("offer"), Text: c.PostForm("complaint"), Phone: c.PostForm("phone"),
		})
		to, said = "/phien/"+string(show), "live.complaint.taken"
	default:
		to, said, err = p.sayInRoom(c, show)
	}
	if mendable(err) || market.KindOf(err) == market.KindUnavailable && err != nil {
		return p.showRoom(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	if said != "" {
		return tell(c, to, said)
	}
	return see(c, to)
}

func (p *Pages) buyInRoom(c *gin.Context, show market.ID) (string, error) {
	offer, touch, err := p.Livestream.Buy(c.Request.Context(), show, c.PostForm("code"))
	if err != nil {
		return "", err
	}
	quantity, err := readQuantity(c.PostForm("quantity"))
	if err != nil {
		return "", err
	}
	return "/thanh-toan", p.putIn(c, offer.Variant, quantity, &touch)
}

func (p *Pages) sayInRoom(c *gin.Context, show market.ID) (to, said string, err error) {
	who := visitor(c)
	if err := p.Livestream.EnterRoom(show, who, c.PostForm("token")); err != nil {
		return "", "", err
	}
	name := c.PostForm("name")
	if name == "" {
		name = p.speaker(c).t("live.guest")
	}
	_, drafts, err := p.Livestream.Say(c.Request.Context(), web.Actor(c), livestream.Saying{
		Show: show, ID: market.ID(c.PostForm("id")), Visitor: who, Name: name, Text: c.PostForm("text"),
	})
	to = "/phien/" + string(show) + "#noi"
	switch {
	case len(drafts) == 0:
		return to, "", err
	case drafts[0].State == livestream.DraftShort:
		return to, "live.short", err
	}
	return "/phien/" + string(show) + "#chot", "live.held", err
}

// confirmDraft shows what a private link is about. Looking uses nothing up.
func (p *Pages) confirmDraft(c *gin.Context) error {
	d, err := p.Livestream.Confirming(c.Request.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := confirmView{Page: p.page(c, s.t("live.confirm.title")), Action: c.Request.URL.Path, Draft: p.roomDraft(s, d)}
	v.Sheets = liveSheets
	v.Frame, v.NoIndex, v.Done = ui.FrameTask, true, d.State == livestream.DraftOrdered
	v.Rows = [][2]string{
		{s.t("live.confirm.goods"), s.text(d.Goods)},
		{s.t("live.confirm.quantity"), s.number(d.Quantity) + " " + d.Unit},
		{s.t("live.confirm.price"), s.vnd(d.Price)},
		{s.t("live.confirm.total"), s.vnd(d.Price * market.VND(d.Quantity))},
		{s.t("live.confirm.until"), s.moment(d.ExpiresAt)},
	}
	c.Header("Referrer-Policy", "no-referrer") // the address is a secret
	c.Header("Cache-Control", "no-store")
	return web.Render(c, http.StatusOK, confirmPage(v))
}

// takeDraft puts what a comment ordered into the cart and goes to the ordinary
// checkout.
func (p *Pages) takeDraft(c *gin.Context) error {
	d, touch, err := p.Livestream.TakeDraft(c.Request.Context(), c.Param("token"), visitor(c))
	if err != nil {
		return err
	}
	cart, err := p.ensureCart(c)
	if err != nil {
		return err
	}
	if _, err := p.Orders.SetLine(c.Request.Context(), web.Actor(c), cart.ID, d.Variant, d.Quantity, &touch); err != nil {
		return err
	}
	return see(c, "/thanh-toan")
}

// How often a viewer is told how many are left and how many watch, and how long
// one message may take to be written.
const (
	roomPulse = 2 * time.Second
	roomWrite = 10 * time.Second
)

// roomNews streams what happens in a room. A browser that was cut off says the
// last message it had and gets what it missed.
func (p *Pages) roomNews(c *gin.Context) error {
	show, err := p.Livestream.Show(c.Request.Context(), market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	if p.Feed == nil || c.Request.Method == http.MethodHead {
		return errNoPage
	}
	header := c.Writer.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no")
	s := &stream{w: c.Writer, out: http.NewResponseController(c.Writer), turn: make(chan struct{}, 1)}
	_ = s.out.SetReadDeadline(time.Time{})
	ctx, stop := context.WithCancel(c.Request.Context())
	defer stop()
	go p.pulse(ctx, stop, s, show.ID)
	err = p.Feed.Watch(ctx, show.ID, c.GetHeader("Last-Event-ID"), func(id string, news []byte) error { return s.send(ctx, id, "news", news) })
	stop()
	s.turn <- struct{}{} // nobody writes any more when the answer ends
	if err != nil {
		web.Note(c, "room left", err)
	}
	return nil
}

// stream writes server-sent events, one at a time.
type stream struct {
	w    gin.ResponseWriter
	out  *http.ResponseController
	turn chan struct{}
}

func (s *stream) send(ctx context.Context, id, event string, data []byte) error {
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.turn }()
	_ = s.out.SetWriteDeadline(time.Now().Add(roomWrite))
	text := "event: " + event + "\ndata: " + string(data) + "\n\n"
	if id != "" {
		text = "id: " + id + "\n" + text
	}
	if _, err := s.w.WriteString(text); err != nil {
		return err
	}
	return s.out.Flush()
}

// pulse tells what is left and who watches whenever that has changed.
func (p *Pages) pulse(ctx context.Context, stop func(), s *stream, show market.ID) {
	defer stop()
	last := ""
	for {
		raw, err := p.pulses.get(ctx, p, show)
		if err != nil || ctx.Err() != nil {
			return
		}
		if raw != last {
			if last = raw; s.send(ctx, "", "room", []byte(raw)) != nil {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(roomPulse):
		}
	}
}

// pulseOf is the room as a pulse tells it.
func (p *Pages) pulseOf(ctx context.Context, show market.ID) (string, error) {
	room, err := p.Livestream.Room(ctx, show)
	if err != nil {
		return "", err
	}
	viewers, err := p.Feed.Viewers(ctx, show)
	if err != nil && !errors.Is(err, context.Canceled) {
		viewers = 0
	}
	raw, err := json.Marshal(struct {
		*livestream.Room
		Viewers int `json:"viewers"`
	}{room, viewers})
	return string(raw), err
}
