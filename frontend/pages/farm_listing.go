package pages

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// listingSteps is how many pages it takes to list a product: what it is, what
// it costs, how it looks. Each keeps what was said, so one can go on later and
// on another device.
const listingSteps = 3

func listingPath(id market.ID, step string) string {
	return farmDoor + "/dang-ban/" + string(id) + "/" + step
}

// typedGoods is the first step as it was typed. The id is made with the form,
// so that a form sent twice is one product.
type typedGoods struct {
	id     market.ID
	name   string
	set    int
	photos typedPhotos
}

// listingGoods asks what there is to sell.
func (p *Pages) listingGoods(c *gin.Context, w *workplace) error {
	id := market.ID(c.Query("id"))
	if id == "" {
		return p.showGoods(c, w, http.StatusOK, typedGoods{id: p.Env.NewID()}, nil, nil)
	}
	product, err := p.ownProduct(c, w, id)
	if err != nil {
		return err
	}
	typed := typedGoods{id: id, name: product.Name.VI, set: product.Set}
	return p.showGoods(c, w, http.StatusOK, typed, product, nil)
}

// saveGoods keeps the first step as a draft and goes on to the price.
func (p *Pages) saveGoods(c *gin.Context, w *workplace) error {
	typed, err := readGoods(c)
	if err != nil {
		return err
	}
	product, err := p.keepGoods(c, w, typed)
	if err == nil {
		err = p.keepPhotos(c, w, product, typed.photos)
	}
	if mendable(err) {
		return p.showGoods(c, w, web.Status(err), typed, product, err)
	}
	if err != nil {
		return err
	}
	return see(c, w.to(listingPath(product.ID, "gia")))
}

func readGoods(c *gin.Context) (typedGoods, error) {
	form, err := c.MultipartForm()
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return typedGoods{}, badForm(err)
	}
	set, _ := strconv.Atoi(c.PostForm("set"))
	typed := typedGoods{id: market.ID(c.PostForm("id")), name: c.PostForm("name"), set: set, photos: readPhotos(c, form)}
	return typed, nil
}

// badForm keeps "too large" as it is; anything else in a torn upload is the
// sender's, not ours.
func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return market.Invalid("input.invalid", "photo")
}

// keepGoods writes a new draft, or what has changed in one that is there.
func (p *Pages) keepGoods(c *gin.Context, w *workplace, typed typedGoods) (*catalog.Product, error) {
	ctx := c.Request.Context()
	product, err := p.ownProduct(c, w, typed.id)
	if market.KindOf(err) == market.KindNotFound {
		return p.Catalog.CreateDraft(ctx, w.by, catalog.Draft{
			ID: typed.id, Seller: w.seller.ID, Set: typed.set, Name: market.Text{VI: typed.name},
		})
	}
	if err != nil || product.Name.VI == typed.name && product.Set == typed.set {
		return product, err
	}
	draft := product.Draft()
	draft.Set, draft.Name.VI = typed.set, typed.name
	again, err := p.Catalog.Edit(ctx, w.by, product.ID, draft)
	if err != nil {
		return product, err
	}
	return again, nil
}

func readFile(file *multipart.FileHeader) ([]byte, error) {
	f, err := file.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, catalog.MaxPhotoBytes+1))
	return data, errors.Join(err, f.Close())
}

func (p *Pages) showGoods(c *gin.Context, w *workplace, status int, typed typedGoods, product *catalog.Product, failed error) error {
	s := p.speaker(c)
	v := goodsView{
		workView: p.workPage(c, w, s.t("farm.goods.title")), ID: string(typed.id),
		Photos: p.photoField(c, w, s, product, typed.photos),
		Name:   ui.Field{Name: "name", Label: s.t("farm.goods.name"), Help: s.t("farm.goods.name.help"), Value: typed.name, MaxLength: "120", Autocomplete: "off"},
		Set:    ui.Field{Kind: ui.Select, Name: "set", Label: s.t("farm.goods.set"), Help: s.t("farm.goods.set.help"), Placeholder: s.t("field.choose"), Options: p.plainSets(s, typed.set)},
	}
	if product != nil {
		v.Reason = product.Reason
	} else if len(w.sellers) > 1 {
		v.Shop = s.t("farm.goods.for", "seller", w.seller.Name)
	}
	v.Wrongs = p.wrongs(s, failed, map[string]*string{
		"name": &v.Name.Error, "set": &v.Set.Error, "photo": &v.Photos.Error, "photos": &v.Photos.Error,
	})
	return web.Render(c, status, goodsPage(v))
}

// plainSets are the 26 product sets in the words of a market, not of a decree.
func (p *Pages) plainSets(s speaker, chosen int) []ui.Option {
	all := p.Sets.All()
	out := make([]ui.Option, len(all))
	for i, set := range all {
		number := strconv.Itoa(set.Number)
		out[i] = ui.Option{Value: number, Label: s.t("farm.set." + number), Selected: set.Number == chosen}
	}
	return out
}

