package cooperatives

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"chohue/market"
)

// everybody is each role, without belonging to the seller.
func everybody() map[string]market.Actor {
	as := func(roles ...market.Role) market.Actor {
		return market.Actor{Person: "X", Name: "Người lạ", Roles: roles, Sellers: []market.ID{"OTHER"}}
	}
	return map[string]market.Actor{
		"guest":         {},
		"buyer":         as(market.RoleBuyer),
		"farmer":        as(market.RoleBuyer, market.RoleFarmer),
		"other manager": as(market.RoleBuyer, market.RoleManager),
		"official":      as(market.RoleOfficial),
		"moderator":     as(market.RoleModerator),
		"operator":      as(market.RoleOperator),
		"system":        market.System,
	}
}

// actions are what can be done to a seller.
func (h *house) actions() map[string]func(by market.Actor, seller market.ID) error {
	return map[string]func(market.Actor, market.ID) error{
		"add": func(by market.Actor, seller market.ID) error {
			_, err := h.AddMember(context.Background(), by, seller, Member{Person: "BE", Name: "Lê Thị Bê", Role: MemberPacker})
			return err
		},
		"remove": func(by market.Actor, seller market.ID) error {
			_, err := h.RemoveMember(context.Background(), by, seller, "BE")
			return err
		},
		"fiscal": func(by market.Actor, seller market.ID) error {
			_, err := h.SetFiscal(context.Background(), by, seller, Fiscal{Kind: KindHTX, TaxCode: "3300100001"})
			return err
		},
		"verify": func(by market.Actor, seller market.ID) error {
			_, err := h.Verify(context.Background(), by, seller)
			return err
		},
		"suspend": func(by market.Actor, seller market.ID) error {
			_, err := h.Suspend(context.Background(), by, seller)
			return err
		},
	}
}

func TestStrangersHearOfAForeignSellerWhatTheyHearOfNone(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ")
	h.complete(t, seller.ID)
	may := map[string]string{
		"moderator": "verify suspend",
		"operator":  "add remove fiscal verify suspend",
		"system":    "add remove fiscal verify suspend",
	}
	for who, by := range everybody() {
		for what, do := range h.actions() {
			if err := h.actions()["add"](market.System, seller.ID); err != nil { // somebody to remove
				t.Fatal(err)
			}
			allowed := strings.Contains(may[who], what)
			foreign, missing := do(by, seller.ID), do(by, "NONE")
			wantKey(t, missing, market.KindNotFound, "cooperatives.missing")
			switch {
			case allowed && foreign != nil:
				t.Errorf("%s may not %s: %v", who, what, foreign)
			case !allowed && foreign == nil:
				t.Errorf("%s may %s", who, what)
			case !allowed && foreign.Error() != missing.Error():
				t.Errorf("%s, %s: foreign %v, missing %v", who, what, foreign, missing)
			}
		}
	}
}

func TestWhatMembersMay(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ")
	for _, role := range []MemberRole{MemberFarmer, MemberPacker} {
		m := Member{Person: market.ID(role), Name: "Lê Thị Bê", Role: role}
		if _, err := h.AddMember(t.Context(), manager, seller.ID, m); err != nil {
			t.Fatal(err)
		}
		by := market.Actor{Person: m.Person, Roles: []market.Role{market.RoleManager}, Sellers: []market.ID{seller.ID}}
		actions := h.actions()
		wantKey(t, actions["add"](by, seller.ID), market.KindForbidden, "cooperatives.manager_only")
		wantKey(t, actions["remove"](by, seller.ID), market.KindForbidden, "cooperatives.manager_only")
		wantKey(t, actions["verify"](by, seller.ID), market.KindForbidden, "cooperatives.moderator_only")
		if _, err := h.RemoveMember(t.Context(), by, seller.ID, by.Person); err != nil {
			t.Errorf("%s cannot leave: %v", role, err)
		}
	}
	wantKey(t, h.actions()["verify"](manager, seller.ID), market.KindForbidden, "cooperatives.moderator_only")
}

func TestSomebodyWhoDoesNotBelongIsMissing(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ")
	remove := h.actions()["remove"]
	wantKey(t, remove(manager, seller.ID), market.KindNotFound, "cooperatives.missing")
	if err := h.actions()["add"](manager, seller.ID); err != nil {
		t.Fatal(err)
	}
	if err := remove(manager, seller.ID); err != nil {
		t.Fatal(err)
	}
	wantKey(t, remove(manager, seller.ID), market.KindNotFound, "cooperatives.missing")
	if want := "registered member_added member_removed"; h.news(t) != want {
		t.Errorf("news = %s, want %s", h.news(t), want)
	}
}

func TestThereIsAlwaysAManager(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ")
	_, err := h.RemoveMember(t.Context(), manager, seller.ID, manager.Person)
	wantKey(t, err, market.KindConflict, "cooperatives.last_manager")
	_, err = h.AddMember(t.Context(), manager, seller.ID, Member{Person: manager.Person, Name: "Phúc", Role: MemberFarmer})
	wantKey(t, err, market.KindConflict, "cooperatives.last_manager")
	for _, next := range []Member{{Person: "BE", Name: "Lê Thị Bê", Role: MemberManager}, {Person: manager.Person, Name: "Phúc", Role: MemberFarmer}} {
		if _, err := h.AddMember(t.Context(), manager, seller.ID, next); err != nil {
			t.Fatal(err)
		}
	}
	got, err := h.Seller(t.Context(), seller.ID)
	if err != nil || got.RoleOf("BE") != MemberManager || got.RoleOf(manager.Person) != MemberFarmer || len(got.Members) != 2 {
		t.Errorf("members = %+v, %v", got.Members, err)
	}
	if want := "registered member_added member_added"; h.news(t) != want {
		t.Errorf("news = %s, want %s", h.news(t), want)
	}
}

