package main

import (
	"context"
	"fmt"

	"chohue/catalog"
	"chohue/market"
)

// nameRight plays how a seller came to use a protected name: they hand in a
// made-up document, and an official accepts it.
func (s *seeder) nameRight(ctx context.Context, maker market.Actor, d demoProduct) error {
	if d.IPRight == nil {
		return nil
	}
	right, err := s.rightNamed(ctx, d.IPRight.Scope)
	if err != nil {
		return err
	}
	seller := fixedID("seller " + d.Seller)
	from := s.clock.AddDate(-1, 0, 0)
	_, err = s.house.catalog.ClaimUse(ctx, maker, catalog.UseClaim{
		Right: right.ID, Seller: seller, DocumentNo: "MH-" + string(right.ID), Issuer: "Dữ liệu minh hoạ — không phải giấy thật",
		ValidFrom: from, ValidTo: from.AddDate(5, 0, 0), FileName: "giay-minh-hoa.pdf", File: demoPaper(d.Slug), Demo: true,
	})
	if err != nil {
		return err
	}
	_, err = s.house.catalog.JudgeUse(ctx, s.staff, right.ID, seller, "")
	return err
}

func (s *seeder) rightNamed(ctx context.Context, name string) (*catalog.IPRight, error) {
	rights, err := s.house.catalog.Rights(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rights {
		if market.Slug(r.Name) == market.Slug(name) {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no right %q", name)
}

// demoPaper is a PDF of one empty page that says in its title what it is.
func demoPaper(slug string) []byte {
	return fmt.Appendf(nil, "%%PDF-1.4\n"+
		"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"+
		"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"+
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"+
		"4 0 obj<</Title(Minh hoa %s)>>endobj\n"+
		"trailer<</Root 1 0 R/Info 4 0 R>>\n%%%%EOF\n", slug)
}
