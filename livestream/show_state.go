package livestream

import (
	"slices"

	"chohue/market"
)

// ShowState is how far a show is.
type ShowState string

// The states.
const (
	ShowAnnounced ShowState = "announced"
	ShowLive      ShowState = "live"
	ShowEnded     ShowState = "ended"
	ShowCancelled ShowState = "cancelled"
)

// showMoves says which state may follow which. What is over stays over: to go
// on is a new show, with its own record.
var showMoves = map[ShowState][]ShowState{
	ShowAnnounced: {ShowLive, ShowCancelled},
	ShowLive:      {ShowEnded},
}

// Over reports whether nothing follows.
func (s ShowState) Over() bool { return len(showMoves[s]) == 0 }

func (s *Show) to(next ShowState) error {
	if !slices.Contains(showMoves[s.State], next) {
		return market.Conflict("show.move").With("from", string(s.State)).With("to", string(next))
	}
	s.State = next
	return nil
}