func TestTwoManagersCannotRemoveEachOther(t *testing.T) {
	for range 20 {
		h := open(t)
		seller := h.register(t, manager, "HTX An Lỗ")
		other := market.Actor{Person: "BE"}
		if _, err := h.AddMember(t.Context(), manager, seller.ID, Member{Person: "BE", Name: "Lê Thị Bê", Role: MemberManager}); err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		wait.Go(func() { _, _ = h.RemoveMember(context.Background(), manager, seller.ID, "BE") })
		wait.Go(func() { _, _ = h.RemoveMember(context.Background(), other, seller.ID, manager.Person) })
		wait.Wait()
		if got, err := h.Seller(t.Context(), seller.ID); err != nil || got.managers() != 1 {
			t.Fatalf("members = %+v, %v; want one manager", got.Members, err)
		}
	}
}

func TestMembersSideBySideAreAllKept(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ")
	var wait sync.WaitGroup
	for i := range 64 {
		wait.Go(func() {
			m := Member{Person: market.ID(fmt.Sprint("P", i)), Name: fmt.Sprint("Xã viên ", i), Role: MemberFarmer}
			if _, err := h.AddMember(context.Background(), manager, seller.ID, m); err != nil {
				t.Errorf("add: %v", err)
			}
		})
	}
	wait.Wait()
	if got, err := h.Seller(t.Context(), seller.ID); err != nil || len(got.Members) != 65 {
		t.Errorf("%d members, %v; want 65", len(got.Members), err)
	}
}

func TestAddingTwiceIsAddingOnce(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ")
	m := Member{Person: "BE", Name: "Lê Thị Bê", Role: MemberFarmer}
	for range 2 {
		if _, err := h.AddMember(t.Context(), manager, seller.ID, m); err != nil {
			t.Fatal(err)
		}
		h.now = h.now.Add(1e9)
	}
	if want := "registered member_added"; h.news(t) != want {
		t.Errorf("news = %s, want %s", h.news(t), want)
	}
}

func TestOfFollowsMembership(t *testing.T) {
	h := open(t)
	first := h.register(t, manager, "HTX An Lỗ")
	second := h.register(t, market.Actor{Person: "BE"}, "HTX Thuỷ Biều")
	if _, err := h.AddMember(t.Context(), market.System, second.ID, Member{Person: "PHUC", Name: "Phúc", Role: MemberPacker}); err != nil {
		t.Fatal(err)
	}
	of := func(person market.ID) int {
		sellers, err := h.Of(t.Context(), person)
		if err != nil {
			t.Fatal(err)
		}
		return len(sellers)
	}
	if of("PHUC") != 2 || of("BE") != 1 || of("") != 0 || of("X") != 0 {
		t.Errorf("of = %d %d %d %d, want 2 1 0 0", of("PHUC"), of("BE"), of(""), of("X"))
	}
	if _, err := h.RemoveMember(t.Context(), market.System, second.ID, "PHUC"); err != nil {
		t.Fatal(err)
	}
	if of("PHUC") != 1 {
		t.Errorf("of = %d after leaving, want 1", of("PHUC"))
	}
	found, err := h.Sellers(t.Context(), first.ID, second.ID, "NONE")
	if err != nil || len(found) != 2 || found[first.ID].Slug != first.Slug {
		t.Errorf("sellers = %v, %v", found, err)
	}
}

func TestBadMembers(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ")
	for key, m := range map[string]Member{
		"cooperatives.member_person": {Name: "Lê Thị Bê", Role: MemberFarmer},
		"cooperatives.member_name":   {Person: "BE", Name: strings.Repeat("x", 500), Role: MemberFarmer},
		"cooperatives.member_role":   {Person: "BE", Name: "Lê Thị Bê", Role: "king"},
	} {
		_, err := h.AddMember(t.Context(), manager, seller.ID, m)
		wantKey(t, err, market.KindInvalid, key)
	}
}

func TestVerification(t *testing.T) {
	h := open(t)
	seller := h.register(t, manager, "HTX An Lỗ")
	h.complete(t, seller.ID)
	h.forget(t)
	steps := []struct {
		do   func(context.Context, market.Actor, market.ID) (*Seller, error)
		want string
	}{
		{h.Verify, StatusVerified},
		{h.Verify, StatusVerified},
		{h.Suspend, StatusSuspended},
		{h.Suspend, StatusSuspended},
		{h.Verify, StatusVerified},
	}
	for i, step := range steps {
		got, err := step.do(t.Context(), moderator, seller.ID)
		if err != nil || got.Status != step.want {
			t.Fatalf("step %d: %v, %v; want %s", i, got, err, step.want)
		}
	}
	if want := "verified suspended verified"; h.news(t) != want {
		t.Errorf("news = %s, want %s", h.news(t), want)
	}
}
