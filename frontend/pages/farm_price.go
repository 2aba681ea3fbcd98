package pages

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// saleUnit is a unit in which people sell. What it holds is known, or asked for.
type saleUnit struct {
	word   string
	base   market.Base
	amount int64 // in one unit when nobody says otherwise; 0 when it must be said
}

// saleUnits are the units to choose from. A chục is ten in Huế; elsewhere it
// may be twelve, so it can be said.
var saleUnits = []saleUnit{
	{"kg", market.Grams, 1000},
	{"chục", market.Pieces, 10},
	{"trái", market.Pieces, 1},
	{"cái", market.Pieces, 1},
	{"hộp", market.Grams, 0},
	{"chai", market.Grams, 0},
	{"lọ", market.Grams, 0},
	{"gói", market.Grams, 0},
	{"bó", market.Grams, 0},
	{"thùng", market.Grams, 0},
}

func findUnit(word string) (saleUnit, bool) {
	for _, u := range saleUnits {
		if u.word == word {
			return u, true
		}
	}
	return saleUnit{word, market.Grams, 0}, false
}

// Measures of what one unit holds.
const (
	measureGrams  = "g"
	measureKilos  = "kg"
	measurePieces = "cai"
)

// typedPrice is the second step as it was typed. seen tells which stock the
// form was drawn with, so that a form sent twice counts once.
type typedPrice struct {
	variant                      market.ID
	unit, amount, measure, price string
	stock, seen                  string
	terms                        typedTerms
}

