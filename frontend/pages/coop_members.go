package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// typedMember is a member as somebody entered them.
type typedMember struct {
	name, phone string
	role        cooperatives.MemberRole
}

// members lists who belongs to the seller and adds people by phone number.
func (p *Pages) members(c *gin.Context, w *workplace) error {
	return p.showMembers(c, w, http.StatusOK, typedMember{role: cooperatives.MemberFarmer}, nil)
}

func (p *Pages) showMembers(c *gin.Context, w *workplace, status int, typed typedMember, failed error) error {
	s := p.speaker(c)
	v := membersView{
		workView: p.workPage(c, w, s.t("coop.members.title")), Manager: w.manages(),
		Name:  ui.Field{Name: "name", Label: s.t("coop.members.name"), Value: typed.name, MaxLength: "120", Autocomplete: "off"},
		Phone: ui.Field{Kind: ui.Phone, Name: "phone", Label: s.t("coop.members.phone"), Help: s.t("coop.members.phone.help"), Value: typed.phone, Autocomplete: "off"},
		Role:  ui.Field{Kind: ui.Choice, Name: "role", Label: s.t("coop.members.role"), Options: roleOptions(s, typed.role)},
	}
	v.Table = ui.Table{Caption: s.t("coop.members.caption", "n", len(w.seller.Members)), Columns: []ui.Column{
		{Label: s.t("coop.members.name")}, {Label: s.t("coop.members.role")}, {Label: s.t("coop.members.since")},
	}}
	if v.Manager {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: s.t("coop.members.do")})
	}
	for _, m := range w.seller.Members {
		v.Table.Rows = append(v.Table.Rows, memberRow(v, s, m, m.Person == w.by.Person))
	}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{"name": &v.Name.Error, "phone": &v.Phone.Error, "role": &v.Role.Error})
	return web.Render(c, status, membersPage(v))
}

func memberRow(v membersView, s speaker, m cooperatives.Member, self bool) []ui.Cell {
	row := []ui.Cell{{Text: m.Name}, {Text: s.t("member.role." + string(m.Role))}, {Text: s.date(m.Since)}}
	if self {
		row[0].Sub = s.t("coop.members.you")
	}
	if v.Manager {
		row = append(row, ui.Cell{Other: dropMember(v.workView, string(m.Person), m.Name)})
	}
	return row
}

func roleOptions(s speaker, chosen cooperatives.MemberRole) []ui.Option {
	var out []ui.Option
	for _, role := range []cooperatives.MemberRole{cooperatives.MemberFarmer, cooperatives.MemberPacker, cooperatives.MemberManager} {
		key := "member.role." + string(role)
		out = append(out, ui.Option{Value: string(role), Label: s.t(key), Help: s.t(key + ".help"), Selected: role == chosen})
	}
	return out
}

// addMember makes somebody a member by their phone number; they need not have
// been here before.
func (p *Pages) addMember(c *gin.Context, w *workplace) error {
	typed := typedMember{c.PostForm("name"), c.PostForm("phone"), cooperatives.MemberRole(c.PostForm("role"))}
	if !w.manages() {
		return market.Forbidden("cooperatives.manager_only")
	}
	id, err := p.Accounts.Invite(c.Request.Context(), w.by, typed.phone, typed.name)
	if err == nil {
		_, err = p.Sellers.AddMember(c.Request.Context(), w.by, w.seller.ID, cooperatives.Member{Person: id, Name: typed.name, Role: typed.role})
	}
	if mendable(err) {
		return p.showMembers(c, w, web.Status(err), typed, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/thanh-vien"), "coop.members.added")
}

// removeMember takes somebody out.
func (p *Pages) removeMember(c *gin.Context, w *workplace) error {
	_, err := p.Sellers.RemoveMember(c.Request.Context(), w.by, w.seller.ID, market.ID(c.Param("person")))
	if mendable(err) {
		return p.sayWrong(c, w.here("/thanh-vien"), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/thanh-vien"), "coop.members.removed")
}
