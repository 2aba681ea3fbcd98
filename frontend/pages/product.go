package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// product shows one product. Drafts are shown to those who may see them.
func (p *Pages) product(c *gin.Context) error {
	product, err := p.Catalog.BySlug(c.Request.Context(), web.Actor(c), c.Param("slug"))
	if err != nil {
		return err
	}
	return p.showProduct(c, http.StatusOK, product, buying{variant: market.ID(c.Query("variant")), quantity: "1"})
}

// buying is what somebody chose on a product's page.
type buying struct {
	variant  market.ID
	quantity string
	wrong    string // why it could not be put into the cart
}

func (p *Pages) showProduct(c *gin.Context, status int, product *catalog.Product, b buying) error {
	stocks, err := p.Catalog.Stocks(c.Request.Context(), variantIDs(product)...)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := productView{
		Page: p.page(c, s.text(product.Name)), Name: s.text(product.Name), Slug: product.Slug,
		Trail: p.productTrail(s, product), Photos: p.gallery(s, product), PriceNote: s.t("item.price.note"),
		Facts: p.facts(s, product), Words: paragraphs(s.text(product.Description)), Story: paragraphs(s.text(product.Story)),
		Adult: product.Alcohol, Error: b.wrong,
	}
	v.Sheets = reviewSheets
	if v.Sending, err = p.sending(s, product.Keeping); err != nil {
		return err
	}
	v.describe(p.cfg.BaseURL, s, product)
	v.choices(s, product, stocks, b)
	if err := p.productDelivery(&v, s, product); err != nil {
		return err
	}
	v.prove(s, product)
	names, err := p.nameFacts(c, s, product)
	if err != nil {
		return err
	}
	v.Facts = append(v.Facts, names...)
	if err := p.addReviews(c, &v, s, product); err != nil {
		return err
	}
	v.JSONLD = p.productLD(s, product, stocks, v)
	if v.Offers, err = p.offers(c, s, product, v.Sold); err != nil {
		return err
	}
	if err := p.productSeller(c, &v, s, product); err != nil {
		return err
	}
	return web.Render(c, status, productPage(v))
}

func variantIDs(p *catalog.Product) []market.ID {
	ids := make([]market.ID, len(p.Variants))
	for i, v := range p.Variants {
		ids[i] = v.ID
	}
	return ids
}

func (p *Pages) productTrail(s speaker, product *catalog.Product) []ui.NavItem {
	return []ui.NavItem{
		{Label: s.t("nav.home"), Href: "/"},
		{Label: s.craft(product.Set), Href: setPath(product.Set)},
		{Label: s.place(product.Ward), Href: wardPath(product.Ward)},
	}
}

func (p *Pages) gallery(s speaker, product *catalog.Product) []ui.Photo {
	if len(product.Photos) == 0 {
		return []ui.Photo{{URL: p.assets.URL("sen.svg"), Alt: s.t("item.photo.none")}}
	}
	out := make([]ui.Photo, len(product.Photos))
	for i, photo := range product.Photos {
		alt := s.text(photo.Alt)
		if alt == "" {
			alt = s.text(product.Name)
		}
		out[i] = ui.Photo{ID: photo.ID, URL: photoURL(photo, middlePhoto), Alt: alt, Sources: photoSources(photo, largePhoto, ui.GallerySizes)}
	}
	return out
}

// describe says what a search engine or a chat shows of the page.
func (v *productView) describe(base string, s speaker, product *catalog.Product) {
	v.Canonical = base + productPath(product.Slug)
	v.Description = short(s.text(product.Description), 160)
	v.NoIndex = product.Status != catalog.StatusPublished
	v.OG = ui.OG{Type: "product"}
	if product.Status == catalog.StatusPublished {
		v.OG.Image, v.OG.Alt, v.OG.Card = base+productPath(product.Slug)+cardName, s.text(product.Name), true
	}
}

// choices are the variants with what is left of each; the one asked for is
// chosen, else the first that can be bought.
func (v *productView) choices(s speaker, product *catalog.Product, stocks map[market.ID]*catalog.Stock, b buying) {
	v.Variants = ui.Field{Kind: ui.Choice, Name: "variant", Label: s.t("item.variant")}
	chosen, most := chooseVariant(product, stocks, b.variant)
	for _, variant := range product.Variants {
		left := available(stocks, variant.ID)
		price := s.price(variant)
		var help strings.Builder
		help.WriteString(price.Amount + "/" + s.unit(variant.Unit))
		if variant.Comparable().Mid {
			help.WriteString(", " + price.Per)
		} else if price.Per != "" {
			help.WriteString(" (" + price.Per + ")")
		}
		for _, term := range s.terms(variant) {
			help.WriteString(" · " + term)
		}
		v.Variants.Options = append(v.Variants.Options, ui.Option{
			Value: string(variant.ID), Label: s.text(variant.Name), Help: help.String() + " · " + s.left(left, s.unit(variant.Unit)),
			Selected: variant.ID == chosen.ID, Disabled: left == 0,
		})
	}
	v.Price = s.price(chosen)
	left := available(stocks, chosen.ID)
	v.Sold, v.Stock, v.StockTone = most == 0, s.left(left, s.unit(chosen.Unit)), ui.Success
	if left < fewLeft {
		v.StockTone = ui.Warning
	}
	v.Terms = s.terms(chosen)
	if b.quantity == "1" {
		b.quantity = strconv.FormatInt(chosen.Terms.Least(), 10)
	}
	v.Quantity = stepper(ui.Quantity{
		Name: "quantity", Label: s.t("item.quantity", "name", product.Name), Value: b.quantity,
		Max: strconv.FormatInt(min(most, orders.MaxQuantity), 10), Unit: s.unit(chosen.Unit),
	}, chosen.Terms)
	if len(product.Variants) > 1 {
		v.Quantity.Unit = ""
	}
}

