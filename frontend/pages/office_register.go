package pages

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/search"
)

// registerShown is how many recognitions one page of the register has.
const registerShown = 200

// The states in which the register can be read.
const (
	registerAll    = ""
	registerEnding = "sap-het-han"
	registerOver   = "het-han"
	registerGone   = "thu-hoi"
	registerPast   = "da-thay" // another recognition has taken its place
)

// recognised is one certificate with the product that it is about.
type recognised struct {
	product *catalog.Product
	cert    catalog.Certificate
}

func (r recognised) state(now time.Time) string {
	days := daysLeft(now, r.cert.ValidTo)
	switch {
	case r.cert.RevokedAt != nil:
		return registerGone
	case days < 0 && r.replaced(now):
		return registerPast
	case days < 0:
		return registerOver
	case days <= expireWarning:
		return registerEnding
	default:
		return registerAll
	}
}

// replaced reports whether the product has a recognition that is good now.
func (r recognised) replaced(now time.Time) bool {
	_, ok := r.product.Badge(now)
	return ok
}

// register lists the recognitions of what is in the shop, those that need
// somebody first, and finds products to enter one for.
func (p *Pages) register(c *gin.Context) error {
	ctx, s := c.Request.Context(), p.speaker(c)
	all, err := p.recognitions(ctx)
	if err != nil {
		return err
	}
	wanted := c.Query("loc")
	v := registerView{Page: p.officePage(c, s.t("office.nav.register")), Filters: s.registerFilters(all, wanted)}
	v.Table = p.registerTable(s, all, wanted)
	v.Find = ui.Field{Name: "q", Label: s.t("office.find"), Value: c.Query("q"), Optional: true, Unmarked: true}
	if v.Find.Value != "" {
		if v.Found, err = p.findProducts(ctx, s, v.Find.Value); err != nil {
			return err
		}
		v.Searched = true
	}
	return web.Render(c, http.StatusOK, registerPage(v))
}

func (p *Pages) recognitions(ctx context.Context) ([]recognised, error) {
	var all []recognised
	err := p.Catalog.EachPublished(ctx, func(product *catalog.Product) error {
		for _, cert := range product.Certificates {
			all = append(all, recognised{product, cert})
		}
		return nil
	})
	slices.SortStableFunc(all, p.byNeed)
	return all, err
}

// need orders states by how much they ask of an official.
var need = map[string]int{registerEnding: 1, registerOver: 2, registerAll: 3, registerGone: 4, registerPast: 5}

func (p *Pages) byNeed(a, b recognised) int {
	now := p.Env.Now()
	return cmp.Or(
		cmp.Compare(need[a.state(now)], need[b.state(now)]), a.cert.ValidTo.Compare(b.cert.ValidTo), cmp.Compare(a.product.ID, b.product.ID),
	)
}

func (s speaker) registerFilters(all []recognised, wanted string) []ui.NavItem {
	counts := map[string]int{}
	for _, r := range all {
		counts[r.state(s.now)]++
	}
	counts[registerAll] = len(all)
	var out []ui.NavItem
	for _, state := range []string{registerAll, registerEnding, registerOver, registerGone, registerPast} {
		href := "/thong-ke/chung-nhan"
		if state != registerAll {
			href += "?loc=" + state
		}
		out = append(out, ui.NavItem{
			Label: s.t("office.register." + cmp.Or(state, "tat-ca")), Href: href, Count: s.number(int64(counts[state])), Current: wanted == state,
		})
	}
	return out
}

func (p *Pages) registerTable(s speaker, all []recognised, wanted string) ui.Table {
	tb := ui.Table{Caption: s.t("office.register.caption"), Quiet: true, Columns: []ui.Column{
		{Label: s.t("coop.stock.product")}, {Label: s.t("cert.stars")}, {Label: s.t("stars.decision")}, {Label: s.t("cert.to")}, {Label: s.t("cert.state")}, {Label: s.t("office.register.proof")},
	}}
	for _, r := range all {
		if wanted != registerAll && r.state(s.now) != wanted {
			continue
		}
		if len(tb.Rows) == registerShown {
			tb.Note = s.t("office.register.cut", "n", registerShown)
			break
		}
		tb.Rows = append(tb.Rows, s.registerRow(r))
	}
	return tb
}

