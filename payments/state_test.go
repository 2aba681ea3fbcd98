package payments

import "testing"

func TestMoves(t *testing.T) {
	all := []State{StatePending, StateCollectable, StateCaptured, StateFailed, StateExpired, StatePartlyRefunded, StateRefunded}
	allowed := map[[2]State]bool{
		{StatePending, StateCollectable}:     true,
		{StatePending, StateCaptured}:        true,
		{StatePending, StateFailed}:          true,
		{StatePending, StateExpired}:         true,
		{StateCollectable, StateCaptured}:    true,
		{StateCollectable, StateFailed}:      true,
		{StateFailed, StateCaptured}:         true,
		{StateExpired, StateCaptured}:        true,
		{StateCaptured, StatePartlyRefunded}: true,
		{StateCaptured, StateRefunded}:       true,
		{StatePartlyRefunded, StateRefunded}: true,
	}
	for _, from := range all {
		if _, ok := moves[from]; !ok {
			t.Errorf("%s has no row", from)
		}
		for _, to := range all {
			if got := from.May(to); got != allowed[[2]State{from, to}] {
				t.Errorf("%s to %s: %v", from, to, got)
			}
		}
	}
	if len(moves) != len(all) {
		t.Errorf("%d rows, want %d", len(moves), len(all))
	}
}

func TestNoStateIsBothOpenAndPaid(t *testing.T) {
	for s := range moves {
		if s.Open() && s.Paid() {
			t.Errorf("%s is open and paid", s)
		}
		if s.Paid() && s.May(StateFailed) {
			t.Errorf("%s may lose its money", s)
		}
	}
}
