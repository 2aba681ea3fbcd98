package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/accounts"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// Values a visit keeps between the two steps of signing in.
const (
	keyPhone = "signin.phone"
	keyThen  = "signin.then"
)

// localPath returns path if it leads to a page of this site, else the home
// page: nobody is sent elsewhere by a link that begins here.
func localPath(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") || len(path) > 1000 {
		return "/"
	}
	return path
}

// signin asks for a phone number.
func (p *Pages) signin(c *gin.Context) error {
	then := localPath(c.Query("tiep"))
	if web.Actor(c).Person != "" {
		return see(c, then)
	}
	return p.showSignin(c, http.StatusOK, then, "", nil)
}

func (p *Pages) showSignin(c *gin.Context, status int, then, phone string, failed error) error {
	s := p.speaker(c)
	v := signinView{
		Page: p.page(c, s.t("enter.title")), Then: then,
		Phone: ui.Field{Kind: ui.Phone, Name: "phone", Label: s.t("enter.phone"), Value: phone, Autocomplete: "tel"},
		Pass:  ui.Field{Kind: ui.Password, Name: "password", Label: s.t("enter.secret"), Optional: true, Unmarked: true, Autocomplete: "current-password"},
		Open:  c.PostForm("password") != "",
	}
	v.Frame, v.NoIndex = ui.FrameTask, true
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"phone": &v.Phone.Error, "password": &v.Pass.Error})
	return web.Render(c, status, signinPage(v))
}

// refusable reports whether a sign-in was refused for a reason to tell: wrong,
// too often, too late.
func refusable(err error) bool {
	kind := market.KindOf(err)
	return mendable(err) || kind == market.KindUnauthenticated || kind == market.KindUnavailable
}

// sendCode sends a one-time code to the number.
func (p *Pages) sendCode(c *gin.Context) error {
	then, phone := localPath(c.PostForm("tiep")), c.PostForm("phone")
	err := p.Accounts.RequestCode(c.Request.Context(), phone, web.Lang(c), web.Device(c).IP)
	if refusable(err) {
		return p.showSignin(c, web.Status(err), then, phone, err)
	}
	if err != nil {
		return err
	}
	if err := web.SetValue(c, keyPhone, phone); err != nil {
		return err
	}
	if err := web.SetValue(c, keyThen, then); err != nil {
		return err
	}
	return see(c, "/dang-nhap/ma")
}

// code asks for the code that was sent.
func (p *Pages) code(c *gin.Context) error {
	if web.Value(c, keyPhone) == "" {
		return see(c, "/dang-nhap")
	}
	return p.showCode(c, http.StatusOK, nil)
}

func (p *Pages) showCode(c *gin.Context, status int, failed error) error {
	s := p.speaker(c)
	v := signinView{
		Page: p.page(c, s.t("enter.code.title")), Then: localPath(web.Value(c, keyThen)),
		Sent: s.t("enter.sent", "phone", web.Value(c, keyPhone)),
		Code: ui.Field{Kind: ui.Code, Name: "code", Label: s.t("enter.code"), Help: s.t("enter.code.help"), Short: true, MaxLength: "12"},
	}
	if p.Inbox != nil {
		v.Inbox = "/hop-thu"
	}
	v.Frame, v.NoIndex = ui.FrameTask, true
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"code": &v.Code.Error})
	return web.Render(c, status, codePage(v))
}

// enterCode signs in with the code.
func (p *Pages) enterCode(c *gin.Context) error {
	phone := web.Value(c, keyPhone)
	if phone == "" {
		return see(c, "/dang-nhap")
	}
	session, token, err := p.Accounts.SignIn(c.Request.Context(), phone, c.PostForm("code"), web.Device(c))
	if refusable(err) {
		return p.showCode(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return p.entered(c, session, token, localPath(web.Value(c, keyThen)))
}

// enterPassword signs in with a password.
func (p *Pages) enterPassword(c *gin.Context) error {
	then, phone := localPath(c.PostForm("tiep")), c.PostForm("phone")
	session, token, err := p.Accounts.SignInPassword(c.Request.Context(), phone, c.PostForm("password"), web.Device(c))
	if refusable(err) {
		return p.showSignin(c, web.Status(err), then, phone, err)
	}
	if err != nil {
		return err
	}
	return p.entered(c, session, token, then)
}

// entered makes the visit that of the person and brings the guest's cart to
// the one they have.
func (p *Pages) entered(c *gin.Context, session accounts.Session, token, then string) error {
	for _, name := range []string{keyPhone, keyThen} {
		if err := web.SetValue(c, name, ""); err != nil {
			return err
		}
	}
	if err := web.SignIn(c, session, token); err != nil {
		return err
	}
	if err := p.mergeCarts(c); err != nil {
		return err
	}
	return see(c, then)
}

func (p *Pages) mergeCarts(c *gin.Context) error {
	guest := market.ID(web.Value(c, keyCart))
	if guest == "" {
		return nil
	}
	ctx, by := c.Request.Context(), web.Actor(c)
	var own market.ID
	mine, err := p.Orders.CartOf(ctx, by)
	if err == nil {
		own = mine.ID
	} else if market.KindOf(err) != market.KindNotFound {
		return err
	}
	merged, err := p.Orders.MergeCarts(ctx, by, guest, own)
	if kind := market.KindOf(err); err != nil && (kind == market.KindNotFound || kind == market.KindConflict) {
		return web.SetValue(c, keyCart, "") // the guest's cart was ordered or is gone
	}
	if err != nil {
		return err
	}
	return web.SetValue(c, keyCart, string(merged.ID))
}

// signout ends this visit.
func (p *Pages) signout(c *gin.Context) error {
	if err := web.SignOut(c); err != nil {
		return err
	}
	return see(c, "/")
}

// signoutAll ends the person's visits on all devices.
func (p *Pages) signoutAll(c *gin.Context) error {
	if err := p.Accounts.EndAllSessions(c.Request.Context(), web.Actor(c)); err != nil {
		return err
	}
	return p.signout(c)
}
