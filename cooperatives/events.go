package cooperatives

import "chohue/market"

// The room's news. The subject is the seller.
const (
	EventRegistered    = "cooperatives.registered"
	EventVerified      = "cooperatives.verified"
	EventSuspended     = "cooperatives.suspended"
	EventMemberAdded   = "cooperatives.member_added" // or given another role
	EventMemberRemoved = "cooperatives.member_removed"
	EventNoted         = "cooperatives.noted"     // something for the audit trail; the subject is what changed
	EventDelivered     = "cooperatives.delivered" // a member's delivery or its contra entry; the subject is the delivery
)

// Registered is the payload of EventRegistered.
type Registered struct {
	Seller market.ID `json:"seller"`
	Slug   string    `json:"slug"`
	By     market.ID `json:"by"` // empty for the system
}

// Decided is the payload of EventVerified and EventSuspended.
type Decided struct {
	Seller market.ID `json:"seller"`
	By     market.ID `json:"by"`
}

// MemberChanged is the payload of EventMemberAdded and EventMemberRemoved.
type MemberChanged struct {
	Seller market.ID  `json:"seller"`
	Person market.ID  `json:"person"`
	Role   MemberRole `json:"role"`
	By     market.ID  `json:"by"`
}

// Brought is the payload of EventDelivered: units of a variant that came to the
// cooperative, below zero for a contra entry.
type Brought struct {
	Delivery market.ID `json:"delivery"`
	Seller   market.ID `json:"seller"`
	Variant  market.ID `json:"variant"`
	Lot      market.ID `json:"lot,omitempty"`
	Units    int64     `json:"units"`
}
