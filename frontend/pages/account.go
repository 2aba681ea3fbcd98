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

// account shows a person what the market knows of them.
func (p *Pages) account(c *gin.Context) error {
	person, err := p.me(c)
	if err != nil {
		return err
	}
	typed := typedProfile{name: person.Name, lang: person.Lang}
	if a := person.Address; a != nil {
		typed.province, typed.ward, typed.street = a.Province, a.Ward, a.Street
	}
	return p.showAccount(c, http.StatusOK, person, typed, nil)
}

// me is who is signed in.
func (p *Pages) me(c *gin.Context) (*accounts.Person, error) {
	by := web.Actor(c)
	if by.Person == "" {
		return nil, market.Unauthenticated("signin.needed")
	}
	return p.Accounts.Person(c.Request.Context(), by.Person)
}

// typedProfile is a profile as somebody typed it.
type typedProfile struct{ name, lang, province, ward, street string }

func (p *Pages) showAccount(c *gin.Context, status int, person *accounts.Person, typed typedProfile, failed error) error {
	sessions, err := p.Accounts.Sessions(c.Request.Context(), web.Actor(c))
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := accountView{
		Page: p.page(c, s.t("me.title")), Phone: nationalPhone(person.Phone), Devices: devices(s, sessions, web.Device(c)),
		Name:   ui.Field{Name: "name", Label: s.t("me.name"), Value: typed.name, Autocomplete: "name", MaxLength: "120"},
		Speech: ui.Field{Kind: ui.Choice, Name: "lang", Label: s.t("me.lang"), Options: languages(s.t, typed.lang)},
		Areas:  p.areaFields(typed.province, typed.ward),
		Street: ui.Field{Name: "street", Label: s.t("till.street"), Value: typed.street, Optional: true, Unmarked: true, Autocomplete: "street-address"},
		Secret: ui.Field{Kind: ui.Password, Name: "new", Label: s.t("me.password.new"), Autocomplete: "new-password"},
	}
	if person.PasswordHash != "" {
		v.Old = ui.Field{Kind: ui.Password, Name: "old", Label: s.t("me.password.old"), Autocomplete: "current-password"}
	}
	if p.Studio != nil {
		v.Doors = []ui.NavItem{{Label: s.t("call.mine"), Href: callsPath, Icon: ui.IconPhone}}
	}
	v.NoIndex = true
	v.Wrongs = p.wrongs(s, failed, map[string]*string{
		"name": &v.Name.Error, "province": &v.Areas.ProvinceError, "ward": &v.Areas.WardError, "street": &v.Street.Error,
		"address/province": &v.Areas.ProvinceError, "address/ward": &v.Areas.WardError, "address/street": &v.Street.Error,
		"old": &v.Old.Error, "new": &v.Secret.Error,
	})
	return web.Render(c, status, accountPage(v))
}

// devices lists where a person is signed in; the one in use is told by what
// it says of itself.
func devices(s speaker, sessions []*accounts.Session, here accounts.Device) []device {
	out := make([]device, len(sessions))
	for i, session := range sessions {
		out[i] = device{
			Name: deviceName(s, session.Device.UserAgent), Seen: s.t("me.seen", "at", s.moment(session.SeenAt)),
			Here: session.Device == here,
		}
	}
	return out
}

// deviceName says what kind of device it is, as far as it tells.
func deviceName(s speaker, agent string) string {
	for _, known := range []struct{ mark, key string }{
		{"iPhone", "device.iphone"},
		{"iPad", "device.ipad"},
		{"Android", "device.android"},
		{"Windows", "device.windows"},
		{"Macintosh", "device.mac"},
		{"Linux", "device.linux"},
	} {
		if strings.Contains(agent, known.mark) {
			return s.t(known.key)
		}
	}
	return s.t("device.other")
}

// saveAccount takes in the profile, or shows it again with what is wrong.
func (p *Pages) saveAccount(c *gin.Context) error {
	person, err := p.me(c)
	if err != nil {
		return err
	}
	typed := typedProfile{
		name: c.PostForm("name"), lang: c.PostForm("lang"),
		province: c.PostForm("province"), ward: c.PostForm("ward"), street: strings.TrimSpace(c.PostForm("street")),
	}
	if c.PostForm("area") != "" {
		return p.showAccount(c, http.StatusOK, person, typed, nil)
	}
	profile, err := p.profile(person, typed)
	if err == nil {
		_, err = p.Accounts.UpdateProfile(c.Request.Context(), web.Actor(c), profile)
	}
	if mendable(err) {
		return p.showAccount(c, web.Status(err), person, typed, err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/tai-khoan", "me.saved")
}

// profile is what was typed. An address is kept whole or not at all.
func (p *Pages) profile(person *accounts.Person, t typedProfile) (accounts.Profile, error) {
	out := accounts.Profile{Name: t.name, Lang: t.lang}
	if t.province == "" && t.ward == "" && t.street == "" {
		return out, nil
	}
	out.Address = &market.Address{Name: t.name, Phone: person.Phone, Province: t.province, Ward: t.ward, Street: t.street}
	var checks market.Checks
	p.Areas.Check(&checks, "", *out.Address)
	return out, checks.Err()
}

// savePassword sets or changes the password.
func (p *Pages) savePassword(c *gin.Context) error {
	person, err := p.me(c)
	if err != nil {
		return err
	}
	err = p.Accounts.SetPassword(c.Request.Context(), web.Actor(c), c.PostForm("old"), c.PostForm("new"))
	if refusable(err) {
		typed := typedProfile{name: person.Name, lang: person.Lang}
		if a := person.Address; a != nil {
			typed.province, typed.ward, typed.street = a.Province, a.Ward, a.Street
		}
		return p.showAccount(c, web.Status(err), person, typed, err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/tai-khoan", "me.password.saved")
}
