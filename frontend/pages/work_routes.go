package pages

import (
	"slices"

	"github.com/gin-gonic/gin"

	"chohue/frontend/web"
	"chohue/market"
)

// workRoutes are the pages of those who sell, check and count.
func (p *Pages) workRoutes() []Route {
	return slices.Concat(p.offlineRoutes(), p.farmRoutes(), p.coopRoutes(), p.parcelRoutes(farmDoor), p.parcelRoutes(coopDoor), p.adminRoutes(), p.officeRoutes(), p.lifeRoutes(), p.supplyRoutes(), p.payoutRoutes(), p.taxRoutes(), p.invoiceRoutes(farmDoor), p.invoiceRoutes(coopDoor), p.carriageRoutes(farmDoor), p.carriageRoutes(coopDoor), p.handoverRoutes(farmDoor), p.handoverRoutes(coopDoor), p.aftercareRoutes(), p.searchRoutes(), p.releaseRoutes())
}

func (p *Pages) farmRoutes() []Route {
	return []Route{
		get("/nong-ho", p.work(p.farmToday)),
		get("/nong-ho/dang-ban", p.work(p.listingGoods)),
		post("/nong-ho/dang-ban", p.work(p.saveGoods)),
		get("/nong-ho/dang-ban/:id/gia", p.work(p.listingPrice)),
		post("/nong-ho/dang-ban/:id/gia", p.work(p.savePrice)),
		get("/nong-ho/dang-ban/:id/gui", p.work(p.listingLook)),
		post("/nong-ho/dang-ban/:id/gui", p.work(p.sendListing)),
		get("/nong-ho/san-pham", p.work(p.myProducts)),
		post("/nong-ho/san-pham/:id/:variant", p.work(p.changeVariant)),
		post("/nong-ho/san-pham/:id", p.work(p.withdrawProduct)),
		get("/nong-ho/lien-ket", p.work(p.saleLinks)),
		post("/nong-ho/lien-ket", p.work(p.makeLink)),
		get("/nong-ho/lien-ket/:code/qr.png", p.work(p.linkQR)),
		get("/nong-ho/lien-ket/:code"+posterName, p.work(p.linkPoster)),
		get("/nong-ho/mo-gian-hang", p.openShop),
		post("/nong-ho/mo-gian-hang", p.saveShop),
	}
}

func (p *Pages) coopRoutes() []Route {
	return []Route{
		get("/hop-tac-xa", p.work(p.board)),
		get("/hop-tac-xa/san-pham", p.work(p.stock)),
		get("/hop-tac-xa/thanh-vien", p.work(p.members)),
		post("/hop-tac-xa/thanh-vien", p.work(p.addMember)),
		post("/hop-tac-xa/thanh-vien/:person/bo", p.work(p.removeMember)),
	}
}

// parcelRoutes are what can be done with parcels and money, by either door.
func (p *Pages) parcelRoutes(door string) []Route {
	const parcel = "/don/:order/:parcel"
	return []Route{
		get(door+parcel, p.work(p.parcel)),
		post(door+parcel+"/dong-goi", p.work(p.packParcel)),
		post(door+parcel+"/giao-cho-van-chuyen", p.work(p.shipParcel)),
		post(door+parcel+"/da-giao", p.work(p.deliverParcel)),
		get(door+"/tien", p.work(p.money)),
		post(door+"/tien/:payment/da-nhan", p.work(p.confirmTransfer)),
	}
}

func (p *Pages) adminRoutes() []Route {
	return within([]market.Role{market.RoleModerator, market.RoleOperator},
		get("/quan-tri", p.queue),
		post("/quan-tri/:id/duyet", p.approve),
		post("/quan-tri/:id/tu-choi", p.reject),
		get("/quan-tri/ban-sua", p.edits),
		post("/quan-tri/ban-sua/:id/:number/duyet", p.approveEdit),
		post("/quan-tri/ban-sua/:id/:number/tu-choi", p.rejectEdit),
		get("/quan-tri/nguoi-ban", p.newSellers),
		post("/quan-tri/nguoi-ban/:id/xac-minh", p.verifySeller),
	)
}

func (p *Pages) officeRoutes() []Route {
	figures := p.figureRoutes()
	register := within([]market.Role{market.RoleOfficial, market.RoleModerator, market.RoleOperator},
		get("/thong-ke/chung-nhan", p.register),
		get("/thong-ke/chung-nhan/:product", p.certificates),
		post("/thong-ke/chung-nhan/:product", p.certify),
		post("/thong-ke/chung-nhan/:product/:certificate/thu-hoi", p.revoke),
	)
	return slices.Concat(figures, register)
}

// within closes routes to those who have none of the roles: guests are asked
// who they are, for others there is no such page.
func within(roles []market.Role, routes ...Route) []Route {
	for i := range routes {
		routes[i].Needs, routes[i].Serve = roles, only(roles, routes[i].Serve)
	}
	return routes
}

func only(roles []market.Role, serve web.Handler) web.Handler {
	return func(c *gin.Context) error {
		switch by := web.Actor(c); {
		case by.Guest():
			return market.Unauthenticated("signin.needed")
		case !by.Is(roles...):
			return errNoPage
		default:
			return serve(c)
		}
	}
}