func (s speaker) registerRow(r recognised) []ui.Cell {
	left, tone := s.certificateLeft(r.cert)
	if r.state(s.now) == registerPast {
		left, tone = s.t("cert.replaced"), ui.Info
	}
	return []ui.Cell{
		{Text: s.text(r.product.Name), Sub: s.text(r.product.SellerName) + " · " + s.place(r.product.Ward), Href: "/thong-ke/chung-nhan/" + string(r.product.ID)},
		{Other: ui.StarMark(s.t, r.cert.Stars)},
		{Text: r.cert.DecisionNo, Sub: s.date(r.cert.DecisionDate)},
		{Text: s.date(lastDay(r.cert))},
		{Text: left, Tag: tone},
		{Text: r.cert.Verification, Sub: s.proofWords(r.cert)},
	}
}

// proofWords says how a recognition was checked, and when it was made up for a
// demonstration.
func (s speaker) proofWords(c catalog.Certificate) string {
	if c.Demo {
		return s.t("cert.demo")
	}
	return s.t("cert.proof." + c.Verification)
}

func (p *Pages) findProducts(ctx context.Context, s speaker, text string) ([]ui.NavItem, error) {
	_, found, err := p.find(ctx, search.Query{Text: text, Limit: 10})
	var out []ui.NavItem
	for _, product := range found {
		out = append(out, ui.NavItem{Label: s.text(product.Name) + " · " + s.text(product.SellerName), Href: "/thong-ke/chung-nhan/" + string(product.ID)})
	}
	return out, err
}

// typedCertificate is a recognition as it was typed.
type typedCertificate struct {
	id                                                                  market.ID
	no, date, issuer, level, stars, score, from, to, verification, note string
}

// certificates shows what one product has been recognised for, and enters
// another decision.
func (p *Pages) certificates(c *gin.Context) error {
	return p.showCertificates(c, http.StatusOK, p.newCertificate(c), nil, typedRevocation{})
}

// newCertificate is the form as it is found: by far the most decisions are the
// city's.
func (p *Pages) newCertificate(c *gin.Context) typedCertificate {
	return typedCertificate{id: p.Env.NewID(), issuer: p.speaker(c).t("office.cert.issuer.usual"), level: "province", verification: catalog.ProofDecision}
}

func (p *Pages) showCertificates(c *gin.Context, status int, typed typedCertificate, failed error, undone typedRevocation) error {
	s := p.speaker(c)
	product, err := p.Catalog.Product(c.Request.Context(), web.Actor(c), market.ID(c.Param("product")))
	if err != nil {
		return err
	}
	v := certificatesView{
		Page: p.officePage(c, s.text(product.Name)), ID: string(product.ID), Image: p.picture(product, smallPhoto),
		Rows: [][2]string{
			{s.t("office.cert.seller"), s.text(product.SellerName)},
			{s.t("item.fact.ward"), s.fullPlace(product.Ward)},
			{s.t("item.fact.set"), p.setName(s, product.Set)},
			{s.t("cert.state"), s.status(product.Status)},
		},
		NewID: string(typed.id),
	}
	for _, cert := range product.Certificates {
		card := s.certificateCard(product.ID, cert)
		v.Wrongs = append(v.Wrongs, p.revocationFields(&card, s, cert, undone)...)
		v.Certificates = append(v.Certificates, card)
	}
	v.fields(s, typed)
	v.Wrongs = append(v.Wrongs, p.wrongs(s, failed, v.slots())...)
	return web.Render(c, status, certificatesPage(v))
}

func (s speaker) certificateCard(product market.ID, cert catalog.Certificate) certificateCard {
	left, tone := s.certificateLeft(cert)
	card := certificateCard{
		Stars: cert.Stars, Left: left, Tone: tone,
		Rows: [][2]string{
			{s.t("stars.decision"), s.t("item.cert.decision", "no", cert.DecisionNo, "date", cert.DecisionDate)},
			{s.t("stars.issuer"), cert.Issuer},
			{s.t("item.cert.period"), s.date(cert.ValidFrom) + " – " + s.date(lastDay(cert))},
			{s.t("item.cert.checked"), s.proofWords(cert)},
			{s.t("office.cert.by"), s.checker(cert.CheckedBy)},
			{s.t("office.cert.law"), cert.LegalVersion},
		},
	}
	if cert.Score > 0 {
		card.Rows = append(card.Rows, [2]string{s.t("item.cert.score"), s.score(cert.Score)})
	}
	if cert.RevokedAt == nil {
		card.Revoke = "/thong-ke/chung-nhan/" + string(product) + "/" + string(cert.ID) + "/thu-hoi"
	}
	return card
}

