package pages

import (
	"net/http"
	"slices"

	"chohue/frontend/web"
	"chohue/market"
)

// Route is one page.
type Route struct {
	Method string
	Path   string // as gin writes it
	Serve  web.Handler
	// Needs are the roles of which one is needed to come in; none for
	// everybody. It only spares the rooms a question: they decide by themselves.
	Needs []market.Role
	Class string // class of pace of its own, see web.Hall.Limit; usually empty
}

// Routes lists every page of the door. What can be read can also be asked for
// by HEAD.
func (p *Pages) Routes() []Route {
	var all []Route
	for _, r := range slices.Concat(p.buyerRoutes(), p.liveRoutes(), p.liveWork(farmDoor), p.liveWork(coopDoor), p.cardRoutes(), p.callRoutes(), p.lotRoutes(), p.lotWorkRoutes(farmDoor), p.lotWorkRoutes(coopDoor), p.preorderRoutes(), p.harvestRoutes(farmDoor), p.harvestRoutes(coopDoor), p.workRoutes(), p.noticeRoutes(), p.reconcileRoutes(), p.orderEditRoutes(), p.orderEditWork(farmDoor), p.orderEditWork(coopDoor), p.voucherRoutes(), p.voucherWork(farmDoor), p.voucherWork(coopDoor)) {
		all = append(all, r)
		if r.Method == http.MethodGet {
			r.Method = http.MethodHead
			all = append(all, r)
		}
	}
	return all
}

func get(path string, serve web.Handler) Route {
	return Route{Method: http.MethodGet, Path: path, Serve: serve}
}

func post(path string, serve web.Handler) Route {
	return Route{Method: http.MethodPost, Path: path, Serve: serve}
}

func (r Route) paced(class string) Route {
	r.Class = class
	return r
}

func (p *Pages) buyerRoutes() []Route {
	return []Route{
		get("/", p.home),
		get("/tim", p.search),
		get("/san-pham/:slug", p.product),
		get("/gian-hang/:slug", p.seller),
		get("/anh/:key", p.photo),
		get("/l/:code", p.link),

		get("/gio-hang", p.cart),
		post("/gio-hang", p.changeCart),
		post("/gio-hang/them", p.addToCart),
		get("/thanh-toan", p.checkout),
		post("/thanh-toan", p.place),
		get("/thanh-toan/:order", p.paid),
		get("/phuong-xa", p.wards),

		get("/don-hang/:id", p.order),
		get("/don-hang/:id/ma-qr.png", p.orderQR),
		post("/don-hang/:id/huy", p.cancelOrder),
		post("/don-hang/:id/:parcel/nhan", p.receiveParcel),
		get("/theo-doi", p.track),
		post("/theo-doi", p.findOrder).paced("signin"),

		get("/dang-nhap", p.signin),
		post("/dang-nhap", p.sendCode).paced("signin"),
		get("/dang-nhap/ma", p.code),
		post("/dang-nhap/ma", p.enterCode).paced("signin"),
		post("/dang-nhap/mat-khau", p.enterPassword).paced("signin"),
		post("/dang-xuat", p.signout),
		post("/dang-xuat/tat-ca", p.signoutAll),
		get("/tai-khoan", p.account),
		post("/tai-khoan", p.saveAccount),
		post("/tai-khoan/mat-khau", p.savePassword).paced("signin"),
		get("/tai-khoan/don-hang", p.myOrders),

		get("/tro-giup", p.reading("help", plain, "mua", "tra-tien", "giao-hang", "doi-tra", "tai-khoan", "lien-he")),
		get("/quy-che", p.reading("rules", p.figures, "san", "nguoi-ban", "chung-nhan", "gia", "xep-hang", "giao-hang", "doi-tra", "khieu-nai")),
		get("/du-lieu-ca-nhan", p.reading("privacy", plain, "giu-gi", "de-lam-gi", "ai-thay", "bao-lau", "quyen")),
		get("/robots.txt", p.robots),
		get("/sitemap.xml", p.sitemap),

		get("/hop-thu", p.inbox),
		get("/sandbox/pay", p.wallet),
		post("/sandbox/pay", p.decide),
	}
}
