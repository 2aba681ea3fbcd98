package api

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chohue/catalog"
	"chohue/market"
)

// lot notes a lot of the product's first variant.
func (s *shop) lot(p *catalog.Product) *catalog.Lot {
	s.t.Helper()
	l, err := s.Catalog.MakeLot(s.ctx, market.System, catalog.LotDraft{
		Product: p.ID, Variant: p.Variants[0].ID, Quantity: 5, MadeAt: s.clock().Add(-time.Hour), Name: "Chị Hoa",
		Place: catalog.LotPlace{Area: "Vườn", PlusCode: "7P8WFH5C+2V"},
	})
	s.must(err)
	return l
}

func TestLotsThroughTheAPI(t *testing.T) {
	s := openShop(t)
	coop := s.seller("HTX Một")
	p := s.product(coop, "Mắm nêm", 30_000, 10)
	seller, official := s.person("0905000001", nil, coop), s.person("0905000002", []market.Role{market.RoleOfficial})
	made := s.clock().Add(-48 * time.Hour)
	body := NewLot{ID: "0123456789lot", Product: string(p.ID), Variant: string(p.Variants[0].ID), Code: "M-7", Quantity: 10, Counted: true, MadeAt: made, PlusCode: "7P8WFH5C+2V"}
	for range 2 {
		w := seller.do("POST", "/lots", body)
		if got := ok[Lot](t, w); w.Code != http.StatusCreated || got.Code != "M-7" || got.PlusCode != "7P8WFH5C+" {
			t.Fatalf("%d %+v", w.Code, got)
		}
	}
	placed := s.guest().buy("cod", p)
	s.drain()
	order, parcel := placed.Order.ID, placed.Order.Parcels[0].ID
	_, err := s.Orders.Pack(s.ctx, market.System, order, parcel)
	s.must(err)

	steps := func(v *visitor) []string {
		var out []string
		doc := get[EPCISDocument](v, "/lots/0123456789lot/epcis")
		for _, e := range doc.Body.Events {
			out = append(out, e.Step)
		}
		return out
	}
	if got, want := steps(seller), []string{"commissioning", "packing"}; !slices.Equal(got, want) {
		t.Errorf("the seller sees %v, want %v", got, want)
	}
	if got, want := steps(official), []string{"commissioning"}; !slices.Equal(got, want) {
		t.Errorf("an official sees %v, want %v", got, want)
	}
	problem(t, official.do("GET", "/lots/0123456789lot/orders", nil), http.StatusNotFound)
	w := official.do("POST", "/lots/0123456789lot/recall", Recalling{Reason: "vi sinh"})
	if got := ok[Lot](t, w); got.RecalledAt == nil || got.Reason != "vi sinh" {
		t.Errorf("recalled: %+v", got)
	}
	s.drain()
	if found := get[OrderPage](official, "/lots/0123456789lot/orders"); len(found.Items) != 1 || found.Items[0].ID != order {
		t.Errorf("orders of the recalled lot: %+v", found.Items)
	}
	if got, want := steps(official), []string{"commissioning", "holding", "packing"}; len(got) != 3 || !slices.Contains(got, "holding") {
		t.Errorf("after the recall an official sees %v, want %v", got, want)
	}
	o, err := s.Orders.Order(s.ctx, market.System, order, "")
	s.must(err)
	if last := o.History[len(o.History)-1]; last.What != "recalled" || last.Lot != "0123456789lot" {
		t.Errorf("the order's history ends with %+v", last)
	}
	if lots := o.Parcels[0].Lines[0].Lots; len(lots) != 1 || lots[0].Code != "M-7" {
		t.Errorf("the line's lots: %+v", lots)
	}
}

// TestEPCISShape holds a document against what EPCIS 2.0 demands of one: the
// required members, the vocabulary and the forms.
func TestEPCISShape(t *testing.T) {
	s := openShop(t)
	p := s.product(s.seller("HTX Một"), "Mắm nêm", 30_000, 10)
	l := s.lot(p)
	_, err := s.Catalog.AddTest(s.ctx, market.System, l.ID, catalog.TestDraft{Test: catalog.Test{Name: "Vi sinh", Result: "Đạt", Passed: true, At: s.clock()}})
	s.must(err)
	w := s.guest().do("GET", "/lots/"+string(l.ID)+"/epcis", nil)
	if w.Header().Get("Content-Type") != mediaJSONLD {
		t.Errorf("served as %s", w.Header().Get("Content-Type"))
	}
	var doc struct {
		Context []string `json:"@context"`
		Type    string
		Version string `json:"schemaVersion"`
		Created string `json:"creationDate"`
		Body    struct {
			Events []map[string]any `json:"eventList"`
		} `json:"epcisBody"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(doc.Context, epcisContext) || doc.Type != "EPCISDocument" || doc.Version != "2.0" || doc.Created == "" || len(doc.Body.Events) != 2 {
		t.Errorf("document %+v", doc)
	}
	id, zone := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`), regexp.MustCompile(`^[+-]\d\d:\d\d$`)
	steps := []string{"commissioning", "inspecting", "holding", "packing", "shipping", "retail_selling"}
	states := []string{"active", "conformant", "non_conformant", "recalled", "in_progress", "in_transit", "retail_sold"}
	for _, e := range doc.Body.Events {
		text := func(name string) string { v, _ := e[name].(string); return v }
		if text("type") != "ObjectEvent" || !id.MatchString(text("eventID")) || !zone.MatchString(text("eventTimeZoneOffset")) ||
			!slices.Contains([]string{"ADD", "OBSERVE", "DELETE"}, text("action")) || !slices.Contains(steps, text("bizStep")) || !slices.Contains(states, text("disposition")) {
			t.Errorf("event %v", e)
		}
		if _, err := time.Parse(time.RFC3339, text("eventTime")); err != nil {
			t.Error(err)
		}
		list, _ := e["quantityList"].([]any)
		first, _ := list[0].(map[string]any)
		if class, _ := first["epcClass"].(string); !strings.Contains(class, "/lo/"+string(l.ID)) {
			t.Errorf("class %v", first)
		}
	}
}

// goodLot adds to the values of a good request what the operations of lots
// need.
func (s *shop) goodLot(values map[string]string, op string) {
	s.t.Helper()
	draft := s.draft(market.ID(values["seller"]), "Có lô")
	values["lot"] = string(s.lot(draft).ID)
	values["made"], values["made_at"] = "harvest", s.clock().Add(-time.Hour).Format(time.RFC3339)
	values["best_before"], values["plus_code"] = s.clock().Add(time.Hour).Format(time.RFC3339), "7P8WFH5C+2V"
	values["code"] = "L" + string(draft.ID[len(draft.ID)-8:])
	if op == "createLot" {
		values["id"] = "lot-" + string(draft.ID)
	}
}
