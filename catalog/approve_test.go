package catalog

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chohue/market"
)

func TestFromDraftToShop(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	s.heard(t)
	p, err := s.Submit(t.Context(), farmer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != StatusSubmitted || !p.SubmittedAt.Equal(start) {
		t.Errorf("submitted: %s at %v", p.Status, p.SubmittedAt)
	}
	if p, err = s.Approve(t.Context(), moderator, p.ID); err != nil {
		t.Fatal(err)
	}
	if p.Status != StatusPublished || !p.PublishedAt.Equal(start) {
		t.Errorf("approved: %s at %v", p.Status, p.PublishedAt)
	}
	pending, err := s.engine.Pending(t.Context(), nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	var last Changed
	if err := json.Unmarshal(pending[len(pending)-1].Event.Data, &last); err != nil {
		t.Fatal(err)
	}
	if want := (Changed{p.ID, p.Rev}); last != want {
		t.Errorf("event says %+v, want %+v", last, want)
	}
	if diff := cmp.Diff([]string{EventSubmitted, EventPublished}, s.heard(t)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestRepeatedStepsChangeNothing(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	s.heard(t)
	for name, step := range map[string]func() (*Product, error){
		"submit":  func() (*Product, error) { return s.Submit(t.Context(), farmer, p.ID) },
		"approve": func() (*Product, error) { return s.Approve(t.Context(), moderator, p.ID) },
	} {
		got, err := step()
		if err != nil || got.Rev != p.Rev || got.Status != StatusPublished {
			t.Errorf("%s again: revision %d → %d, %v", name, p.Rev, got.Rev, err)
		}
	}
	if got := s.heard(t); len(got) > 0 {
		t.Errorf("news of nothing: %v", got)
	}
}

func TestSubmitNeedsPhotoAndVariant(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Variants = nil
	p, err := s.CreateDraft(t.Context(), farmer, d)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Submit(t.Context(), farmer, p.ID)
	wantError(t, err, market.KindInvalid, "product.photo_missing", "photos")
	var e *market.Error
	e, _ = err.(*market.Error)
	if len(e.Many) != 2 || e.Many[1].Key != "product.variant_missing" {
		t.Errorf("got %v, want both mistakes", e.Many)
	}
}

func TestApproveNeedsVerifiedSeller(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	if _, err := s.Submit(t.Context(), farmer, p.ID); err != nil {
		t.Fatal(err)
	}
	card := s.cards["thuy-bieu"]
	card.Verified = false
	s.cards["thuy-bieu"] = card
	_, err := s.Approve(t.Context(), moderator, p.ID)
	wantError(t, err, market.KindConflict, "catalog.seller_unverified", "")
}

func TestRejectSaysWhyAndComesBack(t *testing.T) {
	s := open(t)
	p := s.draft(t, pomelo())
	if _, err := s.Submit(t.Context(), farmer, p.ID); err != nil {
		t.Fatal(err)
	}
	_, err := s.Reject(t.Context(), moderator, p.ID, "  ")
	wantError(t, err, market.KindInvalid, "product.reason_missing", "reason")
	p, err = s.Reject(t.Context(), moderator, p.ID, "Ảnh mờ")
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != StatusRejected || p.Reason != "Ảnh mờ" {
		t.Errorf("got %s, %q", p.Status, p.Reason)
	}
	p, err = s.Submit(t.Context(), farmer, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != StatusSubmitted || p.Reason != "" {
		t.Errorf("submitted again: %s, %q", p.Status, p.Reason)
	}
}

func TestTakedown(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	s.heard(t)
	if _, err := s.Reject(t.Context(), moderator, p.ID, "Theo yêu cầu của cơ quan quản lý"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{EventRejected, EventWithdrawn}, s.heard(t)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	_, err := s.PublishedProduct(t.Context(), p.ID)
	wantError(t, err, market.KindNotFound, "catalog.missing", "")
	if _, err := s.ByVariant(t.Context(), p.Variants[0].ID); market.KindOf(err) != market.KindNotFound {
		t.Errorf("a variant of a product taken down is sold: %v", err)
	}
}

func TestPublishingAgainDoesNotRenew(t *testing.T) {
	s := open(t)
	p := s.show(t, pomelo())
	s.wait(1000)
	for _, step := range []func() (*Product, error){
		func() (*Product, error) { return s.Withdraw(t.Context(), farmer, p.ID) },
		func() (*Product, error) { return s.Submit(t.Context(), farmer, p.ID) },
		func() (*Product, error) { return s.Approve(t.Context(), moderator, p.ID) },
	} {
		if _, err := step(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.PublishedProduct(t.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !got.PublishedAt.Equal(p.PublishedAt) {
		t.Errorf("published %v, then %v", p.PublishedAt, got.PublishedAt)
	}
}

// TestWhoMay walks every action with everybody, on a draft and on a published
// product.
func TestWhoMay(t *testing.T) {
	s := open(t)
	draft, shown := s.draft(t, pomelo()), s.show(t, pomelo())
	member := moderator
	member.Sellers = farmer.Sellers
	actors := map[string]market.Actor{
		"guest": {}, "buyer": buyer, "neighbour": neighbour, "official": official, "moderator": moderator, "member": member,
	}
	type act func(context.Context, market.Actor, *Product) error
	const no, hidden, yes = market.KindForbidden, market.KindNotFound, market.KindInternal
	for _, test := range []struct {
		name string
		on   *Product
		do   act
		want map[string]market.Kind // yes when the actor is let through
	}{
		{"read draft", draft, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Product(ctx, by, p.ID)
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": yes, "moderator": yes}},
		{"read draft by slug", draft, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.BySlug(ctx, by, p.Slug)
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": yes, "moderator": yes}},
		{"read shown", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Product(ctx, by, p.ID)
			return err
		}, map[string]market.Kind{"guest": yes, "buyer": yes, "neighbour": yes, "official": yes, "moderator": yes}},
		{"edit", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Edit(ctx, by, p.ID, pomelo())
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": hidden, "moderator": hidden}},
		{"photo", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.AddPhoto(ctx, by, p.ID, photograph(t, 120, 100, 7), market.Text{})
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": hidden, "moderator": hidden}},
		{"submit", draft, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Submit(ctx, by, p.ID)
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": hidden, "moderator": hidden}},
		{"approve", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Approve(ctx, by, p.ID)
			return err
		}, map[string]market.Kind{"guest": no, "buyer": no, "neighbour": no, "official": no, "moderator": yes, "member": no}},
		{"approve draft", draft, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Approve(ctx, by, p.ID)
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": no, "member": no}},
		{"reject", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Reject(ctx, by, p.ID, "vì thế")
			return err
		}, map[string]market.Kind{"guest": no, "buyer": no, "neighbour": no, "official": no, "member": no}},
		{"withdraw", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Withdraw(ctx, by, p.ID)
			return err
		}, map[string]market.Kind{"guest": no, "buyer": no, "neighbour": no, "official": no}},
		{"certify", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Certify(ctx, by, p.ID, decision())
			return err
		}, map[string]market.Kind{"guest": no, "buyer": no, "neighbour": no, "official": yes, "moderator": yes, "member": no}},
		{"revoke", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Revoke(ctx, by, p.ID, "c1", withdrawal)
			return err
		}, map[string]market.Kind{"guest": no, "buyer": no, "neighbour": no, "official": yes, "moderator": yes, "member": no}},
		{"list of seller", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.OfSeller(ctx, by, p.Seller, "", 10)
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": yes, "moderator": yes, "member": yes}},
		{"queue", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Queue(ctx, by, StatusSubmitted, "", 10)
			return err
		}, map[string]market.Kind{"guest": no, "buyer": no, "neighbour": no, "official": no, "moderator": yes}},
		{"receive", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Receive(ctx, by, p.Variants[0].ID, 1, "")
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": hidden, "moderator": hidden, "member": yes}},
		{"adjust", shown, func(ctx context.Context, by market.Actor, p *Product) error {
			_, err := s.Adjust(ctx, by, p.Variants[0].ID, 1, "dập")
			return err
		}, map[string]market.Kind{"guest": hidden, "buyer": hidden, "neighbour": hidden, "official": hidden, "moderator": hidden, "member": yes}},
	} {
		for name, want := range test.want {
			err := test.do(t.Context(), actors[name], test.on)
			if got := market.KindOf(err); got != want || (want == yes && err != nil) {
				t.Errorf("%s by %s: got %v, want kind %d", test.name, name, err, want)
			}
		}
	}
}
