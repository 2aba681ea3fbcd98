package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/orders"
	"chohue/store"
)

// reviewSheets are for pages that show what buyers say.
var reviewSheets = []string{"page-reviews.css"}

// reviewForm asks a buyer about one line that was delivered.
func (p *Pages) reviewForm(c *gin.Context) error { return p.showReviewForm(c, http.StatusOK, nil) }

func (p *Pages) showReviewForm(c *gin.Context, status int, failed error) error {
	key := c.Query("key")
	if key == "" {
		key = c.PostForm("key")
	}
	o, err := p.Orders.Order(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), key)
	if err != nil {
		return err
	}
	name, s := "", p.speaker(c)
	for _, parcel := range o.Parcels {
		for _, l := range parcel.Lines {
			if string(l.Variant) == c.Param("variant") {
				name = s.text(l.Name)
			}
		}
	}
	if name == "" {
		return market.NotFound("order.missing")
	}
	written, err := p.Orders.ReviewsOfOrder(c.Request.Context(), o)
	if err != nil {
		return err
	}
	v := sheetView{Page: p.page(c, s.t("review.title", "name", name)), Lead: s.t("review.lead")}
	v.Frame, v.NoIndex = ui.FrameTask, true
	if r := written[market.ID(c.Param("variant"))]; r != nil {
		v.Lead = ""
		v.Notices = []ui.Notice{{Tone: ui.Success, Title: s.t("review.written"), Text: r.Hidden}}
		v.Parts = []sheetPart{{Rows: s.reviewRows(r)}}
		return web.Render(c, status, sheetPage(v))
	}
	stars := ui.Field{Kind: ui.Choice, Name: "stars", Label: s.t("review.stars")}
	for n := 5; n >= 1; n-- {
		stars.Options = append(stars.Options, ui.Option{Value: strconv.Itoa(n), Label: s.t("review.stars.n", "n", n), Help: s.t("review.stars." + strconv.Itoa(n)), Selected: c.PostForm("stars") == strconv.Itoa(n)})
	}
	text := textField(c, s.t("review.text"), s.t("review.text.help"))
	text.Optional = true
	form := sheetForm{
		Action: "/don-hang/" + string(o.ID) + "/danh-gia/" + c.Param("variant"), Upload: true, Hidden: [][2]string{{"key", key}},
		Fields: []ui.Field{stars, text, photoField(s)}, Button: ui.Button{Label: s.t("review.send"), Wide: true},
	}
	v.Wrongs = p.wrongs(s, failed, slotsOf(form.Fields))
	v.Parts = []sheetPart{{Forms: []sheetForm{form}}}
	return web.Render(c, status, sheetPage(v))
}

func (s speaker) reviewRows(r *orders.Review) [][2]string {
	rows := [][2]string{{s.t("review.stars.n", "n", r.Stars) + ", " + r.Author + " " + s.date(r.At), r.Text}}
	if r.Reply != "" {
		rows = append(rows, [2]string{s.t("review.reply.from"), r.Reply})
	}
	return rows
}

func (p *Pages) writeReview(c *gin.Context) error {
	photos, err := photosOf(c)
	if err != nil {
		return err
	}
	key := c.PostForm("key")
	_, err = p.Orders.WriteReview(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), key, orders.Opinion{
		Variant: market.ID(c.Param("variant")), Stars: int(typedNumber(c.PostForm("stars"))), Text: c.PostForm("text"), Photos: photos,
	})
	if mendable(err) {
		return p.showReviewForm(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, withKey("/don-hang/"+c.Param("id"), key), "review.thanks")
}

