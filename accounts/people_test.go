package accounts

import (
	"errors"
	"strings"
	"testing"

	"chohue/market"
)

func TestOnlyOperatorsGiveAndTakeRoles(t *testing.T) {
	h := open(t, nil)
	p, err := h.Ensure(t.Context(), market.System, phone, "Lê Thị Bê", market.RoleFarmer)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []market.Role{"", market.RoleBuyer, market.RoleFarmer, market.RoleManager, market.RoleModerator, market.RoleOfficial} {
		by := market.Actor{Person: p.ID, Roles: []market.Role{role}, Sellers: []market.ID{"S"}}
		_, err := h.Ensure(t.Context(), by, phone, "Lê Thị Bê", market.RoleOperator)
		wantKey(t, err, market.KindForbidden, "accounts.operator_only")
		_, err = h.RemoveRoles(t.Context(), by, p.ID, market.RoleFarmer)
		wantKey(t, err, market.KindForbidden, "accounts.operator_only")
	}
	by := market.Actor{Person: "O", Roles: []market.Role{market.RoleOperator}}
	_, err = h.Ensure(t.Context(), by, phone, "Lê Thị Bê", market.RoleSystem)
	wantKey(t, err, market.KindInvalid, "person.role")
	if p, err = h.Ensure(t.Context(), by, phone, "Khác Tên", market.RoleOfficial, market.RoleOfficial); err != nil {
		t.Fatal(err)
	}
	if p.Name != "Lê Thị Bê" || len(p.Roles) != 3 || !p.Is(market.RoleOfficial) {
		t.Errorf("person = %+v, want the old name and one more role", p)
	}
	if ids, err := h.WithRole(t.Context(), market.RoleOfficial); err != nil || len(ids) != 1 || ids[0] != p.ID {
		t.Errorf("officials are %v, %v", ids, err)
	}
	if p, err = h.RemoveRoles(t.Context(), by, p.ID, market.RoleOfficial); err != nil || p.Is(market.RoleOfficial) {
		t.Errorf("roles = %v, %v; want official gone", p.Roles, err)
	}
	if ids, err := h.WithRole(t.Context(), market.RoleOfficial); err != nil || len(ids) != 0 {
		t.Errorf("officials are %v, %v; want nobody", ids, err)
	}
	_, err = h.RemoveRoles(t.Context(), by, "nobody", market.RoleOfficial)
	wantKey(t, err, market.KindNotFound, "accounts.missing")
}

func TestByPhoneTellsStrangersNothing(t *testing.T) {
	h := open(t, nil)
	p, err := h.Ensure(t.Context(), market.System, phone, "Lê Thị Bê")
	if err != nil {
		t.Fatal(err)
	}
	stranger := market.Actor{Person: "other", Roles: []market.Role{market.RoleManager}, Sellers: []market.ID{"S"}}
	_, known := h.ByPhone(t.Context(), stranger, phone)
	_, unknown := h.ByPhone(t.Context(), stranger, "0905000009")
	if known == nil || known.Error() != unknown.Error() {
		t.Errorf("known number says %v, unknown %v", known, unknown)
	}
	for _, by := range []market.Actor{market.System, {Person: p.ID}, {Person: "m", Roles: []market.Role{market.RoleModerator}}} {
		if got, err := h.ByPhone(t.Context(), by, "0905 123 012"); err != nil || got.ID != p.ID {
			t.Errorf("%v: %v, %v", by, got, err)
		}
	}
}

func TestInvite(t *testing.T) {
	h := open(t, func(r *Rules) { r.InvitesPerActor.Count = 2 })
	_, err := h.Invite(t.Context(), market.Actor{Person: "buyer"}, phone, "Lê Thị Bê")
	wantKey(t, err, market.KindForbidden, "accounts.sellers_only")
	by := market.Actor{Person: "manager", Sellers: []market.ID{"S"}}
	id, err := h.Invite(t.Context(), by, phone, "Lê Thị Bê")
	if err != nil {
		t.Fatal(err)
	}
	if session, _ := h.signIn(t, phone); session.Person != id {
		t.Errorf("signed in as %s, want %s", session.Person, id)
	}
	if again, err := h.Invite(t.Context(), by, phone, "Tên Khác"); err != nil || again != id {
		t.Errorf("again = %s, %v; want %s", again, err, id)
	}
	for range 2 {
		_, err = h.Invite(t.Context(), by, "0905000009", "Lê Thị Bê")
	}
	wantKey(t, err, market.KindUnavailable, "signin.too_many")
}

func TestUpdateProfile(t *testing.T) {
	h := open(t, nil)
	session, _ := h.signIn(t, phone)
	home := market.Address{Name: " Phạm  Thu Hà ", Phone: "0905 123 012", Province: "46", Ward: "19777", Street: "12 kiệt 8 Nguyễn Sinh Cung"}
	p, err := h.UpdateProfile(t.Context(), actor(session), Profile{Name: "Phạm Thu Hà", Lang: "en", Address: &home})
	if err != nil {
		t.Fatal(err)
	}
	if p.Lang != "en" || p.Address.Phone != phone || p.Address.Name != "Phạm Thu Hà" {
		t.Errorf("person = %+v, address %+v", p, p.Address)
	}
	if home.Name != " Phạm  Thu Hà " {
		t.Error("the caller's address was changed")
	}
	_, err = h.UpdateProfile(t.Context(), market.Actor{}, Profile{Name: "Ai đó"})
	wantKey(t, err, market.KindUnauthenticated, "signin.needed")
}

func TestBadProfilesNameEveryField(t *testing.T) {
	h := open(t, nil)
	session, _ := h.signIn(t, phone)
	tests := []struct {
		name    string
		profile Profile
		fields  string
	}{
		{"empty", Profile{}, "name"},
		{"long name", Profile{Name: strings.Repeat("ạ", 121)}, "name"},
		{"markup", Profile{Name: "<script>"}, "name"},
		{"not unicode", Profile{Name: "ab\xff"}, "name"},
		{"NUL", Profile{Name: "ab\x00cd"}, "name"},
		{"language", Profile{Name: "Lê Bê", Lang: "fr"}, "lang"},
		{
			"address",
			Profile{Name: "Lê Bê", Address: &market.Address{Ward: "x", Province: "$gt"}},
			"address/name address/street address/province address/ward address/phone",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := h.UpdateProfile(t.Context(), actor(session), tt.profile)
			var e *market.Error
			if !errors.As(err, &e) {
				t.Fatalf("error = %v", err)
			}
			var fields []string
			for _, one := range e.Many {
				fields = append(fields, one.Field)
			}
			if got := strings.Join(fields, " "); got != tt.fields {
				t.Errorf("fields = %s, want %s", got, tt.fields)
			}
		})
	}
	if p, err := h.Person(t.Context(), session.Person); err != nil || p.Name != "" || p.Address != nil {
		t.Errorf("person = %+v, %v; want nothing half-written", p, err)
	}
}
