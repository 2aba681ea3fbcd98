package pages

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
)

// ErrorPage shows a problem to a person: what happened, and ways on. Somebody
// who has to sign in first is led there and back.
func (p *Pages) ErrorPage(c *gin.Context, problem *web.Problem) {
	if problem.Status == http.StatusUnauthorized && c.Request.Method == http.MethodGet {
		c.Redirect(http.StatusSeeOther, "/dang-nhap?tiep="+url.QueryEscape(c.Request.URL.RequestURI()))
		return
	}
	s := p.speaker(c)
	v := errorView{
		Page: p.page(c, problem.Title), Heading: problem.Title, Text: problem.Detail,
		Actions: []ui.NavItem{{Label: s.t("error.home"), Href: "/"}, {Label: s.t("error.search"), Href: "/tim"}, {Label: s.t("nav.help"), Href: "/tro-giup"}},
	}
	for _, e := range problem.Errors {
		if e.Detail != problem.Detail {
			v.Wrongs = append(v.Wrongs, ui.Wrong{Text: e.Detail})
		}
	}
	if problem.Status >= http.StatusInternalServerError {
		v.Request = problem.Instance
	}
	v.NoIndex = true
	if err := web.Render(c, problem.Status, errorPage(v)); err != nil {
		web.Note(c, "error page not drawn", err)
		problem.Write(c.Writer)
	}
}
