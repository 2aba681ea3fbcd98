package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// openShop asks a signed-in person what they need to sell.
func (p *Pages) openShop(c *gin.Context) error {
	by := web.Actor(c)
	if by.Person == "" {
		return market.Unauthenticated("signin.needed")
	}
	person, err := p.Accounts.Person(c.Request.Context(), by.Person)
	if err != nil {
		return err
	}
	typed := cooperatives.Registration{ID: p.Env.NewID(), Phone: nationalPhone(person.Phone)}
	return p.showShop(c, http.StatusOK, typed, nil)
}

// saveShop registers a seller; whoever did it manages it and waits for a
// moderator to look at the papers.
func (p *Pages) saveShop(c *gin.Context) error {
	typed := readShop(c)
	seller, err := p.Sellers.Register(c.Request.Context(), web.Actor(c), typed)
	if mendable(err) {
		return p.showShop(c, web.Status(err), typed, err)
	}
	if err != nil {
		return err
	}
	return tell(c, farmDoor+"?"+paramSeller+"="+seller.Slug, "farm.shop.done")
}

func readShop(c *gin.Context) cooperatives.Registration {
	return cooperatives.Registration{
		ID: market.ID(c.PostForm("id")), Name: market.Text{VI: c.PostForm("name/vi")}, Kind: cooperatives.Kind(c.PostForm("kind")),
		Ward: c.PostForm("ward"), Street: c.PostForm("street"), Phone: c.PostForm("phone"), TaxCode: c.PostForm("tax_code"),
		Story: market.Text{VI: c.PostForm("story/vi")},
		Bank:  cooperatives.Bank{BIN: c.PostForm("bank/bin"), Account: c.PostForm("bank/account"), Holder: c.PostForm("bank/holder")},
	}
}

func (p *Pages) showShop(c *gin.Context, status int, typed cooperatives.Registration, failed error) error {
	s := p.speaker(c)
	v := shopView{
		Page: p.page(c, s.t("farm.shop.title")), ID: string(typed.ID),
		Kind:    ui.Field{Kind: ui.Choice, Name: "kind", Label: s.t("farm.shop.kind"), Options: kindOptions(s, typed.Kind)},
		Name:    ui.Field{Name: "name/vi", Label: s.t("farm.shop.name"), Help: s.t("farm.shop.name.help"), Value: typed.Name.VI, MaxLength: "120", Autocomplete: "organization"},
		Ward:    ui.Field{Kind: ui.Select, Name: "ward", Label: s.t("farm.shop.ward"), Placeholder: s.t("field.choose"), Options: areaOptions(p.Areas.Wards(market.HueProvince), typed.Ward)},
		Street:  ui.Field{Name: "street", Label: s.t("farm.shop.street"), Value: typed.Street, Optional: true, MaxLength: "300", Autocomplete: "street-address"},
		Phone:   ui.Field{Kind: ui.Phone, Name: "phone", Label: s.t("farm.shop.phone"), Help: s.t("farm.shop.phone.help"), Value: typed.Phone, Autocomplete: "tel"},
		TaxCode: ui.Field{Name: "tax_code", Label: s.t("farm.shop.tax"), Help: s.t("farm.shop.tax.help"), Value: typed.TaxCode, Optional: true, MaxLength: "14"},
		Story:   ui.Field{Kind: ui.Area, Name: "story/vi", Label: s.t("farm.shop.story"), Help: s.t("farm.shop.story.help"), Value: typed.Story.VI, Optional: true, MaxLength: "5000"},
		Bank:    ui.Field{Kind: ui.Select, Name: "bank/bin", Label: s.t("farm.shop.bank"), Placeholder: s.t("farm.shop.bank.none"), Options: bankOptions(p.banks, typed.Bank.BIN), Optional: true},
		Account: ui.Field{Kind: ui.Code, Name: "bank/account", Label: s.t("farm.shop.account"), Value: typed.Bank.Account, Optional: true, Unmarked: true, MaxLength: "24", Autocomplete: "off"},
		Holder:  ui.Field{Name: "bank/holder", Label: s.t("farm.shop.holder"), Help: s.t("farm.shop.holder.help"), Value: typed.Bank.Holder, Optional: true, Unmarked: true, MaxLength: "70"},
	}
	v.Frame, v.NoIndex = ui.FrameTask, true
	v.Wrongs = p.wrongs(s, failed, map[string]*string{
		"kind": &v.Kind.Error, "name/vi": &v.Name.Error, "ward": &v.Ward.Error, "street": &v.Street.Error, "phone": &v.Phone.Error, "tax_code": &v.TaxCode.Error,
		"story/vi": &v.Story.Error, "bank/bin": &v.Bank.Error, "bank/account": &v.Account.Error, "bank/holder": &v.Holder.Error,
	})
	return web.Render(c, status, shopPage(v))
}

func kindOptions(s speaker, chosen cooperatives.Kind) []ui.Option {
	var out []ui.Option
	for _, kind := range []cooperatives.Kind{cooperatives.KindHousehold, cooperatives.KindHTX, cooperatives.KindGroup, cooperatives.KindCompany} {
		out = append(out, ui.Option{Value: string(kind), Label: s.kind(string(kind)), Selected: kind == chosen})
	}
	return out
}
