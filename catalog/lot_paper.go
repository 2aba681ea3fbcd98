package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"

	"chohue/market"
)

// MaxPaperBytes is the largest file of a test that is accepted.
const MaxPaperBytes = 5 << 20

// paperTypes are what papers may be, by their own bytes.
var paperTypes = []string{"application/pdf", "image/jpeg", "image/png"}

// TestDraft is what is said of a test; Paper may be nil.
type TestDraft struct {
	Test
	Paper []byte
}

// AddTest adds a laboratory's finding to a lot. The paper is kept as it is,
// with its SHA-256, so that nobody can put another in its place. The same id
// again changes nothing.
func (s *Service) AddTest(ctx context.Context, by market.Actor, lot market.ID, d TestDraft) (*Lot, error) {
	t, err := s.cleanTest(d)
	if err != nil {
		return nil, err
	}
	l, err := s.lots.Get(ctx, lot)
	if err != nil {
		return nil, missingLot(err)
	}
	if !by.For(l.Seller) {
		return nil, errLotMissing
	}
	if t.SHA256 != "" {
		if err := s.files.Put(ctx, paperKey(t.SHA256), t.Type, d.Paper); err != nil {
			return nil, err
		}
	}
	l, err = s.lots.Update(ctx, lot, func(l *Lot) ([]market.Event, error) {
		if slices.ContainsFunc(l.Tests, func(old Test) bool { return old.ID == t.ID }) {
			return nil, nil
		}
		if len(l.Tests) >= maxTests {
			return nil, market.Conflict("lot.tests").With("max", maxTests)
		}
		l.Tests = append(l.Tests, t)
		return nil, nil
	})
	return l, missingLot(err)
}

func (s *Service) cleanTest(d TestDraft) (Test, error) {
	var c market.Checks
	t := d.Test
	checkID(&c, "id", t.ID)
	if t.ID == "" {
		t.ID = s.env.NewID()
	}
	t.Name, t.Lab = line(&c, "name", t.Name, maxLotName), line(&c, "lab", t.Lab, maxLotName)
	t.Result = line(&c, "result", t.Result, maxReason)
	c.That(t.Name != "", "name", "lot.test_name")
	c.That(t.Result != "", "result", "lot.test_result")
	c.That(!t.At.IsZero() && !t.At.After(s.env.Now()), "at", "lot.test_at")
	t.SHA256, t.Type = "", ""
	if len(d.Paper) > 0 {
		sum := sha256.Sum256(d.Paper)
		t.SHA256, t.Type = hex.EncodeToString(sum[:]), http.DetectContentType(d.Paper)
		c.That(len(d.Paper) <= MaxPaperBytes && slices.Contains(paperTypes, t.Type), "paper", "lot.paper")
	}
	return t, c.Err()
}

func paperKey(sum string) string { return "lots/" + sum }

// Paper returns the file of a test, as it was given.
func (s *Service) Paper(ctx context.Context, lot, test market.ID) (Test, []byte, error) {
	l, err := s.lots.Get(ctx, lot)
	if err != nil {
		return Test{}, nil, missingLot(err)
	}
	i := slices.IndexFunc(l.Tests, func(t Test) bool { return t.ID == test && t.SHA256 != "" })
	if i < 0 {
		return Test{}, nil, errLotMissing
	}
	data, err := s.files.Get(ctx, paperKey(l.Tests[i].SHA256))
	return l.Tests[i], data, err
}
