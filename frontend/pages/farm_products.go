package pages

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// wrongVariant is what was typed for one way of selling and could not be done.
type wrongVariant struct {
	variant          market.ID
	price, add, lose string
	failed           error
}

// myProducts lists what the seller sells, where each listing stands, and what
// can be changed at once: prices and stock.
func (p *Pages) myProducts(c *gin.Context, w *workplace) error {
	return p.showProducts(c, w, http.StatusOK, wrongVariant{})
}

func (p *Pages) showProducts(c *gin.Context, w *workplace, status int, wrong wrongVariant) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	page, err := p.Catalog.OfSeller(ctx, w.by, w.seller.ID, store.Cursor(c.Query("after")), pageSize)
	if err != nil {
		return err
	}
	var ids []market.ID
	for _, product := range page.Items {
		ids = append(ids, variantIDs(product)...)
	}
	stocks, err := p.Catalog.Stocks(ctx, ids...)
	if err != nil {
		return err
	}
	v := productsView{workView: p.workPage(c, w, s.t("farm.nav.products")), Cursor: cursor(c, string(page.Next))}
	for _, product := range page.Items {
		v.Products = append(v.Products, p.myProduct(s, w, product, stocks, wrong))
	}
	v.Wrongs = p.wrongs(s, wrong.failed, nil)
	return web.Render(c, status, productsPage(v))
}

func (p *Pages) myProduct(s speaker, w *workplace, product *catalog.Product, stocks map[market.ID]*catalog.Stock, wrong wrongVariant) myProduct {
	id := string(product.ID)
	m := myProduct{
		ID: id, Name: s.text(product.Name), Image: p.picture(product, smallPhoto), Status: s.status(product.Status), Tone: statusTones[product.Status],
		Reason: product.Reason, Edit: w.to(farmDoor + "/dang-ban?id=" + id), Withdraw: product.Status == catalog.StatusPublished,
	}
	switch product.Status {
	case catalog.StatusPublished:
		m.Shop, m.Share = productPath(product.Slug), w.to(farmDoor+"/lien-ket?product="+id)
	case catalog.StatusDraft, catalog.StatusRejected, catalog.StatusWithdrawn:
		m.Send = w.to(listingPath(product.ID, "gui"))
	}
	if last, ok := lastCertificate(product); ok {
		m.Certificate, m.CertificateTone = s.certificateLeft(last)
		m.Stars = last.Stars
	}
	for _, variant := range product.Variants {
		m.Variants = append(m.Variants, s.myVariant(w, product.ID, variant, stocks[variant.ID], wrong))
	}
	return m
}

// certificateLeft says how long a recognition still holds.
func (s speaker) certificateLeft(c catalog.Certificate) (string, ui.Tone) {
	days := daysLeft(s.now, c.ValidTo)
	switch {
	case c.RevokedAt != nil:
		return s.t("cert.revoked", "at", *c.RevokedAt), ui.Problem
	case days < 0:
		return s.t("cert.over", "at", lastDay(c)), ui.Problem
	case days <= expireWarning:
		return s.t("cert.left", "n", days), ui.Warning
	default:
		return s.t("cert.left", "n", days), ui.Success
	}
}

func (s speaker) myVariant(w *workplace, product market.ID, v catalog.Variant, k *catalog.Stock, wrong wrongVariant) myVariant {
	id := string(v.ID)
	m := myVariant{
		ID: id, Name: s.text(v.Name), Price: ui.Price{Amount: s.vnd(v.Price), Unit: v.Unit}, Seen: stockMark(k), Unit: v.Unit,
		Action:    w.to(farmDoor + "/san-pham/" + string(product) + "/" + id),
		NewPrice:  ui.Field{Kind: ui.Amount, Name: "price", ID: "price-" + id, Label: s.t("farm.products.price"), Value: v.Price.Digits()},
		Add:       ui.Field{Kind: ui.Number, Name: "add", ID: "add-" + id, Label: s.t("farm.products.add"), Suffix: v.Unit, Optional: true, Unmarked: true},
		Lose:      ui.Field{Kind: ui.Number, Name: "lose", ID: "lose-" + id, Label: s.t("farm.products.lose"), Suffix: v.Unit, Optional: true, Unmarked: true},
		Available: s.t("farm.products.none"), Tone: ui.Warning,
	}
	if k != nil && k.Available > 0 {
		m.Available, m.Tone = s.t("item.left", "n", k.Available, "unit", v.Unit), ui.Success
	}
	if wrong.variant == v.ID {
		m.Open = true
		m.NewPrice.Value, m.Add.Value, m.Lose.Value = wrong.price, wrong.add, wrong.lose
		for _, e := range each(wrong.failed) {
			switch e.Field {
			case "price":
				m.NewPrice.Error = s.t(e.Key, argPairs(e.Args)...)
			case "lose":
				m.Lose.Error = s.t(e.Key, argPairs(e.Args)...)
			default:
				m.Add.Error = s.t(e.Key, argPairs(e.Args)...)
			}
		}
	}
	return m
}

