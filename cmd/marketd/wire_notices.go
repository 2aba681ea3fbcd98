package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"

	"chohue/accounts"
	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/frontend/letters"
	"chohue/frontend/locale"
	"chohue/market"
	"chohue/notices"
	"chohue/notices/logged"
	"chohue/notices/mail"
	"chohue/notices/webpush"
)

// openNotices opens what tells people things, with the channels that are
// configured.
func (h *house) openNotices(ctx context.Context, _ outside) error {
	words, err := locale.Load()
	if err != nil {
		return err
	}
	channels, err := h.channels()
	if err != nil {
		return err
	}
	h.notices, err = notices.New(ctx, h.engine, h.env, notices.Rooms{
		People: readers{h.accounts, h.sellers}, Orders: h.orders, Goods: goodNames{h.catalog},
		Writer: letters.New(words, h.config.URL),
	}, channels...)
	return err
}

func (h *house) channels() ([]notices.Channel, error) {
	var all []notices.Channel
	if h.config.Mail != "" {
		m, err := mail.New(mail.Config{Server: h.config.Mail, From: h.config.MailFrom})
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	if h.config.Push != "" {
		keys, err := h.pushKeys()
		if err != nil {
			return nil, err
		}
		h.pushKey = keys.Public
		all = append(all, webpush.New(webpush.Config{Keys: keys, Contact: h.config.Push, Client: webpush.PublicClient()}))
	}
	for _, name := range h.config.phones() {
		all = append(all, logged.New(name, slog.Default()))
	}
	return all, nil
}

// pushKeys are made at first start: browsers that subscribed know the market by
// them.
func (h *house) pushKeys() (keys webpush.Keys, err error) {
	if keys, err = webpush.NewKeys(); err != nil {
		return keys, err
	}
	fresh, err := json.Marshal(keys)
	if err != nil {
		return keys, err
	}
	kept, err := h.keep("push", string(fresh))
	if err != nil {
		return keys, err
	}
	return keys, json.Unmarshal([]byte(kept), &keys)
}

// readers shows notices who reads.
type readers struct {
	accounts *accounts.Service
	sellers  *cooperatives.Service
}

func (r readers) Reader(ctx context.Context, person market.ID) (notices.Reader, error) {
	p, err := r.accounts.Person(ctx, person)
	if err != nil {
		return notices.Reader{}, err
	}
	return notices.Reader{Person: p.ID, Phone: p.Phone, Lang: locale.Pick(p.Lang)}, nil
}

func (r readers) Keepers(ctx context.Context, seller market.ID) ([]market.ID, error) {
	s, err := r.sellers.Seller(ctx, seller)
	if err != nil {
		return nil, err
	}
	var ids []market.ID
	for _, m := range s.Members {
		if m.Role == cooperatives.MemberManager && !slices.Contains(ids, m.Person) {
			ids = append(ids, m.Person)
		}
	}
	return ids, nil
}

func (r readers) Operators(ctx context.Context) ([]market.ID, error) {
	return r.accounts.WithRole(ctx, market.RoleOperator)
}

// goodNames shows notices what products are called.
type goodNames struct{ catalog *catalog.Service }

func (g goodNames) Good(ctx context.Context, product market.ID) (market.ID, market.Text, error) {
	p, err := g.catalog.Product(ctx, market.System, product)
	if err != nil {
		return "", market.Text{}, err
	}
	return p.Seller, p.Name, nil
}
