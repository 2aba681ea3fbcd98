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
	"chohue/store"
)

// edits shows the changes of goods on sale that wait, each beside what buyers
// see now.
func (p *Pages) edits(c *gin.Context) error { return p.showEdits(c, http.StatusOK, "", nil) }

func (p *Pages) showEdits(c *gin.Context, status int, wrong market.ID, failed error) error {
	s := p.speaker(c)
	page, err := p.Catalog.Edits(c.Request.Context(), web.Actor(c), store.Cursor(c.Query("after")), queueShown)
	if err != nil {
		return err
	}
	v := editsView{Page: p.adminPage(c, s.t("admin.edits.title")), Cursor: cursor(c, string(page.Next))}
	for _, product := range page.Items {
		e := p.waitingEdit(s, product)
		if product.ID == wrong {
			e.Open, e.Reason.Error = true, p.firstSentence(s, failed)
		}
		v.Items = append(v.Items, e)
	}
	v.Wrongs = p.wrongs(s, failed, nil)
	return web.Render(c, status, editsPage(v))
}

func (p *Pages) waitingEdit(s speaker, product *catalog.Product) waitingEdit {
	e := product.Pending
	out := waitingEdit{
		ID: string(product.ID), Number: strconv.FormatInt(e.Number, 10), Name: s.text(product.Name), Link: productPath(product.Slug),
		Seller: s.text(product.SellerName), Waited: s.t("admin.queue.waited", "ago", s.ago(e.At)), By: e.ByName,
		Reason: ui.Field{Kind: ui.Area, Name: "reason", ID: "reason-" + string(product.ID), Label: s.t("admin.reason.words"), Help: s.t("admin.reason.words.help"), MaxLength: "400"},
	}
	was := product.Content()
	for _, d := range catalog.Differences(was, e.Content) {
		out.Differs = append(out.Differs, difference{
			Label: s.t("admin.edits." + d.Field), Was: p.told(s, d, was), Now: p.told(s, d, e.Content),
			WasPhotos: p.toldPhotos(s, d, was), NowPhotos: p.toldPhotos(s, d, e.Content),
		})
	}
	return out
}

// told is what a content says about one thing, in lines.
func (p *Pages) told(s speaker, d catalog.Difference, c catalog.Content) []string {
	both := func(t market.Text) []string {
		lines := paragraphs(t.VI)
		for _, line := range paragraphs(t.EN) {
			lines = append(lines, "EN: "+line)
		}
		return lines
	}
	switch d.Field {
	case "name":
		return both(c.Name)
	case "description":
		return both(c.Description)
	case "story":
		return both(c.Story)
	case "set":
		set, _ := p.Sets.Find(c.Set)
		return []string{strconv.Itoa(c.Set) + ". " + s.text(set.Name)}
	case "shelf_life_days":
		return []string{s.t("item.fact.days", "n", c.ShelfLifeDays)}
	case "keeping":
		var lines []string
		for _, row := range p.keepingFacts(s, c.Keeping) {
			lines = append(lines, row[0]+": "+row[1])
		}
		return lines
	case "variant":
		if v, ok := c.Variant(d.Variant); ok {
			return append([]string{strings.Join([]string{s.text(v.Name), s.vnd(v.Price) + "/" + v.Unit, s.size(v.Size)}, " · ")}, s.terms(v)...)
		}
	}
	return nil
}

func (p *Pages) toldPhotos(s speaker, d catalog.Difference, c catalog.Content) []ui.Photo {
	if d.Field != "photos" {
		return nil
	}
	return p.gallery(s, &catalog.Product{Name: c.Name, Photos: c.Photos})
}

func editNumber(c *gin.Context) (int64, error) {
	n, err := strconv.ParseInt(c.Param("number"), 10, 64)
	if err != nil {
		return 0, errNoGoods
	}
	return n, nil
}

// approveEdit shows a change to buyers, if it is still the one that was read.
func (p *Pages) approveEdit(c *gin.Context) error {
	number, err := editNumber(c)
	if err != nil {
		return err
	}
	_, err = p.Catalog.ApproveEdit(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), number)
	if mendable(err) {
		return p.sayWrong(c, "/quan-tri/ban-sua", err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri/ban-sua", "admin.edits.approved")
}

// rejectEdit sends a change back with what its seller has to mend.
func (p *Pages) rejectEdit(c *gin.Context) error {
	number, err := editNumber(c)
	if err != nil {
		return err
	}
	id := market.ID(c.Param("id"))
	_, err = p.Catalog.RejectEdit(c.Request.Context(), web.Actor(c), id, number, c.PostForm("reason"))
	if mendable(err) {
		return p.showEdits(c, web.Status(err), id, err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/quan-tri/ban-sua", "admin.edits.rejected")
}
