package market_test

import (
	"strings"
	"testing"
	"time"

	"chohue/market"
)

var noon = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

func TestIDsSortByTime(t *testing.T) {
	last := market.ID("")
	for i := range 2000 {
		now := noon.Add(time.Duration(i) * time.Millisecond)
		id := market.NewID(now)
		if id <= last || len(id) != 26 {
			t.Fatalf("%s came after %s", id, last)
		}
		if got := id.Time(); !got.Equal(now) || got.Location() != time.UTC {
			t.Fatalf("%s was made at %v, want %v", id, got, now)
		}
		last = id
	}
}

func TestIDsAreUnique(t *testing.T) {
	ids, secrets := map[market.ID]bool{}, map[string]bool{}
	for range 20_000 {
		ids[market.NewID(noon)] = true
		secrets[market.NewSecret()] = true
	}
	if len(ids) != 20_000 || len(secrets) != 20_000 {
		t.Errorf("%d ids and %d secrets of 20,000 are different", len(ids), len(secrets))
	}
}

// TestEveryBitOfASecret: each of the 128 random bits is seen as 0 and as 1.
func TestEveryBitOfASecret(t *testing.T) {
	digits := make([]map[byte]bool, 26)
	for range 2000 {
		for i, c := range []byte(market.NewSecret()) {
			if digits[i] == nil {
				digits[i] = map[byte]bool{}
			}
			digits[i][c] = true
		}
	}
	for i, seen := range digits {
		want := 32
		if i == 0 {
			want = 8 // three bits
		}
		if len(seen) != want {
			t.Errorf("digit %d takes %d values, want %d", i, len(seen), want)
		}
	}
}

func TestTimeOfOtherIDs(t *testing.T) {
	for _, id := range []market.ID{"", "mam-nem", market.ID(strings.Repeat("U", 26)), market.ID(strings.Repeat("é", 13))} {
		if got := id.Time(); !got.IsZero() {
			t.Errorf("%q was made at %v", id, got)
		}
	}
	if got := market.ID("01ARZ3NDEKTSV4RRFFQ69G5FAV").Time(); got.UnixMilli() != 1469922850259 {
		t.Errorf("the specification's example was made at %d", got.UnixMilli())
	}
}

func TestEnv(t *testing.T) {
	env := market.NewEnv(func() time.Time { return noon })
	id := env.NewID()
	if !id.Time().Equal(noon) || !env.Now().Equal(noon) {
		t.Errorf("id of %v at %v, want both %v", id.Time(), env.Now(), noon)
	}
	if now := market.SystemClock(); now.Location() != time.UTC || now.Nanosecond()%1e6 != 0 {
		t.Errorf("%v is not in UTC and whole milliseconds", now)
	}
	if got := noon.In(market.HueZone).Format("15:04"); got != "12:00" {
		t.Errorf("05:00 UTC is %s in Huế, want 12:00", got)
	}
}

// What one process makes in one millisecond sorts as it was made.
func TestIdsOfOneMomentKeepTheirOrder(t *testing.T) {
	env := market.NewEnv(func() time.Time { return noon })
	last := market.ID("")
	for i := range 20_000 {
		id := env.NewID()
		if id <= last || len(id) != 26 || !id.Time().Equal(noon) {
			t.Fatalf("the id %d, %s, after %s", i, id, last)
		}
		last = id
	}
}
