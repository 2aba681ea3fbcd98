package catalog

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

var withdrawal = Revocation{Reason: "dieu-8-2", Words: "Không giữ điều kiện sản xuất", DecisionNo: "77/QĐ-UBND"}

// ranked is a proven certificate of so many stars, good for three years.
func ranked(id market.ID, stars int, from time.Time, change func(*Certificate)) Certificate {
	c := Certificate{ID: id, Stars: stars, DecisionDate: from, ValidFrom: from, ValidTo: from.AddDate(3, 0, 0), Verification: ProofDecision}
	if change != nil {
		change(&c)
	}
	return c
}

func TestStandingAtEachBoundary(t *testing.T) {
	from, later := start, start.AddDate(1, 0, 0)
	revoked, over := start.AddDate(2, 0, 0), start.AddDate(3, 0, 0)
	revoke := func(mistake bool) func(*Certificate) {
		return func(c *Certificate) { c.RevokedAt, c.Revocation = &revoked, &Revocation{Mistake: mistake} }
	}
	pending := func(c *Certificate) { c.Verification = ProofPending }
	for _, test := range []struct {
		name          string
		c             Certificate
		others        []Certificate
		turn          time.Time
		before, after CertificateState
		by            market.ID
	}{
		{"begins", ranked("a", 3, from, nil), nil, from, CertificateComing, CertificateActive, ""},
		{"expires", ranked("a", 3, from, nil), nil, over, CertificateActive, CertificateExpired, ""},
		{"revoked", ranked("a", 3, from, revoke(false)), nil, revoked, CertificateActive, CertificateRevoked, ""},
		{"superseded", ranked("a", 4, from, nil), []Certificate{ranked("b", 3, later, nil)}, later, CertificateActive, CertificateSuperseded, "b"},
		{"by the first of two", ranked("a", 4, from, nil), []Certificate{ranked("c", 5, revoked, nil), ranked("b", 3, later, nil)}, later, CertificateActive, CertificateSuperseded, "b"},
		{"stays so when the successor is revoked", ranked("a", 4, from, nil), []Certificate{ranked("b", 3, later, revoke(false))}, later, CertificateActive, CertificateSuperseded, "b"},
		{"not by a mistake", ranked("a", 4, from, nil), []Certificate{ranked("b", 3, later, revoke(true))}, over, CertificateActive, CertificateExpired, ""},
		{"not by what is not proven", ranked("a", 4, from, nil), []Certificate{ranked("b", 5, later, pending)}, over, CertificateActive, CertificateExpired, ""},
		{"not by two stars", ranked("a", 4, from, nil), []Certificate{ranked("b", 2, later, nil)}, over, CertificateActive, CertificateExpired, ""},
		{"not by a decision of the same day", ranked("a", 4, from, nil), []Certificate{ranked("b", 5, from, nil)}, over, CertificateActive, CertificateExpired, ""},
		{"revoked before it would be replaced", ranked("a", 4, from, revoke(false)), []Certificate{ranked("b", 3, revoked.Add(time.Hour), nil)}, revoked, CertificateActive, CertificateRevoked, ""},
		{"replaced before it was revoked", ranked("a", 4, from, revoke(false)), []Certificate{ranked("b", 3, later, nil)}, later, CertificateActive, CertificateSuperseded, "b"},
	} {
		others := append([]Certificate{test.c}, test.others...)
		if got := test.c.StandingAt(test.turn.Add(-time.Millisecond), others).State; got != test.before {
			t.Errorf("%s: %s just before, want %s", test.name, got, test.before)
		}
		got := test.c.StandingAt(test.turn, others)
		if got.State != test.after || got.SupersededBy != test.by {
			t.Errorf("%s: %s by %q, want %s by %q", test.name, got.State, got.SupersededBy, test.after, test.by)
		}
	}
}

