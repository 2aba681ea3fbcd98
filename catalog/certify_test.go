package catalog

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, market.HueZone).UTC()
}

func decision() Certificate {
	return Certificate{
		ID: "c1", DecisionNo: "912/QĐ-UBND", DecisionDate: day(2026, 6, 15), Issuer: "UBND thành phố Huế",
		IssuerLevel: "province", Score: 78.5, Verification: ProofDecision,
	}
}

func TestCertifyCompletesFromTheLaw(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	s.heard(t)
	p, err := s.Certify(t.Context(), official, p.ID, decision())
	if err != nil {
		t.Fatal(err)
	}
	want := decision()
	want.LegalVersion, want.Stars, want.CheckedBy = "26/2026", 4, "Chị Lan"
	want.ValidFrom, want.ValidTo = day(2026, 6, 15), day(2029, 6, 15)
	want.CheckedAt = start
	want.Version = want.contentHash()
	if diff := cmp.Diff(want, p.Certificates[0]); diff != "" {
		t.Errorf("certificate (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{EventCertified}, s.heard(t)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	again, err := s.Certify(t.Context(), official, p.ID, decision())
	if err != nil || again.Rev != p.Rev {
		t.Errorf("the same certificate again: revision %d → %d, %v", p.Rev, again.Rev, err)
	}
	other := decision()
	other.ID = "c2"
	if again, err = s.Certify(t.Context(), official, p.ID, other); err != nil || len(again.Certificates) != 1 {
		t.Errorf("the same decision under another id: %d certificates, %v", len(again.Certificates), err)
	}
}

func TestBadgeDropsWithRevocation(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	p, err := s.Certify(t.Context(), official, p.ID, decision())
	if err != nil {
		t.Fatal(err)
	}
	if badge, ok := p.Badge(s.time()); !ok || badge.Stars != 4 {
		t.Fatalf("no badge: %+v", badge)
	}
	s.heard(t)
	for range 2 {
		if p, err = s.Revoke(t.Context(), official, p.ID, "c1", withdrawal); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := p.Badge(s.time()); ok {
		t.Error("badge after revocation")
	}
	if diff := cmp.Diff([]string{EventRevoked}, s.heard(t)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	_, err = s.Revoke(t.Context(), official, p.ID, "unknown", withdrawal)
	wantError(t, err, market.KindNotFound, "certificate.missing", "")
}

func TestCertifyByTheLawOfTheDay(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	for _, test := range []struct {
		name       string
		key, field string // of the mistake, empty for none
		change     func(*Certificate)
		stars      int
	}{
		{"district under 148", "", "", func(c *Certificate) {
			c.IssuerLevel, c.DecisionDate, c.Score = "district", day(2024, 3, 1), 55
		}, 3},
		{"district gives three at most", "", "", func(c *Certificate) {
			c.IssuerLevel, c.DecisionDate, c.Score = "district", day(2024, 3, 2), 75
		}, 3},
		{"no district any more", "certificate.issuer_level", "issuer_level", func(c *Certificate) {
			c.IssuerLevel, c.DecisionDate = "district", day(2025, 7, 6)
		}, 0},
		{"province keeps five for the centre", "", "", func(c *Certificate) {
			c.Score, c.DecisionDate = 94, day(2022, 8, 3)
		}, 4},
		{"centre gives five", "", "", func(c *Certificate) {
			c.Score, c.IssuerLevel, c.DecisionDate = 94, "central", day(2026, 7, 1)
		}, 5},
		{"stars without a score", "", "", func(c *Certificate) {
			c.Score, c.Stars, c.DecisionDate = 0, 3, day(2020, 11, 1)
		}, 3},
		{"below the certified bands", "certificate.stars", "stars", func(c *Certificate) { c.Score = 49 }, 0},
		{"more stars than the score", "certificate.stars", "stars", func(c *Certificate) { c.Score, c.Stars = 60, 4 }, 0},
		{"neither score nor stars", "certificate.stars", "stars", func(c *Certificate) { c.Score = 0 }, 0},
		{"score beyond", "certificate.score", "score", func(c *Certificate) { c.Score = 101 }, 0},
		{"before OCOP", "certificate.decision_date", "decision_date", func(c *Certificate) { c.DecisionDate = day(2018, 1, 1) }, 0},
		{"tomorrow", "certificate.decision_date", "decision_date", func(c *Certificate) { c.DecisionDate = day(2026, 11, 24) }, 0},
		{"another law", "certificate.legal_version", "legal_version", func(c *Certificate) { c.LegalVersion = "148/2023" }, 0},
		{"number", "certificate.decision_no", "decision_no", func(c *Certificate) { c.DecisionNo = "QĐ 912" }, 0},
		{"proof", "certificate.verification", "verification", func(c *Certificate) { c.Verification = "" }, 0},
		{"four years", "certificate.valid_to", "valid_to", func(c *Certificate) { c.ValidTo = day(2030, 6, 15) }, 0},
		{"backwards", "certificate.valid_to", "valid_to", func(c *Certificate) { c.ValidTo = c.DecisionDate }, 0},
		{"before its decision", "certificate.valid_from", "valid_from", func(c *Certificate) { c.ValidFrom = day(2026, 6, 14) }, 0},
	} {
		c := decision()
		c.ID = ""
		test.change(&c)
		got, err := s.Certify(t.Context(), official, p.ID, c)
		if test.key != "" {
			wantError(t, err, market.KindInvalid, test.key, test.field)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if last := got.Certificates[len(got.Certificates)-1]; last.Stars != test.stars {
			t.Errorf("%s: got %d stars, want %d", test.name, last.Stars, test.stars)
		}
	}
}
