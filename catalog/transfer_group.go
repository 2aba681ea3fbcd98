package catalog

import (
	"slices"
	"strconv"
	"strings"

	"chohue/market"
)

// sheetGroup is all that a sheet says of one product.
type sheetGroup struct {
	reader *sheetReader
	was    *Product // nil for a new one
	lines  []*sheetLine
	draft  Draft // what the product becomes
}

// sheetLine is a row within its group.
type sheetLine struct {
	*TransferRow
	cells   []string
	variant VariantDraft
	bare    bool // says nothing of a variant
}

func (g *sheetGroup) heading(key string) string { return g.reader.titles[key] }

// good are the lines without mistakes.
func (g *sheetGroup) good() []*sheetLine {
	return slices.DeleteFunc(slices.Clone(g.lines), func(l *sheetLine) bool { return l.State == RowWrong })
}

// settle reads the group into one draft and tells each line what becomes of
// it. A wrong variant costs its own line, a wrong product all lines.
func (g *sheetGroup) settle(s *Service) {
	old := g.draft
	g.readProduct()
	if g.doomed() {
		return
	}
	g.readVariants(old.Variants)
	for {
		lines := g.assemble(old.Variants)
		if len(g.good()) == 0 {
			return
		}
		cleaned, err := s.clean(g.draft)
		if err == nil {
			g.draft = cleaned
			break
		}
		g.blame(err, lines)
		if g.doomed() {
			return
		}
	}
	g.checkSet()
	if !g.doomed() {
		g.judge(old)
	}
}

// readProduct reads what is said of the product. It may stand in any line, in
// several only the same.
func (g *sheetGroup) readProduct() {
	for _, column := range g.reader.columns {
		if column.ofVariant || column.read == nil {
			continue
		}
		from, text := g.lines[0], ""
		for _, line := range g.lines {
			here := g.reader.cell(line.cells, column.key)
			switch {
			case here == "" || here == text:
			case text == "":
				from, text = line, here
			default:
				line.wrong(g.heading(column.key), market.Invalid("transfer.differs", column.key).With("row", from.Row))
			}
		}
		if err := column.read(&g.draft, nil, text); err != nil {
			from.wrong(g.heading(column.key), err)
		}
	}
}

// doomed reports whether some line is wrong about the product, and then tells
// the others that they fall with it.
func (g *sheetGroup) doomed() bool {
	wrong := slices.IndexFunc(g.lines, func(l *sheetLine) bool { return l.State == RowWrong && !l.onlyVariant(g.reader) })
	if wrong < 0 {
		return false
	}
	for _, line := range g.good() {
		line.wrong(g.heading(keyProduct), market.Invalid("transfer.sibling", keyProduct).With("row", g.lines[wrong].Row))
	}
	return true
}

// onlyVariant reports whether the line's mistakes are all in columns of its
// variant.
func (l *sheetLine) onlyVariant(r *sheetReader) bool {
	return !slices.ContainsFunc(l.Wrongs, func(w CellWrong) bool {
		return !slices.ContainsFunc(r.service.sets.sheetColumns(), func(c sheetColumn) bool {
			return c.ofVariant && r.titles[c.key] == w.Column
		})
	})
}

func (g *sheetGroup) readVariants(old []VariantDraft) {
	taken := map[market.ID]int{}
	for _, line := range g.lines {
		line.bare = !slices.ContainsFunc(g.reader.columns, func(c sheetColumn) bool {
			return c.ofVariant && g.reader.cell(line.cells, c.key) != ""
		})
		if line.bare {
			continue
		}
		g.readVariant(line, VariantDraft{}, false)
		known, ok := g.known(line, old)
		if ok {
			if row, twice := taken[known.ID]; twice {
				line.wrong(g.heading(keyVariant), market.Invalid("transfer.twice", keyVariant).With("row", row))
			}
			taken[known.ID] = line.Row
		}
		g.readVariant(line, known, true)
	}
	g.tellTwice()
}

// tellTwice refuses new variants that no later sheet could tell apart.
func (g *sheetGroup) tellTwice() {
	var fresh []*sheetLine
	for _, line := range g.good() {
		if line.bare || line.variant.ID != "" {
			continue
		}
		twin := slices.IndexFunc(fresh, func(f *sheetLine) bool {
			sku := line.variant.SKU
			return sku != "" && f.variant.SKU == sku || f.variant.alike(line.variant) && (sku == "" || f.variant.SKU == "")
		})
		if twin >= 0 {
			line.wrong(g.heading(keyVariant), market.Invalid("transfer.twice", keyVariant).With("row", fresh[twin].Row))
			continue
		}
		fresh = append(fresh, line)
	}
}