// checker names who entered a recognition.
func (s speaker) checker(name string) string {
	if name == market.System.Name {
		return s.t("office.cert.by.system")
	}
	return name
}

func (v *certificatesView) fields(s speaker, t typedCertificate) {
	choose := func(prefix, chosen string, values ...string) []ui.Option {
		out := make([]ui.Option, len(values))
		for i, value := range values {
			out[i] = ui.Option{Value: value, Label: s.t(prefix + value), Selected: value == chosen}
		}
		return out
	}
	v.No = ui.Field{Name: "decision_no", Label: s.t("office.cert.no"), Help: s.t("office.cert.no.help"), Value: t.no, MaxLength: "40", Autocomplete: "off"}
	v.Date = ui.Field{Kind: ui.Day, Name: "decision_date", Label: s.t("office.cert.date"), Value: t.date, Short: true}
	v.Issuer = ui.Field{Name: "issuer", Label: s.t("stars.issuer"), Value: t.issuer, MaxLength: "120"}
	v.Level = ui.Field{Kind: ui.Select, Name: "issuer_level", Label: s.t("office.cert.level"), Options: choose("office.cert.level.", t.level, "central", "province", "district")}
	v.Stars = ui.Field{Kind: ui.Select, Name: "stars", Label: s.t("office.cert.stars"), Help: s.t("office.cert.stars.help"), Placeholder: s.t("office.cert.stars.score"), Options: choose("office.cert.stars.", t.stars, "3", "4", "5"), Optional: true, Unmarked: true}
	v.Score = ui.Field{Kind: ui.Decimal, Name: "score", Label: s.t("office.cert.score"), Value: t.score, Optional: true, Unmarked: true, Short: true}
	v.From = ui.Field{Kind: ui.Day, Name: "valid_from", Label: s.t("office.cert.from"), Help: s.t("office.cert.from.help"), Value: t.from, Optional: true, Unmarked: true, Short: true}
	v.To = ui.Field{Kind: ui.Day, Name: "valid_to", Label: s.t("office.cert.to"), Help: s.t("office.cert.to.help"), Value: t.to, Optional: true, Unmarked: true, Short: true}
	v.Proof = ui.Field{Kind: ui.Choice, Name: "verification", Label: s.t("office.cert.proof"), Options: choose("cert.proof.", t.verification, catalog.ProofDecision, catalog.ProofState, catalog.ProofPending, catalog.ProofVendor)}
	v.Note = ui.Field{Kind: ui.Area, Name: "note", Label: s.t("office.cert.note"), Value: t.note, Optional: true, MaxLength: "1000"}
}

func (v *certificatesView) slots() map[string]*string {
	return map[string]*string{
		"decision_no": &v.No.Error, "decision_date": &v.Date.Error, "issuer": &v.Issuer.Error, "issuer_level": &v.Level.Error, "stars": &v.Stars.Error,
		"score": &v.Score.Error, "valid_from": &v.From.Error, "valid_to": &v.To.Error, "verification": &v.Proof.Error, "note": &v.Note.Error,
	}
}

// certify enters a decision that recognises the product.
func (p *Pages) certify(c *gin.Context) error {
	typed := typedCertificate{
		id: market.ID(c.PostForm("id")), no: c.PostForm("decision_no"), date: c.PostForm("decision_date"), issuer: c.PostForm("issuer"), level: c.PostForm("issuer_level"),
		stars: c.PostForm("stars"), score: c.PostForm("score"), from: c.PostForm("valid_from"), to: c.PostForm("valid_to"), verification: c.PostForm("verification"), note: c.PostForm("note"),
	}
	cert, err := typed.read()
	if err == nil {
		_, err = p.Catalog.Certify(c.Request.Context(), web.Actor(c), market.ID(c.Param("product")), cert)
	}
	if mendable(err) {
		return p.showCertificates(c, web.Status(err), typed, err, typedRevocation{})
	}
	if err != nil {
		return err
	}
	return tell(c, c.Request.URL.Path, "office.cert.entered")
}

