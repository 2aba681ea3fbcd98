package pages

import (
	"encoding/json"
	"os"
	"testing"

	"chohue/market"
)

// TestWaysOfSelling reads units by the examples that script on phones is tried
// with too.
func TestWaysOfSelling(t *testing.T) {
	raw, err := os.ReadFile("testdata/ways.json")
	if err != nil {
		t.Fatal(err)
	}
	var ways []struct {
		Unit, Amount, Measure, Name string
		Base                        market.Base
		Size                        int64
	}
	if err := json.Unmarshal(raw, &ways); err != nil || len(ways) == 0 {
		t.Fatalf("%d ways: %v", len(ways), err)
	}
	for _, w := range ways {
		size, err := readSize(w.Unit, w.Amount, w.Measure)
		if w.Size == 0 {
			if market.KindOf(err) != market.KindInvalid {
				t.Errorf("%s of %q %s is read as %v, %v", w.Unit, w.Amount, w.Measure, size, err)
			}
			continue
		}
		if want := (market.Size{Base: w.Base, Amount: w.Size}); err != nil || size != want {
			t.Errorf("%s of %q %s: %v, %v; want %v", w.Unit, w.Amount, w.Measure, size, err, want)
		}
		if got := variantName(w.Unit, size).VI; got != w.Name {
			t.Errorf("%v is called %q, want %q", size, got, w.Name)
		}
	}
}
