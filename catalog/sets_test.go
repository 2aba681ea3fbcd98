package catalog

import (
	"testing"
	"time"
)

func TestLoadSets(t *testing.T) {
	sets, err := LoadSets()
	if err != nil {
		t.Fatal(err)
	}
	if got := len(sets.All()); got != 26 {
		t.Fatalf("got %d sets, want 26", got)
	}
	for _, set := range sets.All() {
		if set.Name.VI == "" || set.Name.EN == "" || set.Industry == "" {
			t.Errorf("set %d lacks words: %+v", set.Number, set)
		}
		if want := set.Number == 14 || set.Number == 15; set.Alcohol != want {
			t.Errorf("set %d: alcohol %v, want %v", set.Number, set.Alcohol, want)
		}
	}
	for number, want := range map[int]bool{-1: false, 0: false, 1: true, 26: true, 27: false} {
		set, ok := sets.Find(number)
		if ok != want || (ok && set.Number != number) {
			t.Errorf("Find(%d) = %d, %v", number, set.Number, ok)
		}
	}
}

func TestVersionsFollowEachOther(t *testing.T) {
	sets, err := LoadSets()
	if err != nil {
		t.Fatal(err)
	}
	versions := sets.Versions()
	for i, v := range versions[1:] {
		if !versions[i].ValidTo.Equal(v.ValidFrom) {
			t.Errorf("%s ends %v, %s begins %v", versions[i].ID, versions[i].ValidTo, v.ID, v.ValidFrom)
		}
	}
	for _, test := range []struct {
		at   string
		want string
	}{
		{"2019-08-20T12:00:00+07:00", ""},
		{"2020-11-01T00:00:00+07:00", "1048/2019"},
		{"2023-02-24T00:00:00+07:00", "148/2023"},
		{"2025-07-05T23:59:59+07:00", "148/2023"},
		{"2025-07-06T00:00:00+07:00", "1489/2025"},
		{"2026-05-21T23:59:59+07:00", "1489/2025"},
		{"2026-05-22T00:00:00+07:00", "26/2026"},
		{"2036-01-01T00:00:00+07:00", "26/2026"},
	} {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if v, _ := sets.VersionAt(at); v.ID != test.want {
			t.Errorf("at %s: got %q, want %q", test.at, v.ID, test.want)
		}
	}
}

func TestStarsByScore(t *testing.T) {
	sets, err := LoadSets()
	if err != nil {
		t.Fatal(err)
	}
	v, _ := sets.VersionAt(start)
	for score, want := range map[float64]int{0: 1, 29.99: 1, 30: 2, 49.9: 2, 50: 3, 69.99: 3, 70: 4, 89.9: 4, 90: 5, 100: 5} {
		if got := v.Stars(score); got != want {
			t.Errorf("%v points: got %d stars, want %d", score, got, want)
		}
	}
}
