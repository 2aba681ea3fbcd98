package cooperatives

import (
	"context"
	"slices"

	"chohue/market"
)

// maxMembers keeps a seller one document of reasonable size; the largest
// cooperatives of Huế have some hundreds of members who deliver.
const maxMembers = 3000

// AddMember adds a person to the seller, or changes what they are called and
// do there. Managers of the seller and operators may; the last manager cannot
// become something else.
func (s *Service) AddMember(ctx context.Context, by market.Actor, seller market.ID, m Member) (*Seller, error) {
	m.Name = tidy(m.Name)
	if err := m.check(); err != nil {
		return nil, err
	}
	if m.Since.IsZero() {
		m.Since = s.env.Now()
	}
	return s.change(ctx, seller, func(found *Seller) ([]market.Event, error) {
		if err := found.mayManage(by); err != nil {
			return nil, err
		}
		changed, err := found.add(m)
		if err != nil || !changed {
			return nil, err
		}
		news := MemberChanged{Seller: seller, Person: m.Person, Role: m.Role, By: by.Person}
		return []market.Event{market.NewEvent(s.env, EventMemberAdded, seller, news)}, nil
	})
}

func (m Member) check() error {
	var c market.Checks
	c.That(m.Person != "" && len(m.Person) <= 64, "person", "cooperatives.member_person")
	c.That(within(m.Name, 2, 120), "name", "cooperatives.member_name")
	c.That(m.Role.known(), "role", "cooperatives.member_role")
	return c.Err()
}

// RemoveMember takes the person out. Members may also leave by themselves; the
// last manager cannot go. Somebody who does not belong is missing, as the
// seller is to strangers.
func (s *Service) RemoveMember(ctx context.Context, by market.Actor, seller, person market.ID) (*Seller, error) {
	return s.change(ctx, seller, func(found *Seller) ([]market.Event, error) {
		role := found.RoleOf(person)
		if leaving := role != "" && by.Person == person; !leaving {
			if err := found.mayManage(by); err != nil {
				return nil, err
			}
		}
		if role == "" {
			return nil, errMissing
		}
		if role == MemberManager && found.managers() == 1 {
			return nil, market.Conflict("cooperatives.last_manager")
		}
		found.Members = slices.DeleteFunc(found.Members, func(m Member) bool { return m.Person == person })
		news := MemberChanged{Seller: seller, Person: person, Role: role, By: by.Person}
		return []market.Event{market.NewEvent(s.env, EventMemberRemoved, seller, news)}, nil
	})
}

// mayManage lets managers of this seller and operators pass. Other members
// know the seller and hear that they may not; to strangers it is missing.
func (s *Seller) mayManage(by market.Actor) error {
	role := s.RoleOf(by.Person)
	switch {
	case role == MemberManager || by.Is(market.RoleOperator):
		return nil
	case role != "":
		return market.Forbidden("cooperatives.manager_only")
	default:
		return errMissing
	}
}

// add puts the member in and reports whether anything changed.
func (s *Seller) add(m Member) (bool, error) {
	i := slices.IndexFunc(s.Members, func(old Member) bool { return old.Person == m.Person })
	if i < 0 {
		if len(s.Members) >= maxMembers {
			return false, market.Conflict("cooperatives.full").With("n", maxMembers)
		}
		s.Members = append(s.Members, m)
		return true, nil
	}
	old := s.Members[i]
	if old.Role == MemberManager && m.Role != MemberManager && s.managers() == 1 {
		return false, market.Conflict("cooperatives.last_manager")
	}
	m.Since = old.Since
	s.Members[i] = m
	return m != old, nil
}

func (s *Seller) managers() int {
	n := 0
	for _, m := range s.Members {
		if m.Role == MemberManager {
			n++
		}
	}
	return n
}
