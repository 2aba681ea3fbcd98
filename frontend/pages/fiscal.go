package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/payments"
)

// fiscalPath is where a seller says what it is paid out and taxed by.
const fiscalPath = "/thue-tai-khoan"

func (p *Pages) fiscalRoutes(door string) []Route {
	return []Route{get(door+fiscalPath, p.work(p.fiscal)), post(door+fiscalPath, p.work(p.setFiscal))}
}

func (p *Pages) fiscal(c *gin.Context, w *workplace) error {
	now := w.seller
	return p.showFiscal(c, w, http.StatusOK, cooperatives.Fiscal{Kind: now.Kind, TaxCode: now.TaxCode, Residency: now.Residency, Bank: now.Bank}, nil)
}

// setFiscal enters what the form says; what it does not ask stays.
func (p *Pages) setFiscal(c *gin.Context, w *workplace) error {
	typed := cooperatives.Fiscal{
		Kind: cooperatives.Kind(c.DefaultPostForm("kind", string(w.seller.Kind))), TaxCode: c.PostForm("tax_code"),
		Residency: c.DefaultPostForm("residency", w.seller.Residency),
		Bank:      cooperatives.Bank{BIN: c.PostForm("bank/bin"), Account: c.PostForm("bank/account"), Holder: c.PostForm("bank/holder")},
	}
	_, err := p.Sellers.SetFiscal(c.Request.Context(), w.by, w.seller.ID, typed)
	if mendable(err) {
		return p.showFiscal(c, w, web.Status(err), typed, err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here(fiscalPath), "fiscal.saved")
}

func (p *Pages) showFiscal(c *gin.Context, w *workplace, status int, typed cooperatives.Fiscal, failed error) error {
	s := p.speaker(c)
	frame := p.workPage(c, w, s.t("fiscal.title"))
	v := sheetView{Page: frame.Page, Lead: s.t("fiscal.lead"), Switch: sellerSwitch(frame)}
	v.Parts = []sheetPart{{Title: s.t("fiscal.now"), Rows: p.fiscalRows(s, w.seller)}}
	if !w.manages() {
		v.Notices = []ui.Notice{{Tone: ui.Info, Text: s.t("fiscal.manager_only")}}
		return web.Render(c, status, sheetPage(v))
	}
	form := p.fiscalForm(s, w, typed)
	slots := map[string]*string{}
	for i := range form.Fields {
		slots[form.Fields[i].Name] = &form.Fields[i].Error
	}
	v.Wrongs = p.wrongs(s, failed, slots)
	v.Parts = append(v.Parts, sheetPart{Title: s.t("fiscal.change"), Forms: []sheetForm{form}})
	return web.Render(c, status, sheetPage(v))
}

// fiscalRows tell what is entered. Of the account the end is enough to know it.
func (p *Pages) fiscalRows(s speaker, seller *cooperatives.Seller) [][2]string {
	tax, account := seller.TaxCode, s.t("fiscal.none")
	if tax == "" {
		tax = s.t("fiscal.none")
	}
	if n := seller.Bank.Account; n != "" {
		account = "…" + n[max(0, len(n)-3):] + " · " + seller.Bank.Holder
		for _, b := range p.banks {
			if b.bin == seller.Bank.BIN {
				account = b.name + " · " + account
			}
		}
		account += ". " + s.t("fiscal.bank.stands")
	}
	rows := [][2]string{{s.t("farm.shop.kind"), s.kind(string(seller.Kind))}, {s.t("shop.tax"), tax}}
	if personal(seller.Kind) {
		rows = append(rows, [2]string{s.t("fiscal.residency"), s.t("tax.residency." + residency(seller.Residency))})
	}
	return append(rows, [2]string{s.t("farm.shop.account"), account})
}

// personal reports whether those who sell so pay income tax as persons.
func personal(k cooperatives.Kind) bool {
	return k == cooperatives.KindHousehold || k == cooperatives.KindGroup
}

func residency(said string) string {
	if said == "" {
		return payments.Resident
	}
	return said
}

// fiscalForm asks only for what the seller may still change.
func (p *Pages) fiscalForm(s speaker, w *workplace, typed cooperatives.Fiscal) sheetForm {
	f := sheetForm{Action: w.here(fiscalPath), Button: ui.Button{Label: s.t("fiscal.save"), Wide: true}}
	if w.seller.Status == cooperatives.StatusPending {
		f.Fields = append(f.Fields, ui.Field{Kind: ui.Choice, Name: "kind", Label: s.t("farm.shop.kind"), Options: kindOptions(s, typed.Kind)})
	}
	f.Fields = append(f.Fields, ui.Field{Name: "tax_code", Label: s.t("shop.tax"), Help: s.t("fiscal.tax.help"), Value: typed.TaxCode, MaxLength: "14", Autocomplete: "off"})
	if personal(w.seller.Kind) || w.seller.Status == cooperatives.StatusPending {
		where := ui.Field{Kind: ui.Choice, Name: "residency", Label: s.t("fiscal.residency"), Help: s.t("fiscal.residency.help")}
		for _, r := range []string{payments.Resident, payments.NonResident} {
			where.Options = append(where.Options, ui.Option{Value: r, Label: s.t("tax.residency." + r), Selected: r == residency(typed.Residency)})
		}
		f.Fields = append(f.Fields, where)
	}
	if w.seller.Bank.Account == "" {
		f.Fields = append(f.Fields,
			ui.Field{Kind: ui.Select, Name: "bank/bin", Label: s.t("farm.shop.bank"), Placeholder: s.t("farm.shop.bank.none"), Options: bankOptions(p.banks, typed.Bank.BIN), Optional: true},
			ui.Field{Kind: ui.Code, Name: "bank/account", Label: s.t("farm.shop.account"), Value: typed.Bank.Account, Optional: true, Unmarked: true, MaxLength: "24", Autocomplete: "off"},
			ui.Field{Name: "bank/holder", Label: s.t("farm.shop.holder"), Help: s.t("farm.shop.holder.help"), Value: typed.Bank.Holder, Optional: true, Unmarked: true, MaxLength: "70"})
	}
	return f
}
