package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

// Member is a person who belongs to a seller.
type Member struct {
	Person  market.ID  `json:"person"`
	Name    string     `json:"name"`
	Role    string     `json:"role" enum:"manager,farmer,packer"`
	Since   *time.Time `json:"since"`
	NoPhone bool       `json:"no_phone,omitempty" doc:"Has no account; managers act with consent, see the member's mandate"`
}

// Members are all who belong to a seller.
type Members struct {
	Items []Member `json:"items"`
}

// NewMember is somebody who is to belong to a seller.
type NewMember struct {
	ID    string `json:"id,omitempty" pattern:"^[0-9A-Za-z_-]{10,64}$" doc:"Of somebody without a phone, made by the client: the same id again is the same member."`
	Name  string `json:"name" minLength:"2" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$"`
	Phone string `json:"phone,omitempty" maxLength:"30" doc:"Left out for somebody without a phone, who is entered as a farmer; who has one need not have been here before"`
	Role  string `json:"role,omitempty" enum:"farmer,packer,manager" default:"farmer"`
}

// MemberRole is what a member is called and does.
type MemberRole struct {
	Name string `json:"name" minLength:"2" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$"`
	Role string `json:"role" enum:"farmer,packer,manager"`
}

// MemberPath names a member of a seller.
type MemberPath struct {
	SellerPath
	Person string `path:"person" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the member"`
}

func (m MemberPath) who() market.ID { return market.ID(m.Person) }

type sellerReadInput struct {
	SellerPath
	Conditional
}

func (d *Door) addMembers() {
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/members", id: "listMembers", tag: "cooperative",
		vi: "Thành viên của người bán", en: "Who belongs to a seller, for its members",
		returns: Members{}, headers: []string{"ETag"}, signedIn: true,
	}, func(ctx context.Context, in *sellerReadInput) (*answer, error) {
		return look(ctx, func(by market.Actor) (any, error) { return d.members(ctx, by, in.id()) })
	})
	add(d, operation{
		method: http.MethodPost, path: "/sellers/{seller}/members", id: "addMember", tag: "cooperative",
		vi: "Thêm thành viên", en: "Let somebody belong to a seller, by phone number or without a phone",
		about:  "For its managers.",
		status: http.StatusCreated, returns: Members{}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		SellerPath
		Body NewMember
	},
	) (*answer, error) {
		return act(ctx, http.StatusCreated, func(by market.Actor) (any, error) { return d.addMember(ctx, by, in.id(), in.Body) })
	})
	add(d, operation{
		method: http.MethodPut, path: "/sellers/{seller}/members/{person}", id: "changeMember", tag: "cooperative",
		vi: "Đổi tên hoặc vai trò thành viên", en: "Change what a member is called and does",
		about:   "For managers; the last one cannot become something else.",
		returns: Members{}, signedIn: true, errors: []int{http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForPeople},
	}, func(ctx context.Context, in *struct {
		MemberPath
		Body MemberRole
	},
	) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) { return d.changeMember(ctx, by, in.MemberPath, in.Body) })
	})
	add(d, operation{
		method: http.MethodDelete, path: "/sellers/{seller}/members/{person}", id: "removeMember", tag: "cooperative",
		vi: "Cho thành viên ra", en: "Take somebody out of a seller",
		about:   "For managers, and for members who leave by themselves; the last manager cannot go.",
		returns: Members{}, signedIn: true, errors: []int{http.StatusConflict}, settings: settings{once: onceForPeople},
	}, func(ctx context.Context, in *MemberPath) (*answer, error) {
		return act(ctx, http.StatusOK, func(by market.Actor) (any, error) {
			found, err := d.Sellers.RemoveMember(ctx, by, in.id(), in.who())
			if err != nil {
				return nil, err
			}
			return membersOf(found.Members), nil
		})
	})
	d.addStatement()
}

func (d *Door) members(ctx context.Context, by market.Actor, seller market.ID) (any, error) {
	all, err := d.Sellers.Members(ctx, by, seller)
	if err != nil {
		return nil, err
	}
	return membersOf(all), nil
}

func membersOf(all []cooperatives.Member) Members {
	out := Members{Items: []Member{}}
	for _, m := range all {
		out.Items = append(out.Items, Member{Person: m.Person, Name: m.Name, Role: string(m.Role), Since: utc(m.Since), NoPhone: m.NoPhone})
	}
	return out
}

func (d *Door) addMember(ctx context.Context, by market.Actor, seller market.ID, b NewMember) (any, error) {
	if err := d.Sellers.Manages(ctx, by, seller); err != nil {
		return nil, err
	}
	if b.Phone == "" {
		if _, err := d.Sellers.AddWithoutPhone(ctx, by, seller, market.ID(b.ID), b.Name); err != nil {
			return nil, err
		}
		return d.members(ctx, by, seller)
	}
	id, err := d.Accounts.Invite(ctx, by, b.Phone, b.Name)
	if err != nil {
		return nil, err
	}
	role := cooperatives.MemberRole(cmp.Or(b.Role, string(cooperatives.MemberFarmer)))
	found, err := d.Sellers.AddMember(ctx, by, seller, cooperatives.Member{Person: id, Name: b.Name, Role: role})
	if err != nil {
		return nil, err
	}
	return membersOf(found.Members), nil
}

// changeMember changes one who belongs already: by an id alone nobody is
// brought in.
func (d *Door) changeMember(ctx context.Context, by market.Actor, at MemberPath, b MemberRole) (any, error) {
	if err := d.Sellers.Manages(ctx, by, at.id()); err != nil {
		return nil, err
	}
	found, err := d.Sellers.Seller(ctx, at.id())
	if err != nil {
		return nil, err
	}
	m, ok := found.Member(at.who())
	if !ok {
		return nil, market.NotFound("cooperatives.no_member")
	}
	m.Name, m.Role = b.Name, cooperatives.MemberRole(b.Role)
	if found, err = d.Sellers.AddMember(ctx, by, at.id(), m); err != nil {
		return nil, err
	}
	return membersOf(found.Members), nil
}
