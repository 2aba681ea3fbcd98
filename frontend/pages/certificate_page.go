package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// lifeRoutes are the pages of a certificate's life and of rights in names.
func (p *Pages) lifeRoutes() []Route {
	officials := []market.Role{market.RoleOfficial, market.RoleOperator}
	checkers := []market.Role{market.RoleOfficial, market.RoleModerator, market.RoleOperator}
	all := append(within(officials,
		get(importDoor, p.importList),
		post(importDoor, p.previewList),
		get(importDoor+"/mau.xlsx", p.listTemplate),
		get(importDoor+"/mau.csv", p.listTemplate),
		post(importDoor+"/:list", p.applyList),
		get("/thong-ke/ptnt-ocop.csv", p.ptnt),
		get("/thong-ke/ptnt-ocop.xlsx", p.ptnt),
		post("/thong-ke/quyen-ten", p.registerRight),
	), within(checkers,
		get("/thong-ke/quyen-ten", p.rights),
		post("/thong-ke/quyen-ten/:right/:seller", p.judgeUse),
		get("/thong-ke/quyen-ten/:right/:seller/ban-quet", p.useFile),
	)...)
	return append(all,
		get("/chung-nhan/:id", p.certificatePage),
		get("/chung-nhan/:id/ban-quet", p.certificateFile),
		post("/chung-nhan/:id/ban-quet", p.sendCertificateFile),
		get(farmDoor+"/quyen-ten", p.work(p.myRights)),
		post(farmDoor+"/quyen-ten", p.work(p.claimUse)),
		get(farmDoor+"/quyen-ten/:right/ban-quet", p.work(p.myUseFile)),
		post(farmDoor+"/nhac/:id", p.work(p.seeReminder)),
	)
}

var certificateTones = map[catalog.CertificateState]ui.Tone{
	catalog.CertificateComing: ui.Info, catalog.CertificateActive: ui.Success, catalog.CertificateExpired: ui.Warning,
	catalog.CertificateRevoked: ui.Problem, catalog.CertificateSuperseded: ui.Info,
}

// certificatePage shows a decision to anybody: what it is worth today and, for
// the version that an order names, how it stood when something was sold.
func (p *Pages) certificatePage(c *gin.Context) error {
	return p.showCertificate(c, http.StatusOK, nil)
}

func (p *Pages) showCertificate(c *gin.Context, status int, failed error) error {
	s, version := p.speaker(c), c.Query("ban")
	found, err := p.Catalog.CertificateByID(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), version)
	if err != nil {
		return err
	}
	v := sheetView{Page: p.page(c, s.t("certificate.page", "no", found.Now.DecisionNo)), Lead: s.t("certificate.page.lead")}
	v.NoIndex = version != ""
	state := s.t("certificate.state." + string(found.Standing.State))
	v.Notices = []ui.Notice{{Tone: certificateTones[found.Standing.State], Title: s.t("certificate.state"), Text: state}}
	if version != "" {
		v.Parts = append(v.Parts, sheetPart{
			ID: "khi-ban", Title: s.t("certificate.then"), Text: s.t("certificate.then.text", "version", version), Rows: s.certificateRows(found.Then, found.Then.Certificate),
		})
	}
	today := sheetPart{ID: "hien-nay", Title: s.t("certificate.now"), Rows: s.certificateRows(found.Then, found.Now)}
	today.Links = []ui.NavItem{{Label: s.t("certificate.product"), Href: productPath(found.Then.Slug)}}
	v.Wrongs = p.evidencePart(c, s, found, &today, failed)
	v.Parts = append(v.Parts, today)
	return web.Render(c, status, sheetPage(v))
}

