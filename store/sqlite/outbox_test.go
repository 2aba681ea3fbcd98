package sqlite

import (
	"slices"
	"testing"

	"chohue/store"
)

func TestWhatIsDoneIsForgottenByTheRun(t *testing.T) {
	for _, c := range []struct {
		done []int64
		want []run
	}{
		{nil, nil},
		{[]int64{7}, []run{{7, 7}}},
		{[]int64{3, 1, 2, 9, 8, 5}, []run{{1, 3}, {5, 5}, {8, 9}}},
		{[]int64{4, 4}, []run{{4, 4}}},
	} {
		var delivered []store.Pending
		for _, n := range c.done {
			delivered = append(delivered, store.Pending{Ref: n})
		}
		if got := inRuns(delivered); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.done, got, c.want)
		}
	}
}