// TestSpansAreBadgesOverTime holds what a search index is told against what
// pages compute, at every boundary and beside it.
func TestSpansAreBadgesOverTime(t *testing.T) {
	revoked := start.AddDate(0, 18, 0)
	p := &Product{Certificates: []Certificate{
		ranked("a", 4, start, nil), ranked("b", 3, start.AddDate(1, 0, 0), func(c *Certificate) { c.RevokedAt = &revoked }),
		ranked("c", 5, start.AddDate(2, 0, 0), nil), ranked("d", 2, start.AddDate(2, 1, 0), nil),
	}}
	for _, c := range p.Certificates {
		for _, at := range []time.Time{c.ValidFrom, c.ValidTo, revoked} {
			for _, step := range []time.Duration{-time.Millisecond, 0, time.Millisecond} {
				now, stars := at.Add(step), 0
				for _, span := range p.BadgeSpans() {
					if !now.Before(span.From) && now.Before(span.Until) {
						stars = max(stars, span.Stars)
					}
				}
				if badge, _ := p.Badge(now); badge.Stars != stars {
					t.Errorf("%s: page %d stars, index %d", now, badge.Stars, stars)
				}
			}
		}
	}
}

func TestRevokeSaysWhy(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	if _, err := s.Certify(t.Context(), official, p.ID, decision()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		change     func(*Revocation)
		key, field string
	}{
		{func(r *Revocation) { r.Reason = "dieu-8-7" }, "certificate.reason", "reason"},
		{func(r *Revocation) { r.Words = " " }, "certificate.reason_words", "words"},
		{func(r *Revocation) { r.DecisionNo = "" }, "certificate.decision_no", "decision_no"},
	} {
		r := withdrawal
		test.change(&r)
		_, err := s.Revoke(t.Context(), official, p.ID, "c1", r)
		wantError(t, err, market.KindInvalid, test.key, test.field)
	}
	p, err := s.Revoke(t.Context(), official, p.ID, "c1", withdrawal)
	if err != nil {
		t.Fatal(err)
	}
	want := withdrawal
	want.By, want.ByName, want.At = "official", "Chị Lan", start
	if diff := cmp.Diff(&want, p.Certificates[0].Revocation); diff != "" {
		t.Errorf("revocation (-want +got):\n%s", diff)
	}
	again := decision()
	again.ID = "c9"
	if p, err = s.Certify(t.Context(), official, p.ID, again); err != nil || len(p.Certificates) != 1 {
		t.Errorf("a revoked decision entered again: %d certificates, %v", len(p.Certificates), err)
	}
}

func TestMistakenEntryMayBeMended(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	wrong, right := decision(), decision()
	wrong.Score, right.ID = 91, "c2"
	if _, err := s.Certify(t.Context(), official, p.ID, wrong); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Revoke(t.Context(), official, p.ID, "c1", Revocation{Reason: "nhap-nham", Words: "Gõ nhầm điểm"}); err != nil {
		t.Fatal(err)
	}
	p, err := s.Certify(t.Context(), official, p.ID, right)
	if err != nil {
		t.Fatal(err)
	}
	if badge, _ := p.Badge(s.time()); badge.ID != "c2" {
		t.Errorf("badge by %q, want the mended entry", badge.ID)
	}
}

var pdf = []byte("%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF")

