package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"chohue/market"
)

// Limits of a product sheet.
const (
	MaxTransferBytes = 2 << 20
	maxTransferRows  = 2000
)

var transferLimits = sheetLimits{MaxTransferBytes, maxTransferRows}

// RowChanged says that applying a row changes what is there.
const RowChanged RowState = "changed"

// TransferRow is one line of a product sheet: one variant, or a product that
// has none yet.
type TransferRow struct {
	Row     int // as spreadsheets count, the header is 1
	State   RowState
	Product market.ID // of the product that it is about or will make
	Name    market.Text
	Variant market.Text
	Wrongs  []CellWrong
}

func (row *TransferRow) wrong(column string, err *market.Error) {
	row.State = RowWrong
	row.Wrongs = append(row.Wrongs, CellWrong{column, err})
}

// Transfer is a product sheet that was read, and what it would do or has done.
type Transfer struct {
	File                       string // its SHA-256 in hex, under which it can be applied
	Rows                       []*TransferRow
	New, Changed, Known, Wrong int // rows
	Applied                    int // rows written by this call

	groups []*sheetGroup
}

func (t *Transfer) count() {
	t.New, t.Changed, t.Known, t.Wrong = 0, 0, 0, 0
	for _, row := range t.Rows {
		switch row.State {
		case RowNew:
			t.New++
		case RowChanged:
			t.Changed++
		case RowKnown:
			t.Known++
		case RowWrong:
			t.Wrong++
		}
	}
}

// PreviewProducts reads a product sheet (CSV or XLSX) for a seller that by may
// act for and tells what applying it would do, row by row. No product changes;
// the file is kept so that what was seen is what is applied.
func (s *Service) PreviewProducts(ctx context.Context, by market.Actor, seller market.ID, data []byte) (*Transfer, error) {
	t, err := s.readTransfer(ctx, by, seller, data)
	if err != nil {
		return nil, err
	}
	return t, s.files.Put(ctx, transferKey(seller, t.File), "application/octet-stream", data)
}

// transferKey keeps the sheets of sellers apart: nobody applies another's.
func transferKey(seller market.ID, sum string) string {
	return "transfers/" + string(seller) + "/" + sum
}

// ApplyProducts writes a sheet that was previewed for the seller. Rows are
// judged anew. When valid is set wrong rows are left out, else one wrong row
// is enough to write none.
//
// New products become drafts. Products of the shop follow Edit: prices show at
// once, the rest waits for a moderator. Each product is written whole or, when
// somebody changed it meanwhile, not at all; its rows then say why. Products
// and variants that the sheet does not name stay. A sheet applied again
// changes nothing.
func (s *Service) ApplyProducts(ctx context.Context, by market.Actor, seller market.ID, file string, valid bool) (*Transfer, error) {
	data, err := s.transferFile(ctx, by, seller, file)
	if err != nil {
		return nil, err
	}
	t, err := s.readTransfer(ctx, by, seller, data)
	if err != nil {
		return nil, err
	}
	if t.Wrong > 0 && !valid {
		return t, market.Conflict("decisions.wrong").With("n", t.Wrong)
	}
	for _, g := range t.groups {
		if err := s.applyGroup(ctx, by, t, g); err != nil {
			return t, err
		}
	}
	t.count()
	return t, nil
}

func (s *Service) transferFile(ctx context.Context, by market.Actor, seller market.ID, file string) ([]byte, error) {
	if !by.For(seller) {
		return nil, errMissing
	}
	if raw, err := hex.DecodeString(file); err != nil || len(raw) != sha256.Size {
		return nil, errNoList
	}
	data, err := s.files.Get(ctx, transferKey(seller, file))
	if market.KindOf(err) == market.KindNotFound {
		return nil, errNoList
	}
	return data, err
}

// applyGroup writes one product. What is refused is told in its rows; only
// failures of the market itself end the import.
func (s *Service) applyGroup(ctx context.Context, by market.Actor, t *Transfer, g *sheetGroup) error {
	lines := g.good()
	if len(lines) == 0 || !g.changes() {
		return nil
	}
	var err error
	if g.was == nil {
		_, err = s.CreateDraft(ctx, by, g.draft)
	} else {
		_, err = s.Edit(ctx, by, g.was.ID, g.draft)
	}
	if market.KindOf(err) == market.KindInternal && err != nil {
		return err
	}
	for _, line := range lines {
		if err != nil {
			line.wrong(g.heading(keyProduct), eachError(err)[0])
		} else if line.State != RowKnown {
			t.Applied++
		}
	}
	return nil
}
