package pages

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/frontend/letters"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/notices"
	"chohue/store"
)

const (
	noticesPath  = "/thong-bao"
	settingsPath = "/tai-khoan/thong-bao"
	pushPath     = "/push.js"
)

func (p *Pages) noticeRoutes() []Route {
	return []Route{
		get(noticesPath, p.noticeList),
		get(noticesPath+"/:id", p.openNotice),
		post(noticesPath, p.seeNotices),
		get(settingsPath, p.noticeSettings),
		post(settingsPath, p.chooseNotices),
		post(settingsPath+"/email", p.askEmail).paced("signin"),
		get(settingsPath+"/email", p.proveEmail),
		post(settingsPath+"/may", p.addBrowser),
		post(settingsPath+"/may/:id", p.dropBrowser),
		get(pushPath, p.pushWorker),
	}
}

// unread is the number beside the inbox's sign. That it cannot be read is no
// reason to show no page.
func (p *Pages) unread(c *gin.Context, by market.Actor) int {
	n, err := p.Notices.Unread(c.Request.Context(), by)
	if err != nil {
		web.Note(c, "unread notices", err)
	}
	return n
}

var noticeIcons = map[notices.Topic]ui.Icon{
	notices.TopicOrders: ui.IconPackage, notices.TopicMoney: ui.IconCash,
	notices.TopicSales: ui.IconStore, notices.TopicShop: ui.IconCertificate,
}

// inboxSheets are for pages with a list of messages.
var inboxSheets = []string{"page-inbox.css"}

// noticeList shows what the person was told, newest first.
func (p *Pages) noticeList(c *gin.Context) error {
	found, err := p.Notices.Inbox(c.Request.Context(), web.Actor(c), store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := noticesView{Page: p.page(c, s.t("inbox.title")), Cursor: cursor(c, string(found.Next))}
	v.Sheets = inboxSheets
	v.NoIndex = true
	for _, m := range found.Items {
		v.Messages = append(v.Messages, ui.Message{
			Title: letters.Title(p.texts, s.lang, m), Text: letters.Text(p.texts, s.lang, m), At: s.moment(m.At),
			Href: noticesPath + "/" + string(m.ID), Icon: noticeIcons[m.Topic], Unread: m.Unread != "",
		})
	}
	return web.Render(c, http.StatusOK, noticesPage(v))
}

// openNotice marks a message as read and goes where it leads.
func (p *Pages) openNotice(c *gin.Context) error {
	m, err := p.Notices.See(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	return see(c, m.Link)
}

func (p *Pages) seeNotices(c *gin.Context) error {
	if _, err := p.Notices.SeeAll(c.Request.Context(), web.Actor(c)); err != nil {
		return err
	}
	return tell(c, noticesPath, "inbox.seen")
}

// noticeSettings asks a person how to be told.
func (p *Pages) noticeSettings(c *gin.Context) error {
	t, err := p.Notices.Settings(c.Request.Context(), web.Actor(c))
	if err != nil {
		return err
	}
	return p.showNoticeSettings(c, http.StatusOK, t, t.Email, nil)
}

func (p *Pages) showNoticeSettings(c *gin.Context, status int, t *notices.Settings, typed string, failed error) error {
	s := p.speaker(c)
	v := noticeSettingsView{
		Page: p.page(c, s.t("notices.title")), Key: p.cfg.PushKey, Worker: pushPath, Scope: noticesPath,
		Email: ui.Field{Kind: ui.Email, Name: "email", Label: s.t("notices.email.label"), Help: s.t("notices.email.help"), Value: typed, Autocomplete: "email", Optional: true, Unmarked: true},
	}
	v.NoIndex, v.Scripts = true, []string{"page-push.js"}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"email": &v.Email.Error})
	switch {
	case t.Asked != nil:
		v.Standing = s.t("notices.email.asked", "email", t.Asked.Email)
	case t.Email != "":
		v.Standing = s.t("notices.email.in_use", "email", t.Email)
	}
	for _, channel := range p.Notices.Channels() {
		v.Channels = append(v.Channels, s.t("notices.channel."+channel))
	}
	for _, topic := range notices.Topics() {
		v.Topics = append(v.Topics, p.topicRow(s, t, topic))
	}
	for _, b := range t.Browsers {
		v.Browsers = append(v.Browsers, browserRow{ID: string(b.ID), Name: deviceName(s, b.Agent), Since: s.t("notices.push.since", "at", s.moment(b.Since))})
	}
	return web.Render(c, status, noticeSettingsPage(v))
}

func (p *Pages) topicRow(s speaker, t *notices.Settings, topic notices.Topic) topicRow {
	row := topicRow{Label: s.t("notices.topic." + string(topic))}
	for _, channel := range p.Notices.Channels() {
		row.Choices = append(row.Choices, topicChoice{
			Value: channel + ":" + string(topic), Label: s.t("notices.channel." + channel), On: t.Wants(channel, topic),
		})
	}
	return row
}

func (p *Pages) chooseNotices(c *gin.Context) error {
	if _, err := p.Notices.Choose(c.Request.Context(), web.Actor(c), c.PostFormArray("want")); err != nil {
		return err
	}
	return tell(c, settingsPath, "notices.saved")
}

// askEmail sends the letter that proves an address, or forgets the one in use.
func (p *Pages) askEmail(c *gin.Context) error {
	typed := c.PostForm("email")
	t, err := p.Notices.AskEmail(c.Request.Context(), web.Actor(c), typed)
	if mendable(err) || market.KindOf(err) == market.KindUnavailable {
		kept, failed := p.Notices.Settings(c.Request.Context(), web.Actor(c))
		if failed != nil {
			return failed
		}
		return p.showNoticeSettings(c, web.Status(err), kept, typed, err)
	}
	if err != nil {
		return err
	}
	if t.Asked == nil {
		return tell(c, settingsPath, "notices.email.gone")
	}
	return tell(c, settingsPath, "notices.email.sent")
}

// proveEmail is where the letter's button leads.
func (p *Pages) proveEmail(c *gin.Context) error {
	if _, err := p.Notices.ProveEmail(c.Request.Context(), web.Actor(c), c.Query("ma")); err != nil {
		return err
	}
	return tell(c, settingsPath, "notices.email.proven")
}

func (p *Pages) addBrowser(c *gin.Context) error {
	_, err := p.Notices.AddBrowser(c.Request.Context(), web.Actor(c), c.PostForm("subscription"), c.Request.UserAgent())
	if err != nil {
		return err
	}
	return tell(c, settingsPath, "notices.push.added")
}

func (p *Pages) dropBrowser(c *gin.Context) error {
	if _, err := p.Notices.DropBrowser(c.Request.Context(), web.Actor(c), market.ID(c.Param("id"))); err != nil {
		return err
	}
	return tell(c, settingsPath, "notices.push.dropped")
}

// pushWorker answers with the service worker that shows what is pushed.
func (p *Pages) pushWorker(c *gin.Context) error {
	script, err := p.assets.Read("push.js")
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", script)
	return nil
}

// fewer writes a number as the small badge has room for.
func fewer(n int) string {
	switch {
	case n == 0:
		return ""
	case n >= notices.MostCounted:
		return strconv.Itoa(notices.MostCounted-1) + "+"
	}
	return strconv.Itoa(n)
}
