// Package cooperatives knows the sellers: cooperatives, groups, households and
// companies, who verified them and who belongs to them.
package cooperatives

import (
	"context"
	"time"

	"chohue/market"
	"chohue/store"
)

// Kind is the legal form of a seller. Tax and statistics depend on it: groups
// and households are taxed by withholding, cooperatives and companies are
// legal entities (Decree 252/2026).
type Kind string

// The kinds.
const (
	KindHTX       Kind = "htx"        // hợp tác xã (Law on Cooperatives 17/2023/QH15)
	KindGroup     Kind = "to_hop_tac" // tổ hợp tác
	KindHousehold Kind = "ho_kinh_doanh"
	KindCompany   Kind = "company"
)

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool {
	switch k {
	case KindHTX, KindGroup, KindHousehold, KindCompany:
		return true
	default:
		return false
	}
}

// The states of a seller. Only a verified one may sell: identity is checked
// before selling (Law 122/2025/QH15, Art. 17).
const (
	StatusPending   = "pending"
	StatusVerified  = "verified"
	StatusSuspended = "suspended"
)

// moves says which state may follow which.
var moves = map[string][]string{
	StatusPending:   {StatusVerified, StatusSuspended},
	StatusVerified:  {StatusSuspended},
	StatusSuspended: {StatusVerified},
}

// Seller is who sells. Members are part of it: who may act for a seller is one
// document's business.
type Seller struct {
	store.Doc `bson:",inline"`
	Slug      string      `bson:"slug"`
	Name      market.Text `bson:"name"`
	Kind      Kind        `bson:"kind"`
	Ward      string      `bson:"ward"` // code of a ward of Huế
	Street    string      `bson:"street"`
	Phone     string      `bson:"phone"`               // E.164
	TaxCode   string      `bson:"tax_code"`            // mã số thuế; may be empty until verification
	Residency string      `bson:"residency,omitempty"` // for income tax; empty for resident, as whoever has an address in Huế is taken to be
	Story     market.Text `bson:"story"`
	Bank      Bank        `bson:"bank"`
	Status    string      `bson:"status"`
	Members   []Member    `bson:"members"`
	CreatedAt time.Time   `bson:"created_at"`
}

// Bank is the seller's own account, to which buyers transfer: the platform
// does not hold money (Decree 52/2024, Art. 22).
type Bank struct {
	BIN     string `bson:"bin"`     // NAPAS number of the bank, six digits
	Account string `bson:"account"` // letters and digits, up to 19
	Holder  string `bson:"holder"`  // as the bank writes it: capitals without marks
}

// MemberRole is what a member does.
type MemberRole string

// The roles of members. Managers decide, farmers list what they grow, packers
// pack and ship.
const (
	MemberManager MemberRole = "manager"
	MemberFarmer  MemberRole = "farmer"
	MemberPacker  MemberRole = "packer"
)

func (r MemberRole) known() bool {
	return r == MemberManager || r == MemberFarmer || r == MemberPacker
}

// Member is a person who belongs to a seller.
type Member struct {
	Person market.ID  `bson:"person"`
	Name   string     `bson:"name"`
	Role   MemberRole `bson:"role"`
	Since  time.Time  `bson:"since"`
	// NoPhone marks somebody without an account: Person then only names them
	// here, and managers act for them (Mandate).
	NoPhone bool `bson:"no_phone,omitempty"`
}

// RoleOf returns the person's role, "" for people who do not belong.
func (s *Seller) RoleOf(person market.ID) MemberRole {
	for _, m := range s.Members {
		if m.Person == person && person != "" {
			return m.Role
		}
	}
	return ""
}

// slug claims an address for a seller; its id is the slug.
type slug struct {
	store.Doc `bson:",inline"`
	Seller    market.ID `bson:"seller"`
	At        time.Time `bson:"at"`
}

// Service is the room's door.
type Service struct {
	env     market.Env
	areas   *market.Areas
	sellers *store.Collection[Seller]
	slugs   *store.Collection[slug]
	files   *store.Collection[Dossier]
	consent *store.Collection[Mandate]
	trail   *trail
	rules   rules
}

// New opens the room. areas are the wards in which sellers can be.
func New(ctx context.Context, e store.Engine, env market.Env, areas *market.Areas) (*Service, error) {
	sellers, err := store.Open[Seller](ctx, e, store.Spec{
		Name: "sellers", Cache: 2048,
		Indexes: []store.Index{
			{Name: "person", Fields: []string{"members.person"}},
			{Name: "status", Fields: []string{"status"}},
		},
	})
	if err != nil {
		return nil, err
	}
	s := &Service{env: env, areas: areas, sellers: sellers}
	if s.rules, err = loadRules(); err != nil {
		return nil, err
	}
	if s.slugs, err = store.Open[slug](ctx, e, store.Spec{Name: "seller-slugs"}); err != nil {
		return nil, err
	}
	if s.files, err = store.Open[Dossier](ctx, e, dossierSpec); err != nil {
		return nil, err
	}
	if s.consent, err = store.Open[Mandate](ctx, e, store.Spec{Name: "seller-mandates"}); err != nil {
		return nil, err
	}
	s.trail, err = openTrail(ctx, e)
	return s, err
}

var (
	errMissing = market.NotFound("cooperatives.missing")
	errSignIn  = market.Unauthenticated("signin.needed")
)
