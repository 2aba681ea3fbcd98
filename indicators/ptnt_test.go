package indicators

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

type register []*catalog.Product

func (r register) EachPublished(_ context.Context, do func(*catalog.Product) error) error {
	for _, p := range r {
		if err := do(p); err != nil {
			return err
		}
	}
	return nil
}

func certified(id, name string, certs ...catalog.Certificate) *catalog.Product {
	return &catalog.Product{
		Doc: store.Doc{ID: market.ID(id)}, Ward: "19804", Name: market.Text{VI: name}, SellerName: market.Text{VI: "HTX Thủy Biều"}, Certificates: certs,
	}
}

func TestPTNTRow(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, market.HueZone).UTC() }
	cert := func(id string, stars int, from time.Time) catalog.Certificate {
		return catalog.Certificate{
			ID: market.ID(id), Stars: stars, DecisionDate: from, ValidFrom: from, ValidTo: from.AddDate(3, 0, 0), Verification: catalog.ProofDecision,
		}
	}
	gone, revokedAt := cert("c", 3, day(2024, 5, 1)), day(2026, 2, 1)
	gone.RevokedAt = &revokedAt
	unproven := cert("e", 3, day(2026, 1, 1))
	unproven.Verification = catalog.ProofPending
	all := register{
		certified("01ARZ3NDEKTSV4RRFFQ69G5FAV", "Thanh trà", cert("a", 3, day(2024, 1, 1)), cert("b", 4, day(2026, 6, 1))),
		certified("P2", "Mè xửng", gone),
		certified("P3", "Nem chua", cert("d", 3, day(2021, 1, 1)), unproven),
	}
	s := &Service{env: market.NewEnv(func() time.Time { return now })}
	official := market.Actor{Person: "o", Roles: []market.Role{market.RoleOfficial}}
	rows := []ptntRow{}
	for _, p := range all {
		rows = append(rows, ptntRows(p, day(2026, 1, 1), now, 12_345_678)...)
	}
	want := [][]string{
		ptntColumns,
		{"1", "19804", "2026", "RFFQ69G5FAV"[1:], "Thanh trà", "3*", "HTX Thủy Biều", "12.35", "superseded"},
		{"2", "19804", "2026", "P2", "Mè xửng", "3*", "HTX Thủy Biều", "12.35", "revoked"},
		{"3", "19804", "2026", "RFFQ69G5FAV"[1:], "Thanh trà", "4*", "HTX Thủy Biều", "12.35", "active"},
	}
	if diff := cmp.Diff(want, ptntTable(rows, 2026)); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if _, err := s.PTNT(t.Context(), market.Actor{Person: "b", Roles: []market.Role{market.RoleBuyer}}, 2026, all); market.KindOf(err) != market.KindForbidden {
		t.Errorf("a buyer: %v", err)
	}
	for _, year := range []int{2018, 2027} {
		if _, err := s.PTNT(t.Context(), official, year, all); market.KindOf(err) != market.KindInvalid {
			t.Errorf("year %d: %v", year, err)
		}
	}
}

func TestMillions(t *testing.T) {
	for v, want := range map[market.VND]string{0: "0.00", 4_999: "0.00", 5_000: "0.01", 12_345_678: "12.35", 999_995_000: "1000.00"} {
		if got := millions(v); got != want {
			t.Errorf("%d đồng: %s, want %s", v, got, want)
		}
	}
}
