package cooperatives

import (
	"context"
	"slices"
	"time"

	"chohue/market"
	"chohue/store"
)

// maxBase is the largest delivery: a hundred tonnes, or as many pieces.
const maxBase = 100_000_000

// Delivery is what a member brought to the common stock. It is written once;
// a mistake is corrected by a contra entry, which is a delivery below zero that
// names the first.
type Delivery struct {
	store.Doc  `bson:",inline" json:"-"`
	Seller     market.ID   `bson:"seller"`
	Member     market.ID   `bson:"member"`
	MemberName string      `bson:"member_name"`
	Product    market.ID   `bson:"product"`
	Variant    market.ID   `bson:"variant"`
	Name       market.Text `bson:"name"`
	Unit       string      `bson:"unit"`
	Size       market.Size `bson:"size"` // of one unit
	Lot        market.ID   `bson:"lot,omitempty"`
	Units      int64       `bson:"units"`
	Grade      string      `bson:"grade"`
	Price      market.VND  `bson:"price,omitempty"` // of one unit, when agreed; 0 for a share of sales
	At         time.Time   `bson:"at"`              // when it was brought
	NotedAt    time.Time   `bson:"noted_at"`
	NotedBy    market.ID   `bson:"noted_by"`
	ByName     string      `bson:"by_name"`
	Reason     string      `bson:"reason,omitempty"`   // of a correction
	Corrects   market.ID   `bson:"corrects,omitempty"` // this is the contra entry of that
	Contra     market.ID   `bson:"contra,omitempty"`   // corrected by that entry
	Claims     []claim     `bson:"claims"`
}

// claim is what one settlement took of a delivery. It counts only while the
// settlement stands: reversing one frees what it took in the same instant.
type claim struct {
	Settlement market.ID `bson:"settlement"`
	Taken      int64     `bson:"taken"`
}

// Base is how many grams or pieces were brought.
func (d *Delivery) Base() int64 { return d.Units * d.Size.Amount }

// drop forgets the claims of settlements that are dead and returns what the
// others have taken.
func (d *Delivery) drop(dead map[market.ID]bool) int64 {
	d.Claims = slices.DeleteFunc(d.Claims, func(c claim) bool { return dead[c.Settlement] })
	var taken int64
	for _, c := range d.Claims {
		taken += c.Taken
	}
	return taken
}

// claim lets a settlement take a part. The same again changes nothing.
func (d *Delivery) claim(c claim, dead map[market.ID]bool) error {
	taken := d.drop(dead)
	switch {
	case slices.ContainsFunc(d.Claims, func(o claim) bool { return o.Settlement == c.Settlement }):
		return nil
	case d.Contra != "" || taken+c.Taken > d.Base():
		return errStale
	}
	d.Claims = append(d.Claims, c)
	return nil
}

// Good is what the pool must know of a variant.
type Good struct {
	Product market.ID
	Name    market.Text
	Unit    string
	Size    market.Size
}

// Goods knows what sellers sell; the catalogue does.
type Goods interface {
	// Good is not found for what is not this seller's.
	Good(ctx context.Context, seller, variant market.ID) (Good, error)
}

// Shelf takes deliveries into stock; the catalogue does.
type Shelf interface {
	// Bring is idempotent by the delivery's id. Below zero it takes back what is
	// still there.
	Bring(ctx context.Context, b Brought) error
}

// Sales tells what was sold.
type Sales interface {
	// Sales are the lines of the seller's parcels that were delivered from one
	// time up to another. For times that are over the answer never changes.
	Sales(ctx context.Context, seller market.ID, from, to time.Time) ([]Sale, error)
}

// Entry is what a settlement changes between a cooperative and its members.
type Entry struct {
	ID     market.ID
	Seller market.ID
	Owed   map[market.ID]market.VND // to each member; below zero takes back
}

// Ledger keeps the books; payments does.
type Ledger interface {
	// Post is idempotent by the entry's id.
	Post(ctx context.Context, e Entry) error
}

// Outside is what the pool needs of other rooms.
type Outside struct {
	Goods  Goods
	Shelf  Shelf
	Sales  Sales
	Ledger Ledger
}

// Pool is the common stock of cooperatives: what members bring, and how what
// it earns is shared.
type Pool struct {
	*Service
	out         Outside
	deliveries  *store.Collection[Delivery]
	settlements *store.Collection[Settlement]
	sharing     *store.Collection[sharing]
}

