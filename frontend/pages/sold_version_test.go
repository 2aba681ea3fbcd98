package pages_test

import (
	"strings"
	"testing"

	"chohue/catalog"
	"chohue/market"
)

// TestABuyerReadsTheRecognitionThatWasSold follows the stars on an order to
// the decision as it stood at the sale, after it was revoked.
func TestABuyerReadsTheRecognitionThatWasSold(t *testing.T) {
	s := newShop(t)
	ctx, room := t.Context(), s.rooms.Catalog
	order := s.buy("thanh-tra-thuy-bieu", "kg", "cod")
	proof := s.visitor().get(order).is(200).soldProof()
	product, err := room.ByVariant(ctx, s.variant["kg"])
	s.must(err)
	cert := product.Certificates[0]
	if !strings.HasPrefix(proof, "/chung-nhan/"+string(cert.ID)+"?ban=") {
		t.Fatalf("the order leads to %s, want the version of %s that was sold", proof, cert.ID)
	}
	at := s.visitor().get(proof).is(200)
	at.says("901/QĐ-UBND", "Đang hiệu lực")

	_, err = room.Revoke(ctx, market.System, product.ID, cert.ID, catalog.Revocation{Reason: "dieu-8-1", Words: "Không còn sản xuất", DecisionNo: "99/QĐ-UBND"})
	s.must(err)
	s.drain()
	if got := s.visitor().get(order).is(200).soldProof(); got != proof {
		t.Errorf("after the revocation the order leads to %s, want %s still", got, proof)
	}
	later := s.visitor().get(proof).is(200)
	later.says("901/QĐ-UBND", "Không còn sản xuất", "99/QĐ-UBND")
	then, now := later.part("khi-ban"), later.part("hien-nay")
	if strings.Contains(then, "99/QĐ-UBND") || !strings.Contains(now, "99/QĐ-UBND") {
		t.Errorf("as sold: %s\ntoday: %s", then, now)
	}
	s.visitor().get(strings.Split(proof, "?")[0] + "?ban=" + strings.Repeat("0", 64)).is(404)
}

// soldProof is where the stars of the first line that was sold with some lead.
func (p page) soldProof() string {
	p.t.Helper()
	for _, a := range p.all("a") {
		if strings.HasPrefix(attr(a, "href"), "/chung-nhan/") {
			return attr(a, "href")
		}
	}
	p.t.Fatalf("%s: no way to the recognition that was sold", p.at.Path)
	return ""
}

// part is what the section of that id says.
func (p page) part(id string) string {
	p.t.Helper()
	for n := range p.root.Descendants() {
		if attr(n, "id") == id {
			return page{root: n}.text()
		}
	}
	p.t.Fatalf("%s: no section %s", p.at.Path, id)
	return ""
}
