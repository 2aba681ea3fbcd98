package indicators

import (
	"cmp"
	"context"
	"math/big"
	"slices"
	"strconv"
	"time"

	"chohue/catalog"
	"chohue/market"
	"chohue/store"
)

// Register lists the products whose certificates are reported to the state.
type Register interface {
	EachPublished(ctx context.Context, do func(*catalog.Product) error) error
}

// ptntColumns are those of the table PTNT_OCOP of the agriculture ministry's
// summary database (QĐ 5277/QĐ-BNNMT).
var ptntColumns = []string{
	"MA_OCOP", "Ma_DonViHanhChinh", "Ma_ThoiGian", "Ma_SanPham", "TenSanPham", "XepHang", "ChuTheSXKD", "DoanhThuNam", "TrangThai",
}

// ptntName is how many letters of a name the table holds (varchar 255).
const ptntName = 255

// ptntCode is how long codes may be there (varchar 10).
const ptntCode = 10

// PTNT returns the table PTNT_OCOP of a year, its header first: a row for each
// certificate that was in force for any part of it, in the state of the year's
// end, or of now in the running year. DoanhThuNam is what the market delivered
// of the product in that year, in million đồng with two decimals, rounded half
// up; the table is exchanged between authorities and not controlled for
// disclosure. The state has no list of codes for TrangThai: it says active,
// expired, revoked or replaced in at most ten letters.
func (s *Service) PTNT(ctx context.Context, by market.Actor, year int, register Register) ([][]string, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	now := s.env.Now()
	first := time.Date(year, 1, 1, 0, 0, 0, 0, market.HueZone)
	if year < firstPTNT || first.After(now) {
		return nil, market.Invalid("indicators.year", "year")
	}
	sold, err := s.soldIn(ctx, year)
	if err != nil {
		return nil, err
	}
	end := first.AddDate(1, 0, 0).Add(-time.Millisecond)
	if now.Before(end) {
		end = now
	}
	var rows []ptntRow
	err = register.EachPublished(ctx, func(p *catalog.Product) error {
		rows = append(rows, ptntRows(p, first, end, sold[p.ID])...)
		return nil
	})
	return ptntTable(rows, year), err
}

const firstPTNT = 2019 // the first year of OCOP certificates

// soldIn sums what was delivered of each product in a year of Huế.
func (s *Service) soldIn(ctx context.Context, year int) (map[market.ID]market.VND, error) {
	sold := map[market.ID]market.VND{}
	for month := range 12 {
		name := monthOf(time.Date(year, time.Month(month+1), 1, 0, 0, 0, 0, market.HueZone))
		err := s.facts.Each(ctx, store.Query{Index: "month", Eq: []any{name}}, func(f *Fact) error {
			sold[f.Product] += f.Value
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return sold, nil
}

type ptntRow struct {
	product *catalog.Product
	cert    catalog.Certificate
	state   catalog.CertificateState
	sold    market.VND
}

// ptntRows are the product's certificates that counted at some time between
// first and end.
func ptntRows(p *catalog.Product, first, end time.Time, sold market.VND) []ptntRow {
	var out []ptntRow
	for _, c := range p.Certificates {
		standing := p.Standing(c, end)
		if c.Stars < catalog.MinBadgeStars || !c.Proven() || c.ValidFrom.After(end) || standing.Until.Before(first) {
			continue
		}
		out = append(out, ptntRow{p, c, standing.State, sold})
	}
	return out
}

func ptntTable(rows []ptntRow, year int) [][]string {
	slices.SortStableFunc(rows, func(a, b ptntRow) int {
		return cmp.Or(a.cert.DecisionDate.Compare(b.cert.DecisionDate), cmp.Compare(a.product.ID, b.product.ID), cmp.Compare(a.cert.ID, b.cert.ID))
	})
	out := [][]string{ptntColumns}
	for i, r := range rows {
		out = append(out, []string{
			strconv.Itoa(i + 1), r.product.Ward, strconv.Itoa(year), ptntProduct(r.product.ID), cut(r.product.Name.VI, ptntName),
			strconv.Itoa(r.cert.Stars) + "*", cut(r.product.SellerName.VI, ptntName), millions(r.sold), cut(string(r.state), ptntCode),
		})
	}
	return out
}

// ptntProduct is the product's code in ten letters: the random end of its id,
// of which the beginning is only the time.
func ptntProduct(id market.ID) string { return string(id[max(0, len(id)-ptntCode):]) }

func cut(s string, most int) string {
	letters := []rune(s)
	return string(letters[:min(len(letters), most)])
}

// millions writes đồng as millions with two decimals, a point between.
func millions(v market.VND) string { return big.NewRat(int64(v), 1_000_000).FloatString(2) }
