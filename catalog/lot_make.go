package catalog

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	olc "github.com/google/open-location-code/go"

	"chohue/market"
	"chohue/store"
)

// LotDraft is what a seller says about a lot.
type LotDraft struct {
	ID         market.ID // made by the client, optional: the same id again is the same lot
	Product    market.ID
	Variant    market.ID
	Code       string // empty: made of date and id
	Quantity   int64
	Counted    bool // the goods are in the stock already, without a lot
	Made       string
	MadeAt     time.Time
	BestBefore *time.Time // nil: MadeAt and the product's shelf life, if it has one
	Place      LotPlace
	Producer   market.ID
	Name       string // of the producer
	Standard   string
	Inputs     []Input
}

const (
	maxLotName = 120
	maxInputs  = 20
	maxTests   = 20
	maxLotAge  = 20 * 365 * 24 * time.Hour // fish sauce and spirits ripen for years
)

// MakeLot notes a new lot of a variant and puts it on the shelf. The same id
// again gives the lot that is there, unchanged.
func (s *Service) MakeLot(ctx context.Context, by market.Actor, d LotDraft) (*Lot, error) {
	p, err := s.owned(ctx, by, d.Product)
	if err != nil {
		return nil, err
	}
	if d.ID != "" {
		if l, err := s.lots.Get(ctx, d.ID); !store.Missing(err) {
			return s.sameLot(ctx, d, l, err)
		}
	}
	l, err := s.composeLot(by, p, d)
	if err != nil {
		return nil, err
	}
	if err := s.claimCode(ctx, l); err != nil {
		return nil, err
	}
	if err := s.roomFor(ctx, l); err != nil {
		return nil, err
	}
	err = s.lots.Insert(ctx, l, s.lotNews(EventLotMade, l))
	if store.Exists(err) {
		l, err = s.lots.Get(ctx, l.ID)
		return s.sameLot(ctx, d, l, err)
	}
	if err != nil {
		return nil, err
	}
	return l, s.shelveLot(ctx, l)
}

// sameLot answers a draft that was sent before, and finishes what was cut off.
func (s *Service) sameLot(ctx context.Context, d LotDraft, l *Lot, err error) (*Lot, error) {
	if err != nil {
		return nil, err
	}
	if l.Product != d.Product || l.Variant != d.Variant {
		return nil, market.Conflict("lot.taken").At("id")
	}
	return l, s.shelveLot(ctx, l)
}

func (s *Service) claimCode(ctx context.Context, l *Lot) error {
	id := lotCodeID(l.Variant, l.Code)
	err := s.lotCodes.Insert(ctx, &lotCode{Doc: store.Doc{ID: id}, Lot: l.ID})
	if !store.Exists(err) {
		return err
	}
	have, err := s.lotCodes.Get(ctx, id)
	if err != nil {
		return err
	}
	if have.Lot != l.ID {
		return errLotTaken
	}
	return nil
}

// roomFor asks the stock beforehand, so that no lot is noted that the shelf
// would refuse.
func (s *Service) roomFor(ctx context.Context, l *Lot) error {
	k, err := s.stocks.Get(ctx, l.Variant)
	if err != nil {
		return missing(err)
	}
	err = k.ReceiveLot(LotStock{Lot: l.ID, Code: l.Code, BestBefore: l.BestBefore}, l.Quantity, l.Counted, s.env.Now())
	var e *market.Error
	if errors.As(err, &e) {
		return e.At("quantity")
	}
	return err
}

// shelveLot puts the lot into the stock, once however often it is asked. What
// was counted without a name may have been sold meanwhile: then only the rest
// gets the name.
func (s *Service) shelveLot(ctx context.Context, l *Lot) error {
	if l.Recall != nil || s.env.Now().Sub(l.CreatedAt) > rememberLot {
		return nil
	}
	return s.changeStock(ctx, l.Variant, func(k *Stock) error {
		qty := l.Quantity
		if l.Counted && k.lot(l.ID) == nil {
			if qty = min(qty, k.Unnamed().Available); qty == 0 {
				return nil
			}
		}
		return k.ReceiveLot(LotStock{Lot: l.ID, Code: l.Code, BestBefore: l.BestBefore}, qty, l.Counted, s.env.Now())
	})
}

