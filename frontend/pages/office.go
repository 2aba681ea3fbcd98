package pages

import (
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// The places of the statistics office.
const (
	officeDoor  = "/thong-ke"
	compareDoor = officeDoor + "/so-sanh"
	tableDoor   = officeDoor + "/bang"
	wordsDoor   = officeDoor + "/chi-tieu"
	qualityDoor = officeDoor + "/chat-luong"
	releaseDoor = officeDoor + "/cong-bo"
)

// readers may see figures that are not controlled for disclosure.
var readers = []market.Role{market.RoleOfficial, market.RoleOperator}

// officePage is the frame of the statistics office.
func (p *Pages) officePage(c *gin.Context, title string) ui.Page {
	page := p.page(c, title)
	path := c.Request.URL.Path
	page.Frame, page.NoIndex = ui.FrameDesk, true
	page.Nav = []ui.NavItem{{Label: page.T("admin.nav.queue"), Href: "/quan-tri", Icon: ui.IconInbox}}
	reads := web.Actor(c).Is(readers...)
	if reads {
		page.Nav = figureNav(page.T, path)
	}
	page.Nav = append(page.Nav, ui.NavItem{
		Label: page.T("office.nav.register"), Href: "/thong-ke/chung-nhan", Icon: ui.IconCertificate, Current: strings.HasPrefix(path, "/thong-ke/chung-nhan") && path != importDoor,
	})
	if reads {
		page.Nav = append(page.Nav,
			ui.NavItem{Label: page.T("register.import"), Href: importDoor, Icon: ui.IconInbox, Current: path == importDoor},
			ui.NavItem{Label: page.T("register.ptnt"), Href: "/thong-ke/ptnt-ocop.xlsx", Icon: ui.IconDownload})
	}
	page.Nav = append(page.Nav, ui.NavItem{Label: page.T("rights.title"), Href: "/thong-ke/quyen-ten", Icon: ui.IconTag, Current: path == "/thong-ke/quyen-ten"})
	return page
}

// figureNav are the places of those who may see figures.
func figureNav(t ui.T, path string) []ui.NavItem {
	item := func(key, href string, icon ui.Icon) ui.NavItem {
		return ui.NavItem{Label: t(key), Href: href, Icon: icon, Current: path == href || href != officeDoor && strings.HasPrefix(path, href+"/")}
	}
	return []ui.NavItem{
		item("office.nav.figures", officeDoor, ui.IconChart),
		item("office.nav.compare", compareDoor, ui.IconScales),
		item("office.nav.table", tableDoor, ui.IconDocument),
		item("office.nav.words", wordsDoor, ui.IconHelp),
		item("office.nav.quality", qualityDoor, ui.IconShield),
		item("office.nav.releases", releaseDoor, ui.IconShare),
	}
}

// statsPage is the frame with what figures need to be drawn.
func (p *Pages) statsPage(c *gin.Context, title string) ui.Page {
	page := p.officePage(c, title)
	page.Sheets = append(page.Sheets, statsSheet)
	return page
}

const statsSheet = "page-stats.css"

// figureRoutes are the pages of figures that are not controlled for disclosure.
func (p *Pages) figureRoutes() []Route {
	return within(readers,
		get(officeDoor, p.office),
		get(compareDoor, p.compare),
		get(tableDoor, p.tableBuilder),
		get(tableDoor+".csv", p.officeCSV),
		get(wordsDoor, p.definitions),
		get(wordsDoor+".csv", p.indicatorsCSV),
		get(officeDoor+"/bao-cao.pdf", p.workingPDF),
		get(qualityDoor, p.quality),
		get(officeDoor+"/chi-so/:measure", p.measure),
		get(officeDoor+"/chi-so/:measure/bang.csv", p.measureCSV),
	)
}
