package store

import (
	"errors"
	"testing"
	"time"
)

// TestPauses: tries come after 1, 2, 4 … seconds, then once a minute.
func TestPauses(t *testing.T) {
	s, failed := state{}, errors.New("failed")
	for try, want := range []int{1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60, 60} {
		before := time.Now()
		s = s.next(failed, time.Second)
		least, most := before.Add(time.Duration(want)*time.Second), time.Now().Add(time.Duration(want)*time.Second)
		if s.again.Before(least) || s.again.After(most) || s.tries != try+1 || s.told {
			t.Errorf("after try %d: %+v, want a pause of %d s", try+1, s, want)
		}
	}
	if s = s.next(nil, time.Second); s != (state{told: true}) {
		t.Errorf("after success: %+v", s)
	}
}