// reviews are all that everybody may read about a product: the newest, the
// best, or those with so many stars.
func (p *Pages) reviews(c *gin.Context) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	product, err := p.Catalog.BySlug(ctx, web.Actor(c), c.Param("slug"))
	if err != nil {
		return err
	}
	ratings, err := p.Orders.Ratings(ctx, product.ID)
	if err != nil {
		return err
	}
	path, stars, byStars := productPath(product.Slug)+"/danh-gia", askedStars(c), c.Query("xep") == "sao"
	var list store.Page[orders.Review]
	if stars > 0 {
		list, err = p.Orders.ReviewsWith(ctx, product.ID, stars, store.Cursor(c.Query("after")), pageSize)
	} else {
		list, err = p.Orders.Reviews(ctx, product.ID, byStars, store.Cursor(c.Query("after")), pageSize)
	}
	if err != nil {
		return err
	}
	v := reviewsView{Page: p.page(c, s.t("review.of", "name", s.text(product.Name))), Trail: []ui.NavItem{{Label: s.text(product.Name), Href: productPath(product.Slug)}}}
	v.Sheets = reviewSheets
	v.rated(s, ratings[product.ID], path, stars)
	v.Sorts = []ui.NavItem{{Label: s.t("review.newest"), Href: path, Current: !byStars && stars == 0}, {Label: s.t("review.best"), Href: path + "?xep=sao", Current: byStars && stars == 0}}
	for _, r := range list.Items {
		v.Reviews = append(v.Reviews, p.reviewBox(c, s, r))
	}
	if v.Cursor = cursor(c, string(list.Next)); v.Cursor.Next != "" {
		v.Cursor.Next += map[bool]string{true: "&xep=sao"}[byStars] + map[bool]string{true: "&sao=" + strconv.Itoa(stars)}[stars > 0]
	}
	return web.Render(c, http.StatusOK, reviewsPage(v))
}

// askedStars is the number of stars that an address is for; 0 for all.
func askedStars(c *gin.Context) int {
	n, err := strconv.Atoi(c.Query("sao"))
	if err != nil || n < 1 || n > 5 {
		return 0
	}
	return n
}

// rated shows the average and how it comes about, five stars first.
func (v *reviewsView) rated(s speaker, r *orders.Rating, path string, stars int) {
	if r == nil || r.Count == 0 {
		return
	}
	v.Average, v.Count = s.average(r.Tenths()), s.t("review.count", "n", r.Count)
	for n := len(r.Stars); n >= 1; n-- {
		v.Bars = append(v.Bars, starBar{
			Label: s.t("review.stars.n", "n", n), Count: s.number(r.Stars[n-1]), Width: share(market.VND(r.Stars[n-1]), market.VND(r.Count)),
			Href: path + "?sao=" + strconv.Itoa(n), Current: n == stars,
		})
	}
	if stars > 0 {
		v.Shown = s.t("review.only", "n", stars)
	}
}

// average writes tenths of a star.
func (s speaker) average(tenths int64) string { return locale.Decimal(s.lang, float64(tenths)/10, 1) }

func (p *Pages) reviewBox(c *gin.Context, s speaker, r *orders.Review) reviewBox {
	box := reviewBox{
		ID: string(r.ID), Stars: strings.Repeat("★", r.Stars) + strings.Repeat("☆", 5-r.Stars), Said: s.t("review.stars.n", "n", r.Stars),
		Author: r.Author, At: s.date(r.At), Text: r.Text, Reply: r.Reply,
	}
	if r.ReplyAt != nil {
		box.ReplyAt = s.date(*r.ReplyAt)
	}
	for _, photo := range r.Photos {
		box.Photos = append(box.Photos, "/danh-gia/"+string(r.ID)+"/anh/"+photo)
	}
	if slug := c.Param("slug"); !web.Actor(c).Guest() && slug != "" {
		box.Report = sheetForm{
			Action: "/danh-gia/" + string(r.ID) + "/bao-cao", Hidden: [][2]string{{"back", slug}},
			Fields: []ui.Field{{Name: "text", ID: "text-" + string(r.ID), Label: s.t("review.report.why"), MaxLength: "400"}}, Button: ui.Button{Label: s.t("review.report"), Look: ui.Secondary, Small: true},
		}
	}
	return box
}

// rating writes an average as people do: 4,6 of 5.
func (s speaker) rating(r *orders.Rating) string {
	if r == nil || r.Count == 0 {
		return ""
	}
	return s.t("review.rating", "average", s.average(r.Tenths()), "n", r.Count)
}

