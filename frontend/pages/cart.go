package pages

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
)

// keyCart is where a session keeps the id of its cart. The id is a secret, so
// it never leaves the server.
const keyCart = "cart"

// openCart returns the visitor's open cart, or nil. Somebody who signed in on
// another device finds the cart they left.
func (p *Pages) openCart(c *gin.Context) (*orders.Cart, error) {
	ctx, by := c.Request.Context(), web.Actor(c)
	if id := web.Value(c, keyCart); id != "" {
		cart, err := p.Orders.Cart(ctx, by, market.ID(id))
		if err == nil && cart.Order == "" {
			return cart, nil
		}
		if err != nil && market.KindOf(err) != market.KindNotFound {
			return nil, err
		}
	}
	cart, err := p.Orders.CartOf(ctx, by)
	if err != nil {
		if market.KindOf(err) == market.KindNotFound {
			return nil, nil
		}
		return nil, err
	}
	return cart, web.SetValue(c, keyCart, string(cart.ID))
}

// ensureCart is openCart for those who are about to put something in.
func (p *Pages) ensureCart(c *gin.Context) (*orders.Cart, error) {
	cart, err := p.openCart(c)
	if err != nil {
		return nil, err
	}
	if cart == nil {
		if cart, err = p.Orders.NewCart(c.Request.Context(), web.Actor(c)); err != nil {
			return nil, err
		}
	}
	return cart, web.SetValue(c, keyCart, string(cart.ID))
}

// addToCart puts a variant in, on top of what is there of it.
func (p *Pages) addToCart(c *gin.Context) error {
	ctx, by := c.Request.Context(), web.Actor(c)
	product, err := p.Catalog.BySlug(ctx, by, c.PostForm("product"))
	if err != nil {
		return err
	}
	b := buying{variant: market.ID(c.PostForm("variant")), quantity: c.PostForm("quantity")}
	quantity, err := readQuantity(b.quantity)
	if _, known := product.Variant(b.variant); err == nil && !known {
		err = market.Invalid("cart.variant", "variant")
	}
	if err == nil {
		err = p.putIn(c, b.variant, quantity, p.touchFor(c, product))
	}
	if mendable(err) {
		b.wrong = p.sentence(c, err)
		return p.showProduct(c, web.Status(err), product, b)
	}
	if err != nil {
		return err
	}
	if c.PostForm("then") == "checkout" {
		return see(c, "/thanh-toan")
	}
	return tell(c, "/gio-hang", "basket.added")
}

func (p *Pages) putIn(c *gin.Context, variant market.ID, quantity int64, touch *orders.Touch) error {
	cart, err := p.ensureCart(c)
	if err != nil {
		return err
	}
	for _, line := range cart.Lines {
		if line.Variant == variant {
			quantity += line.Quantity
		}
	}
	_, err = p.Orders.SetLine(c.Request.Context(), web.Actor(c), cart.ID, variant, min(quantity, orders.MaxQuantity), touch)
	return err
}

var errQuantity = market.Invalid("cart.quantity", "quantity").With("max", strconv.Itoa(orders.MaxQuantity))

// readQuantity reads a whole number of units, dots between thousands allowed.
func readQuantity(text string) (int64, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(strings.TrimSpace(text), ".", ""), 10, 64)
	if err != nil || n < 1 || n > orders.MaxQuantity {
		return 0, errQuantity
	}
	return n, nil
}

// cart shows what somebody means to buy, by seller.
func (p *Pages) cart(c *gin.Context) error { return p.showCart(c, http.StatusOK, nil) }

// typedQuantities is what was typed into the cart and could not be taken, by
// variant.
type typedQuantities map[market.ID]typedQuantity

type typedQuantity struct{ text, why string }

func (p *Pages) showCart(c *gin.Context, status int, typed typedQuantities) error {
	cart, err := p.openCart(c)
	if err != nil {
		return err
	}
	s := p.speaker(c)
	v := cartView{Page: p.page(c, s.t("basket.title"))}
	v.NoIndex = true
	if cart != nil {
		quote, err := p.Orders.Quote(c.Request.Context(), web.Actor(c), cart.ID, orders.Destination{})
		if err != nil {
			return err
		}
		p.fillCart(&v, s, quote, typed)
	}
	return web.Render(c, status, cartPage(v))
}

func (p *Pages) fillCart(v *cartView, s speaker, q *orders.Quote, typed typedQuantities) {
	wrong := map[market.ID]string{}
	for _, problem := range q.Problems {
		text := s.problem(problem)
		wrong[problem.Variant] = text
		v.Problems = append(v.Problems, ui.Wrong{ID: "line-" + string(problem.Variant), Text: text})
	}
	for variant, t := range typed {
		if wrong[variant] = t.why; t.why == "" {
			wrong[variant] = s.t("basket.quantity.wrong")
		}
		v.Problems = append(v.Problems, ui.Wrong{ID: "line-" + string(variant), Text: wrong[variant]})
	}
	for _, part := range q.Parcels {
		v.Parts = append(v.Parts, p.cartPart(s, part, wrong, typed))
		for _, line := range part.Lines {
			delete(wrong, line.Variant)
		}
	}
	for _, problem := range q.Problems {
		if text, gone := wrong[problem.Variant]; gone {
			v.Gone = append(v.Gone, goneLine{string(problem.Variant), text})
		}
	}
	v.Stuck = len(v.Problems) > 0
	v.Bill = s.bill(q.Bill(), false)
	v.Bill.Lines[0].Note = s.t("basket.count", "n", q.Count)
	v.Bill.Total.Label, v.Bill.Total.Note = s.t("basket.bill"), s.t("till.total.without")
}

