package pages

import (
	"slices"

	"chohue/market"
)

// supplyRoutes are the pages of papers, product sheets, deliveries, settlements, the audit
// trail, takedowns and what decides the order of results.
func (p *Pages) supplyRoutes() []Route {
	moderators := []market.Role{market.RoleModerator, market.RoleOperator}
	duties := []market.Role{market.RoleOfficial, market.RoleModerator, market.RoleOperator}
	return slices.Concat(p.paperRoutes(farmDoor), p.paperRoutes(coopDoor), p.fiscalRoutes(farmDoor), p.fiscalRoutes(coopDoor), p.transferRoutes(farmDoor), p.transferRoutes(coopDoor), p.poolRoutes(),
		within(moderators,
			get("/quan-tri/giay-to", p.waitingPapers),
			get("/quan-tri/nguoi-ban/:id", p.dossier),
			get("/quan-tri/nguoi-ban/:id/giay-to/:paper", p.dossierFile),
			post("/quan-tri/nguoi-ban/:id/giay-to/:paper", p.reviewPaper),
			post("/quan-tri/nguoi-ban/:id/danh-tinh", p.identifySeller),
		),
		within(duties,
			get("/quan-tri/go-bo", p.takedownQueue),
			post("/quan-tri/go-bo", p.receiveTakedown),
			post("/quan-tri/go-bo/:id/go", p.doTakedown),
			post("/quan-tri/go-bo/:id/tu-choi", p.refuseTakedown),
			get("/quan-tri/nhat-ky/:id", p.sellerTrail),
		),
		[]Route{get("/quy-che/xep-hang", p.rankingRules)},
	)
}

func (p *Pages) paperRoutes(door string) []Route {
	return []Route{
		get(door+"/giay-to", p.work(p.myPapers)),
		post(door+"/giay-to", p.work(p.showPaper)),
		post(door+"/giay-to/nganh-hang", p.work(p.declareSets)),
		get(door+"/giay-to/:paper", p.work(p.myPaperFile)),
	}
}

func (p *Pages) poolRoutes() []Route {
	return []Route{
		get(coopDoor+"/nhap-hang", p.work(p.deliveries)),
		post(coopDoor+"/nhap-hang", p.work(p.noteDelivery)),
		post(coopDoor+"/nhap-hang/:id/dinh-chinh", p.work(p.correctDelivery)),
		get(coopDoor+"/chia-tien", p.work(p.settlements)),
		post(coopDoor+"/chia-tien", p.work(p.prepareSettlement)),
		post(coopDoor+"/chia-tien/quy-tac", p.work(p.setSharing)),
		get(coopDoor+"/chia-tien/:id", p.work(p.settlement)),
		get(coopDoor+"/chia-tien/:id/bang.csv", p.work(p.settlementCSV)),
		post(coopDoor+"/chia-tien/:id/:deed", p.work(p.decideSettlement)),
		get(coopDoor+"/xa-vien/:person", p.work(p.statement)),
		get(coopDoor+"/xa-vien/:person/bang.csv", p.work(p.statementCSV)),
		get(coopDoor+"/uy-quyen", p.work(p.mandates)),
		post(coopDoor+"/uy-quyen", p.work(p.addWithoutPhone)),
		post(coopDoor+"/uy-quyen/:person", p.work(p.changeMandate)),
		get(coopDoor+"/nhat-ky", p.work(p.myTrail)),
	}
}