func (t typedCertificate) read() (catalog.Certificate, error) {
	var checks market.Checks
	cert := catalog.Certificate{
		ID: t.id, DecisionNo: strings.TrimSpace(t.no), Issuer: t.issuer, IssuerLevel: t.level, Verification: t.verification, Note: market.Text{VI: t.note},
		DecisionDate: readDay(&checks, "decision_date", "certificate.decision_date", t.date),
	}
	if t.from != "" {
		cert.ValidFrom = readDay(&checks, "valid_from", "certificate.valid_from", t.from)
	}
	if t.to != "" {
		cert.ValidTo = readDay(&checks, "valid_to", "certificate.valid_to", t.to).AddDate(0, 0, 1)
	}
	if t.stars != "" {
		stars, err := strconv.Atoi(t.stars)
		checks.That(err == nil, "stars", "office.cert.stars.wrong")
		cert.Stars = stars
	}
	if t.score != "" {
		score, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(t.score), ",", ".", 1), 64)
		checks.That(err == nil, "score", "certificate.score")
		cert.Score = score
	}
	checks.That(t.stars != "" || t.score != "", "stars", "office.cert.stars.wrong")
	return cert, checks.Err()
}

// readDay reads a day of Huế as its first moment.
func readDay(checks *market.Checks, field, key, text string) time.Time {
	at, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(text), market.HueZone)
	checks.That(err == nil, field, key)
	return at.UTC()
}

// typedRevocation is a revocation that could not be done, as it was typed.
type typedRevocation struct {
	certificate       market.ID
	reason, words, no string
	failed            error
}

// revocationFields asks why a recognition ends: the ground, the words of the
// decision and its number.
func (p *Pages) revocationFields(card *certificateCard, s speaker, cert catalog.Certificate, undone typedRevocation) []ui.Wrong {
	mine := typedRevocation{}
	if undone.certificate == cert.ID {
		mine, card.Open = undone, true
	}
	id := func(name string) string { return name + "-" + string(cert.ID) }
	card.Reason = ui.Field{Kind: ui.Select, Name: "reason", ID: id("reason"), Label: s.t("office.revoke.reason"), Placeholder: s.t("field.choose")}
	for _, r := range p.Sets.RevocationReasons(s.now) {
		card.Reason.Options = append(card.Reason.Options, ui.Option{Value: r.ID, Label: s.text(r.Name), Selected: r.ID == mine.reason})
	}
	card.Words = ui.Field{Kind: ui.Area, Name: "words", ID: id("words"), Label: s.t("office.revoke.words"), Value: mine.words, MaxLength: "500"}
	card.No = ui.Field{Name: "withdrawal_no", ID: id("withdrawal_no"), Label: s.t("office.revoke.no"), Help: s.t("office.revoke.no.help"), Value: mine.no, MaxLength: "40", Autocomplete: "off", Optional: true, Unmarked: true}
	wrongs := p.wrongs(s, mine.failed, map[string]*string{"reason": &card.Reason.Error, "words": &card.Words.Error, "decision_no": &card.No.Error})
	for i := range wrongs {
		if wrongs[i].ID == "decision_no" {
			wrongs[i].ID = "withdrawal_no"
		}
		wrongs[i].ID = id(wrongs[i].ID)
	}
	return wrongs
}

// revoke ends a recognition now.
func (p *Pages) revoke(c *gin.Context) error {
	product := market.ID(c.Param("product"))
	typed := typedRevocation{
		certificate: market.ID(c.Param("certificate")), reason: c.PostForm("reason"), words: c.PostForm("words"), no: c.PostForm("withdrawal_no"),
	}
	_, err := p.Catalog.Revoke(c.Request.Context(), web.Actor(c), product, typed.certificate, catalog.Revocation{
		Reason: typed.reason, Words: typed.words, DecisionNo: typed.no,
	})
	if mendable(err) {
		typed.failed = err
		return p.showCertificates(c, web.Status(err), p.newCertificate(c), nil, typed)
	}
	if err != nil {
		return err
	}
	return tell(c, "/thong-ke/chung-nhan/"+string(product), "office.cert.revoked")
}
