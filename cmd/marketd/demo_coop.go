package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chohue/cooperatives"
	"chohue/market"
)

// showPapers plays sellers that hand in their papers and moderators who look
// at them. The files say that they are made up.
func (s *seeder) showPapers(ctx context.Context) error {
	for _, d := range s.texts.sellers {
		if err := s.dossier(ctx, d); err != nil {
			return fmt.Errorf("%s: %w", d.Slug, err)
		}
	}
	return nil
}

func (s *seeder) dossier(ctx context.Context, d demoSeller) error {
	id := fixedID("seller " + d.Slug)
	var sets []int
	for _, p := range s.texts.products {
		if p.Seller == d.Slug {
			sets = append(sets, p.Set)
		}
	}
	if err := s.house.sellers.Declare(ctx, s.staff, id, sets); err != nil {
		return err
	}
	list, err := s.house.sellers.Checklist(ctx, s.staff, id)
	if err != nil {
		return err
	}
	for i, item := range list.Items {
		if item.Good || !item.Rule.Required {
			continue
		}
		// one cooperative is shown with a paper that waits
		if err := s.paper(ctx, id, item.Rule, d.Slug == "htx-hoang-mai" && i == len(list.Items)-2); err != nil {
			return err
		}
	}
	if list.Identity != nil {
		return nil
	}
	return s.house.papers.Identify(ctx, s.staff, "manual", cooperatives.IdentityClaim{Seller: id, Person: d.Manager.Name, Evidence: "Biên bản đối chiếu (minh hoạ)"})
}

func (s *seeder) paper(ctx context.Context, seller market.ID, rule cooperatives.PaperRule, waits bool) error {
	id := fixedID("paper " + string(seller) + rule.Code)
	u := cooperatives.Upload{ID: id, Code: rule.Code, Number: "MINH-HOA", Data: []byte("%PDF-1.4\n% Minh hoa, khong phai giay that: " + rule.Code + "\n")}
	if rule.Expires {
		end := s.clock.AddDate(1, 0, 0)
		u.ValidTo = &end
	}
	if err := s.house.papers.Show(ctx, s.staff, seller, u); err != nil || waits {
		return err
	}
	return s.house.sellers.Review(ctx, s.staff, seller, id, true, "")
}

// pooling is the cooperative whose members deliver to a common stock.
const pooling = "htx-thuy-bieu"

// pool plays members who deliver, also one without a phone, and last month's
// settlement: the manager prepares it and, as there is no other, a member
// approves it.
func (s *seeder) pool(ctx context.Context) error {
	i := slices.IndexFunc(s.texts.sellers, func(d demoSeller) bool { return d.Slug == pooling })
	d, seller := s.texts.sellers[i], fixedID("seller "+pooling)
	manager, err := s.actor(ctx, d.Manager.Phone, seller)
	if err != nil {
		return err
	}
	var members []market.ID
	var approver market.Actor
	for _, m := range d.Members {
		if m.Phone == "" {
			id, err := s.withoutPhone(ctx, manager, seller, m.Name)
			if err != nil {
				return err
			}
			members = append(members, id)
			continue
		}
		if approver, err = s.actor(ctx, m.Phone, seller); err != nil {
			return err
		}
		members = append(members, approver.Person)
	}
	if err := s.bringGoods(ctx, manager, seller, members); err != nil {
		return err
	}
	return s.settle(ctx, manager, approver, seller)
}

func (s *seeder) actor(ctx context.Context, phone string, seller market.ID) (market.Actor, error) {
	person, err := s.house.accounts.ByPhone(ctx, s.staff, phone)
	if err != nil {
		return market.Actor{}, err
	}
	return market.Actor{Person: person.ID, Name: person.Name, Roles: person.Roles, Sellers: []market.ID{seller}}, nil
}

func (s *seeder) withoutPhone(ctx context.Context, by market.Actor, seller market.ID, name string) (market.ID, error) {
	id, err := s.house.sellers.AddWithoutPhone(ctx, by, seller, fixedID("member "+name), name)
	if err != nil {
		return "", err
	}
	return id, s.house.sellers.Allow(ctx, by, seller, id, cooperatives.Acts(), "Giấy đồng ý ký tay (minh hoạ)")
}

// bringGoods writes down what came in the month before, of every good.
func (s *seeder) bringGoods(ctx context.Context, by market.Actor, seller market.ID, members []market.ID) error {
	begin := s.lastMonth()
	grades := cooperatives.Grades()
	n := 0
	for _, p := range s.texts.products {
		if p.Seller != pooling {
			continue
		}
		for i, member := range members {
			b := cooperatives.Bringing{
				ID: fixedID(fmt.Sprint("delivery ", p.Slug, i)), Member: member, Variant: fixedID(fmt.Sprintf("variant %s %d", p.Slug, 0)),
				Units: int64(8 + 5*i), Grade: grades[i%len(grades)], At: begin.Add(time.Duration(24*n+6) * time.Hour),
			}
			if i == 1 {
				b.Price = p.Variants[0].Price * 3 / 4 // she wants a price, not a share
			}
			if _, err := s.house.pool.Deliver(ctx, by, seller, b); err != nil {
				return err
			}
			n++
		}
	}
	return nil
}

// lastMonth is the first instant of the month before this one, in Huế.
func (s *seeder) lastMonth() time.Time {
	y, m, _ := s.clock.In(market.HueZone).Date()
	return time.Date(y, m-1, 1, 0, 0, 0, 0, market.HueZone)
}

func (s *seeder) settle(ctx context.Context, manager, approver market.Actor, seller market.ID) error {
	one, err := s.house.pool.Prepare(ctx, manager, seller, s.lastMonth().Format("2006-01"))
	if market.KindOf(err) == market.KindConflict {
		return nil // nothing was sold
	}
	if err != nil {
		return err
	}
	_, err = s.house.pool.Approve(ctx, approver, seller, one.ID)
	return err
}

// takedown plays a letter that has just come.
func (s *seeder) takedown(ctx context.Context) error {
	_, err := s.house.takedowns.Receive(ctx, s.staff, cooperatives.Request{
		ID: fixedID("takedown"), Authority: "Cơ quan quản lý (minh hoạ)", Document: "00/MINH-HOA", Basis: "Luật 122/2025/QH15, Điều 17.1.c",
		Grounds: "Nhãn minh hoạ ghi thiếu nơi sản xuất", Product: fixedID("product " + s.texts.products[len(s.texts.products)-1].Slug), ReceivedAt: s.clock.Add(-21 * time.Hour),
	})
	return err
}