// readVariant reads the line's variant onto what is known of it.
func (g *sheetGroup) readVariant(line *sheetLine, known VariantDraft, tell bool) {
	line.variant = known
	for _, column := range g.reader.columns {
		if !column.ofVariant || column.read == nil {
			continue
		}
		err := column.read(nil, &line.variant, g.reader.cell(line.cells, column.key))
		if err != nil && tell {
			line.wrong(g.heading(column.key), err)
		}
	}
	if known.ID != "" {
		line.variant.Stock = 0 // what is there already is counted, not written
	}
	if u, ok := g.reader.service.sets.Unit(line.variant.Unit); ok && line.variant.Size == (market.Size{}) {
		line.variant.Size = market.Size{Base: u.Base, Amount: u.Usual}
	}
}

// known finds the variant that the line means: by its id, else by the seller's
// own number, else by name, unit and size.
func (g *sheetGroup) known(line *sheetLine, old []VariantDraft) (VariantDraft, bool) {
	id, v := g.reader.cell(line.cells, keyVariant), line.variant
	if id != "" {
		i := slices.IndexFunc(old, func(o VariantDraft) bool { return string(o.ID) == id })
		if i < 0 {
			line.wrong(g.heading(keyVariant), market.Invalid("transfer.variant", keyVariant).With("value", id))
			return VariantDraft{}, false
		}
		return old[i], true
	}
	for _, same := range []func(o VariantDraft) bool{
		func(o VariantDraft) bool { return v.SKU != "" && o.SKU == v.SKU },
		func(o VariantDraft) bool { return o.alike(v) && (v.SKU == "" || o.SKU == "") },
	} {
		found := slices.DeleteFunc(slices.Clone(old), func(o VariantDraft) bool { return !same(o) })
		if len(found) > 1 {
			line.wrong(g.heading(keyVariant), market.Invalid("transfer.variant_ambiguous", keyVariant).With("n", len(found)))
		}
		if len(found) > 0 {
			return found[0], len(found) == 1
		}
	}
	return VariantDraft{}, false
}

func (v VariantDraft) alike(other VariantDraft) bool {
	return sameName(v.Name.VI) == sameName(other.Name.VI) && strings.EqualFold(v.Unit, other.Unit) && v.Size == other.Size
}

// assemble puts the good lines' variants into the draft and returns which line
// each variant comes from; variants that the sheet does not name stay.
func (g *sheetGroup) assemble(old []VariantDraft) []*sheetLine {
	g.draft.Variants = slices.Clone(old)
	from := make([]*sheetLine, len(old))
	for _, line := range g.good() {
		if line.bare {
			continue
		}
		i := slices.IndexFunc(old, func(o VariantDraft) bool { return o.ID == line.variant.ID })
		if i < 0 {
			g.draft.Variants, from = append(g.draft.Variants, line.variant), append(from, line)
			continue
		}
		g.draft.Variants[i], from[i] = line.variant, line
	}
	return from
}

// blame puts the mistakes of a draft to the cells that they come from.
func (g *sheetGroup) blame(err error, from []*sheetLine) {
	all := g.reader.service.sets.sheetColumns()
	for _, e := range eachError(err) {
		line, field, ofVariant := g.lines[0], e.Field, false
		if rest, is := strings.CutPrefix(field, "variants/"); is {
			index, name, _ := strings.Cut(rest, "/")
			if i, bad := strconv.Atoi(index); bad == nil && i < len(from) && from[i] != nil {
				line, field, ofVariant = from[i], name, true
			}
		}
		line.wrong(g.heading(columnFor(all, field, ofVariant).key), e)
	}
}

// checkSet asks beforehand what Edit would refuse.
func (g *sheetGroup) checkSet() {
	if g.was != nil && len(g.was.Certificates) > 0 && g.draft.Set != g.was.Set {
		g.lines[0].wrong(g.heading("set"), market.Conflict("catalog.set_certified"))
	}
}

// judge tells each good line what applying it does.
func (g *sheetGroup) judge(old Draft) {
	product := !sameProduct(old, g.draft)
	for _, line := range g.good() {
		switch {
		case g.was == nil || !line.bare && line.variant.ID == "":
			line.State = RowNew
		case product || !line.bare && !slices.Contains(old.Variants, g.variantOf(line)):
			line.State = RowChanged
		default:
			line.State = RowKnown
		}
		line.Name, line.Variant = g.draft.Name, line.variant.Name
	}
}

func (g *sheetGroup) variantOf(line *sheetLine) VariantDraft {
	i := slices.IndexFunc(g.draft.Variants, func(v VariantDraft) bool { return v.ID == line.variant.ID })
	return g.draft.Variants[i]
}

// changes reports whether anything is to be written.
func (g *sheetGroup) changes() bool {
	return slices.ContainsFunc(g.good(), func(l *sheetLine) bool { return l.State != RowKnown })
}

// sameProduct compares all but the variants.
func sameProduct(a, b Draft) bool {
	return a.Set == b.Set && a.Name == b.Name && a.Description == b.Description && a.Story == b.Story &&
		a.ShelfLifeDays == b.ShelfLifeDays && a.Keeping == b.Keeping
}