func TestEvidenceIsForThoseWhoCheck(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	if _, err := s.Certify(t.Context(), official, p.ID, decision()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		data []byte
		key  string
	}{
		{[]byte("<svg onload=alert(1)>"), "evidence.format"},
		{nil, "evidence.large"},
		{append(bytes.Clone(pdf), make([]byte, MaxEvidenceBytes)...), "evidence.large"},
	} {
		_, err := s.AttachEvidence(t.Context(), official, p.ID, "c1", "a.pdf", test.data)
		wantError(t, err, market.KindInvalid, test.key, "evidence")
	}
	before := decision().DecisionNo
	p, err := s.AttachEvidence(t.Context(), official, p.ID, "c1", "QĐ 912.pdf", pdf)
	if err != nil {
		t.Fatal(err)
	}
	if e := p.Certificates[0].Evidence; e == nil || e.Type != "application/pdf" || len(e.SHA256) != 64 || p.Certificates[0].DecisionNo != before {
		t.Errorf("evidence %+v", e)
	}
	again, err := s.AttachEvidence(t.Context(), official, p.ID, "c1", "QĐ 912.pdf", pdf)
	if err != nil || again.Rev != p.Rev {
		t.Errorf("the same file again: revision %d → %d, %v", p.Rev, again.Rev, err)
	}
	for _, by := range []market.Actor{official, moderator, farmer} {
		f, err := s.CertificateEvidence(t.Context(), by, p.ID, "c1")
		if err != nil || !bytes.Equal(f.Data, pdf) {
			t.Errorf("%s got %d bytes, %v", by.Person, len(f.Data), err)
		}
	}
	for _, by := range []market.Actor{neighbour, buyer, {}} {
		_, err := s.CertificateEvidence(t.Context(), by, p.ID, "c1")
		wantError(t, err, market.KindNotFound, "certificate.missing", "")
		_, err = s.AttachEvidence(t.Context(), by, p.ID, "c1", "a.pdf", pdf)
		wantError(t, err, market.KindNotFound, "certificate.missing", "")
	}
	_, err = s.AttachEvidence(t.Context(), farmer, p.ID, "c1", "mine.pdf", append(bytes.Clone(pdf), 'x'))
	wantError(t, err, market.KindConflict, "evidence.checked", "")
}

func TestSellersProofWaitsForACheck(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	c := decision()
	c.Verification = ProofVendor
	if _, err := s.Certify(t.Context(), official, p.ID, c); err != nil {
		t.Fatal(err)
	}
	p, err := s.AttachEvidence(t.Context(), farmer, p.ID, "c1", "qd.pdf", pdf)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := p.Badge(s.time()); ok {
		t.Error("badge on the seller's word")
	}
	_, err = s.VerifyCertificate(t.Context(), farmer, p.ID, "c1", ProofDecision)
	wantError(t, err, market.KindForbidden, "catalog.forbidden", "")
	s.wait(time.Hour)
	if p, err = s.VerifyCertificate(t.Context(), official, p.ID, "c1", ProofDecision); err != nil {
		t.Fatal(err)
	}
	badge, ok := p.Badge(s.time())
	if !ok || badge.CheckedBy != "Chị Lan" || !badge.CheckedAt.Equal(start.Add(time.Hour)) {
		t.Errorf("badge %v by %q at %s", ok, badge.CheckedBy, badge.CheckedAt)
	}
}

func TestVersionsStayReadable(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	p, err := s.Certify(t.Context(), official, p.ID, decision())
	if err != nil {
		t.Fatal(err)
	}
	sold := p.Certificates[0]
	s.wait(time.Hour)
	if _, err = s.AttachEvidence(t.Context(), official, p.ID, "c1", "qd.pdf", pdf); err != nil {
		t.Fatal(err)
	}
	if _, err = s.Revoke(t.Context(), official, p.ID, "c1", withdrawal); err != nil {
		t.Fatal(err)
	}
	if _, err = s.Withdraw(t.Context(), farmer, p.ID); err != nil {
		t.Fatal(err)
	}
	got, err := s.CertificateByID(t.Context(), market.Actor{}, "c1", sold.Version)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sold, got.Then.Certificate); diff != "" {
		t.Errorf("as sold (-want +got):\n%s", diff)
	}
	if got.Standing.State != CertificateRevoked || got.Now.Version == sold.Version || got.Now.Evidence == nil {
		t.Errorf("now %s, version %q, evidence %v", got.Standing.State, got.Now.Version, got.Now.Evidence)
	}
	_, err = s.CertificateByID(t.Context(), market.Actor{}, "c1", "no such version")
	wantError(t, err, market.KindNotFound, "certificate.missing", "")
	_, err = s.CertificateByID(t.Context(), market.Actor{}, "c7", "")
	wantError(t, err, market.KindNotFound, "certificate.missing", "")
}
