package catalog

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chohue/market"
)

func TestTermsAllowWhatIsReachedFromTheLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		terms := Terms{Min: rapid.Int64Range(0, 60).Draw(t, "min"), Step: rapid.Int64Range(0, 20).Draw(t, "step")}
		quantity := rapid.Int64Range(0, 500).Draw(t, "quantity")
		reached := false
		for q := max(terms.Min, 1); q <= quantity && !reached; q += max(terms.Step, 1) {
			reached = q == quantity
		}
		if got := terms.Allows(quantity) == nil; got != reached {
			t.Fatalf("allowed %v, want %v", got, reached)
		}
		near := terms.Nearest(quantity)
		if terms.Allows(near) != nil || reached && near != quantity || near > quantity && near != terms.Least() {
			t.Fatalf("nearest to %d is %d", quantity, near)
		}
	})
}

func TestPricesAreComparable(t *testing.T) {
	grams := func(n int64) market.Size { return market.Size{Base: market.Grams, Amount: n} }
	pieces := func(n int64) market.Size { return market.Size{Base: market.Pieces, Amount: n} }
	for _, test := range []struct {
		name string
		v    Variant
		want Comparable
	}{
		{"kilo", Variant{Unit: "kg", Size: grams(1000), Price: 45_000}, Comparable{45_000, market.Grams, false}},
		{"half a kilo", Variant{Unit: "hộp", Size: grams(500), Price: 45_000}, Comparable{90_000, market.Grams, false}},
		{"a chục of ten", Variant{Unit: "chục", Size: pieces(10), Price: 450_000}, Comparable{45_000, market.Pieces, false}},
		{"a chục of twelve", Variant{Unit: "chục", Size: pieces(12), Price: 450_000}, Comparable{37_500, market.Pieces, false}},
		{"a fruit in a band", Variant{Unit: "trái", Size: pieces(1), Price: 48_000, Terms: Terms{Band: Band{900, 1100}}}, Comparable{48_000, market.Grams, true}},
		{"ten fruits in a band", Variant{Unit: "chục", Size: pieces(10), Price: 400_000, Terms: Terms{Band: Band{700, 900}}}, Comparable{50_000, market.Grams, true}},
	} {
		if got := test.v.Comparable(); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestHowGoodsAreSoldIsChecked(t *testing.T) {
	s := open(t)
	kilo := market.Size{Base: market.Grams, Amount: 1000}
	one := market.Size{Base: market.Pieces, Amount: 1}
	for _, test := range []struct {
		key, field string
		change     func(*VariantDraft)
	}{
		{"product.unit_size", "size", func(v *VariantDraft) { v.Unit, v.Size = "kg", market.Size{Base: market.Grams, Amount: 900} }},
		{"product.unit_size", "size", func(v *VariantDraft) { v.Unit, v.Size = "chuc", market.Size{Base: market.Pieces, Amount: 9} }},
		{"product.min", "min", func(v *VariantDraft) { v.Terms.Min = -1 }},
		{"product.step", "step", func(v *VariantDraft) { v.Terms.Step = maxOrder + 1 }},
		{"product.catch_pieces", "catch", func(v *VariantDraft) { v.Size, v.Terms.Catch = one, true }},
		{"product.band", "band", func(v *VariantDraft) { v.Size, v.Terms.Band = one, Band{900, 800} }},
		{"product.band_pieces", "band", func(v *VariantDraft) { v.Unit, v.Size, v.Terms.Band = "kg", kilo, Band{900, 1100} }},
	} {
		d := pomelo()
		d.Variants = d.Variants[:1]
		test.change(&d.Variants[0])
		_, err := s.CreateDraft(t.Context(), farmer, d)
		wantError(t, err, market.KindInvalid, test.key, "variants/0/"+test.field)
	}
}

func TestUnitsGoByCodeAndByWord(t *testing.T) {
	s := open(t)
	d := pomelo()
	d.Variants[0].Unit, d.Variants[0].Size.Amount = "chuc", 12
	d.Variants[1].Unit, d.Variants[1].Size.Amount = "giỏ mây", 700
	p := s.draft(t, d)
	if p.Variants[0].Unit != "chục" || p.Variants[0].Size.Amount != 12 || p.Variants[1].Unit != "giỏ mây" {
		t.Errorf("units %q and %q", p.Variants[0].Unit, p.Variants[1].Unit)
	}
	for _, word := range []string{"kg", "g", "chục", "trái", "hộp", "thùng", "chai", "gói", "cái", "combo", "suất"} {
		u, ok := s.sets.Unit(word)
		if byCode, _ := s.sets.Unit(u.Code); !ok || u.Name.EN == "" || byCode != u {
			t.Errorf("%s: %+v", word, u)
		}
	}
	if len(s.sets.Units(start)) == 0 || len(s.sets.Units(time.Time{})) != 0 {
		t.Error("units do not begin when they say")
	}
}

func TestKeepingIsChecked(t *testing.T) {
	s := open(t)
	for _, test := range []struct {
		key, field string
		keeping    Keeping
	}{
		{"product.transit_hours", "max_transit_hours", Keeping{MaxHours: -1}},
		{"product.temperature", "temperature", Keeping{Cold: Cold{true, 8, 2}}},
		{"product.temperature", "temperature", Keeping{Cold: Cold{true, -80, 2}}},
		{"product.packing", "packing", Keeping{Packing: "barrel"}},
		{"product.ship_days", "ship_days", Keeping{ShipDays: EveryDay + 1}},
		{"product.season", "season", Keeping{Season: 1}},
		{"product.alcohol_set", "alcohol", Keeping{Alcohol: 390}},
	} {
		d := pomelo()
		d.Keeping = test.keeping
		_, err := s.CreateDraft(t.Context(), farmer, d)
		wantError(t, err, market.KindInvalid, test.key, test.field)
	}
	good := Keeping{
		Storage: market.Text{VI: "Ngăn mát", EN: "Chilled"}, MaxHours: 24, Cold: Cold{true, 2, 8}, Packing: "foam",
		ShipDays: DaysOf(time.Monday, time.Thursday), Season: MonthsOf(7, 8, 9),
	}
	d := pomelo()
	d.Keeping = good
	if p := s.draft(t, d); p.Keeping != good {
		t.Errorf("kept %+v", p.Keeping)
	}
	if !good.ShipDays.Has(time.Monday) || good.ShipDays.Has(time.Sunday) || !Days(0).Has(time.Sunday) || good.Season.Has(time.June) || !good.Season.Has(time.July) {
		t.Error("days or months are wrong")
	}
}

func TestLicensedGoodsNeedTheirSellersLicence(t *testing.T) {
	for _, test := range []struct {
		set      int
		licences []string
		ok       bool
	}{
		{14, nil, false},
		{14, []string{"alcohol"}, true},
		{15, []string{"medicine"}, false},
		{18, []string{"medicine"}, true},
		{18, []string{"alcohol"}, false},
		{1, nil, true},
	} {
		s := open(t)
		d := pomelo()
		d.Set = test.set
		p := s.draft(t, d)
		card := s.cards["thuy-bieu"]
		card.Licences = test.licences
		s.cards["thuy-bieu"] = card
		_, err := s.Submit(t.Context(), farmer, p.ID)
		if !test.ok {
			wantError(t, err, market.KindConflict, "catalog.licence_missing", "set")
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		card.Licences = nil
		s.cards["thuy-bieu"] = card
		_, err = s.Approve(t.Context(), moderator, p.ID)
		if lapsed := s.sets.Licence(test.set, start) != ""; lapsed != (err != nil) {
			t.Errorf("set %d after the licence lapsed: %v", test.set, err)
		}
	}
}

func TestToleranceIsDated(t *testing.T) {
	s := open(t)
	if got := s.sets.Tolerance(start); got != 50 {
		t.Errorf("tolerance %d ‰, want 50", got)
	}
	if got := s.sets.Tolerance(start.AddDate(-5, 0, 0)); got != 0 {
		t.Errorf("tolerance before there was one: %d ‰", got)
	}
	if !slices.IsSortedFunc(s.sets.sold.weighings, func(a, b weighing) int { return a.from.Compare(b.from) }) {
		t.Error("tolerances are not in order")
	}
}
