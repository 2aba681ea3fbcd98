package market

import "slices"

// Role is what somebody may be in the market. One person may have several.
type Role string

// The roles. Membership of a seller is not a role but a fact in Sellers.
const (
	RoleBuyer     Role = "buyer"
	RoleFarmer    Role = "farmer"
	RoleManager   Role = "manager" // runs a cooperative or another seller
	RoleModerator Role = "moderator"
	RoleOfficial  Role = "official"
	RoleOperator  Role = "operator" // runs the platform
	RoleSystem    Role = "system"   // workers and the command line
)

// Actor is who is asking. The zero Actor is a guest.
type Actor struct {
	Person  ID
	Name    string
	Roles   []Role
	Sellers []ID // sellers this person may act for
}

// System is the actor of workers and commands.
var System = Actor{Name: "system", Roles: []Role{RoleSystem}}

// Guest reports whether nobody has signed in.
func (a Actor) Guest() bool { return a.Person == "" && len(a.Roles) == 0 }

// Is reports whether the actor has one of the roles. The system has every role.
func (a Actor) Is(roles ...Role) bool {
	if slices.Contains(a.Roles, RoleSystem) {
		return true
	}
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// For reports whether the actor may act for the seller.
func (a Actor) For(seller ID) bool {
	return a.Is(RoleSystem) || (seller != "" && slices.Contains(a.Sellers, seller))
}
