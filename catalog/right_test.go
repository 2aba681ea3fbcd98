package catalog

import (
	"testing"
	"time"

	"chohue/market"
)

func oil(name, description string) Draft {
	d := pomelo()
	d.Set, d.Name, d.Description = 20, market.Text{VI: name}, market.Text{VI: description}
	return d
}

func TestReservedNames(t *testing.T) {
	s := open(t)
	rights, err := s.Rights(t.Context())
	if err != nil || len(rights) != 3 {
		t.Fatalf("%d rights, %v", len(rights), err)
	}
	for _, test := range []struct {
		set               int
		name, description string
		field             string // where a name is used; empty when none is
	}{
		{20, "Tinh dầu tràm Huế", "", "name"},
		{20, "TINH DẦU TRÀM HUẾ loại 1", "", "name"},
		{20, "Dau tram Hue", "", "name"}, // without marks
		{20, "Dầu tràm nguyên chất Huế", "", "name"},
		{20, "Dầu tràm Lộc Thủy", "Tinh dầu tràm Huế nấu tay", "description"},
		{20, "Dầu tràm Lộc Thủy", "Nấu ở Huế từ lá tràm gió", ""},
		{20, "Dầu sả Huế", "", ""},
		{1, "Dầu tràm Huế", "", ""}, // not among the goods
		{21, "Nón lá bài thơ Huế", "", "name"},
		{21, "Nón lá ba lớp", "Nón do làng Tây Hồ ở Huế chằm", ""},
		{24, "Hoàng mai Huế chậu", "", "name"},
		{21, "Hue conical hat", "", "name"},
	} {
		p := &Product{Set: test.set, Name: market.Text{VI: test.name}, Description: market.Text{VI: test.description}}
		err := names{rights: rights}.check(s.Service, p)
		if test.field == "" {
			if err != nil {
				t.Errorf("%q, %q: %v", test.name, test.description, err)
			}
			continue
		}
		wantError(t, err, market.KindInvalid, "right.unlinked", test.field)
	}
}

func claim() UseClaim {
	return UseClaim{
		Right: "gi-00096", Seller: "thuy-bieu", DocumentNo: "12/GCN", Issuer: "Hội dầu tràm Huế",
		ValidFrom: start.AddDate(-1, 0, 0), ValidTo: start.AddDate(1, 0, 0), FileName: "gcn.pdf", File: pdf,
	}
}

func TestAReservedNameNeedsACheckedRight(t *testing.T) {
	s := open(t)
	p := s.draft(t, oil("Tinh dầu tràm Huế", ""))
	refused := func(what string) {
		t.Helper()
		_, err := s.Submit(t.Context(), farmer, p.ID)
		if market.KindOf(err) != market.KindInvalid {
			t.Errorf("%s: submitted, %v", what, err)
		}
	}
	refused("without a document")
	if _, err := s.ClaimUse(t.Context(), farmer, claim()); err != nil {
		t.Fatal(err)
	}
	refused("not checked yet")
	if _, err := s.JudgeUse(t.Context(), official, "gi-00096", "thuy-bieu", "Giấy mờ, không đọc được số"); err != nil {
		t.Fatal(err)
	}
	refused("refused")
	if _, err := s.ClaimUse(t.Context(), farmer, claim()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.JudgeUse(t.Context(), official, "gi-00096", "thuy-bieu", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Submit(t.Context(), farmer, p.ID); err != nil {
		t.Fatal(err)
	}
	s.wait(366 * 24 * time.Hour) // the document ends before the moderator comes
	_, err := s.Approve(t.Context(), moderator, p.ID)
	wantError(t, err, market.KindInvalid, "right.unlinked", "name")
	s.wait(-10 * 24 * time.Hour)
	p, err = s.Approve(t.Context(), moderator, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := s.NameRights(t.Context(), p)
	if err != nil || len(shown) != 1 || shown[0].Right.Number != "00096" || shown[0].Use.VerifiedBy != "Chị Lan" {
		t.Errorf("shown %+v, %v", shown, err)
	}
}

func TestRightsOfUseAreTheSellers(t *testing.T) {
	s := open(t)
	for _, by := range []market.Actor{neighbour, buyer, {}} {
		_, err := s.ClaimUse(t.Context(), by, claim())
		wantError(t, err, market.KindNotFound, "right.missing", "")
		_, err = s.UseEvidence(t.Context(), by, "gi-00096", "thuy-bieu")
		wantError(t, err, market.KindNotFound, "right.missing", "")
		_, err = s.UsesOf(t.Context(), by, "thuy-bieu")
		wantError(t, err, market.KindNotFound, "right.missing", "")
		_, err = s.JudgeUse(t.Context(), by, "gi-00096", "thuy-bieu", "")
		wantError(t, err, market.KindNotFound, "right.missing", "")
		if err := s.EachUse(t.Context(), by, nil); market.KindOf(err) != market.KindForbidden {
			t.Errorf("all documents: %v", err)
		}
	}
	unknown := claim()
	unknown.Right = "gi-99999"
	_, err := s.ClaimUse(t.Context(), farmer, unknown)
	wantError(t, err, market.KindNotFound, "right.missing", "")
	if _, err := s.ClaimUse(t.Context(), farmer, claim()); err != nil {
		t.Fatal(err)
	}
	own := official
	own.Sellers = []market.ID{"thuy-bieu"}
	_, err = s.JudgeUse(t.Context(), own, "gi-00096", "thuy-bieu", "")
	wantError(t, err, market.KindForbidden, "catalog.own_goods", "")
	u, err := s.JudgeUse(t.Context(), official, "gi-00096", "thuy-bieu", "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.ClaimUse(t.Context(), farmer, claim())
	if err != nil || again.Rev != u.Rev || again.VerifiedAt == nil {
		t.Errorf("the same document again: revision %d → %d, %v", u.Rev, again.Rev, err)
	}
	f, err := s.UseEvidence(t.Context(), official, "gi-00096", "thuy-bieu")
	if err != nil || len(f.Data) != len(pdf) {
		t.Errorf("%d bytes, %v", len(f.Data), err)
	}
}

func TestRegisterRight(t *testing.T) {
	s := open(t)
	r := IPRight{Type: RightGI, Name: "thanh trà Huế", Sets: []int{1}, Words: []string{"thanh trà"}, ValidFrom: start}
	_, err := s.RegisterRight(t.Context(), farmer, r)
	wantError(t, err, market.KindForbidden, "right.forbidden", "")
	bad := r
	bad.Words = []string{"Huế"}
	_, err = s.RegisterRight(t.Context(), official, bad)
	wantError(t, err, market.KindInvalid, "right.words", "words")
	p := s.draft(t, pomelo())
	if _, err = s.RegisterRight(t.Context(), official, r); err != nil {
		t.Fatal(err)
	}
	_, err = s.Submit(t.Context(), farmer, p.ID)
	wantError(t, err, market.KindInvalid, "right.unlinked", "name")
}