// argPairs turns an error's arguments into what a T takes.
func argPairs(args market.Args) []any {
	pairs := make([]any, 0, 2*len(args))
	for name, value := range args {
		pairs = append(pairs, name, value)
	}
	return pairs
}

// changeVariant takes a new price, units brought in and units lost.
func (p *Pages) changeVariant(c *gin.Context, w *workplace) error {
	product, err := p.ownProduct(c, w, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	wrong := wrongVariant{variant: market.ID(c.Param("variant")), price: c.PostForm("price"), add: c.PostForm("add"), lose: c.PostForm("lose")}
	if _, ok := product.Variant(wrong.variant); !ok {
		return errNoGoods
	}
	err = p.applyVariant(c, w, product, wrong)
	if mendable(err) {
		wrong.failed = err
		return p.showProducts(c, w, web.Status(err), wrong)
	}
	if err != nil {
		return err
	}
	return tell(c, w.to(farmDoor+"/san-pham")+"#"+string(product.ID), "farm.products.changed")
}

func (p *Pages) applyVariant(c *gin.Context, w *workplace, product *catalog.Product, typed wrongVariant) error {
	price, add, lose, err := typed.read()
	if err != nil {
		return err
	}
	draft := product.Draft()
	i := variantIndex(draft.Variants, typed.variant)
	if draft.Variants[i].Price != price {
		draft.Variants[i].Price = price
		if _, err := p.Catalog.Edit(c.Request.Context(), w.by, product.ID, draft); err != nil {
			return without("variants/"+strconv.Itoa(i)+"/", err)
		}
	}
	return p.moveStock(c, w, typed.variant, add, lose)
}

func (t wrongVariant) read() (price market.VND, add, lose int64, err error) {
	var checks market.Checks
	price, err = readPrice(t.price)
	checks.Add("price", err)
	add, err = readCount(t.add)
	checks.Add("add", err)
	lose, err = readCount(t.lose)
	checks.Add("lose", err)
	return price, add, lose, checks.Err()
}

// moveStock brings units in and takes units off. The form says which stock it
// was drawn with: sent a second time it finds another and is left alone.
func (p *Pages) moveStock(c *gin.Context, w *workplace, variant market.ID, add, lose int64) error {
	ctx := c.Request.Context()
	stocks, err := p.Catalog.Stocks(ctx, variant)
	if err != nil || add == 0 && lose == 0 {
		return err
	}
	if !sameHistory(stockMark(stocks[variant]), c.PostForm("seen")) {
		return market.Conflict("farm.products.twice")
	}
	if add > 0 {
		if _, err := p.Catalog.Receive(ctx, w.by, variant, add, ""); err != nil {
			return err
		}
	}
	if lose > 0 {
		_, err = p.Catalog.Adjust(ctx, w.by, variant, lose, "")
	}
	return err
}

// withdrawProduct takes a product out of the shop.
func (p *Pages) withdrawProduct(c *gin.Context, w *workplace) error {
	product, err := p.ownProduct(c, w, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	_, err = p.Catalog.Withdraw(c.Request.Context(), w.by, product.ID)
	if mendable(err) {
		return p.sayWrong(c, w.to(farmDoor+"/san-pham"), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.to(farmDoor+"/san-pham"), "farm.products.withdrawn")
}
