package cooperatives

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"chohue/market"
	"chohue/store"
)

// Registration is what somebody says about a seller when entering it.
type Registration struct {
	ID           market.ID // made by the client, optional: the same id again is the same seller
	Slug         string    // address wanted; made from the name when empty
	Name         market.Text
	Kind         Kind
	Ward, Street string
	Phone        string // as typed
	TaxCode      string // optional until verification
	Story        market.Text
	Bank         Bank // optional, but whole
}

// Register enters a seller, pending until verified. Whoever registers becomes
// its manager; the system does not. Registering the same ID again returns the
// seller as it is.
func (s *Service) Register(ctx context.Context, by market.Actor, r Registration) (*Seller, error) {
	if by.Person == "" && !by.Is(market.RoleSystem) {
		return nil, errSignIn
	}
	r, err := s.checked(r)
	if err != nil {
		return nil, err
	}
	if r.ID == "" {
		r.ID = s.env.NewID()
	} else if again, err := s.again(ctx, by, r.ID); again != nil || err != nil {
		return again, err
	}
	address, err := s.claimSlug(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.enter(ctx, by, address, r)
}

// again returns the seller of that id when the actor entered it before, nil
// when there is none, and a conflict when it is somebody else's.
func (s *Service) again(ctx context.Context, by market.Actor, id market.ID) (*Seller, error) {
	found, err := s.sellers.Get(ctx, id)
	if store.Missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if found.RoleOf(by.Person) != MemberManager && !by.Is(market.RoleSystem) {
		return nil, market.Conflict("cooperatives.id_taken")
	}
	return found, nil
}

func (s *Service) enter(ctx context.Context, by market.Actor, address string, r Registration) (*Seller, error) {
	now := s.env.Now()
	seller := &Seller{
		Doc: store.Doc{ID: r.ID}, Slug: address, Name: r.Name, Kind: r.Kind, Ward: r.Ward, Street: r.Street,
		Phone: r.Phone, TaxCode: r.TaxCode, Story: r.Story, Bank: r.Bank, Status: StatusPending,
		Members: []Member{}, CreatedAt: now,
	}
	if by.Person != "" {
		seller.Members = []Member{{Person: by.Person, Name: by.Name, Role: MemberManager, Since: now}}
	}
	news := market.NewEvent(s.env, EventRegistered, r.ID, Registered{Seller: r.ID, Slug: address, By: by.Person})
	err := s.sellers.Insert(ctx, seller, news)
	if store.Exists(err) {
		return s.again(ctx, by, r.ID)
	}
	if err != nil {
		return nil, err
	}
	return seller, nil
}

// slugPatience is how long a claim without a seller is honoured: a crash
// between claim and seller must not lock an address for ever.
const slugPatience = time.Hour

// claimSlug takes the wanted address, or the first free one made from the
// name: htx-phu-bai, htx-phu-bai-2, …
func (s *Service) claimSlug(ctx context.Context, r Registration) (string, error) {
	base := r.Slug
	if base == "" {
		base = market.Slug(r.Name.VI)
	}
	for n := 1; n <= 100; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		ok, err := s.claim(ctx, name, r.ID)
		if ok || err != nil {
			return name, err
		}
		if r.Slug != "" {
			break
		}
	}
	return "", market.Conflict("cooperatives.slug_taken").At("slug")
}

func (s *Service) claim(ctx context.Context, name string, seller market.ID) (bool, error) {
	err := s.slugs.Insert(ctx, &slug{Doc: store.Doc{ID: market.ID(name)}, Seller: seller, At: s.env.Now()})
	if !store.Exists(err) {
		return err == nil, err
	}
	held, err := s.slugs.Get(ctx, market.ID(name))
	if err != nil || held.Seller == seller {
		return err == nil, err
	}
	if _, err := s.sellers.Get(ctx, held.Seller); !store.Missing(err) || s.env.Now().Sub(held.At) < slugPatience {
		return false, ignoreMissing(err)
	}
	taken := false
	_, err = s.slugs.Update(ctx, market.ID(name), func(c *slug) ([]market.Event, error) {
		if taken = c.Seller == held.Seller; taken {
			c.Seller, c.At = seller, s.env.Now()
		}
		return nil, nil
	})
	return taken, err
}

