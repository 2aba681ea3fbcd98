package cooperatives

import (
	"context"
	"testing"
	"time"

	"chohue/market"
	"chohue/store"
)

// window is the shop as takedowns see it.
type window struct{ down map[market.ID]string }

func (w *window) Owner(_ context.Context, product market.ID) (market.ID, error) {
	if product == "MAM" {
		return "SELLER", nil
	}
	return "", market.NotFound("catalog.missing")
}

func (w *window) TakeDown(_ context.Context, _ market.Actor, product market.ID, reason string) error {
	w.down[product] = reason
	return nil
}

func (h *house) takedowns(t *testing.T) (*Takedowns, *window) {
	t.Helper()
	w := &window{map[market.ID]string{}}
	all, err := NewTakedowns(t.Context(), h.engine, h.Service, w)
	if err != nil {
		t.Fatal(err)
	}
	return all, w
}

func letter() Request {
	return Request{
		ID: "LETTER00001", Authority: "Sở Công Thương", Officer: "Trần Văn A", Document: "123/SCT-QLTM",
		Basis: "Luật 122/2025/QH15, Điều 17", Grounds: "Nhãn ghi sai nơi sản xuất", Product: "MAM",
	}
}

func TestTheClockOfATakedown(t *testing.T) {
	h := open(t)
	all, shop := h.takedowns(t)
	var down *Takedown
	for range 2 {
		var err error
		if down, err = all.Receive(t.Context(), official, letter()); err != nil {
			t.Fatal(err)
		}
	}
	if want := h.now.Add(24 * time.Hour); !down.DueAt.Equal(want) || down.Seller != "SELLER" {
		t.Errorf("takedown = %+v, want due %s", down, want)
	}
	for hours, urgent := range map[time.Duration]bool{19: false, 20: false, 21: true, 25: true} {
		if at := h.now.Add(hours * time.Hour); down.Urgent(at) != urgent || down.Left(at) != (24-hours)*time.Hour {
			t.Errorf("after %d h: urgent %v, %s left", hours, down.Urgent(at), down.Left(at))
		}
	}
	h.now = h.now.Add(3 * time.Hour)
	for range 2 {
		var err error
		if down, err = all.Do(t.Context(), moderator, down.ID); err != nil || down.State != TakedownDone {
			t.Fatalf("done: %+v, %v", down, err)
		}
	}
	if want := "123/SCT-QLTM: Nhãn ghi sai nơi sản xuất"; shop.down["MAM"] != want {
		t.Errorf("taken down because of %q", shop.down["MAM"])
	}
	if down.Urgent(h.now.AddDate(0, 0, 9)) || down.Left(h.now.AddDate(0, 0, 9)) != 21*time.Hour {
		t.Error("the clock goes on after the answer")
	}
	_, err := all.Refuse(t.Context(), moderator, down.ID, "không đúng")
	wantKey(t, err, market.KindConflict, "takedown.answered")
	if got := h.news(t); got != "noted noted" {
		t.Errorf("news = %s", got)
	}
}

func TestRefusingATakedown(t *testing.T) {
	h := open(t)
	all, shop := h.takedowns(t)
	if _, err := all.Receive(t.Context(), moderator, letter()); err != nil {
		t.Fatal(err)
	}
	_, err := all.Refuse(t.Context(), moderator, "LETTER00001", "")
	wantKey(t, err, market.KindInvalid, "takedown.answer")
	down, err := all.Refuse(t.Context(), moderator, "LETTER00001", "Văn bản không nêu căn cứ")
	if err != nil || down.State != TakedownRefused || len(shop.down) != 0 {
		t.Errorf("refused: %+v, %v", down, err)
	}
	_, err = all.Do(t.Context(), moderator, "LETTER00001")
	wantKey(t, err, market.KindConflict, "takedown.answered")
	page, err := all.Queue(t.Context(), official, TakedownRefused, store.Query{})
	if err != nil || len(page.Items) != 1 {
		t.Errorf("queue = %v, %v", page.Items, err)
	}
}

func TestBadRequests(t *testing.T) {
	h := open(t)
	all, _ := h.takedowns(t)
	for key, change := range map[string]func(*Request){
		"takedown.authority":   func(r *Request) { r.Authority = "" },
		"takedown.document":    func(r *Request) { r.Document = " " },
		"takedown.basis":       func(r *Request) { r.Basis = "" },
		"takedown.grounds":     func(r *Request) { r.Grounds = "x" },
		"takedown.product":     func(r *Request) { r.Product = "NONE" },
		"takedown.received_at": func(r *Request) { r.ReceivedAt = h.now.Add(time.Minute) },
	} {
		r := letter()
		change(&r)
		_, err := all.Receive(t.Context(), moderator, r)
		wantKey(t, err, market.KindInvalid, key)
	}
}

func TestTakedownsAreMissingToOthers(t *testing.T) {
	h := open(t)
	all, _ := h.takedowns(t)
	if _, err := all.Receive(t.Context(), moderator, letter()); err != nil {
		t.Fatal(err)
	}
	for who, by := range everybody() {
		do := map[string]func(market.ID) error{
			"do":     func(id market.ID) error { _, err := all.Do(t.Context(), by, id); return err },
			"refuse": func(id market.ID) error { _, err := all.Refuse(t.Context(), by, id, "không"); return err },
		}
		for what, act := range do {
			missing := act("NONE")
			wantKey(t, missing, market.KindNotFound, "takedown.missing")
			if by.Is(market.RoleOfficial) && !by.Is(market.RoleModerator) {
				wantKey(t, act("LETTER00001"), market.KindForbidden, "cooperatives.moderator_only")
			} else if !by.Is(market.RoleModerator, market.RoleOperator) {
				if foreign := act("LETTER00001"); foreign == nil || foreign.Error() != missing.Error() {
					t.Errorf("%s, %s: foreign %v, missing %v", who, what, foreign, missing)
				}
			}
		}
		_, err := all.Queue(t.Context(), by, TakedownReceived, store.Query{})
		_, err2 := all.Receive(t.Context(), by, letter())
		if may := by.Is(market.RoleOfficial, market.RoleModerator, market.RoleOperator); may != (err == nil) || may != (err2 == nil) {
			t.Errorf("%s: %v, %v", who, err, err2)
		}
	}
}
