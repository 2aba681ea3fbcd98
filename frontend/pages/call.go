package pages

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
)

const callsPath = "/goi-video"

// callRoutes are the calls between buyers and sellers; without live video there
// are none.
func (p *Pages) callRoutes() []Route {
	if p.Studio == nil {
		return nil
	}
	return []Route{
		get("/gian-hang/:slug"+callsPath, p.openCalls),
		get(callsPath, p.myCalls),
		get(callsPath+"/:id", p.call),
		post(callsPath+"/:id/hen", p.bookCall),
		post(callsPath+"/:id/vao", p.callDeed(p.Studio.EnterCall, "")),
		post(callsPath+"/:id/huy", p.callDeed(p.Studio.CancelCall, "call.cancelled")),
		post(callsPath+"/:id/ket-thuc", p.callDeed(p.Studio.EndCall, "call.ended")),
		get(farmDoor+callsPath, p.work(p.sellerCalls)),
		post(farmDoor+callsPath, p.work(p.offerCall)),
	}
}

func callPath(id market.ID) string { return callsPath + "/" + string(id) }

// openCalls are the times at which a seller can be booked.
func (p *Pages) openCalls(c *gin.Context) error {
	seller, err := p.Sellers.BySlug(c.Request.Context(), c.Param("slug"))
	if err != nil {
		return err
	}
	open, err := p.Studio.OpenCalls(c.Request.Context(), seller.ID)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := callsView{Page: p.page(c, s.t("call.with", "name", s.text(seller.Name))), Lead: s.t("call.open.lead"), Empty: s.t("call.open.none"), SignedIn: web.Actor(c).Person != ""}
	v.Sheets = liveSheets
	for _, one := range open {
		v.Calls = append(v.Calls, s.callRow(one))
	}
	return web.Render(c, http.StatusOK, openCallsPage(v))
}

func (p *Pages) myCalls(c *gin.Context) error {
	mine, err := p.Studio.MyCalls(c.Request.Context(), web.Actor(c))
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := callsView{Page: p.page(c, s.t("call.mine")), Lead: s.t("call.mine.lead"), Empty: s.t("call.mine.none")}
	v.Sheets = liveSheets
	for _, one := range mine {
		v.Calls = append(v.Calls, s.callRow(one))
	}
	return web.Render(c, http.StatusOK, myCallsPage(v))
}

func (s speaker) callRow(c *livestream.Call) callRow {
	return callRow{
		ID: string(c.ID), Href: callPath(c.ID), Who: c.BuyerName, About: c.About, State: s.t("call.state." + c.State(s.now)),
		When: locale.DateTime(s.lang, c.StartsAt), Length: s.t("call.minutes", "n", int(c.EndsAt.Sub(c.StartsAt).Minutes())),
	}
}

// call is the call itself: what is to be known, the waiting room, the pictures.
func (p *Pages) call(c *gin.Context) error {
	by := web.Actor(c)
	one, err := p.Studio.Call(c.Request.Context(), by, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	s := p.speaker(c)
	seller, err := p.Sellers.Seller(c.Request.Context(), one.Seller)
	if err != nil {
		return err
	}
	v := callView{
		Page: p.page(c, s.t("call.with", "name", s.text(seller.Name))), Call: s.callRow(one), State: one.State(s.now), SignedIn: by.Person != "",
		Seller: one.IsSeller(by), Waiting: one.WaitingAt != nil, Enterable: one.Enterable(s.now),
	}
	mine, theirs := "buyer", "seller"
	if v.Seller {
		mine, theirs = theirs, mine
	}
	v.Own, v.Other = string(livestream.CallStage(one.ID, mine)), string(livestream.CallStage(one.ID, theirs))
	v.NoIndex, v.Sheets = true, liveSheets
	switch v.State {
	case livestream.CallOn:
		v.Scripts = []string{"page-live-watch.js", "page-live-send.js"}
	case livestream.CallBooked:
		v.Head = againSoon()
	}
	return web.Render(c, http.StatusOK, callPage(v))
}

func (p *Pages) bookCall(c *gin.Context) error {
	id := market.ID(c.Param("id"))
	if _, err := p.Studio.BookCall(c.Request.Context(), web.Actor(c), id, c.PostForm("about")); err != nil {
		return err
	}
	return tell(c, callPath(id), "call.booked")
}

// callDeed does one thing with a call and shows it again.
func (p *Pages) callDeed(do func(context.Context, market.Actor, market.ID) (*livestream.Call, error), said string) web.Handler {
	return func(c *gin.Context) error {
		by, id := web.Actor(c), market.ID(c.Param("id"))
		one, err := do(c.Request.Context(), by, id)
		if err != nil {
			return err
		}
		to := callPath(id)
		if said != "" && !one.IsSeller(by) {
			to = callsPath
		} else if said != "" {
			to = farmDoor + callsPath
		}
		if said == "" {
			return see(c, to)
		}
		return tell(c, to, said)
	}
}

func (p *Pages) sellerCalls(c *gin.Context, w *workplace) error {
	return p.showSellerCalls(c, w, http.StatusOK, nil)
}

func (p *Pages) showSellerCalls(c *gin.Context, w *workplace, status int, failed error) error {
	all, err := p.Studio.CallsOf(c.Request.Context(), w.by, w.seller.ID)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := sellerCallsView{
		workView: p.workPage(c, w, s.t("call.offered")),
		Start:    ui.Field{Kind: ui.Moment, Name: "starts_at", Label: s.t("call.form.starts"), Value: c.PostForm("starts_at")},
		Minutes:  ui.Field{Kind: ui.Number, Name: "minutes", Label: s.t("call.form.minutes"), Value: c.DefaultPostForm("minutes", "15"), Short: true},
	}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"starts_at": &v.Start.Error, "minutes": &v.Minutes.Error})
	for _, one := range all {
		v.Calls = append(v.Calls, s.callRow(one))
	}
	return web.Render(c, status, sellerCallsPage(v))
}

func (p *Pages) offerCall(c *gin.Context, w *workplace) error {
	start, _ := time.ParseInLocation("2006-01-02T15:04", c.PostForm("starts_at"), market.HueZone) // none is refused as too early
	minutes, _ := strconv.Atoi(c.PostForm("minutes"))                                             // none is refused as too short
	_, err := p.Studio.OfferCall(c.Request.Context(), w.by, w.seller.ID, start, time.Duration(minutes)*time.Minute)
	if mendable(err) {
		return p.showSellerCalls(c, w, http.StatusUnprocessableEntity, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.to(farmDoor+callsPath), "call.is_offered")
}