func ignoreMissing(err error) error {
	if store.Missing(err) {
		return nil
	}
	return err
}

var (
	slugForm    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	idForm      = regexp.MustCompile(`^[0-9A-Za-z_-]{10,64}$`)
	taxForm     = regexp.MustCompile(`^([0-9]{10}|[0-9]{10}-[0-9]{3}|[0-9]{12})$`)
	binForm     = regexp.MustCompile(`^[0-9]{6}$`)
	accountForm = regexp.MustCompile(`^[0-9A-Z]{4,19}$`)
	holderForm  = regexp.MustCompile(`^[0-9A-Z .,&-]{2,70}$`)
)

// ValidTaxCode reports whether the code has the form of one: ten digits, a
// branch's ten and three, or the twelve of a personal number.
func ValidTaxCode(code string) bool { return taxForm.MatchString(code) }

// checked tidies the registration and tells all that is wrong with it.
func (s *Service) checked(r Registration) (Registration, error) {
	var c market.Checks
	c.That(r.ID == "" || idForm.MatchString(string(r.ID)), "id", "cooperatives.id")
	c.That(r.Slug == "" || (slugForm.MatchString(r.Slug) && len(r.Slug) <= 80), "slug", "cooperatives.slug")
	r.Name = market.Text{VI: tidy(r.Name.VI), EN: tidy(r.Name.EN)}
	c.That(within(r.Name.VI, 3, 120) && market.Slug(r.Name.VI) != "", "name/vi", "cooperatives.name")
	c.That(within(r.Name.EN, 0, 120), "name/en", "cooperatives.name")
	c.That(r.Kind.Known(), "kind", "cooperatives.kind")
	s.checkPlace(&c, &r)
	r.TaxCode = strings.TrimSpace(r.TaxCode)
	c.That(r.TaxCode == "" || ValidTaxCode(r.TaxCode), "tax_code", "cooperatives.tax_code")
	c.That(within(r.Story.VI, 0, 5000), "story/vi", "cooperatives.story")
	c.That(within(r.Story.EN, 0, 5000), "story/en", "cooperatives.story")
	checkBank(&c, &r.Bank)
	return r, c.Err()
}

func (s *Service) checkPlace(c *market.Checks, r *Registration) {
	ward, ok := s.areas.Find(r.Ward)
	c.That(ok && ward.Province == market.HueProvince, "ward", "cooperatives.ward")
	r.Street = tidy(r.Street)
	c.That(within(r.Street, 0, 300), "street", "cooperatives.street")
	n, err := phonenumbers.Parse(cut(r.Phone, 40), "VN")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		c.That(false, "phone", "phone.invalid")
		return
	}
	r.Phone = phonenumbers.Format(n, phonenumbers.E164)
}

// checkBank wants nothing or all. Holders are written as banks do.
func checkBank(c *market.Checks, b *Bank) {
	b.Holder = strings.ToUpper(market.Fold(tidy(b.Holder)))
	b.Account = strings.ReplaceAll(b.Account, " ", "")
	if *b == (Bank{}) {
		return
	}
	c.That(binForm.MatchString(b.BIN), "bank/bin", "cooperatives.bank_bin")
	c.That(accountForm.MatchString(b.Account), "bank/account", "cooperatives.bank_account")
	c.That(holderForm.MatchString(b.Holder), "bank/holder", "cooperatives.bank_holder")
}

func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// within counts letters; text that is not UTF-8 or holds a NUL never fits.
func within(s string, least, most int) bool {
	n := utf8.RuneCountInString(s)
	return utf8.ValidString(s) && !strings.ContainsRune(s, 0) && n >= least && n <= most
}
