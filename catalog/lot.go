package catalog

import (
	"context"
	"time"

	olc "github.com/google/open-location-code/go"

	"chohue/market"
	"chohue/store"
)

// Lot is what was harvested or made together and is sold as one variant: the
// unit of tracing back to the field and forward to the buyers. What there is
// of it stands in the variant's Stock. Values that the Service returns must
// not be changed.
type Lot struct {
	store.Doc    `bson:",inline"`
	Product      market.ID  `bson:"product"`
	Variant      market.ID  `bson:"variant"`
	Seller       market.ID  `bson:"seller"`
	Code         string     `bson:"code"`           // as printed; one variant has each code once
	GTIN         string     `bson:"gtin,omitempty"` // of the variant when the lot was made, 14 digits
	Unit         string     `bson:"unit"`
	Quantity     int64      `bson:"quantity"` // sold units that it was made of
	Counted      bool       `bson:"counted,omitempty"`
	Made         string     `bson:"made"` // "harvest" or "production"
	MadeAt       time.Time  `bson:"made_at"`
	BestBefore   *time.Time `bson:"best_before,omitempty"` // the first moment at which it is no longer sold
	Place        LotPlace   `bson:"place"`
	Producer     market.ID  `bson:"producer,omitempty"`
	ProducerName string     `bson:"producer_name"`
	Standard     string     `bson:"standard,omitempty"` // what it was made by: VietGAP, TCCS 01:2025/…
	Inputs       []Input    `bson:"inputs,omitempty"`
	Tests        []Test     `bson:"tests,omitempty"`
	Photo        string     `bson:"photo,omitempty"`
	CreatedBy    market.ID  `bson:"created_by"`
	CreatedAt    time.Time  `bson:"created_at"`
	Recall       *Recall    `bson:"recall,omitempty"`
}

// How a lot comes to be.
const (
	MadeHarvest    = "harvest"
	MadeProduction = "production"
)

// LotPlace is where a lot grew or was made.
type LotPlace struct {
	Ward     string `bson:"ward"` // NSO code
	Area     string `bson:"area"` // the growing area's or workshop's name
	PlusCode string `bson:"plus_code,omitempty"`
}

// publicDigits is how exactly the public learns where something grew: fields
// lie beside homes, and eight digits are about 275 m.
const publicDigits = 8

// Public is the place's Plus Code as the public may know it.
func (p LotPlace) Public() string {
	area, err := olc.Decode(p.PlusCode)
	if err != nil {
		return ""
	}
	lat, lng := area.Center()
	return olc.Encode(lat, lng, publicDigits)
}

// Input is what went into a lot: fertiliser, feed, seed, salt.
type Input struct {
	Kind   string     `bson:"kind"` // one of InputKinds
	Name   string     `bson:"name"`
	Amount string     `bson:"amount,omitempty"` // in the producer's words: 20 kg/sào
	At     *time.Time `bson:"at,omitempty"`
}

// InputKinds are the kinds of inputs.
func InputKinds() []string {
	return []string{"fertiliser", "protection", "feed", "seed", "material", "water", "other"}
}

// Test is a laboratory's finding with its paper.
type Test struct {
	ID     market.ID `bson:"id"`
	Name   string    `bson:"name"`
	Lab    string    `bson:"lab"`
	Result string    `bson:"result"`
	Passed bool      `bson:"passed"`
	At     time.Time `bson:"at"`
	SHA256 string    `bson:"sha256,omitempty"` // of the paper's file, hexadecimal
	Type   string    `bson:"type,omitempty"`   // media type of the file
}

// Recall says that a lot is called back.
type Recall struct {
	At     time.Time `bson:"at"`
	By     market.ID `bson:"by"`
	ByName string    `bson:"by_name"`
	Reason string    `bson:"reason"`
}

// lotCode claims a code for one lot of a variant.
type lotCode struct {
	store.Doc `bson:",inline"`
	Lot       market.ID `bson:"lot"`
}

func lotCodeID(variant market.ID, code string) market.ID { return variant + ":" + market.ID(code) }

// gtinClaim says which variant a GTIN is of.
type gtinClaim struct {
	store.Doc `bson:",inline"`
	Product   market.ID `bson:"product"`
	Variant   market.ID `bson:"variant"`
}

var (
	errLotMissing = market.NotFound("lot.missing")
	errLotTaken   = market.Conflict("lot.code_taken").At("code")
	errGTINTaken  = market.Conflict("gtin.taken").At("gtin")
)

func missingLot(err error) error {
	if store.Missing(err) {
		return errLotMissing
	}
	return err
}

// lotBooks are the collections behind lots, and what is read once.
type lotBooks struct {
	lots     *store.Collection[Lot]
	lotCodes *store.Collection[lotCode]
	gtins    *store.Collection[gtinClaim]
	reasons  []Reason
}

func openLots(ctx context.Context, e store.Engine) (lotBooks, error) {
	var b lotBooks
	var err error
	b.lots, err = store.Open[Lot](ctx, e, store.Spec{Name: "lots", Indexes: []store.Index{
		{Name: "of_seller", Fields: []string{"seller", "created_at"}},
	}})
	if err != nil {
		return b, err
	}
	if b.lotCodes, err = store.Open[lotCode](ctx, e, store.Spec{Name: "lot_codes"}); err != nil {
		return b, err
	}
	if b.gtins, err = store.Open[gtinClaim](ctx, e, store.Spec{Name: "gtins"}); err != nil {
		return b, err
	}
	b.reasons, err = LoadReasons()
	return b, err
}
