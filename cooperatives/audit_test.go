package cooperatives

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"chohue/market"
	"chohue/store"
)

// hear delivers what happened to the audit trail, each twice.
func (h *house) hear(t *testing.T) {
	t.Helper()
	pending, err := h.engine.Pending(t.Context(), nil, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, p := range pending {
			if err := h.Consume(t.Context(), p.Event); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (h *house) chain(t *testing.T, seller market.ID) Chain {
	t.Helper()
	c, err := h.CheckTrail(t.Context(), official, seller)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheTrailHoldsWhatWasDoneOnce(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ").ID
	h.complete(t, seller)
	if _, err := h.Verify(t.Context(), moderator, seller); err != nil {
		t.Fatal(err)
	}
	h.hear(t)
	page, err := h.Trail(t.Context(), manager, seller, store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	for _, n := range page.Items {
		done = append(done, n.What)
	}
	want := "verified identity.checked" + strings.Repeat(" papers.approved papers.shown", 4) + " papers.declared registered"
	if got := strings.Join(done, " "); got != want {
		t.Errorf("trail = %s\nwant    %s", got, want)
	}
	if last := page.Items[0]; last.By != "M" || last.Prev != page.Items[1].Hash || last.After == "" {
		t.Errorf("last entry = %+v", last)
	}
	if c := h.chain(t, seller); c.Broken != "" || c.Length != int64(len(page.Items)) || c.Head != page.Items[0].Hash {
		t.Errorf("chain = %+v", c)
	}
	for who, by := range everybody() {
		_, foreign := h.Trail(t.Context(), by, seller, store.Query{})
		_, missing := h.Trail(t.Context(), by, "NONE", store.Query{})
		wantKey(t, missing, market.KindNotFound, "cooperatives.missing")
		allowed := by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator)
		if allowed == (foreign != nil) || (!allowed && foreign.Error() != missing.Error()) {
			t.Errorf("%s: foreign %v, missing %v", who, foreign, missing)
		}
	}
}

func TestWritersSideBySideMakeOneChain(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ").ID
	var wait sync.WaitGroup
	for i := range 40 {
		e := h.noted(manager, Note{Seller: seller, What: "delivery.noted", Object: market.ID(fmt.Sprint("D", i))})
		for range 3 { // the same event, by three processes
			wait.Go(func() {
				if err := h.Consume(context.Background(), e); err != nil {
					t.Errorf("consume: %v", err)
				}
			})
		}
	}
	wait.Wait()
	if c := h.chain(t, seller); c.Broken != "" || c.Length != 40 {
		t.Errorf("chain = %+v, want 40 whole entries", c)
	}
}

// TestTampering changes the file behind the market's back, as somebody with the
// keys of the server could.
func TestTampering(t *testing.T) {
	edit := func(change func(bson.M)) func(*testing.T, *sql.DB, market.ID) {
		return func(t *testing.T, db *sql.DB, id market.ID) {
			var raw []byte
			if err := db.QueryRowContext(t.Context(), `SELECT body FROM "seller-notes" WHERE id = ?`, id).Scan(&raw); err != nil {
				t.Fatal(err)
			}
			var doc bson.M
			if err := bson.Unmarshal(raw, &doc); err != nil {
				t.Fatal(err)
			}
			change(doc)
			raw, err := bson.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), `UPDATE "seller-notes" SET body = ? WHERE id = ?`, raw, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(t *testing.T, db *sql.DB, id market.ID) {
		for _, q := range []string{`DELETE FROM "seller-notes" WHERE id = ?`, `DELETE FROM "seller-notes.chain" WHERE id = ?`} {
			if _, err := db.ExecContext(t.Context(), q, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		seq    int64
		do     func(*testing.T, *sql.DB, market.ID)
		broken string
	}{
		"another name":     {3, edit(func(d bson.M) { d["by_name"] = "Người khác" }), "entry 3 was changed"},
		"another time":     {2, edit(func(d bson.M) { d["at"] = bson.DateTime(0) }), "entry 2 was changed"},
		"hash made to fit": {4, edit(rehash), "entry 5 does not follow entry 4"},
		"taken out":        {3, remove, "entry 3 is missing"},
		"cut short":        {6, remove, "5 entries, the last known to be written is 6"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			seller := h.register(t, manager, "HTX An Lỗ").ID
			for i := range 6 {
				e := h.noted(manager, Note{Seller: seller, What: "delivery.noted", Object: market.ID(fmt.Sprint("D", i))})
				if err := h.Consume(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			if all, err := h.CheckTrails(t.Context()); err != nil || len(all) != 1 || all[0].Length != 6 {
				t.Fatalf("before: %+v, %v", all, err)
			}
			db, err := sql.Open("sqlite", filepath.Join(h.folder, "market.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			c.do(t, db, noteID(seller, c.seq))
			if got := h.chain(t, seller).Broken; got != c.broken {
				t.Errorf("broken = %q, want %q", got, c.broken)
			}
			if _, err := h.CheckTrails(t.Context()); err == nil || !strings.Contains(err.Error(), c.broken) {
				t.Errorf("reconcile says %v", err)
			}
		})
	}
}

// rehash changes an entry and its hash with it.
func rehash(d bson.M) {
	raw, _ := bson.Marshal(d)
	var n Note
	_ = bson.Unmarshal(raw, &n)
	n.Words = "forged"
	d["words"], d["hash"] = n.Words, n.sum()
}
