package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"chohue/market"
	"chohue/store"
)

// sheetReader knows the columns of one product sheet and every product that a
// row may mean: those of one seller.
type sheetReader struct {
	service *Service
	seller  market.ID
	columns []sheetColumn  // those that the sheet has
	at      map[string]int // where, by key
	titles  map[string]string
	byID    map[string]*Product   // by id and by slug
	byName  map[string][]*Product // by sameName
	groups  map[market.ID]*sheetGroup
}

func (s *Service) readTransfer(ctx context.Context, by market.Actor, seller market.ID, data []byte) (*Transfer, error) {
	if !by.For(seller) {
		return nil, errMissing
	}
	table, err := readSheet(data, transferLimits)
	if err != nil {
		return nil, err
	}
	r, err := s.newSheetReader(ctx, seller, table)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	t := &Transfer{File: hex.EncodeToString(sum[:])}
	for i, cells := range table[1:] {
		if strings.TrimSpace(strings.Join(cells, "")) != "" {
			r.place(t, i+2, cells)
		}
	}
	if len(t.Rows) == 0 {
		return nil, market.Invalid("decisions.empty", "file")
	}
	for _, g := range t.groups {
		g.settle(s)
	}
	t.count()
	return t, nil
}

func (s *Service) newSheetReader(ctx context.Context, seller market.ID, table [][]string) (*sheetReader, error) {
	if len(table) == 0 {
		return nil, market.Invalid("decisions.empty", "file")
	}
	r := &sheetReader{
		service: s, seller: seller, at: map[string]int{}, titles: map[string]string{},
		byID: map[string]*Product{}, byName: map[string][]*Product{}, groups: map[market.ID]*sheetGroup{},
	}
	if err := r.readHeading(s.sets.sheetColumns(), table[0]); err != nil {
		return nil, err
	}
	return r, s.eachOf(ctx, seller, func(p *Product) error {
		name := sameName(p.AsEdited().Name.VI)
		r.byID[string(p.ID)], r.byID[p.Slug] = p, p
		r.byName[name] = append(r.byName[name], p)
		return nil
	})
}

func (s *Service) eachOf(ctx context.Context, seller market.ID, do func(*Product) error) error {
	return s.products.Each(ctx, store.Query{Index: "of_seller", Eq: []any{seller}}, do)
}

// readHeading finds the columns. A heading that means nothing is refused: what
// stands under it would be lost without a word.
func (r *sheetReader) readHeading(all []sheetColumn, heading []string) error {
	var c market.Checks
	for i, title := range heading {
		title = strings.TrimSpace(title)
		found := slices.IndexFunc(all, func(c sheetColumn) bool { return title != "" && c.headed(title) })
		if title == "" {
			continue
		}
		if found < 0 {
			c.Add("file", market.Invalid("transfer.heading", "file").With("column", title))
			continue
		}
		column := all[found]
		if _, twice := r.at[column.key]; twice {
			c.Add("file", market.Invalid("transfer.heading_twice", "file").With("column", title))
		}
		r.at[column.key], r.titles[column.key] = i, title
	}
	for _, column := range all {
		if _, has := r.at[column.key]; has {
			r.columns = append(r.columns, column)
		} else {
			r.titles[column.key] = column.vi
		}
	}
	if _, has := r.at[keyName]; !has && len(r.at) > 0 {
		if _, has := r.at[keyProduct]; !has {
			c.Add("file", market.Invalid("decisions.column", "file").With("column", r.titles[keyName]))
		}
	}
	return c.Err()
}

func (r *sheetReader) cell(cells []string, key string) string {
	i, has := r.at[key]
	if !has || i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(typedCell(cells[i]))
}

// sameName is what two spellings of one name have in common. Marks count: mắm
// ruốc is not mầm ruộc.
func sameName(name string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(name)), " "))
}

// newProductID names a product by its seller and name, so that a sheet sent
// again finds what it made.
func newProductID(seller market.ID, name string) market.ID {
	sum := sha256.Sum256([]byte(string(seller) + "\n" + sameName(name)))
	return market.ID("bang-" + hex.EncodeToString(sum[:])[:24])
}

// place puts a row to the others of its product.
func (r *sheetReader) place(t *Transfer, number int, cells []string) {
	line := &sheetLine{TransferRow: &TransferRow{Row: number}, cells: cells}
	t.Rows = append(t.Rows, line.TransferRow)
	line.Name.VI, line.Variant.VI = r.cell(cells, keyName), r.cell(cells, "variant_name")
	was, id := r.product(line)
	if id == "" {
		return
	}
	line.Product = id
	g := r.groups[id]
	if g == nil {
		g = r.newGroup(id, was)
		r.groups[id], t.groups = g, append(t.groups, g)
	}
	g.lines = append(g.lines, line)
}

func (r *sheetReader) newGroup(id market.ID, was *Product) *sheetGroup {
	g := &sheetGroup{reader: r, was: was, draft: Draft{ID: id, Seller: r.seller}}
	if was != nil {
		g.draft = was.Draft()
	}
	return g
}

// product finds what the row is about: by id or address, else by name. No
// product and an id mean a new one; no id, that the row is wrong.
func (r *sheetReader) product(line *sheetLine) (*Product, market.ID) {
	code, name := r.cell(line.cells, keyProduct), line.Name.VI
	if code != "" {
		if p := r.byID[code]; p != nil {
			return p, p.ID
		}
		line.wrong(r.titles[keyProduct], market.Invalid("transfer.product", keyProduct).With("value", code))
		return nil, ""
	}
	id := newProductID(r.seller, name)
	switch found := r.byName[sameName(name)]; {
	case len(found) > 1:
		line.wrong(r.titles[keyName], market.Invalid("transfer.ambiguous", keyName).With("n", len(found)))
		return nil, ""
	case len(found) == 1:
		return found[0], found[0].ID
	default:
		return r.byID[string(id)], id
	}
}
