package market_test

import (
	"encoding/json"
	"testing"
	"time"

	"chohue/market"
)

func TestActor(t *testing.T) {
	hoa := market.Actor{Person: "hoa", Roles: []market.Role{market.RoleBuyer, market.RoleFarmer}, Sellers: []market.ID{"s1"}}
	guest := market.Actor{}
	for _, c := range []struct {
		what      string
		got, want bool
	}{
		{"a guest is a guest", guest.Guest(), true},
		{"a guest has a role", guest.Is(market.RoleBuyer), false},
		{"a guest acts for nobody", guest.For(""), false},
		{"Hoa is a guest", hoa.Guest(), false},
		{"Hoa is one of the roles", hoa.Is(market.RoleOfficial, market.RoleFarmer), true},
		{"Hoa is an operator", hoa.Is(market.RoleOperator), false},
		{"Hoa acts for her seller", hoa.For("s1"), true},
		{"Hoa acts for another", hoa.For("s2"), false},
		{"Hoa acts for no seller", hoa.For(""), false},
		{"the system has every role", market.System.Is(market.RoleOfficial), true},
		{"the system acts for all", market.System.For("s2"), true},
		{"the system is a guest", market.System.Guest(), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", c.what, c.got)
		}
	}
}

func TestText(t *testing.T) {
	both, one := market.Text{VI: "Nón lá", EN: "Leaf hat"}, market.Text{VI: "Nón lá"}
	if both.In("en") != "Leaf hat" || both.In("vi") != "Nón lá" || one.In("en") != "Nón lá" || both.In("fr") != "Nón lá" {
		t.Error("a text speaks the language asked for, else Vietnamese")
	}
}

func TestEvent(t *testing.T) {
	type payload struct {
		Total market.VND `json:"total"`
	}
	env := market.NewEnv(func() time.Time { return noon })
	e := market.NewEvent(env, "orders.placed", "o1", payload{45_000})
	if e.Type != "orders.placed" || e.Subject != "o1" || !e.At.Equal(noon) || !e.ID.Time().Equal(noon) {
		t.Errorf("event %+v", e)
	}
	var got payload
	if err := e.Decode(&got); err != nil || got.Total != 45_000 {
		t.Errorf("decoded %+v, %v", got, err)
	}
	e.Data = json.RawMessage(`{"total":"much"}`)
	if err := e.Decode(&got); err == nil {
		t.Error("a broken payload was decoded")
	}
	defer func() {
		if recover() == nil {
			t.Error("a payload that is no JSON made an event")
		}
	}()
	market.NewEvent(env, "orders.placed", "o1", func() {})
}
