package salestest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"sync"
	"time"

	"chohue/catalog"
	"chohue/cooperatives"
	"chohue/market"
	"chohue/orders"
	"chohue/payments"
	"chohue/store"
	"chohue/store/memory"
)

// start is the first moment of every simulation.
var start = time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)

// template is what every simulation begins with, made once: sellers with goods
// on their shelves, on a disk to be cloned.
type template struct {
	disk    *memory.Disk
	plain   *memory.Disk // without vouchers
	areas   *market.Areas
	sets    catalog.Sets
	fees    payments.FeeSchedule
	sellers []market.ID
	goods   []good
}

// good is something to buy.
type good struct {
	variant market.ID
	seller  market.ID
	catch   bool // weighed when packed
	grams   int64
}

var onceTemplate = sync.OnceValues(newTemplate)

func newTemplate() (*template, error) {
	t := &template{disk: &memory.Disk{}}
	var err error
	if t.areas, err = market.LoadAreas(); err != nil {
		return nil, err
	}
	if t.sets, err = catalog.LoadSets(); err != nil {
		return nil, err
	}
	if t.fees, err = payments.LoadFees(); err != nil {
		return nil, err
	}
	ctx, engine := context.Background(), memory.Open(t.disk)
	env := sequence(func() time.Time { return start }, 0)
	sellers, err := cooperatives.New(ctx, engine, env, t.areas)
	if err != nil {
		return nil, err
	}
	shelf, err := catalog.New(ctx, engine, env, cards{sellers, t.areas}, files{}, t.sets)
	if err != nil {
		return nil, err
	}
	if err := t.fill(ctx, sellers, shelf); err != nil {
		return nil, err
	}
	if err := forget(ctx, engine); err != nil {
		return nil, err
	}
	t.plain = t.disk.Clone()
	if err := t.giveVouchers(ctx, engine, env, orders.Rooms{Shelf: shelf, Sellers: sellers, Fees: t.fees}); err != nil {
		return nil, err
	}
	return t, forget(ctx, engine)
}

// sequence is an Env whose ids are counted, not drawn: the same run names the
// same things the same.
func sequence(now market.Clock, salt uint64) market.Env {
	n := salt << 20
	return market.Env{Now: now, NewID: func() market.ID {
		n++
		return market.NewID(now())[:10] + market.ID(crockford(n))
	}}
}

// crockford writes n in the sixteen digits that end an id, least digit last.
func crockford(n uint64) string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var out [16]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i], n = digits[n&31], n>>5
	}
	return string(out[:])
}

// forget drops the news of setting up.
func forget(ctx context.Context, e store.Engine) error {
	for {
		some, err := e.Pending(ctx, nil, 1000)
		if err != nil || len(some) == 0 {
			return err
		}
		if err := e.Done(ctx, some); err != nil {
			return err
		}
	}
}

var stalls = []struct {
	name, ward, tax string
	kind            cooperatives.Kind
	wares           []catalog.VariantDraft
}{
	{"HTX Thanh trà Thủy Biều", "19813", "3300100001", cooperatives.KindHTX, []catalog.VariantDraft{
		ware("kg", 1000, 45_000, 3, false), ware("hộp", 500, 120_000, 8, false), ware("kg", 1000, 90_001, 12, true),
	}},
	{"HTX Mắm Phú Thuận", "19813", "3300100002", cooperatives.KindHTX, []catalog.VariantDraft{
		ware("chai", 750, 75_000, 30, false), ware("kg", 1000, 333_333, 2, true),
	}},
	{"HTX Trà rau má Quảng Thọ", "19813", "3300100003", cooperatives.KindHTX, []catalog.VariantDraft{
		ware("gói", 100, 15_500, 6, false),
	}},
}

func ware(unit string, grams int64, price market.VND, stock int64, catch bool) catalog.VariantDraft {
	return catalog.VariantDraft{
		Name: market.Text{VI: unit}, Unit: unit, Size: market.Size{Base: market.Grams, Amount: grams},
		Price: price, Stock: stock, Terms: catalog.Terms{Catch: catch},
	}
}

func (t *template) fill(ctx context.Context, sellers *cooperatives.Service, shelf *catalog.Service) error {
	photo, err := picture()
	if err != nil {
		return err
	}
	for i, stall := range stalls {
		made, err := sellers.Register(ctx, market.System, cooperatives.Registration{
			Name: market.Text{VI: stall.name}, Kind: stall.kind, Ward: stall.ward, Street: "thôn Một", Phone: "0905123456", TaxCode: stall.tax,
			Bank: cooperatives.Bank{BIN: "970405", Account: fmt.Sprintf("000000000%d", i+1), Holder: "HTX"},
		})
		if err != nil {
			return err
		}
		if _, err := sellers.Verify(ctx, market.System, made.ID); err != nil {
			return err
		}
		t.sellers = append(t.sellers, made.ID)
		for j, w := range stall.wares {
			if err := t.list(ctx, shelf, made.ID, fmt.Sprintf("%s, món %d", stall.name, j+1), 1+(i+j)%3, w, photo); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *template) list(ctx context.Context, shelf *catalog.Service, seller market.ID, name string, set int, w catalog.VariantDraft, photo []byte) error {
	p, err := shelf.CreateDraft(ctx, market.System, catalog.Draft{
		Seller: seller, Set: set, Name: market.Text{VI: name}, Description: market.Text{VI: "Hàng vườn nhà."}, Variants: []catalog.VariantDraft{w},
	})
	if err != nil {
		return err
	}
	if _, err := shelf.AddPhoto(ctx, market.System, p.ID, photo, market.Text{VI: name}); err != nil {
		return err
	}
	if _, err := shelf.Submit(ctx, market.System, p.ID); err != nil {
		return err
	}
	if _, err := shelf.Approve(ctx, market.System, p.ID); err != nil {
		return err
	}
	t.goods = append(t.goods, good{p.Variants[0].ID, seller, w.Terms.Catch, w.Size.Amount})
	return nil
}

func picture() ([]byte, error) {
	var b bytes.Buffer
	err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 120, 120)), nil)
	return b.Bytes(), err
}

// files keeps photos in memory while the template is made.
type files map[string][]byte

func (f files) Put(_ context.Context, key, _ string, data []byte) error {
	f[key] = data
	return nil
}

func (f files) Get(_ context.Context, key string) ([]byte, error) { return f[key], nil }

// cards shows the catalogue what it needs of a seller.
type cards struct {
	sellers *cooperatives.Service
	areas   *market.Areas
}

func (c cards) SellerCard(ctx context.Context, id market.ID) (catalog.SellerCard, error) {
	s, err := c.sellers.Seller(ctx, id)
	if err != nil {
		return catalog.SellerCard{}, err
	}
	return catalog.SellerCard{ID: s.ID, Slug: s.Slug, Name: s.Name, Kind: string(s.Kind), Ward: s.Ward, Verified: true}, nil
}
