package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/store"
)

//go:embed demo/*.json demo/svg/*.svg
var demoFiles embed.FS

// seed loads demonstration data through the same services that people use. It
// is idempotent: what is there already is left alone.
func seed(ctx context.Context, c Config, args []string) error {
	flags := flag.NewFlagSet("seed", flag.ContinueOnError)
	made := flags.Bool("synthetic", false, "make large deterministic data instead")
	size := synthetic{}
	flags.IntVar(&size.products, "products", 10_000, "how many products (synthetic)")
	flags.IntVar(&size.orders, "orders", 0, "how many orders (synthetic)")
	flags.Uint64Var(&size.seed, "rand", 1, "seed of the random choices (synthetic)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := newSeeder(ctx, c)
	if err != nil {
		return err
	}
	if *made {
		err = s.synthetic(ctx, size)
	} else {
		err = s.demo(ctx)
	}
	return errors.Join(err, s.house.Close())
}

// seeder plays the people of the demonstration, at times of its choosing.
type seeder struct {
	house *house
	clock *time.Time
	marks *store.Collection[mark]
	staff market.Actor
	texts demo
}

// mark says that a step of the seed is done.
type mark struct {
	store.Doc `bson:",inline"`
}

type demo struct {
	sellers  []demoSeller
	products []demoProduct
	people   []demoPerson
}

type demoSeller struct {
	Slug    string
	Name    market.Text
	Kind    string
	Ward    string
	Street  string
	Story   market.Text
	Phone   string
	Manager struct{ Name, Phone string }
	Members []struct{ Name, Role, Phone string }
	Bank    struct{ BIN, Account, Holder string }
	TaxCode string `json:"tax_code"`
	Alcohol string `json:"alcohol_licence"`
}

type demoProduct struct {
	Slug         string
	Name         market.Text
	Seller       string
	Set          int
	Description  market.Text
	Story        market.Text
	Variants     []demoVariant
	ShelfLife    int `json:"shelf_life_days"` // null (0) when it does not spoil
	Storage      market.Text
	MaxTransit   int     `json:"max_transit_hours"`
	Alcohol      float64 `json:"abv_percent"`
	Season       []int   `json:"season_months"`
	Illustration string
	IPRight      *struct {
		Type  string
		Scope string `json:"product_scope"`
	} `json:"ip_right"`
	Certificate *demoCertificate
}

type demoVariant struct {
	Name   market.Text
	Unit   string
	Kind   market.Base `json:"base_kind"`
	Amount int64       `json:"base_quantity"`
	Price  market.VND  `json:"price_vnd"`
	Stock  int64
	SKU    string
	Chuc   int64 `json:"pieces_per_chuc"`
	Band   catalog.Band
	Catch  bool `json:"catch_weight"`
	Min    int64
	Step   int64
}

type demoCertificate struct {
	Demo         bool
	DecisionNo   string `json:"decision_no"`
	DecisionDate string `json:"decision_date"`
	ValidFrom    string `json:"valid_from"`
	ValidTo      string `json:"valid_to"`
	Issuer       string
	IssuerLevel  string `json:"issuer_level"`
	Stars        int
	Score        *float64
	LegalVersion string `json:"legal_version"`
	Verification string
	Note         market.Text
	History      []demoCertificate
}

type demoPerson struct {
	Key, Name, Phone, Cooperative string
	Roles                         []string
	Show                          bool
	Addresses                     []struct {
		Recipient, Phone, Province, Ward, Street string
		Default                                  bool
	}
}

func newSeeder(ctx context.Context, c Config) (*seeder, error) {
	now := market.SystemClock()
	s := &seeder{clock: &now, staff: market.System}
	wire := &loopback{}
	out := outside{env: market.NewEnv(func() time.Time { return *s.clock }), client: &http.Client{Transport: wire}}
	var err error
	if s.house, err = open(ctx, c, out); err != nil {
		return nil, err
	}
	wire.house = s.house
	if s.marks, err = store.Open[mark](ctx, s.house.engine, store.Spec{Name: "seed_marks"}); err != nil {
		return nil, errors.Join(err, s.house.Close())
	}
	s.texts, err = loadDemo()
	return s, err
}

func loadDemo() (demo, error) {
	var d demo
	for name, into := range map[string]any{"cooperatives": &d.sellers, "products": &d.products, "people": &d.people} {
		raw, err := demoFiles.ReadFile("demo/" + name + ".json")
		if err != nil {
			return d, err
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return d, fmt.Errorf("demo/%s.json: %w", name, err)
		}
	}
	return d, nil
}

// once runs a step unless its mark is there, and leaves the mark.
func (s *seeder) once(ctx context.Context, name string, step func() error) error {
	id := market.ID(name)
	if _, err := s.marks.Get(ctx, id); err == nil {
		return nil
	} else if !store.Missing(err) {
		return err
	}
	if err := step(); err != nil {
		return fmt.Errorf("seed %s: %w", name, err)
	}
	return s.marks.Insert(ctx, &mark{store.Doc{ID: id}})
}

// demoMonths is how far back the demonstration's trade begins.
const demoMonths = 3

func (s *seeder) demo(ctx context.Context) error {
	end := *s.clock
	if err := s.once(ctx, "year", func() error { return s.year(ctx, yearBegan(end), end) }); err != nil {
		return err
	}
	begin := end.AddDate(0, -demoMonths, -7)
	*s.clock = begin
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"people", s.people}, {"sellers", s.sellers}, {"papers", s.showPapers}, {"products", s.products}, {"lots", s.oldLots},
	}
	for _, step := range steps {
		if err := s.once(ctx, step.name, func() error { return step.do(ctx) }); err != nil {
			return err
		}
	}
	err := s.once(ctx, "trade", func() error { return s.trade(ctx, end) })
	*s.clock = end
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"pool", s.pool}, {"takedown", s.takedown}, {"fresh lots", s.freshLots}, {"harvest", s.demoHarvest}, {"releases", func(ctx context.Context) error { return s.publish(ctx, end) }},
	} {
		if err := s.once(ctx, step.name, func() error { return step.do(ctx) }); err != nil {
			return err
		}
	}
	return s.house.relay.Drain(ctx)
}

