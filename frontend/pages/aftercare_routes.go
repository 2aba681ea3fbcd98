package pages

import (
	"slices"

	"chohue/market"
)

// aftercareRoutes are the pages of returns, complaints and reviews.
func (p *Pages) aftercareRoutes() []Route {
	return slices.Concat([]Route{
		get("/don-hang/:id/doi-tra/:parcel", p.returnForm),
		post("/don-hang/:id/doi-tra/:parcel", p.askReturn),
		get("/don-hang/:id/tra-hang/:ret", p.myReturn),
		post("/don-hang/:id/tra-hang/:ret/:deed", p.moveReturn),
		get("/don-hang/:id/bang-chung/:photo", p.evidence),
		post("/don-hang/:id/huy-kien/:parcel", p.cancelParcel),

		get("/don-hang/:id/khieu-nai/:parcel", p.complaintForm),
		post("/don-hang/:id/khieu-nai/:parcel", p.complain),
		get("/san-pham/:slug/khieu-nai", p.productComplaintForm),
		post("/san-pham/:slug/khieu-nai", p.complainOfProduct),
		get("/khieu-nai", p.myComplaints),
		get("/khieu-nai/:id", p.complaint),
		post("/khieu-nai/:id", p.speak),
		get("/khieu-nai/:id/bang-chung/:photo", p.complaintEvidence),

		get("/don-hang/:id/danh-gia/:variant", p.reviewForm),
		post("/don-hang/:id/danh-gia/:variant", p.writeReview),
		get("/san-pham/:slug/danh-gia", p.reviews),
		post("/danh-gia/:id/bao-cao", p.reportReview),
		get("/danh-gia/:id/anh/:photo", p.reviewPhoto),

		get("/quy-che/thoi-han", p.deadlines),
	}, p.aftercareWork(farmDoor), p.aftercareWork(coopDoor), within([]market.Role{market.RoleModerator, market.RoleOperator},
		get("/quan-tri/phan-xu", p.disputes),
		post("/quan-tri/phan-xu/:order/:ret", p.decideReturn),
		post("/quan-tri/danh-gia/:id", p.judgeReview),
		post("/quan-tri/khieu-nai/:id", p.resolveComplaint),
	))
}

// aftercareWork are a seller's returns, complaints and reviews, by either door.
func (p *Pages) aftercareWork(door string) []Route {
	return []Route{
		get(door+"/sau-ban", p.work(p.aftercareInbox)),
		get(door+"/tra-hang/:order/:ret", p.work(p.sellerReturn)),
		post(door+"/tra-hang/:order/:ret/:deed", p.work(p.moveSellerReturn)),
		post(door+"/don/:order/:parcel/huy", p.work(p.giveUpParcel)),
		post(door+"/don/:order/:parcel/tang-tien", p.work(p.giveGoodwill)),
		post(door+"/danh-gia/:id", p.work(p.replyReview)),
	}
}