// certificateRows are the facts of a certificate.
func (s speaker) certificateRows(about catalog.CertificateVersion, cert catalog.Certificate) [][2]string {
	rows := [][2]string{
		{s.t("certificate.product"), s.text(about.ProductName) + " · " + s.text(about.SellerName)},
		{s.t("item.cert.rank"), s.t("stars.label", "n", cert.Stars)},
		{s.t("stars.decision"), s.t("item.cert.decision", "no", cert.DecisionNo, "date", cert.DecisionDate)},
		{s.t("stars.issuer"), cert.Issuer + " (" + s.t("office.cert.level."+cert.IssuerLevel) + ")"},
		{s.t("item.cert.period"), s.date(cert.ValidFrom) + " – " + s.date(lastDay(cert))},
		{s.t("office.cert.law"), cert.LegalVersion},
		{s.t("item.cert.checked"), cert.Verification + " · " + s.t("cert.proof."+cert.Verification)},
	}
	if !cert.CheckedAt.IsZero() {
		rows = append(rows, [2]string{s.t("certificate.checked_at"), s.date(cert.CheckedAt) + " · " + cert.CheckedBy})
	}
	if cert.Score > 0 {
		rows = append(rows, [2]string{s.t("item.cert.score"), s.score(cert.Score)})
	}
	scan := s.t("certificate.evidence.none")
	if cert.Evidence != nil {
		scan = cert.Evidence.SHA256
	}
	rows = append(rows, [2]string{s.t("certificate.evidence"), scan})
	if r := cert.Revocation; r != nil {
		rows = append(rows, [2]string{s.t("certificate.revoked.by"), s.t("certificate.revoked.text", "date", r.At, "words", r.Words, "reason", joined(r.DecisionNo, r.Reason))})
	}
	if note := s.text(cert.Note); note != "" {
		rows = append(rows, [2]string{s.t("office.cert.note"), note})
	}
	return rows
}

// evidencePart adds, for those who may, the scan and a form to hand one in.
func (p *Pages) evidencePart(c *gin.Context, s speaker, found catalog.Certified, part *sheetPart, failed error) []ui.Wrong {
	by := web.Actor(c)
	product, err := p.Catalog.Product(c.Request.Context(), by, found.Then.Product)
	if err != nil || !(by.For(product.Seller) || by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator)) {
		return nil
	}
	action := "/chung-nhan/" + string(found.Now.ID) + "/ban-quet"
	if found.Now.Evidence != nil {
		part.Links = append(part.Links, ui.NavItem{Label: s.t("certificate.evidence.open"), Href: action})
	}
	field := ui.Field{Kind: ui.File, Name: "evidence", Label: s.t("certificate.evidence.file"), Help: s.t("certificate.evidence.help"), Accept: "application/pdf,image/jpeg"}
	wrongs := p.wrongs(s, failed, map[string]*string{"evidence": &field.Error})
	part.Forms = []sheetForm{{
		Action: action, Upload: true, Folded: s.t("certificate.evidence.send"), Open: failed != nil,
		Fields: []ui.Field{field}, Button: ui.Button{Label: s.t("certificate.evidence.send")},
	}}
	return wrongs
}

// productOf is the product that a certificate in the address is about.
func (p *Pages) productOf(c *gin.Context) (market.ID, market.ID, error) {
	found, err := p.Catalog.CertificateByID(c.Request.Context(), web.Actor(c), market.ID(c.Param("id")), "")
	return found.Then.Product, found.Now.ID, err
}

func (p *Pages) certificateFile(c *gin.Context) error {
	product, cert, err := p.productOf(c)
	if err != nil {
		return err
	}
	file, err := p.Catalog.CertificateEvidence(c.Request.Context(), web.Actor(c), product, cert)
	if err != nil {
		return err
	}
	return sendEvidence(c, file)
}

func (p *Pages) sendCertificateFile(c *gin.Context) error {
	product, cert, err := p.productOf(c)
	if err != nil {
		return err
	}
	name, data, err := formFile(c, "evidence", catalog.MaxEvidenceBytes)
	if err == nil {
		_, err = p.Catalog.AttachEvidence(c.Request.Context(), web.Actor(c), product, cert, name, data)
	}
	if mendable(err) {
		return p.showCertificate(c, web.Status(err), err)
	}
	if err != nil {
		return err
	}
	return tell(c, "/chung-nhan/"+string(cert), "certificate.evidence.done")
}