func ratingLD(r *orders.Rating) map[string]any {
	return map[string]any{
		"@type": "AggregateRating", "ratingValue": float64(r.Tenths()) / 10, "reviewCount": r.Count, "bestRating": 5, "worstRating": 1,
	}
}

func (p *Pages) reviewPhoto(c *gin.Context) error {
	data, err := p.Orders.ReviewPhoto(c.Request.Context(), market.ID(c.Param("id")), c.Param("photo"))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=300")
	c.Data(http.StatusOK, "image/jpeg", data)
	return nil
}

func (p *Pages) reportReview(c *gin.Context) error {
	back := "/"
	if slug := c.PostForm("back"); catalogSlug(slug) {
		back = productPath(slug) + "/danh-gia"
	}
	_, err := p.Orders.ReportReview(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), c.PostForm("text"))
	if mendable(err) {
		return p.sayWrong(c, back, err)
	}
	if err != nil {
		return err
	}
	return tell(c, back, "review.reported")
}

// catalogSlug keeps an address that a form brings along on this site.
func catalogSlug(slug string) bool { return slug != "" && slug == market.Slug(slug) }

// reviewsPart is what buyers wrote about a seller's goods, each with a reply.
func (p *Pages) reviewsPart(s speaker, w *workplace, page ui.Page, list store.Page[orders.Review]) sheetPart {
	part := sheetPart{ID: "danh-gia", Title: s.t("aftercare.reviews")}
	t := ui.Table{Caption: part.Title, Quiet: true, Columns: []ui.Column{{Label: s.t("coop.stock.product")}, {Label: s.t("review.stars")}, {Label: s.t("review.text")}, {Label: s.t("review.reply")}}}
	for _, r := range list.Items {
		reply := ui.Cell{Text: r.Reply, Other: cellForm(page, sheetForm{
			Action: w.here("/danh-gia/" + string(r.ID)), Folded: s.t("review.reply"), Button: ui.Button{Label: s.t("review.reply.send"), Small: true},
			Fields: []ui.Field{{Kind: ui.Area, Name: "text", ID: "reply-" + string(r.ID), Label: s.t("review.reply"), MaxLength: "2000", Value: r.Reply}},
		})}
		state := ui.Cell{Text: r.Text, Sub: r.Author + " " + s.date(r.At)}
		if r.Hidden != "" {
			state.Sub = s.t("review.hidden", "why", r.Hidden)
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: s.text(r.Name)}, {Text: s.t("review.stars.n", "n", r.Stars)}, state, reply})
	}
	if part.Table = t; len(t.Rows) == 0 {
		part.Text = s.t("aftercare.reviews.none")
	}
	return part
}

func (p *Pages) replyReview(c *gin.Context, w *workplace) error {
	_, err := p.Orders.ReplyReview(c.Request.Context(), w.by, market.ID(c.Param("id")), c.PostForm("text"))
	if mendable(err) {
		return p.sayWrong(c, w.here("/sau-ban"), err)
	}
	if err != nil {
		return err
	}
	return tell(c, w.here("/sau-ban"), "review.replied")
}

// shownReviews is how many reviews a product's own page has.
const shownReviews = 3

// addReviews adds what buyers say to a product's page: the average, and the
// newest few.
func (p *Pages) addReviews(c *gin.Context, v *productView, s speaker, product *catalog.Product) error {
	ctx := c.Request.Context()
	ratings, err := p.Orders.Ratings(ctx, product.ID)
	if err != nil {
		return err
	}
	rating := ratings[product.ID]
	v.ReviewsAt, v.ComplainAt = productPath(product.Slug)+"/danh-gia", productPath(product.Slug)+"/khieu-nai"
	if rating == nil || rating.Count == 0 {
		return nil
	}
	v.Rating, v.Rated = s.rating(rating), ratingLD(rating)
	newest, err := p.Orders.Reviews(ctx, product.ID, false, "", shownReviews)
	if err != nil {
		return err
	}
	for _, r := range newest.Items {
		box := p.reviewBox(c, s, r)
		box.Report = sheetForm{}
		v.Reviews = append(v.Reviews, box)
	}
	return nil
}
