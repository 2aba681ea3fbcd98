package market_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chohue/market"
)

func TestVNDText(t *testing.T) {
	for v, want := range map[market.VND]string{
		0: "0 ₫", 7: "7 ₫", 999: "999 ₫", 1000: "1.000 ₫", 45_000: "45.000 ₫", 1_234_567: "1.234.567 ₫",
		-500: "-500 ₫", -45_000: "-45.000 ₫", math.MinInt64: "-9.223.372.036.854.775.808 ₫",
	} {
		if got := v.String(); got != want {
			t.Errorf("%d: %q, want %q", int64(v), got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		v       market.VND
		weights []int64
		want    []market.VND
	}{
		{100, []int64{1, 1, 1}, []market.VND{34, 33, 33}},
		{-100, []int64{1, 1, 1}, []market.VND{-34, -33, -33}},
		{10, []int64{1, 2, 7}, []market.VND{1, 2, 7}},
		{5, []int64{0, 0}, []market.VND{5, 0}},
		{5, []int64{0, 3, 0}, []market.VND{0, 5, 0}},
		{2, []int64{1, 3, 3}, []market.VND{0, 1, 1}},
		{1, []int64{3, 3}, []market.VND{1, 0}},
		{0, []int64{3, 4}, []market.VND{0, 0}},
		{100, nil, []market.VND{}},
	} {
		got := c.v.Split(c.weights)
		if len(got) != len(c.want) {
			t.Fatalf("%d over %v: %v, want %v", c.v, c.weights, got, c.want)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%d over %v: %v, want %v", c.v, c.weights, got, c.want)
			}
		}
	}
}

// TestSplitLosesNothing: the parts sum to the whole and none is a đồng away
// from its exact share.
func TestSplitLosesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		v := market.VND(rapid.Int64Range(-int64(market.MaxAmount), int64(market.MaxAmount)).Draw(r, "amount"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e12), 1, 40).Draw(r, "weights")
		total := int64(0)
		for _, w := range weights {
			total += w
		}
		sum := market.VND(0)
		for i, part := range v.Split(weights) {
			sum += part
			if total == 0 {
				continue
			}
			exact := float64(v) * (float64(weights[i]) / float64(total))
			if math.Abs(float64(part)-exact) > 1.01 {
				r.Fatalf("part %d is %d, its share %f", i, part, exact)
			}
		}
		if sum != v {
			r.Fatalf("parts sum to %d, want %d", sum, v)
		}
	})
}

func TestRate(t *testing.T) {
	for _, c := range []struct {
		rate market.Rate
		v    market.VND
		want market.VND
	}{
		{150, 100_000, 1500},
		{50, 99, 0},
		{50, 100, 1},
		{5000, 1, 1},
		{5000, -1, -1},
		{4999, 1, 0},
		{10_000, 45_001, 45_001},
		{800, market.MaxAmount, 80_000_000_000},
	} {
		if got := c.rate.Of(c.v); got != c.want {
			t.Errorf("%d of %d: %d, want %d", c.rate, c.v, got, c.want)
		}
	}
}

// amounts are what script on phones must read and refuse in the same way.
type amounts struct {
	Read    map[string]market.VND
	Refused []string
}

func loadAmounts(t *testing.T) (a amounts) {
	t.Helper()
	raw, err := os.ReadFile("testdata/amounts.json")
	if err == nil {
		err = json.Unmarshal(raw, &a)
	}
	if err != nil || len(a.Read) == 0 || len(a.Refused) == 0 {
		t.Fatalf("%d amounts and %d refused: %v", len(a.Read), len(a.Refused), err)
	}
	return a
}

func TestParseVND(t *testing.T) {
	for text, want := range loadAmounts(t).Read {
		if got, err := market.ParseVND(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseVNDRefuses(t *testing.T) {
	hostile := []string{"\xff", strings.Repeat("9", 10_000), strings.Repeat(".", 10_000)}
	for _, text := range append(loadAmounts(t).Refused, hostile...) {
		if got, err := market.ParseVND(text); market.KindOf(err) != market.KindInvalid || got != 0 {
			t.Errorf("%.40q: %d, %v; want an invalid error", text, got, err)
		}
	}
}

// FuzzParseVND: nothing panics or leaves the range, and what the market itself
// writes is read back.
func FuzzParseVND(f *testing.F) {
	for _, seed := range []string{"45000", "45.000 đ", "1tr2", "1,5 triệu", "2 tỷ", "-1", "45k5", "1..2", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := market.ParseVND(text)
		if err != nil {
			if market.KindOf(err) != market.KindInvalid || v != 0 {
				t.Fatalf("%q: %d, %v", text, v, err)
			}
			return
		}
		if v < 0 || v > market.MaxAmount {
			t.Fatalf("%q: %d is out of range", text, v)
		}
		if again, err := market.ParseVND(v.String()); err != nil || again != v {
			t.Fatalf("%q: %s is read as %d, %v", text, v, again, err)
		}
	})
}

func TestUnitPrice(t *testing.T) {
	for _, c := range []struct {
		size  market.Size
		price market.VND
		want  market.VND
	}{
		{market.Size{Base: market.Grams, Amount: 500}, 45_000, 90_000},
		{market.Size{Base: market.Grams, Amount: 1000}, 45_000, 45_000},
		{market.Size{Base: market.Grams, Amount: 300}, 10_000, 33_333},
		{market.Size{Base: market.Grams, Amount: 600}, 10_000, 16_667},
		{market.Size{Base: market.Pieces, Amount: 10}, 25_000, 2500},
		{market.Size{Base: market.Pieces}, 25_000, 25_000},
	} {
		if got := c.size.UnitPrice(c.price); got != c.want {
			t.Errorf("%d for %+v: %d, want %d", c.price, c.size, got, c.want)
		}
	}
	if !market.Grams.Known() || !market.Pieces.Known() || market.Base("litres").Known() {
		t.Error("the base units are grams and pieces")
	}
}