func (s *seeder) people(ctx context.Context) error {
	for _, p := range s.texts.people {
		roles := make([]market.Role, 0, len(p.Roles))
		for _, r := range p.Roles {
			roles = append(roles, roleOf(r))
		}
		person, err := s.house.accounts.Ensure(ctx, s.staff, p.Phone, p.Name, roles...)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Key, err)
		}
		if err := s.address(ctx, person.ID, p); err != nil {
			return fmt.Errorf("%s: %w", p.Key, err)
		}
	}
	return nil
}

func roleOf(name string) market.Role {
	if name == "cooperative_manager" {
		return market.RoleManager
	}
	return market.Role(name)
}

// fixedID names demonstration data so that seeding again finds it.
func fixedID(name string) market.ID {
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	sum := sha256.Sum256([]byte("chohue demo " + name))
	id := make([]byte, 26)
	for i := range id {
		id[i] = alphabet[sum[i]&31]
	}
	id[0] = '0'
	return market.ID(id)
}

func (s *seeder) sellers(ctx context.Context) error {
	for _, d := range s.texts.sellers {
		if err := s.seller(ctx, d); err != nil {
			return fmt.Errorf("%s: %w", d.Slug, err)
		}
	}
	return nil
}

func (s *seeder) seller(ctx context.Context, d demoSeller) error {
	id := fixedID("seller " + d.Slug)
	_, err := s.house.sellers.Register(ctx, s.staff, cooperatives.Registration{
		ID: id, Slug: d.Slug, Name: d.Name, Kind: cooperatives.Kind(d.Kind), Ward: d.Ward, Street: d.Street,
		Phone: d.Phone, TaxCode: d.TaxCode, Story: d.Story,
		Bank: cooperatives.Bank{BIN: d.Bank.BIN, Account: d.Bank.Account, Holder: d.Bank.Holder},
	})
	if err != nil && market.KindOf(err) != market.KindConflict {
		return err
	}
	if _, err := s.house.sellers.Verify(ctx, s.staff, id); err != nil {
		return err
	}
	if err := s.alcoholLicence(ctx, id, d); err != nil {
		return err
	}
	if err := s.member(ctx, id, d.Manager.Name, d.Manager.Phone, cooperatives.MemberManager); err != nil {
		return err
	}
	for _, m := range d.Members {
		if m.Phone == "" {
			continue
		}
		if err := s.member(ctx, id, m.Name, m.Phone, cooperatives.MemberRole(m.Role)); err != nil {
			return err
		}
	}
	return nil
}