// NewPool opens it.
func NewPool(ctx context.Context, e store.Engine, s *Service, out Outside) (*Pool, error) {
	p := &Pool{Service: s, out: out}
	var err error
	p.deliveries, err = store.Open[Delivery](ctx, e, store.Spec{Name: "deliveries", Indexes: []store.Index{
		{Name: "seller", Fields: []string{"seller", "at"}},
		{Name: "member", Fields: []string{"seller", "member", "at"}},
	}})
	if err != nil {
		return nil, err
	}
	p.settlements, err = store.Open[Settlement](ctx, e, store.Spec{Name: "settlements", Indexes: []store.Index{
		{Name: "seller", Fields: []string{"seller", "prepared_at"}},
		{Name: "member", Fields: []string{"people", "prepared_at"}},
		{Name: "state", Fields: []string{"state"}},
	}})
	if err != nil {
		return nil, err
	}
	p.sharing, err = store.Open[sharing](ctx, e, store.Spec{Name: "seller-sharing"})
	return p, err
}

// Bringing is a delivery as a manager writes it down.
type Bringing struct {
	ID      market.ID // made by the client, optional: the same id again is the same delivery
	Member  market.ID
	Variant market.ID
	Lot     market.ID
	Units   int64
	Grade   string
	Price   market.VND // of one unit when agreed, 0 for a share of sales
	At      time.Time  // zero for now
}

// Deliver writes down what a member brought and puts it into the common stock.
// For a member without a phone it needs their consent.
func (p *Pool) Deliver(ctx context.Context, by market.Actor, seller market.ID, b Bringing) (*Delivery, error) {
	d, m, err := p.delivery(ctx, by, seller, b)
	if err != nil {
		return nil, err
	}
	n := Note{Seller: seller, What: "delivery.noted", Object: d.ID, After: digest(*d)}
	if m.NoPhone {
		n.For, n.ForName = m.Person, m.Name
	}
	brought := Brought{Delivery: d.ID, Seller: seller, Variant: d.Variant, Lot: d.Lot, Units: d.Units}
	err = p.deliveries.Insert(ctx, d, market.NewEvent(p.env, EventDelivered, d.ID, brought), p.noted(by, n))
	if !store.Exists(err) {
		return d, err
	}
	old, err := p.deliveries.Get(ctx, d.ID)
	if err == nil && (old.Seller != seller || old.Member != d.Member || old.Variant != d.Variant || old.Units != d.Units) {
		err = market.Conflict("cooperatives.id_taken")
	}
	return old, err
}

func (p *Pool) delivery(ctx context.Context, by market.Actor, seller market.ID, b Bringing) (*Delivery, Member, error) {
	found, err := p.managed(ctx, by, seller)
	if err != nil {
		return nil, Member{}, err
	}
	m, ok := found.Member(b.Member)
	if err := p.checkBringing(b, ok); err != nil {
		return nil, m, err
	}
	if err := p.mayActFor(ctx, seller, m, ActDeliver); err != nil {
		return nil, m, err
	}
	good, err := p.out.Goods.Good(ctx, seller, b.Variant)
	if err != nil {
		return nil, m, err
	}
	if b.Units > maxBase/max(good.Size.Amount, 1) {
		return nil, m, market.Invalid("delivery.units", "units")
	}
	now := p.env.Now()
	if b.ID == "" {
		b.ID = p.env.NewID()
	}
	if b.At.IsZero() {
		b.At = now
	}
	return &Delivery{
		Doc: store.Doc{ID: b.ID}, Seller: seller, Member: m.Person, MemberName: m.Name, Product: good.Product, Variant: b.Variant,
		Name: good.Name, Unit: good.Unit, Size: good.Size, Lot: b.Lot, Units: b.Units, Grade: b.Grade, Price: b.Price,
		At: b.At.UTC().Truncate(time.Millisecond), NotedAt: now, NotedBy: by.Person, ByName: by.Name, Claims: []claim{},
	}, m, nil
}

// oldest is how long ago something may have been brought that is written down
// now.
const oldest = 62 * 24 * time.Hour

func (p *Pool) checkBringing(b Bringing, member bool) error {
	var c market.Checks
	now := p.env.Now()
	c.That(b.ID == "" || idForm.MatchString(string(b.ID)), "id", "cooperatives.id")
	c.That(member, "member", "cooperatives.no_member")
	c.That(b.Variant != "", "variant", "delivery.variant")
	c.That(b.Lot == "" || idForm.MatchString(string(b.Lot)), "lot", "delivery.lot")
	c.That(b.Units > 0, "units", "delivery.units")
	c.That(slices.Contains(Grades(), b.Grade), "grade", "delivery.grade")
	c.That(b.Price >= 0 && b.Price <= 1_000_000_000, "price", "delivery.price")
	c.That(b.At.IsZero() || (!b.At.After(now) && now.Sub(b.At) <= oldest), "at", "delivery.at")
	return c.Err()
}

