package pages

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/livestream"
	"chohue/market"
	"chohue/store"
)

// joinName ends the address at which a seller who was asked into a show of
// somebody else's answers.
const joinName = "/tham-gia"

// guestField asks which other sellers of the same commune sell in the show;
// empty where there are none.
func (p *Pages) guestField(c *gin.Context, s speaker, w *workplace) (ui.Field, error) {
	f := ui.Field{Kind: ui.Check, Name: "guests", Label: s.t("live.guests", "ward", s.place(w.seller.Ward)), Help: s.t("live.guests.help"), Optional: true}
	all, err := p.neighbours(c, w)
	for _, seller := range all {
		f.Options = append(f.Options, ui.Option{Value: string(seller.ID), Label: s.text(seller.Name), Selected: slices.Contains(c.PostFormArray("guests"), string(seller.ID))})
	}
	return f, err
}

// neighbours are the other verified sellers of the seller's commune.
func (p *Pages) neighbours(c *gin.Context, w *workplace) ([]*cooperatives.Seller, error) {
	found, err := p.Sellers.List(c.Request.Context(), store.Query{Limit: store.MaxLimit})
	return slices.DeleteFunc(found.Items, func(one *cooperatives.Seller) bool {
		return one.ID == w.seller.ID || one.Ward != w.seller.Ward || !verified(one)
	}), err
}

// fillShow puts the sellers of a show and what they have in the shop into its
// draft. Guests are of the host's commune; then the show is the commune's.
func (p *Pages) fillShow(c *gin.Context, w *workplace, d *livestream.ShowDraft) error {
	near, err := p.neighbours(c, w)
	if err != nil {
		return err
	}
	sellers := []market.ID{w.seller.ID}
	for _, one := range near {
		if slices.Contains(c.PostFormArray("guests"), string(one.ID)) {
			sellers, d.Guests, d.Ward = append(sellers, one.ID), append(d.Guests, one.ID), w.seller.Ward
		}
	}
	for _, seller := range sellers {
		shelf, err := p.Catalog.List(c.Request.Context(), catalog.Filter{Seller: seller, Limit: livestream.MaxShowProducts / len(sellers)})
		if err != nil {
			return err
		}
		for _, product := range shelf.Items {
			d.Products = append(d.Products, product.ID)
		}
	}
	return nil
}

// joinForm shows a seller what a show of somebody else's wants to sell of
// theirs. Nothing of it is sold before they agree.
func (p *Pages) joinForm(c *gin.Context, w *workplace) error {
	return p.drawJoin(c, w, http.StatusOK, nil)
}

// guestShow is a show that the seller is in; not found otherwise.
func (p *Pages) guestShow(c *gin.Context, w *workplace) (*livestream.Show, error) {
	show, err := p.Livestream.Show(c.Request.Context(), market.ID(c.Param("id")))
	if err != nil {
		return nil, err
	}
	for _, mine := range w.sellers {
		if show.Sells(mine.ID) && (c.Query(paramSeller) == "" || mine.Slug == c.Query(paramSeller)) && w.forSeller(mine.ID) == nil {
			return show, nil
		}
	}
	return nil, errNoLink
}

func (p *Pages) drawJoin(c *gin.Context, w *workplace, status int, failed error) error {
	show, err := p.guestShow(c, w)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := joinView{workView: p.workPage(c, w, s.text(show.Title)), Card: p.showCard(c, s, show), Path: w.here(roomPath(show.ID) + joinName), Room: roomPath(show.ID)}
	v.Sheets = liveSheets
	v.Result, v.Over, v.Back = w.here(roomPath(show.ID)+"/ket-qua"), show.State.Over(), w.here("/phien")
	v.Host = show.Seller == w.seller.ID
	v.Parties = p.parties(c, s, w, show)
	v.Waiting = slices.ContainsFunc(v.Parties, func(one joinParty) bool { return one.Mine && !one.Agreed })
	for _, o := range show.Offers {
		if o.Seller == w.seller.ID {
			v.Waiting = v.Waiting || o.AgreedAt == nil
			v.Offers = append(v.Offers, deskOffer{
				Code: o.Code, Name: s.text(o.Name), Price: s.vnd(o.Price) + "/" + o.Unit, Waits: o.AgreedAt == nil,
				Left: cmp.Or(s.usual(o), s.t("live.join.usual")) + " · " + s.t("live.apart", "n", s.number(o.Stock), "unit", o.Unit),
			})
		}
	}
	if v.Fields, err = p.offerFields(c, s, show, w.seller.ID); err != nil {
		return err
	}
	v.Wrongs = p.wrongs(s, failed, slots(v.Fields))
	return web.Render(c, status, joinPage(v))
}