// listingLook shows the listing as buyers will see it and asks for the words.
func (p *Pages) listingLook(c *gin.Context, w *workplace) error {
	product, err := p.ownProduct(c, w, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	life := ""
	if product.ShelfLifeDays > 0 {
		life = strconv.Itoa(product.ShelfLifeDays)
	}
	return p.showLook(c, w, http.StatusOK, product, typedLook{product.Description.VI, life, writeMore(product)}, nil)
}

// typedLook is the last step as it was typed.
type typedLook struct {
	description, life string
	more              typedMore
}

// sendListing keeps the words and, unless it is only to be kept, asks the
// moderators to look.
func (p *Pages) sendListing(c *gin.Context, w *workplace) error {
	product, err := p.ownProduct(c, w, market.ID(c.Param("id")))
	if err != nil {
		return err
	}
	typed := typedLook{c.PostForm("description"), c.PostForm("shelf_life_days"), postedMore(c)}
	send := c.PostForm("then") != "keep"
	if err = p.keepLook(c, w, product, typed); err == nil && send {
		_, err = p.Catalog.Submit(c.Request.Context(), w.by, product.ID)
	}
	if mendable(err) {
		return p.showLook(c, w, web.Status(err), product, typed, err)
	}
	if err != nil {
		return err
	}
	if send {
		return tell(c, w.to(farmDoor+"/san-pham"), "farm.look.sent")
	}
	return tell(c, w.to(farmDoor+"/san-pham"), "farm.look.kept")
}

func (p *Pages) keepLook(c *gin.Context, w *workplace, product *catalog.Product, typed typedLook) error {
	days := 0
	if typed.life != "" {
		var err error
		if days, err = strconv.Atoi(typed.life); err != nil {
			return market.Invalid("product.shelf_life", "shelf_life_days")
		}
	}
	draft := product.Draft()
	said := draft
	draft.Description.VI, draft.ShelfLifeDays = typed.description, days
	if err := typed.more.write(&draft); err != nil {
		return err
	}
	if sameWords(said, draft) {
		return nil
	}
	_, err := p.Catalog.Edit(c.Request.Context(), w.by, product.ID, draft)
	return err
}

func (p *Pages) showLook(c *gin.Context, w *workplace, status int, product *catalog.Product, typed typedLook, failed error) error {
	s := p.speaker(c)
	stocks, err := p.Catalog.Stocks(c.Request.Context(), variantIDs(product)...)
	if err != nil {
		return err
	}
	v := lookView{
		workView: p.workPage(c, w, s.t("farm.look.title")), ID: string(product.ID), Card: p.card(s, product),
		Description: ui.Field{Kind: ui.Area, Name: "description", Label: s.t("farm.look.words"), Help: s.t("farm.look.words.help"), Value: typed.description, Optional: true, Rows: 5, MaxLength: "10000"},
		Life:        ui.Field{Kind: ui.Number, Name: "shelf_life_days", Label: s.t("farm.look.life"), Value: typed.life, Suffix: s.t("farm.look.days"), Optional: true, Short: true},
		Verified:    w.seller.Status == cooperatives.StatusVerified,
	}
	v.Card.Href, v.Card.SoldOut = w.to(farmDoor+"/dang-ban?id="+string(product.ID)), false
	for _, variant := range product.Variants {
		v.Variants = append(v.Variants, lookVariant{
			Name: s.text(variant.Name), Price: s.vnd(variant.Price) + "/" + variant.Unit, Stock: s.t("farm.look.stock", "n", available(stocks, variant.ID), "unit", variant.Unit),
			Edit: w.to(listingPath(product.ID, "gia") + "?quy-cach=" + string(variant.ID)),
		})
	}
	v.More = w.to(listingPath(product.ID, "gia") + "?quy-cach=moi")
	v.Lacking = s.lacking(w, product)
	v.Rest, v.Edit = p.moreFields(s, product, typed.more), s.editNotice(product)
	v.Wrongs = p.wrongs(s, failed, v.Rest.slots(map[string]*string{"description": &v.Description.Error, "shelf_life_days": &v.Life.Error}))
	return web.Render(c, status, lookPage(v))
}

// lacking is what a listing still needs before it can be sent, each with the
// way to it.
func (s speaker) lacking(w *workplace, product *catalog.Product) []ui.NavItem {
	var out []ui.NavItem
	if len(product.Photos) == 0 {
		out = append(out, ui.NavItem{Label: s.t("product.photo_missing"), Href: w.to(farmDoor + "/dang-ban?id=" + string(product.ID))})
	}
	if len(product.Variants) == 0 {
		out = append(out, ui.NavItem{Label: s.t("product.variant_missing"), Href: w.to(listingPath(product.ID, "gia"))})
	}
	return out
}

func variantIndex(variants []catalog.VariantDraft, id market.ID) int {
	return slices.IndexFunc(variants, func(v catalog.VariantDraft) bool { return v.ID == id })
}