// fewLeft is when a buyer is told to hurry, because it is true.
const fewLeft = 10

func chooseVariant(product *catalog.Product, stocks map[market.ID]*catalog.Stock, wanted market.ID) (chosen catalog.Variant, most int64) {
	chosen, _ = cheapest(product)
	found := false
	for _, v := range product.Variants {
		left := available(stocks, v.ID)
		most = max(most, left)
		if v.ID == wanted || wanted == "" && !found && left > 0 {
			chosen, found = v, true
		}
	}
	return chosen, most
}

func available(stocks map[market.ID]*catalog.Stock, variant market.ID) int64 {
	if stock := stocks[variant]; stock != nil {
		return stock.Offered()
	}
	return 0
}

func (s speaker) left(n int64, unit string) string {
	if n == 0 {
		return s.t("product.soldout")
	}
	return s.t("item.left", "n", n, "unit", unit)
}

// productDelivery tells what delivery of one unit costs, near and far, before
// anybody gives an address.
func (p *Pages) productDelivery(v *productView, s speaker, product *catalog.Product) error {
	variant, ok := cheapest(product)
	if !ok {
		return nil
	}
	line := []orders.Line{{Size: variant.Size, Band: variant.Terms.Band, Price: variant.Price, Quantity: 1, Amount: variant.Price}}
	for _, zone := range []orders.Zone{orders.ZoneSameProvince, orders.ZoneCountry} {
		rate, err := p.Rates.At(s.now, zone)
		if err != nil {
			return err
		}
		v.Delivery = append(v.Delivery, ui.PriceLine{Label: s.t("item.delivery." + string(zone)), Amount: s.vnd(rate.Price(line))})
		if rate.FreeFrom > 0 {
			v.DeliverNote = s.t("item.delivery.free", "from", rate.FreeFrom)
		}
	}
	return nil
}

func (p *Pages) facts(s speaker, product *catalog.Product) [][2]string {
	rows := [][2]string{{s.t("item.fact.ward"), s.fullPlace(product.Ward)}}
	if set, ok := p.Sets.Find(product.Set); ok {
		rows = append(rows, [2]string{s.t("item.fact.set"), s.text(set.Name)})
	}
	for _, v := range product.Variants {
		if whole(v.Size) {
			continue
		}
		rows = append(rows, [2]string{s.text(v.Name), s.t("item.fact.unit", "unit", s.unit(v.Unit), "size", s.size(v.Size))})
	}
	if product.ShelfLifeDays > 0 {
		rows = append(rows, [2]string{s.t("item.fact.life"), s.t("item.fact.days", "n", product.ShelfLifeDays)})
	}
	return append(rows, p.keepingFacts(s, product.Keeping)...)
}

// prove shows the stars with the decision behind them.
func (v *productView) prove(s speaker, product *catalog.Product) {
	badge, ok := product.Badge(s.now)
	if !ok {
		return
	}
	last := badge.ValidTo.AddDate(0, 0, -1)
	v.Stars = ui.Stars{Count: badge.Stars, Decision: badge.DecisionNo, Issuer: badge.Issuer, Valid: s.date(last), Href: "#giay-cong-nhan"}
	v.Certificate = certificate{Shown: true, Note: s.text(badge.Note), Rows: [][2]string{
		{s.t("item.cert.rank"), s.t("stars.label", "n", badge.Stars)},
		{s.t("stars.decision"), s.t("item.cert.decision", "no", badge.DecisionNo, "date", badge.DecisionDate)},
		{s.t("stars.issuer"), badge.Issuer},
		{s.t("item.cert.period"), s.date(badge.ValidFrom) + " – " + s.date(last)},
		{s.t("item.cert.checked"), s.t("item.cert.proof." + badge.Verification)},
	}}
	v.Certificate.Href = "/chung-nhan/" + string(badge.ID)
	if badge.Score > 0 {
		v.Certificate.Rows = append(v.Certificate.Rows, [2]string{s.t("item.cert.score"), s.score(badge.Score)})
	}
}

// productSeller shows who sells and what else they have.
func (p *Pages) productSeller(c *gin.Context, v *productView, s speaker, product *catalog.Product) error {
	seller, err := p.Sellers.Seller(c.Request.Context(), product.Seller)
	if err != nil {
		return err
	}
	v.Seller = sellerCard{
		Name: s.text(seller.Name), Kind: s.kind(string(seller.Kind)), Place: s.fullPlace(seller.Ward),
		Href: sellerPath(seller.Slug), Verified: verified(seller),
	}
	if product.ProducerName != "" {
		v.Seller.Producer = s.t("item.producer", "name", product.ProducerName)
	}
	others, err := p.Catalog.List(c.Request.Context(), catalog.Filter{Seller: seller.ID, Limit: 5})
	if err != nil {
		return err
	}
	for _, other := range others.Items {
		if other.ID != product.ID && len(v.Others) < 4 {
			v.Others = append(v.Others, p.card(s, other))
		}
	}
	return nil
}