// rememberLot is how long a lot may still be put on the shelf: shorter than
// any stock could sell fifty other lots and forget this one.
const rememberLot = 24 * time.Hour

func (s *Service) composeLot(by market.Actor, p *Product, d LotDraft) (*Lot, error) {
	var c market.Checks
	v, known := p.Variant(d.Variant)
	c.That(known, "variant", "lot.variant")
	checkID(&c, "id", d.ID)
	if d.ID == "" {
		d.ID = s.env.NewID()
	}
	l := &Lot{
		Doc: store.Doc{ID: d.ID}, Product: p.ID, Variant: v.ID, Seller: p.Seller, GTIN: v.GTIN, Unit: v.Unit,
		Code: line(&c, "code", d.Code, maxLotCode), Quantity: d.Quantity, Counted: d.Counted,
		Made: d.Made, MadeAt: d.MadeAt, BestBefore: d.BestBefore,
		Producer: d.Producer, ProducerName: line(&c, "producer", d.Name, maxLotName),
		Standard: line(&c, "standard", d.Standard, maxLotName), CreatedBy: by.Person, CreatedAt: s.env.Now(),
	}
	if len(p.Photos) > 0 {
		l.Photo = p.Photos[0].ID
	}
	l.complete(p)
	s.checkLot(&c, l)
	l.Place = checkPlace(&c, d.Place, p)
	l.Inputs = checkInputs(&c, d.Inputs)
	return l, c.Err()
}

// complete fills in what follows from the rest.
func (l *Lot) complete(p *Product) {
	if l.Made == "" {
		l.Made = MadeHarvest
	}
	if l.Code == "" && len(l.ID) >= 4 {
		l.Code = "L" + gs1Day(l.MadeAt) + "-" + string(l.ID[len(l.ID)-4:])
	}
	if l.ProducerName == "" {
		l.Producer, l.ProducerName = p.Producer, p.ProducerName
	}
	if l.BestBefore == nil && p.ShelfLifeDays > 0 && !l.MadeAt.IsZero() {
		day := l.MadeAt.In(market.HueZone)
		end := time.Date(day.Year(), day.Month(), day.Day()+p.ShelfLifeDays+1, 0, 0, 0, 0, market.HueZone).UTC()
		l.BestBefore = &end
	}
}

func (s *Service) checkLot(c *market.Checks, l *Lot) {
	now := s.env.Now()
	checkLotCode(c, "code", l.Code)
	c.That(l.Quantity > 0 && l.Quantity <= maxQuantity, "quantity", "stock.quantity")
	c.That(l.Made == MadeHarvest || l.Made == MadeProduction, "made", "lot.made")
	c.That(!l.MadeAt.IsZero() && !l.MadeAt.After(now) && now.Sub(l.MadeAt) < maxLotAge, "made_at", "lot.made_at")
	c.That(l.BestBefore == nil || l.BestBefore.After(l.MadeAt), "best_before", "lot.best_before")
	c.That(l.ProducerName != "", "producer", "lot.producer")
}

func checkPlace(c *market.Checks, at LotPlace, p *Product) LotPlace {
	if at.Ward == "" {
		at.Ward = p.Ward
	}
	at.Area = line(c, "area", at.Area, maxLotName)
	c.That(len(at.Ward) <= 10, "ward", "lot.ward")
	at.PlusCode = line(c, "plus_code", at.PlusCode, 20)
	c.That(at.PlusCode == "" || olc.CheckFull(at.PlusCode) == nil, "plus_code", "lot.plus_code")
	return at
}

func checkInputs(c *market.Checks, inputs []Input) []Input {
	c.That(len(inputs) <= maxInputs, "inputs", "lot.inputs")
	var out []Input
	for i, in := range inputs[:min(len(inputs), maxInputs)] {
		at := fmt.Sprintf("inputs/%d/", i)
		in.Name, in.Amount = line(c, at+"name", in.Name, maxLotName), line(c, at+"amount", in.Amount, maxLotName)
		c.That(slices.Contains(InputKinds(), in.Kind), at+"kind", "lot.input_kind")
		c.That(in.Name != "", at+"name", "lot.input_name")
		out = append(out, in)
	}
	return out
}
