package pages

import (
	"cmp"
	"io"
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

const maxSheet = 4 << 20

// myShows lists the seller's shows and announces new ones.
func (p *Pages) myShows(c *gin.Context, w *workplace) error {
	return p.showMyShows(c, w, http.StatusOK, nil)
}

func (p *Pages) showMyShows(c *gin.Context, w *workplace, status int, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	found, err := p.Livestream.ShowsWith(ctx, w.seller.ID, "", pageSize)
	if err != nil {
		return err
	}
	shelf, err := p.Catalog.List(ctx, catalog.Filter{Seller: w.seller.ID, Limit: todayShown})
	if err != nil {
		return err
	}
	v := myShowsView{workView: p.workPage(c, w, s.t("live.desk.title")), Empty: len(shelf.Items) == 0}
	v.Sheets = liveSheets
	for _, show := range found.Items {
		card := p.showCard(c, s, show)
		card.Href = w.here(roomPath(show.ID))
		if show.Seller != w.seller.ID {
			card.Href = w.here(roomPath(show.ID) + joinName)
		}
		v.Shows = append(v.Shows, card)
	}
	now := p.Env.Now().In(market.HueZone)
	v.Fields = []ui.Field{
		{Name: "title", Label: s.t("live.desk.name"), Value: c.PostForm("title"), MaxLength: "120"},
		{Kind: ui.Moment, Name: "starts_at", Label: s.t("live.desk.starts"), Value: cmp.Or(c.PostForm("starts_at"), now.Format(formMoment))},
		{Kind: ui.Moment, Name: "ends_at", Label: s.t("live.desk.ends"), Value: cmp.Or(c.PostForm("ends_at"), now.Add(2*time.Hour).Format(formMoment))},
		{Kind: ui.Address, Name: "video", Label: s.t("live.desk.video"), Help: s.t("live.desk.video.help"), Value: c.PostForm("video"), Optional: true},
	}
	guests, err := p.guestField(c, s, w)
	if err != nil {
		return err
	}
	if len(guests.Options) > 0 {
		v.Fields = append(v.Fields, guests)
	}
	v.Wrongs = p.wrongs(s, failed, slots(v.Fields))
	return web.Render(c, status, myShowsPage(v))
}

const formMoment = "2006-01-02T15:04"

// announceShow announces a show of everything that its sellers have in the shop;
// what is offered in it is chosen at its desk.
func (p *Pages) announceShow(c *gin.Context, w *workplace) error {
	ctx := c.Request.Context()
	d := livestream.ShowDraft{Title: market.Text{VI: strings.TrimSpace(c.PostForm("title"))}, Seller: w.seller.ID, Video: c.PostForm("video")}
	d.StartsAt, _ = time.ParseInLocation(formMoment, c.PostForm("starts_at"), market.HueZone)
	d.EndsAt, _ = time.ParseInLocation(formMoment, c.PostForm("ends_at"), market.HueZone)
	if err := p.fillShow(c, w, &d); err != nil {
		return err
	}
	show, err := p.Livestream.CreateShow(ctx, w.by, d)
	if mendable(err) {
		return p.showMyShows(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return see(c, w.to(farmDoor+"/phien/"+string(show.ID)))
}

// ownShow is a show that the visitor runs; not found otherwise.
func (p *Pages) ownShow(c *gin.Context, w *workplace) (*livestream.Show, error) {
	show, err := p.Livestream.Hosted(c.Request.Context(), w.by, market.ID(c.Param("id")))
	if err != nil {
		return nil, err
	}
	if w.forSeller(show.Seller) != nil {
		return nil, errNoLink
	}
	return show, nil
}

func (p *Pages) showDesk(c *gin.Context, w *workplace) error {
	return p.drawDesk(c, w, http.StatusOK, nil)
}

func (p *Pages) drawDesk(c *gin.Context, w *workplace, status int, failed error) error {
	show, err := p.ownShow(c, w)
	if err != nil {
		return err
	}
	ctx, s := c.Request.Context(), p.speaker(c)
	v := deskView{workView: p.workPage(c, w, s.text(show.Title)), Card: p.showCard(c, s, show), Path: w.here(roomPath(show.ID))}
	v.Sheets = liveSheets
	v.Result, v.Room = w.here(roomPath(show.ID)+"/ket-qua"), roomPath(show.ID)
	v.Live, v.Over, v.Pinned = show.OnAir(p.Env.Now()), show.State.Over(), show.Pinned
	v.ID, v.Native = string(show.ID), p.cfg.Video && show.Broadcast.Kind == ""
	if v.Native && v.Live {
		v.Scripts = append(v.Scripts, "page-live-send.js")
	}
	if v.Parties, v.Links, v.Replay = p.parties(c, s, w, show), w.to(farmDoor+"/lien-ket?show="+string(show.ID)), roomPath(show.ID)+replayName; v.Live {
		v.Scripts = append(v.Scripts, "page-desk.js")
	}
	if v.Live && p.Feed != nil {
		v.Feed = roomPath(show.ID) + "/tin"
	}
	rules, err := livestream.LoadRules()
	if err != nil {
		return err
	}
	v.Rules = rules.At(p.Env.Now()).Version
	if err := p.fillDesk(c, s, &v, w, show); err != nil {
		return err
	}
	v.Wrongs = p.wrongs(s, failed, slots(v.Fields))
	for _, warning := range show.Warned() {
		v.Warnings = append(v.Warnings, deskWarning{ID: string(warning.ID), Text: warning.Text, Staff: warning.Staff})
	}
	complaints, err := p.Livestream.Complaints(ctx, w.by, show.ID, pageSize)
	for _, k := range complaints {
		v.Complaints = append(v.Complaints, k.Text)
	}
	if err != nil {
		return err
	}
	return web.Render(c, status, deskPage(v))
}

func (p *Pages) fillDesk(c *gin.Context, s speaker, v *deskView, w *workplace, show *livestream.Show) error {
	ctx := c.Request.Context()
	room, err := p.Livestream.Room(ctx, show.ID)
	if err != nil {
		return err
	}
	left := map[string]string{}
	for _, o := range room.Offers {
		left[o.Code] = s.t("live.left", "n", s.number(o.Left), "unit", o.Unit)
	}
	for _, o := range show.Offers {
		v.Offers = append(v.Offers, deskOffer{
			Code: o.Code, Name: s.text(o.Name), Price: s.vnd(o.Price) + "/" + o.Unit, Left: cmp.Or(left[o.Code], s.t("live.apart", "n", s.number(o.Stock), "unit", o.Unit)),
			Pinned: o.Code == show.Pinned, Waits: o.AgreedAt == nil,
		})
	}
	if v.Fields, err = p.offerFields(c, s, show, ""); err != nil {
		return err
	}
	return p.fillOrders(c, s, v, w, show)
}

func (p *Pages) fillOrders(c *gin.Context, s speaker, v *deskView, w *workplace, show *livestream.Show) error {
	ctx := c.Request.Context()
	drafts, err := p.Livestream.Drafts(ctx, w.by, show.ID, "", pageSize)
	if err != nil {
		return err
	}
	now := p.Env.Now()
	for _, d := range drafts.Items {
		row := deskDraft{
			ID: string(d.ID), Name: d.Name, Phone: d.Phone, Text: s.t("live.draft", "n", s.number(d.Quantity), "unit", d.Unit, "name", d.Goods, "total", s.vnd(d.Price*market.VND(d.Quantity))),
			State: s.t("live.draft." + string(d.StateAt(now))), Good: d.Good(now),
		}
		if row.Good {
			row.Reply = s.t("live.reply", "name", d.Name, "text", row.Text, "url", p.cfg.BaseURL+"/chot-don/"+p.Livestream.ConfirmToken(d))
		}
		v.Drafts = append(v.Drafts, row)
	}
	comments, err := p.Livestream.AllComments(ctx, w.by, show.ID, "", roomComments)
	if err != nil {
		return err
	}
	for _, k := range comments.Items {
		v.Comments = append(v.Comments, deskComment{ID: string(k.ID), Name: k.Name, Text: k.Text, Hidden: k.Hidden, Late: k.Late})
	}
	return nil
}

// runShow does one thing with a show.
func (p *Pages) runShow(c *gin.Context, w *workplace) error {
	show, err := p.ownShow(c, w)
	if err != nil {
		return err
	}
	said, err := p.deed(c, w, show)
	if mendable(err) {
		return p.drawDesk(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	to := w.here(roomPath(show.ID))
	if said == "" {
		return see(c, to)
	}
	return tell(c, to, said)
}

func (p *Pages) deed(c *gin.Context, w *workplace, show *livestream.Show) (said string, err error) {
	ctx, by, id := c.Request.Context(), w.by, show.ID
	switch c.PostForm("do") {
	case "offer":
		return "live.said.offered", p.offerInShow(c, w, id)
	case "withdraw":
		_, err = p.Livestream.Withdraw(ctx, by, id, c.PostForm("code"))
	case "live":
		_, err = p.Livestream.GoLive(ctx, by, id, c.PostForm("rules"))
		said = "live.said.live"
	case "pin":
		_, err = p.Livestream.Pin(ctx, by, id, c.PostForm("code"))
	case "unpin":
		_, err = p.Livestream.Unpin(ctx, by, id)
	case "end":
		_, err = p.Livestream.End(ctx, by, id)
		said = "live.said.ended"
	case "cancel":
		_, err = p.Livestream.CancelShow(ctx, by, id, c.PostForm("why"))
		said = "live.said.cancelled"
	case "warn":
		_, err = p.Livestream.Warn(ctx, by, id, c.PostForm("text"))
	case "unwarn":
		_, err = p.Livestream.Unwarn(ctx, by, id, market.ID(c.PostForm("warning")))
	case "say":
		err = p.Livestream.Announce(ctx, by, id, c.PostForm("text"))
	case "hide", "show":
		err = p.Livestream.HideComment(ctx, by, id, market.ID(c.PostForm("comment")), c.PostForm("do") == "hide")
	case "drop":
		err = p.Livestream.DropDraft(ctx, by, id, market.ID(c.PostForm("draft")))
	case "import":
		return "live.said.imported", p.importComments(c, w, id)
	default:
		err = market.Invalid("input.invalid", "do")
	}
	return said, err
}

func (p *Pages) offerInShow(c *gin.Context, w *workplace, show market.ID) error {
	product, variant, _ := strings.Cut(c.PostForm("goods"), "/")
	price, err := strconv.ParseInt(onlyDigits(c.PostForm("price")), 10, 64)
	if err != nil {
		return market.Invalid("offer.price", "price")
	}
	stock, err := strconv.ParseInt(cmp.Or(onlyDigits(c.PostForm("stock")), "0"), 10, 64)
	if err != nil {
		return market.Invalid("offer.stock", "stock")
	}
	if product == "" {
		return market.Invalid("offer.variant", "goods")
	}
	_, err = p.Livestream.AddOffer(c.Request.Context(), w.by, show, livestream.OfferDraft{
		Code: c.PostForm("code"), Product: market.ID(product), Variant: market.ID(variant), Price: market.VND(price), Stock: stock,
	})
	return err
}

// onlyDigits takes the dots and signs off a number as people write it.
func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

func (p *Pages) importComments(c *gin.Context, w *workplace, show market.ID) error {
	sheet := []byte(c.PostForm("rows"))
	if file, err := c.FormFile("sheet"); err == nil {
		f, err := file.Open()
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		if sheet, err = io.ReadAll(io.LimitReader(f, maxSheet)); err != nil {
			return err
		}
	}
	_, err := p.Livestream.Import(c.Request.Context(), w.by, show, c.PostForm("source"), sheet)
	return err
}

// showResult is what came of a show, to the đồng.
func (p *Pages) showResult(c *gin.Context, w *workplace) error {
	show, err := p.Livestream.Show(c.Request.Context(), market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	if !show.Sells(w.seller.ID) && w.forSeller(show.Seller) != nil {
		return errNoLink
	}
	r, err := p.Livestream.ResultOf(c.Request.Context(), w.by, show.ID)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := resultView{workView: p.workPage(c, w, s.t("live.result.title", "title", show.Title)), Lead: s.t("live.result.lead"), Back: w.here("/phien")}
	if show.Seller == w.seller.ID {
		v.Back = w.here(roomPath(show.ID))
	}
	return p.drawResult(c, w, s, v, r)
}

// watchShows is for those who watch over the market: what is on air, and what
// viewers object to.
func (p *Pages) watchShows(c *gin.Context) error { return p.drawWatch(c, http.StatusOK, nil) }

func (p *Pages) drawWatch(c *gin.Context, status int, failed error) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	v := watchView{Page: p.adminPage(c, s.t("live.watch.title"))}
	v.Sheets = liveSheets
	v.Wrongs = p.wrongs(s, failed, nil)
	live, err := p.Livestream.LiveNow(ctx, pageSize)
	if err != nil {
		return err
	}
	for _, show := range live {
		card := p.showCard(c, s, show)
		v.Shows = append(v.Shows, watchedShow{showCard: card, ID: string(show.ID)})
	}
	open, err := p.Livestream.OpenComplaints(ctx, web.Actor(c), pageSize)
	for _, k := range open {
		v.Complaints = append(v.Complaints, watchedComplaint{ID: string(k.ID), Text: k.Text, Phone: k.Phone, At: s.moment(k.At), Href: "/phien/" + string(k.Show)})
	}
	if err != nil {
		return err
	}
	return web.Render(c, status, watchPage(v))
}

func (p *Pages) judgeShow(c *gin.Context) error {
	ctx, by := c.Request.Context(), web.Actor(c)
	show := market.ID(c.PostForm("show"))
	var err error
	switch c.PostForm("do") {
	case "warn":
		_, err = p.Livestream.Warn(ctx, by, show, c.PostForm("why"))
	case "stop":
		_, err = p.Livestream.Stop(ctx, by, show, c.PostForm("why"))
	case "answer":
		_, err = p.Livestream.AnswerComplaint(ctx, by, market.ID(c.PostForm("complaint")), c.PostForm("answer"))
	default:
		err = market.Invalid("input.invalid", "do")
	}
	if mendable(err) {
		return p.drawWatch(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri/phien", "live.watch.done")
}
