package orders

import (
	"context"

	"chohue/catalog"
	"chohue/market"
	"chohue/payments"
	"chohue/store"
)

// Service is the room's door.
type Service struct {
	env     market.Env
	areas   *market.Areas
	shelf   Shelf
	till    Till
	sellers Sellers
	fees    Fees

	promises Promises
	rates    Rates
	leads    Leads
	taxes    payments.TaxRules

	invoices InvoiceRules
	invoicer Invoicer
	shipping
	aftercare
	carts  *store.Collection[Cart]
	orders *store.Collection[Order]
	preorderBook

	secret   []byte // signs cart tokens
	vouchers *store.Collection[Voucher]
	claims   *store.Collection[personClaim]
	policies PolicyVersions
	caps     WeightCaps
}

// Rooms are the neighbours that orders need.
type Rooms struct {
	Shelf    Shelf
	Till     Till
	Sellers  Sellers
	Fees     Fees
	Promises Promises      // of live shows; nil when there are none
	Invoicer Invoicer      // of electronic invoices; none writes requests as files
	Carriers Carriers      // those that the market speaks with; none leaves delivery to people
	Files    catalog.Files // where evidence is kept, apart from what everybody may see; nil takes none
	// Secret signs the tokens of carts. Without one they live as long as the
	// process.
	Secret []byte
}

// New opens the room on the store.
func New(ctx context.Context, e store.Engine, env market.Env, areas *market.Areas, rooms Rooms) (*Service, error) {
	s := &Service{env: env, areas: areas, shelf: rooms.Shelf, till: rooms.Till, sellers: rooms.Sellers, fees: rooms.Fees}
	s.promises = rooms.Promises
	s.carriers, s.files = rooms.Carriers, rooms.Files
	if s.invoicer = rooms.Invoicer; s.invoicer == nil {
		s.invoicer = InvoiceExport{}
	}
	s.secret = rooms.Secret
	if len(s.secret) == 0 {
		s.secret = []byte(market.NewSecret())
	}
	var err error
	if s.rates, err = LoadRates(); err != nil {
		return nil, err
	}
	if s.leads, err = LoadLeads(); err != nil {
		return nil, err
	}
	if s.taxes, err = payments.LoadTaxRules(); err != nil {
		return nil, err
	}
	if s.invoices, err = LoadInvoiceRules(); err != nil {
		return nil, err
	}
	if err = s.openShipping(ctx, e); err != nil {
		return nil, err
	}
	if err = s.openAftercare(ctx, e); err != nil {
		return nil, err
	}
	if err = s.openPreorders(ctx, e); err != nil {
		return nil, err
	}
	if s.policies, err = LoadPolicies(); err != nil {
		return nil, err
	}
	if s.caps, err = LoadWeightCaps(); err != nil {
		return nil, err
	}
	if err = s.openVouchers(ctx, e); err != nil {
		return nil, err
	}
	s.carts, err = store.Open[Cart](ctx, e, store.Spec{Name: "carts", Indexes: []store.Index{
		{Name: "person", Fields: []string{"person", "updated_at"}},
	}})
	if err != nil {
		return nil, err
	}
	s.orders, err = store.Open[Order](ctx, e, store.Spec{Name: "orders", Indexes: []store.Index{
		{Name: "buyer", Fields: []string{"buyer", "placed_at"}},
		{Name: "board", Fields: []string{"board", "placed_at"}},
		{Name: "code", Fields: []string{"code"}},
		{Name: "way", Fields: []string{"ways"}},
		{Name: "ask", Fields: []string{"ask_at"}},
		{Name: "unpaid", Fields: []string{"unpaid_until"}},
		{Name: "due", Fields: []string{"due"}},
		{Name: "settle_at", Fields: []string{"settle_at"}},
		{Name: "lot", Fields: []string{"lots", "placed_at"}},
	}})
	return s, err
}
