package catalog

import "slices"

import "chohue/market"

// Status says where a listing stands.
type Status string

// The statuses. Listings are checked before they are shown (Law 122/2025/QH15,
// Art. 17.1.đ).
const (
	StatusDraft     Status = "draft"
	StatusSubmitted Status = "submitted" // waits for a moderator
	StatusPublished Status = "published"
	StatusRejected  Status = "rejected"
	StatusWithdrawn Status = "withdrawn"
)

// moves lists, for each status, where a listing may go next.
var moves = map[Status][]Status{
	StatusDraft:     {StatusSubmitted},
	StatusSubmitted: {StatusPublished, StatusRejected, StatusDraft, StatusWithdrawn},
	StatusRejected:  {StatusSubmitted},
	StatusPublished: {StatusWithdrawn, StatusRejected, StatusSubmitted},
	StatusWithdrawn: {StatusSubmitted},
}

// afterEdit says where a listing goes when its seller changes what a moderator
// has read or is about to read.
var afterEdit = map[Status]Status{
	StatusDraft:     StatusDraft,
	StatusSubmitted: StatusDraft,
	StatusRejected:  StatusRejected,
	StatusPublished: StatusPublished,
	StatusWithdrawn: StatusWithdrawn,
}

// move takes the product to next. Being there already is no mistake: a request
// that is repeated must not fail.
func (p *Product) move(next Status) error {
	if p.Status == next {
		return nil
	}
	if slices.Contains(moves[p.Status], next) {
		p.Status = next
		return nil
	}
	return market.Conflict("catalog.move").With("from", string(p.Status)).With("to", string(next))
}