// parties are the sellers in a show, and whether they have agreed.
func (p *Pages) parties(c *gin.Context, s speaker, w *workplace, show *livestream.Show) []joinParty {
	var out []joinParty
	for _, party := range show.Parties {
		row := joinParty{Name: p.sellerName(c, s, party.Seller), State: s.t("live.join.waiting"), Mine: party.Seller == w.seller.ID}
		if party.AgreedAt != nil {
			row.State, row.Agreed = s.t("live.join.agreed", "at", s.moment(*party.AgreedAt)), true
		}
		out = append(out, row)
	}
	return out
}

// slots are where the fields take what is wrong with them.
func slots(fields []ui.Field) map[string]*string {
	out := map[string]*string{}
	for i := range fields {
		out[fields[i].Name] = &fields[i].Error
	}
	return out
}

// usual is what the shop asks for an offer, when that is more.
func (s speaker) usual(o livestream.Offer) string {
	if o.Usual <= o.Price {
		return ""
	}
	return s.t("live.join.less", "usual", o.Usual)
}

// offerFields ask what is to be offered, of what one seller has in the show; of
// all sellers when none is named.
func (p *Pages) offerFields(c *gin.Context, s speaker, show *livestream.Show, seller market.ID) ([]ui.Field, error) {
	products, err := p.Catalog.Products(c.Request.Context(), show.Products...)
	if err != nil {
		return nil, err
	}
	typed := func(name, usual string) string {
		if c.PostForm("do") != "offer" {
			return usual
		}
		return c.DefaultPostForm(name, usual)
	}
	goods := ui.Field{Kind: ui.Select, Name: "goods", Label: s.t("live.desk.goods"), Placeholder: s.t("field.choose")}
	for _, id := range show.Products {
		product := products[id]
		if product == nil || seller != "" && product.Seller != seller {
			continue
		}
		for _, variant := range product.Variants {
			goods.Options = append(goods.Options, ui.Option{
				Value: string(product.ID) + "/" + string(variant.ID), Label: s.text(product.Name) + " · " + s.vnd(variant.Price) + "/" + variant.Unit,
				Selected: typed("goods", "") == string(product.ID)+"/"+string(variant.ID),
			})
		}
	}
	return []ui.Field{
		goods,
		{Name: "code", Label: s.t("live.desk.code"), Help: s.t("live.desk.code.help"), Value: typed("code", "A"+strconv.Itoa(len(show.Offers)+1)), MaxLength: "6", Short: true},
		{Kind: ui.Amount, Name: "price", Label: s.t("live.desk.price"), Suffix: "₫", Value: typed("price", ""), Short: true},
		{Kind: ui.Number, Name: "stock", Label: s.t("live.desk.stock"), Help: s.t("live.desk.stock.help"), Value: typed("stock", "0"), Short: true},
	}, nil
}

// join does what a seller in somebody else's show may: agree, offer of their
// own, take back.
func (p *Pages) join(c *gin.Context, w *workplace) error {
	show, err := p.guestShow(c, w)
	if err != nil {
		return err
	}
	ctx, said := c.Request.Context(), "live.join.done"
	switch c.PostForm("do") {
	case "agree":
		_, err = p.Livestream.Agree(ctx, w.by, show.ID, w.seller.ID)
	case "offer":
		err, said = p.offerInShow(c, w, show.ID), "live.said.offered"
	case "withdraw":
		_, err = p.Livestream.Withdraw(ctx, w.by, show.ID, c.PostForm("code"))
		said = "live.join.withdrawn"
	default:
		err = market.Invalid("input.invalid", "do")
	}
	if mendable(err) {
		return p.drawJoin(c, w, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here(roomPath(show.ID)+joinName), said)
}
