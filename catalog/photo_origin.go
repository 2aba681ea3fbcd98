package catalog

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"chohue/market"
	"chohue/store"
)

// PlaceConsent is a seller's word on the place where a photo was taken. The
// zero value keeps nothing.
type PlaceConsent struct {
	Given bool     `bson:"given,omitempty"`
	At    Position `bson:"at,omitempty"` // as the device read it when it made the photo smaller; zero when the file itself says
}

// PlaceWording is the version of the sentence that is agreed to; the sentence
// is "photo.place.agree" of that day.
const PlaceWording = "2026-11"

// PhotoOrigin is where a photo was taken: evidence of origin for whoever checks
// the listing, never shown to buyers. It is kept on the seller's consent
// (Law 91/2025/QH15 on personal data, Art. 9) until the photo goes or the
// consent is withdrawn.
type PhotoOrigin struct {
	store.Doc `bson:",inline"`
	Product   market.ID `bson:"product"`
	Photo     string    `bson:"photo"`
	At        Position  `bson:"at"`     // to a thousandth of a degree, about 100 m: enough to compare with a ward
	Source    string    `bson:"source"` // PlaceFromFile or PlaceFromDevice
	Ward      string    `bson:"ward"`   // of the seller when the photo came
	Known     bool      `bson:"known"`  // the ward's middle is known, so the rest says something
	Metres    int       `bson:"metres"` // to the middle of the ward
	Most      int       `bson:"most"`   // metres that were near then
	AgreedBy  market.ID `bson:"agreed_by"`
	AgreedAt  time.Time `bson:"agreed_at"`
	Wording   string    `bson:"wording"`
}

// Where a place was read.
const (
	PlaceFromFile   = "file"
	PlaceFromDevice = "device"
)

// Near reports whether the photo was taken where the seller grows and makes.
func (o *PhotoOrigin) Near() bool { return o.Known && o.Metres <= o.Most }

func originID(product market.ID, photo string) market.ID { return product + "." + market.ID(photo) }

// PhotoOrigins returns where the product's photos were taken, as far as their
// seller agreed to tell, to the seller and to those who check.
func (s *Service) PhotoOrigins(ctx context.Context, by market.Actor, id market.ID) ([]*PhotoOrigin, error) {
	p, err := s.Product(ctx, by, id)
	if err != nil {
		return nil, err
	}
	if !by.For(p.Seller) && !by.Is(market.RoleModerator, market.RoleOperator, market.RoleOfficial) {
		return nil, errMissing
	}
	ids := make([]market.ID, len(p.Photos))
	for i, photo := range p.Photos {
		ids[i] = originID(p.ID, photo.ID)
	}
	found, err := s.origins.GetMany(ctx, ids...)
	var out []*PhotoOrigin
	for _, id := range ids {
		if o := found[id]; o != nil {
			out = append(out, o)
		}
	}
	return out, err
}

// ForgetPlaces withdraws the consent for all photos of a product: what is kept
// of where they were taken is deleted.
func (s *Service) ForgetPlaces(ctx context.Context, by market.Actor, id market.ID) error {
	p, err := s.owned(ctx, by, id)
	if err != nil {
		return err
	}
	for _, photo := range p.Photos {
		if err := s.forgetPlace(ctx, id, photo.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) forgetPlace(ctx context.Context, product market.ID, photo string) error {
	err := s.origins.Delete(ctx, originID(product, photo))
	if store.Missing(err) {
		return nil
	}
	return err
}

// keepPlace writes down where the photo was taken if its seller agrees and
// anybody knows.
func (s *Service) keepPlace(ctx context.Context, by market.Actor, p *Product, photo string, d PhotoDraft) error {
	if !d.Place.Given || !p.hasPhoto(photo) {
		return nil
	}
	at, source := d.Place.At, PlaceFromDevice
	if !at.possible() {
		var ok bool
		if at, ok = gps(exifOf(d.Data)); !ok {
			return nil
		}
		source = PlaceFromFile
	}
	card, err := s.sellers.SellerCard(ctx, p.Seller)
	if err != nil {
		return err
	}
	o := &PhotoOrigin{
		Doc: store.Doc{ID: originID(p.ID, photo)}, Product: p.ID, Photo: photo, At: at.coarse(), Source: source,
		Ward: card.Ward, Most: s.sets.nearAt(s.env.Now()),
		AgreedBy: by.Person, AgreedAt: s.env.Now(), Wording: PlaceWording,
	}
	if o.Known = card.At.possible(); o.Known {
		o.Metres = at.distance(card.At)
	}
	if err := s.origins.Insert(ctx, o); !store.Exists(err) {
		return err
	}
	return nil
}

// coarse leaves off what a ward does not need.
func (p Position) coarse() Position {
	return Position{Lat: math.Round(p.Lat*1000) / 1000, Lng: math.Round(p.Lng*1000) / 1000}
}

// originRule says how far from the middle of the ward is still near, from a
// day on.
type originRule struct {
	from   time.Time
	metres int
}

func loadOriginRules() ([]originRule, error) {
	rows, err := readTable("taxonomy/photo_origin.csv")
	if err != nil {
		return nil, err
	}
	var rules []originRule
	for _, row := range rows {
		from, err := parseDay(row["valid_from"])
		if err != nil {
			return nil, fmt.Errorf("photo origin rule: %w", err)
		}
		km, err := strconv.Atoi(row["near_km"])
		if err != nil {
			return nil, fmt.Errorf("photo origin rule: %w", err)
		}
		rules = append(rules, originRule{from, km * 1000})
	}
	return rules, nil
}

// nearAt is the distance in metres that is near at a moment; 0 before the
// first rule.
func (s Sets) nearAt(at time.Time) int {
	metres := 0
	for _, rule := range s.origins {
		if !at.Before(rule.from) {
			metres = rule.metres
		}
	}
	return metres
}
