package pages

import (
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/market"
)

// harvestOffer is a crop of a product that can be reserved, with the rules that
// a buyer reads before ordering.
type harvestOffer struct {
	Title, Window, Left, Closes string
	Price                       ui.Price
	Deposit                     string
	Rules                       []string
	Quantity                    ui.Quantity
	Href                        string // the page on which one reserves
	Look                        ui.Look
}

// offers are the crops of a product that can be reserved now. While the shelf
// is empty, reserving is what the page asks for.
func (p *Pages) offers(c *gin.Context, s speaker, product *catalog.Product, sold bool) ([]harvestOffer, error) {
	found, err := p.Catalog.HarvestsOfProduct(c.Request.Context(), product.ID)
	if err != nil || product.Status != catalog.StatusPublished {
		return nil, err
	}
	var out []harvestOffer
	for _, h := range found {
		v, ok := product.Variant(h.Variant)
		if left := h.Left(s.now); !ok || left < v.Terms.Least() {
			continue
		}
		o := s.offer(h, v, strconv.FormatInt(v.Terms.Least(), 10))
		o.Look = ui.Secondary
		if sold {
			o.Look = ui.Primary
		}
		out = append(out, o)
	}
	return out, nil
}

func (s speaker) offer(h *catalog.Harvest, v catalog.Variant, quantity string) harvestOffer {
	left := h.Left(s.now)
	priced := v
	priced.Price = h.Price
	return harvestOffer{
		Title: s.t("preorder.offer.title", "variant", v.Name), Window: s.window(h),
		Left:   s.t("preorder.offer.left", "n", left, "unit", s.unit(v.Unit)),
		Closes: s.t("preorder.offer.closes", "at", s.moment(h.Closes)), Price: s.price(priced),
		Deposit: s.t("preorder.offer.deposit", "percent", s.permyriad(h.Deposit), "amount", h.Deposit.Of(h.Price), "unit", s.unit(v.Unit)),
		Rules:   s.harvestRules(h), Href: offerPath(h.ID),
		Quantity: stepper(ui.Quantity{
			Name: "so-luong", ID: "so-luong-" + string(h.ID), Label: s.t("preorder.offer.quantity"), Value: quantity,
			Max: strconv.FormatInt(left, 10), Unit: s.unit(v.Unit),
		}, v.Terms),
	}
}

func offerPath(harvest market.ID) string { return "/mua-vu/" + url.PathEscape(string(harvest)) }

// window is when the harvest is expected; its end is the last day.
func (s speaker) window(h *catalog.Harvest) string {
	return s.t("preorder.window", "from", s.date(h.From), "to", s.date(catalog.LastDay(h.To)))
}

// permyriad writes a rate in per cent.
func (s speaker) permyriad(r market.Rate) string { return s.number(int64(r)/100) + " %" }

// harvestRules are what happens to the deposit, in every case.
func (s speaker) harvestRules(h *catalog.Harvest) []string {
	kept := "preorder.rule.kept_all"
	if h.KeptPermille < 1000 {
		kept = "preorder.rule.kept_part"
	}
	return []string{
		s.t("preorder.rule.withdraw", "at", s.moment(h.Closes)),
		s.t("preorder.rule.late"),
		s.t("preorder.rule.short"),
		s.t("preorder.rule.balance", "days", h.BalanceDays),
		s.t(kept, "percent", s.number(h.KeptPermille/10)+" %"),
		s.t("preorder.rule.storm"),
	}
}