func (s speaker) problem(problem orders.Problem) string {
	if problem.Name.VI == "" {
		return s.t("basket.gone.unknown")
	}
	var args []any
	for name, value := range problem.Args() {
		args = append(args, name, value)
	}
	return s.t(problem.Key, args...)
}

func (p *Pages) cartPart(s speaker, q orders.QuotedParcel, wrong map[market.ID]string, typed typedQuantities) cartPart {
	part := cartPart{Seller: s.text(q.Seller.Name), Href: sellerPath(q.Seller.Slug), Goods: s.vnd(q.Bill().List)}
	for _, line := range q.Lines {
		part.Lines = append(part.Lines, p.cartLine(s, line, wrong[line.Variant], typed[line.Variant].text))
	}
	return part
}

func (p *Pages) cartLine(s speaker, q orders.QuotedLine, wrong, typed string) cartLine {
	id := string(q.Variant)
	l := cartLine{
		ID: id, Href: productPath(q.Slug), Name: s.text(q.Name), Variant: s.text(q.VariantName), Image: p.linePicture(q.Photo),
		Price: ui.Price{Amount: s.vnd(q.Price), Unit: s.unit(q.Unit)}, Amount: s.vnd(q.Amount + q.Discount), Problem: wrong,
		Quantity: stepper(ui.Quantity{
			Name: "q-" + id, Label: s.t("item.quantity", "name", q.Name), Value: strconv.FormatInt(q.Quantity, 10),
			Max: strconv.FormatInt(max(q.Available, 1), 10), Auto: true,
		}, q.Terms),
	}
	if typed != "" {
		l.Quantity.Value = typed
	} else if wrong != "" && q.Available > 0 {
		l.Mend = strconv.FormatInt(q.Terms.Nearest(q.Available), 10)
	}
	return l
}

// linePicture is the small picture of what a line was of.
func (p *Pages) linePicture(photo string) string {
	if photo == "" {
		return p.assets.URL("sen.svg")
	}
	return "/anh/" + photo + "-" + strconv.Itoa(smallPhoto) + ".jpg"
}

// changeCart takes in the quantities of the cart's form, and the button that
// sent it: take a line out, mend it, go on to checkout.
func (p *Pages) changeCart(c *gin.Context) error {
	cart, err := p.openCart(c)
	if err != nil {
		return err
	}
	if cart == nil {
		return see(c, "/gio-hang")
	}
	typed := typedQuantities{}
	for _, change := range cartChanges(c, cart, typed) {
		_, err := p.Orders.SetLine(c.Request.Context(), web.Actor(c), cart.ID, change.Variant, change.Quantity, nil)
		if market.KindOf(err) == market.KindInvalid {
			typed[change.Variant] = typedQuantity{strconv.FormatInt(change.Quantity, 10), p.sentence(c, err)}
			continue
		}
		// A product that left the shop cannot be set; the cart says so itself.
		if err != nil && market.KindOf(err) != market.KindNotFound {
			return err
		}
	}
	if len(typed) > 0 {
		return p.showCart(c, http.StatusUnprocessableEntity, typed)
	}
	if c.PostForm("then") == "checkout" {
		return see(c, "/thanh-toan")
	}
	return see(c, "/gio-hang")
}

// cartChanges reads what is to be different; what it cannot read it puts into
// typed.
func cartChanges(c *gin.Context, cart *orders.Cart, typed typedQuantities) []orders.CartLine {
	removed := market.ID(c.PostForm("remove"))
	mended, amount, _ := strings.Cut(c.PostForm("mend"), "=")
	var changes []orders.CartLine
	for _, line := range cart.Lines {
		text, sent := c.GetPostForm("q-" + string(line.Variant))
		if line.Variant == market.ID(mended) {
			text, sent = amount, true
		}
		if line.Variant == removed || strings.TrimSpace(text) == "0" {
			changes = append(changes, orders.CartLine{Variant: line.Variant})
			continue
		}
		quantity, err := readQuantity(text)
		if sent && err != nil {
			typed[line.Variant] = typedQuantity{text: text}
		} else if sent && quantity != line.Quantity {
			changes = append(changes, orders.CartLine{Variant: line.Variant, Quantity: quantity})
		}
	}
	return changes
}

// cartCount is what the frame shows beside the basket. A cart that cannot be
// read must not break a page that is about something else.
func (p *Pages) cartCount(ctx context.Context, by market.Actor, id string) int {
	if id == "" {
		return 0
	}
	cart, err := p.Orders.Cart(ctx, by, market.ID(id))
	if err != nil || cart.Order != "" {
		return 0
	}
	return len(cart.Lines)
}