// listingPrice asks for the unit, the price and how much there is.
func (p *Pages) listingPrice(c *gin.Context, w *workplace) error {
	product, err := p.ownProduct(c, w, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	typed, err := p.knownPrice(c, product, c.Query("quy-cach"))
	if err != nil {
		return err
	}
	return p.showPrice(c, w, http.StatusOK, product, typed, nil)
}

// knownPrice is what is known of the way of selling that is asked for: the
// first one when none is, an empty one for "moi".
func (p *Pages) knownPrice(c *gin.Context, product *catalog.Product, wanted string) (typedPrice, error) {
	if len(product.Variants) == 0 || wanted == "moi" {
		return typedPrice{variant: p.Env.NewID(), unit: usualUnit(product.Set), measure: measureGrams}, nil
	}
	variant := product.Variants[0]
	if wanted != "" {
		var ok bool
		if variant, ok = product.Variant(market.ID(wanted)); !ok {
			return typedPrice{}, errNoGoods
		}
	}
	stocks, err := p.Catalog.Stocks(c.Request.Context(), variant.ID)
	if err != nil {
		return typedPrice{}, err
	}
	typed := typedPrice{
		variant: variant.ID, unit: variant.Unit, price: variant.Price.Digits(),
		stock: strconv.FormatInt(available(stocks, variant.ID), 10), seen: stockMark(stocks[variant.ID]), terms: writeTerms(variant.Terms),
	}
	typed.amount, typed.measure = writeSize(variant)
	return typed, nil
}

// usualUnit is the unit to begin with: fresh goods are weighed, others packed.
func usualUnit(set int) string {
	const lastFresh = 4
	if set <= lastFresh {
		return "kg"
	}
	return "hộp"
}

func writeSize(v catalog.Variant) (amount, measure string) {
	if u, known := findUnit(v.Unit); known && u.amount == v.Size.Amount && u.base == v.Size.Base {
		return "", measureGrams
	}
	if v.Size.Base == market.Pieces {
		return strconv.FormatInt(v.Size.Amount, 10), measurePieces
	}
	if v.Size.Amount >= 1000 {
		return locale.Decimal(locale.VI, float64(v.Size.Amount)/1000, 3), measureKilos
	}
	return strconv.FormatInt(v.Size.Amount, 10), measureGrams
}

// stockMark changes with every receipt and loss.
func stockMark(k *catalog.Stock) string {
	if k == nil {
		return ""
	}
	return strconv.FormatInt(k.Received, 10) + ":" + strconv.FormatInt(k.Lost, 10) + ":" + strconv.FormatInt(k.Available, 10)
}

// sameHistory reports whether nobody has brought in or taken off anything
// between two marks; sales do not matter.
func sameHistory(a, b string) bool {
	cut := func(mark string) string { return mark[:max(strings.LastIndexByte(mark, ':'), 0)] }
	return cut(a) == cut(b)
}

// savePrice keeps the second step and goes on to the look.
func (p *Pages) savePrice(c *gin.Context, w *workplace) error {
	product, err := p.ownProduct(c, w, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	typed := typedPrice{
		variant: market.ID(c.PostForm("variant")), unit: c.PostForm("unit"), amount: c.PostForm("amount"), measure: c.PostForm("measure"),
		price: c.PostForm("price"), stock: c.PostForm("stock"), seen: c.PostForm("seen"), terms: postedTerms(c),
	}
	variant, err := typed.read()
	if err == nil {
		err = p.keepPrice(c, w, product, typed, variant)
	}
	if mendable(err) {
		return p.showPrice(c, w, web.Status(err), product, typed, err)
	}
	if err != nil {
		return err
	}
	return see(c, w.to(listingPath(product.ID, "gui")))
}

// read understands what was typed, or tells all that it does not.
func (t typedPrice) read() (catalog.VariantDraft, error) {
	var checks market.Checks
	size, err := readSize(t.unit, t.amount, t.measure)
	checks.Add("amount", err)
	price, err := readPrice(t.price)
	checks.Add("price", err)
	stock, err := readCount(t.stock)
	checks.Add("stock", err)
	terms := t.terms.read(&checks)
	return catalog.VariantDraft{ID: t.variant, Name: variantName(t.unit, size), Unit: t.unit, Size: size, Price: price, Stock: stock, Terms: terms}, checks.Err()
}

var (
	errSize  = market.Invalid("product.size", "amount")
	errCount = market.Invalid("farm.price.count", "stock")
)

// readSize reads what one unit holds. Units that are counted or weighed as
// they are need nothing said.
func readSize(unit, amount, measure string) (market.Size, error) {
	u, _ := findUnit(unit)
	amount = strings.TrimSpace(amount)
	if amount == "" && u.amount > 0 || unit == "kg" {
		return market.Size{Base: u.base, Amount: u.amount}, nil
	}
	n, err := strconv.ParseFloat(strings.Replace(amount, ",", ".", 1), 64)
	if err != nil || n <= 0 || n > 1e6 {
		return market.Size{}, errSize
	}
	switch {
	case u.base == market.Pieces || measure == measurePieces:
		return market.Size{Base: market.Pieces, Amount: int64(n)}, nil
	case measure == measureKilos:
		return market.Size{Base: market.Grams, Amount: int64(n*1000 + 0.5)}, nil
	default:
		return market.Size{Base: market.Grams, Amount: int64(n)}, nil
	}
}

// readPrice reads an amount as people say it. "45" is what people say for 45
// thousand, but a price is not guessed: it is asked back.
func readPrice(text string) (market.VND, error) {
	v, err := market.ParseVND(text)
	if err == nil && v > 0 && v < 1000 {
		return 0, market.Invalid("farm.price.small", "price").With("guess", v*1000)
	}
	return v, err
}

// readCount reads a whole number of units; nothing is none.
func readCount(text string) (int64, error) {
	text = strings.ReplaceAll(strings.TrimSpace(text), ".", "")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errCount
	}
	return n, nil
}

// variantName is what buyers choose by: "Hộp 500 g", "Chục 12".
func variantName(unit string, size market.Size) market.Text {
	_, first := utf8.DecodeRuneInString(unit)
	word := strings.ToUpper(unit[:first]) + unit[first:]
	switch {
	case unit == "kg":
		return market.Text{VI: "1 kg"}
	case size.Base == market.Grams:
		return market.Text{VI: word + " " + strings.ReplaceAll(locale.Weight(locale.VI, size.Amount), "\u00a0", " ")}
	case size.Amount == 1:
		return market.Text{VI: "Từng " + unit}
	case unit == "chục":
		return market.Text{VI: word + " " + strconv.FormatInt(size.Amount, 10)}
	default:
		return market.Text{VI: word + " " + strconv.FormatInt(size.Amount, 10) + " cái"}
	}
}

// keepPrice writes the way of selling into the product and brings the stock to
// what was typed.
func (p *Pages) keepPrice(c *gin.Context, w *workplace, product *catalog.Product, typed typedPrice, variant catalog.VariantDraft) error {
	draft := product.Draft()
	i := variantIndex(draft.Variants, typed.variant)
	if i < 0 {
		draft.Variants = append(draft.Variants, variant)
		i = len(draft.Variants) - 1
	} else {
		old := draft.Variants[i]
		variant.SKU = old.SKU
		if old.Unit == variant.Unit && old.Size == variant.Size {
			variant.Name = old.Name
		}
		draft.Variants[i] = variant
	}
	if _, err := p.Catalog.Edit(c.Request.Context(), w.by, product.ID, draft); err != nil {
		return without("variants/"+strconv.Itoa(i)+"/", err)
	}
	if typed.seen == "" {
		return nil
	}
	return p.bringStock(c, w, typed, variant.Stock)
}

// bringStock adds or takes off what the typed number differs by from the one
// the form was drawn with, unless that has been done.
func (p *Pages) bringStock(c *gin.Context, w *workplace, typed typedPrice, stock int64) error {
	ctx := c.Request.Context()
	stocks, err := p.Catalog.Stocks(ctx, typed.variant)
	if err != nil {
		return err
	}
	before, err := strconv.ParseInt(typed.seen[strings.LastIndexByte(typed.seen, ':')+1:], 10, 64)
	if err != nil || !sameHistory(stockMark(stocks[typed.variant]), typed.seen) {
		return nil
	}
	switch {
	case stock > before:
		_, err = p.Catalog.Receive(ctx, w.by, typed.variant, stock-before, "")
	case stock < before:
		_, err = p.Catalog.Adjust(ctx, w.by, typed.variant, before-stock, "")
	}
	return err
}

func (p *Pages) showPrice(c *gin.Context, w *workplace, status int, product *catalog.Product, typed typedPrice, failed error) error {
	s := p.speaker(c)
	v := priceView{
		workView: p.workPage(c, w, s.t("farm.price.title", "name", product.Name)), ID: string(product.ID),
		Variant: string(typed.variant), Seen: typed.seen,
		Unit:    ui.Field{Kind: ui.Choice, Name: "unit", Label: s.t("farm.price.unit"), Options: unitOptions(s, typed.unit)},
		Amount:  ui.Field{Kind: ui.Decimal, Name: "amount", Label: s.t("farm.price.amount"), Value: typed.amount, Optional: true, Unmarked: true},
		Measure: ui.Field{Kind: ui.Select, Name: "measure", Label: s.t("farm.price.measure"), Options: measureOptions(s, typed.measure)},
		Price:   ui.Field{Kind: ui.Amount, Name: "price", Label: s.t("farm.price.price"), Help: s.t("farm.price.price.help"), Value: typed.price, Autocomplete: "off"},
		Stock:   ui.Field{Kind: ui.Number, Name: "stock", Label: s.t("farm.price.stock"), Help: s.t("farm.price.stock.help"), Value: typed.stock, Short: true, Autocomplete: "off"},
	}
	v.Terms = s.termFields(typed.terms)
	v.Wrongs = p.wrongs(s, failed, map[string]*string{
		"min": &v.Terms.Min.Error, "step": &v.Terms.Step.Error, "band": &v.Terms.From.Error, "catch": &v.Terms.Catch.Error,
		"unit": &v.Unit.Error, "amount": &v.Amount.Error, "size": &v.Amount.Error, "price": &v.Price.Error, "stock": &v.Stock.Error, "quantity": &v.Stock.Error,
	})
	return web.Render(c, status, pricePage(v))
}

// unitOptions are the usual units and the one in use.
func unitOptions(s speaker, chosen string) []ui.Option {
	var out []ui.Option
	for _, u := range saleUnits {
		out = append(out, ui.Option{Value: u.word, Label: s.t("farm.unit." + market.Slug(u.word)), Selected: u.word == chosen})
	}
	if _, known := findUnit(chosen); !known && chosen != "" {
		out = append(out, ui.Option{Value: chosen, Label: chosen, Selected: true})
	}
	return out
}

func measureOptions(s speaker, chosen string) []ui.Option {
	var out []ui.Option
	for _, m := range []string{measureGrams, measureKilos, measurePieces} {
		out = append(out, ui.Option{Value: m, Label: s.t("farm.measure." + m), Selected: m == chosen})
	}
	return out
}