func (s *seeder) member(ctx context.Context, seller market.ID, name, phone string, as cooperatives.MemberRole) error {
	role := market.RoleFarmer
	if as == cooperatives.MemberManager {
		role = market.RoleManager
	}
	person, err := s.house.accounts.Ensure(ctx, s.staff, phone, name, role)
	if err != nil {
		return err
	}
	_, err = s.house.sellers.AddMember(ctx, s.staff, seller, cooperatives.Member{Person: person.ID, Name: name, Role: as})
	return err
}

func (s *seeder) products(ctx context.Context) error {
	for _, d := range s.texts.products {
		if err := s.product(ctx, d); err != nil {
			return fmt.Errorf("%s: %w", d.Slug, err)
		}
	}
	return s.house.relay.Drain(ctx)
}

func (s *seeder) product(ctx context.Context, d demoProduct) error {
	maker, err := s.maker(ctx, d.Seller)
	if err != nil {
		return err
	}
	p, err := s.house.catalog.CreateDraft(ctx, maker, d.draft())
	if err != nil {
		return err
	}
	if p.Status == catalog.StatusPublished {
		return nil
	}
	photo, err := illustration(d.Illustration)
	if err != nil {
		return err
	}
	if len(p.Photos) == 0 {
		if _, err := s.house.catalog.AddPhoto(ctx, maker, p.ID, photo, d.Name); err != nil {
			return err
		}
	}
	if err := s.certify(ctx, p, d); err != nil {
		return err
	}
	if err := s.nameRight(ctx, maker, d); err != nil {
		return err
	}
	if p.Status == catalog.StatusDraft {
		if _, err := s.house.catalog.Submit(ctx, maker, p.ID); err != nil {
			return err
		}
	}
	_, err = s.house.catalog.Approve(ctx, s.staff, p.ID)
	return err
}

// maker is the person who lists a seller's goods: a farmer of theirs who has a
// phone, else the manager.
func (s *seeder) maker(ctx context.Context, slug string) (market.Actor, error) {
	i := slices.IndexFunc(s.texts.sellers, func(d demoSeller) bool { return d.Slug == slug })
	if i < 0 {
		return market.Actor{}, fmt.Errorf("no seller %q", slug)
	}
	d := s.texts.sellers[i]
	phone := d.Manager.Phone
	for _, m := range d.Members {
		if m.Phone != "" && m.Role == string(cooperatives.MemberFarmer) {
			phone = m.Phone
			break
		}
	}
	person, err := s.house.accounts.ByPhone(ctx, s.staff, phone)
	if err != nil {
		return market.Actor{}, err
	}
	return market.Actor{Person: person.ID, Name: person.Name, Roles: person.Roles, Sellers: []market.ID{fixedID("seller " + slug)}}, nil
}

func (d demoProduct) draft() catalog.Draft {
	draft := catalog.Draft{
		ID: fixedID("product " + d.Slug), Seller: fixedID("seller " + d.Seller), Set: d.Set,
		Name: d.Name, Description: d.Description, Story: d.Story, ShelfLifeDays: d.ShelfLife, Keeping: d.keeping(),
	}
	for i, v := range d.Variants {
		draft.Variants = append(draft.Variants, catalog.VariantDraft{
			ID: fixedID(fmt.Sprintf("variant %s %d", d.Slug, i)), Name: v.Name, Unit: v.Unit,
			Size: v.size(), Price: v.Price, Stock: v.Stock, SKU: v.SKU,
			Terms: catalog.Terms{Band: v.Band, Catch: v.Catch, Min: v.Min, Step: v.Step},
		})
	}
	return draft
}

func (s *seeder) certify(ctx context.Context, p *catalog.Product, d demoProduct) error {
	if d.Certificate == nil || len(p.Certificates) > 0 {
		return nil
	}
	for i, c := range append(d.Certificate.History, *d.Certificate) {
		certificate, err := c.certificate(fixedID(fmt.Sprintf("certificate %s %d", d.Slug, i)))
		if err != nil {
			return err
		}
		if _, err := s.house.catalog.Certify(ctx, s.staff, p.ID, certificate); err != nil {
			return err
		}
	}
	return nil
}

// signInHelp tells how to try the market as each of the four people.
func signInHelp(base string) string {
	d, err := loadDemo()
	if err != nil {
		slog.Error("demo", "error", err)
		return ""
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "\nSign in at %s/dang-nhap with one of these numbers; the code appears at %s/hop-thu\n", base, base)
	for _, p := range d.people {
		if p.Show {
			fmt.Fprintf(&b, "  %-10s %-24s %v %s\n", p.Phone, p.Name, p.Roles, p.Cooperative)
		}
	}
	return b.String()
}
