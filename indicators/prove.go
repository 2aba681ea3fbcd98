package indicators

import (
	"context"
	"slices"

	"chohue/market"
)

// Proof is a release made again from what it was made of.
type Proof struct {
	Release   market.ID
	Same      bool
	Differs   []string // keys of cells and codes of figures that came out otherwise
	Program   string   // hash of what reckons now
	Rewritten bool     // the program is another than the release's: a difference may be its doing
	Cells     int
	Figures   int
}

// Prove makes a release again and says what came out otherwise. For officials
// and operators.
func (s *Service) Prove(ctx context.Context, by market.Actor, id market.ID) (Proof, error) {
	again, err := s.Remake(ctx, by, id)
	if err != nil {
		return Proof{}, err
	}
	r, err := s.Release(ctx, by, id)
	if err != nil {
		return Proof{}, err
	}
	p := Proof{Release: id, Differs: differences(r, again), Program: Program(), Cells: len(again.Cells), Figures: len(again.Figures)}
	p.Same, p.Rewritten = len(p.Differs) == 0, p.Program != r.Program
	return p, nil
}

// differences lists, in order, what two releases of one period do not share.
func differences(a, b *Release) []string {
	out := []string{}
	cells, figures := map[string]ReleasedCell{}, map[string]ReleasedFigure{}
	for _, c := range a.Cells {
		cells[c.Key] = c
	}
	for _, f := range a.Figures {
		figures[f.Code] = f
	}
	for _, c := range b.Cells {
		if was, ok := cells[c.Key]; !ok || was != c {
			out = append(out, c.Key)
		}
		delete(cells, c.Key)
	}
	for _, f := range b.Figures {
		if was, ok := figures[f.Code]; !ok || was != f {
			out = append(out, f.Code)
		}
		delete(figures, f.Code)
	}
	for key := range cells {
		out = append(out, key)
	}
	for code := range figures {
		out = append(out, code)
	}
	slices.Sort(out)
	return out
}
