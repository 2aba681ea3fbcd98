package accounts

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"chohue/market"
	"chohue/store"
)

var (
	errSignIn  = market.Unauthenticated("signin.needed")
	errMissing = market.NotFound("accounts.missing")
)

// Profile is what people say about themselves.
type Profile struct {
	Name    string
	Lang    string // "vi" or "en"
	Address *market.Address
}

// Person returns the person. It asks for no permission: doors use it to learn
// who is asking, rooms to copy a name.
func (s *Service) Person(ctx context.Context, id market.ID) (*Person, error) {
	p, err := s.people.Get(ctx, id)
	if store.Missing(err) {
		return nil, errMissing
	}
	return p, err
}

func (s *Service) self(ctx context.Context, by market.Actor) (*Person, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	return s.Person(ctx, by.Person)
}

// ByPhone finds a person by number, for operators and moderators; to others
// every number but their own is missing.
func (s *Service) ByPhone(ctx context.Context, by market.Actor, phone string) (*Person, error) {
	number, err := ParsePhone(phone)
	if err != nil {
		return nil, err
	}
	p, err := s.lookup(ctx, number)
	if err != nil {
		return nil, err
	}
	if p.ID != by.Person && !by.Is(market.RoleOperator, market.RoleModerator) {
		return nil, errMissing
	}
	return p, nil
}

// UpdateProfile changes what the actor says about themselves. Whether ward and
// province fit is checked where the address is used.
func (s *Service) UpdateProfile(ctx context.Context, by market.Actor, profile Profile) (*Person, error) {
	if by.Person == "" {
		return nil, errSignIn
	}
	profile, err := profile.checked()
	if err != nil {
		return nil, err
	}
	p, err := s.people.Update(ctx, by.Person, func(p *Person) ([]market.Event, error) {
		p.Name, p.Lang, p.Address = profile.Name, profile.Lang, profile.Address
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errMissing
	}
	return p, err
}

func (p Profile) checked() (Profile, error) {
	var c market.Checks
	p.Name = tidy(p.Name)
	c.Add("name", checkName(p.Name))
	if p.Lang == "" {
		p.Lang = "vi"
	}
	c.That(p.Lang == "vi" || p.Lang == "en", "lang", "lang.unknown")
	if p.Address != nil {
		p.Address = checkAddress(&c, *p.Address)
	}
	return p, c.Err()
}

func checkAddress(c *market.Checks, a market.Address) *market.Address {
	a.Name, a.Street = tidy(a.Name), tidy(a.Street)
	c.That(within(a.Name, 2, 120), "address/name", "address.name")
	c.That(within(a.Street, 3, 300), "address/street", "address.street")
	c.That(isCode(a.Province, 2), "address/province", "address.province")
	c.That(isCode(a.Ward, 5), "address/ward", "address.ward")
	phone, err := ParsePhone(a.Phone)
	c.That(err == nil, "address/phone", "phone.invalid")
	a.Phone = phone
	return &a
}

func isCode(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789") == ""
}

func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

func within(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && n >= least && n <= most
}

func checkName(name string) error {
	if !within(name, 2, 120) || strings.ContainsAny(name, "<>\x00") {
		return market.Invalid("person.name", "name")
	}
	return nil
}

// grantable are the roles that can be given; being the system is none of them.
var grantable = []market.Role{
	market.RoleBuyer, market.RoleFarmer, market.RoleManager,
	market.RoleModerator, market.RoleOfficial, market.RoleOperator,
}

// Ensure returns the person of that number, made when new, with the roles
// added and the name filled in when there was none. Only operators and the
// system may: this is the one way to get a role.
func (s *Service) Ensure(ctx context.Context, by market.Actor, phone, name string, roles ...market.Role) (*Person, error) {
	if !by.Is(market.RoleOperator) {
		return nil, market.Forbidden("accounts.operator_only")
	}
	for _, r := range roles {
		if !slices.Contains(grantable, r) {
			return nil, market.Invalid("person.role", "roles")
		}
	}
	p, err := s.named(ctx, phone, name)
	if err != nil {
		return nil, err
	}
	return s.people.Update(ctx, p.ID, func(p *Person) ([]market.Event, error) {
		for _, r := range roles {
			if !slices.Contains(p.Roles, r) {
				p.Roles = append(p.Roles, r)
			}
		}
		return nil, nil
	})
}

// WithRole lists the people who have a role, for what has to be told to them.
func (s *Service) WithRole(ctx context.Context, role market.Role) ([]market.ID, error) {
	var all []market.ID
	err := s.people.Each(ctx, store.Query{Index: "roles", Eq: []any{string(role)}}, func(p *Person) error {
		all = append(all, p.ID)
		return nil
	})
	return all, err
}

// named claims the number and gives its person the name when they have none.
func (s *Service) named(ctx context.Context, phone, name string) (*Person, error) {
	var c market.Checks
	number, err := ParsePhone(phone)
	c.Add("phone", err)
	name = tidy(name)
	c.Add("name", checkName(name))
	if err := c.Err(); err != nil {
		return nil, err
	}
	p, err := s.claim(ctx, number, name)
	if err != nil || p.Name != "" {
		return p, err
	}
	return s.people.Update(ctx, p.ID, func(p *Person) ([]market.Event, error) {
		if p.Name == "" {
			p.Name = name
		}
		return nil, nil
	})
}

// Invite returns the id of the person of that number, made when new, so that
// somebody who acts for a seller can add them as a member. It tells nothing
// else about the person, and no more than so many numbers an hour.
func (s *Service) Invite(ctx context.Context, by market.Actor, phone, name string) (market.ID, error) {
	if len(by.Sellers) == 0 && !by.Is(market.RoleOperator) {
		return "", market.Forbidden("accounts.sellers_only")
	}
	if err := s.allow(ctx, s.rules.InvitesPerActor, "invite", string(by.Person)); err != nil {
		return "", err
	}
	p, err := s.named(ctx, phone, name)
	if err != nil {
		return "", err
	}
	return p.ID, nil
}

// RemoveRoles takes roles away; doors see it at the person's next request.
func (s *Service) RemoveRoles(ctx context.Context, by market.Actor, person market.ID, roles ...market.Role) (*Person, error) {
	if !by.Is(market.RoleOperator) {
		return nil, market.Forbidden("accounts.operator_only")
	}
	p, err := s.people.Update(ctx, person, func(p *Person) ([]market.Event, error) {
		p.Roles = slices.DeleteFunc(p.Roles, func(r market.Role) bool { return slices.Contains(roles, r) })
		return nil, nil
	})
	if store.Missing(err) {
		return nil, errMissing
	}
	return p, err
}