func contraID(id market.ID) market.ID { return id + ":contra" }

// Correct takes a delivery back by a contra entry, before it is settled.
// Correcting it again changes nothing.
func (p *Pool) Correct(ctx context.Context, by market.Actor, seller, id market.ID, reason string) error {
	if _, err := p.managed(ctx, by, seller); err != nil {
		return err
	}
	if reason = tidy(reason); !within(reason, 3, 300) {
		return market.Invalid("delivery.reason", "reason")
	}
	old, err := p.deliveries.Get(ctx, id)
	if store.Missing(err) || (err == nil && (old.Seller != seller || old.Corrects != "")) {
		return errMissing
	}
	if err != nil {
		return err
	}
	dead, err := p.dead(ctx, old)
	if err != nil {
		return err
	}
	d, err := p.deliveries.Update(ctx, id, func(d *Delivery) ([]market.Event, error) { return p.correct(by, d, dead, reason) })
	if err != nil {
		return err
	}
	return p.mirror(ctx, d)
}

func (p *Pool) correct(by market.Actor, d *Delivery, dead map[market.ID]bool, reason string) ([]market.Event, error) {
	if d.Contra != "" {
		return nil, nil
	}
	before := digest(*d)
	if d.drop(dead) > 0 {
		return nil, market.Conflict("delivery.settled")
	}
	d.Contra, d.Reason = contraID(d.ID), reason
	back := Brought{Delivery: d.Contra, Seller: d.Seller, Variant: d.Variant, Lot: d.Lot, Units: -d.Units}
	n := Note{Seller: d.Seller, What: "delivery.corrected", Object: d.ID, Words: reason, Before: before, After: digest(*d)}
	return []market.Event{market.NewEvent(p.env, EventDelivered, d.ID, back), p.noted(by, n)}, nil
}

// mirror writes the contra entry of a corrected delivery.
func (p *Pool) mirror(ctx context.Context, d *Delivery) error {
	c := *d
	c.ID, c.Units, c.Corrects, c.Contra, c.NotedAt, c.Claims = d.Contra, -d.Units, d.ID, "", p.env.Now(), []claim{}
	err := p.deliveries.Insert(ctx, &c)
	if store.Exists(err) {
		return nil
	}
	return err
}

// PoolConsumes lists the events that the pool wants.
func PoolConsumes() []string { return []string{EventDelivered} }

// Consume puts deliveries into stock and takes corrected ones out, and writes
// the contra entry when a crash came between.
func (p *Pool) Consume(ctx context.Context, e market.Event) error {
	if !slices.Contains(PoolConsumes(), e.Type) {
		return nil
	}
	var b Brought
	if err := e.Decode(&b); err != nil {
		return err
	}
	if b.Units < 0 {
		d, err := p.deliveries.Get(ctx, e.Subject)
		if err != nil {
			return err
		}
		if err := p.mirror(ctx, d); err != nil {
			return err
		}
	}
	return p.out.Shelf.Bring(ctx, b)
}

// Deliveries lists what was brought, newest first: all to managers, their own
// to members; to others there is no such seller.
func (p *Pool) Deliveries(ctx context.Context, by market.Actor, seller market.ID, q store.Query) (store.Page[Delivery], error) {
	found, err := p.Seller(ctx, seller)
	if err != nil {
		return store.Page[Delivery]{}, err
	}
	query := store.Query{Index: "seller", Eq: []any{seller}, Desc: true, Limit: q.Limit, After: q.After}
	if found.mayManage(by) != nil {
		if found.RoleOf(by.Person) == "" {
			return store.Page[Delivery]{}, errMissing
		}
		query.Index, query.Eq = "member", []any{seller, by.Person}
	}
	return p.deliveries.Find(ctx, query)
}

// dead returns which of the settlements that claim the deliveries no longer
// stand. A dead one stays dead.
func (p *Pool) dead(ctx context.Context, all ...*Delivery) (map[market.ID]bool, error) {
	var ids []market.ID
	for _, d := range all {
		for _, c := range d.Claims {
			ids = append(ids, c.Settlement)
		}
	}
	slices.Sort(ids)
	dead := map[market.ID]bool{}
	if ids = slices.Compact(ids); len(ids) == 0 {
		return dead, nil
	}
	found, err := p.settlements.GetMany(ctx, ids...)
	for _, id := range ids {
		dead[id] = found[id] == nil || found[id].dead()
	}
	return dead, err
}
