package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/accounts"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

var errNoPage = market.NotFound("web.no_page")

const inboxShown = 20

// inbox shows the codes that a demonstration keeps instead of sending.
func (p *Pages) inbox(c *gin.Context) error {
	if p.Inbox == nil {
		return errNoPage
	}
	messages, err := p.Inbox.Messages(c.Request.Context(), inboxShown)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := inboxView{Page: p.page(c, s.t("demo.inbox"))}
	v.Sheets = inboxSheets
	v.Frame, v.NoIndex = ui.FrameTask, true
	for _, m := range messages {
		v.Messages = append(v.Messages, ui.Message{
			Title: s.t("demo.code", "code", m.Code), Text: s.t("demo.code.to", "phone", accounts.MaskPhone(m.Phone)),
			At: s.moment(m.At), Href: "/dang-nhap/ma", Icon: ui.IconMessage,
		})
	}
	return web.Render(c, http.StatusOK, inboxPage(v))
}

// wallet is the page of another party: the sandbox's payment company.
func (p *Pages) wallet(c *gin.Context) error {
	return p.showWallet(c, http.StatusOK, c.Request.URL.RawQuery, nil)
}

func (p *Pages) showWallet(c *gin.Context, status int, query string, failed error) error {
	if p.Wallet == nil {
		return errNoPage
	}
	w, err := p.Wallet.Open(c.Request.Context(), query)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := walletView{
		Page: p.page(c, s.t("wallet.title")), Query: query, ID: string(w.ID), Open: w.Open && !w.Short, Short: w.Short, Return: w.ReturnURL,
		Amount: s.vnd(w.Amount), Wrongs: p.wrongs(s, failed, nil),
		Rows: [][2]string{
			{s.t("wallet.merchant"), w.Merchant},
			{s.t("wallet.order"), w.OrderCode},
			{s.t("wallet.about"), w.Description},
			{s.t("wallet.balance"), s.vnd(w.Balance)},
			{s.t("wallet.until"), s.moment(w.ExpiresAt)},
		},
	}
	v.NoIndex = true
	return web.Render(c, status, walletPage(v))
}

// decide takes the payer's decision and sends them back to the shop.
func (p *Pages) decide(c *gin.Context) error {
	if p.Wallet == nil {
		return errNoPage
	}
	back, err := p.Wallet.Decide(c.Request.Context(), market.ID(c.PostForm("id")), c.PostForm("decision") == "approve")
	if mendable(err) {
		return p.showWallet(c, web.Status(err), c.PostForm("query"), err)
	}
	if err != nil {
		return err
	}
	return see(c, back)
}
