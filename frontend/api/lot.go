package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/catalog"
	"chohue/frontend/web"
	"chohue/market"
	"chohue/store"
)

// NewLot is a lot that is to be noted.
type NewLot struct {
	ID         string     `json:"id,omitempty" pattern:"^[0-9A-Za-z_-]{10,64}$" doc:"Made by the client: the same id again is the same lot."`
	Product    string     `json:"product" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Variant    string     `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Code       string     `json:"code,omitempty" maxLength:"20" pattern:"^[0-9A-Za-z._-]*$" doc:"As printed (GS1 application identifier 10); left out, one is made."`
	Quantity   int64      `json:"quantity" minimum:"1" maximum:"1000000000" doc:"In sold units"`
	Counted    bool       `json:"counted,omitempty" doc:"The goods are in the stock already, without a lot."`
	Made       string     `json:"made,omitempty" enum:"harvest,production" default:"harvest"`
	MadeAt     time.Time  `json:"made_at"`
	BestBefore *time.Time `json:"best_before,omitempty" doc:"First moment at which it is no longer sold; left out, it follows from the shelf life."`
	Area       string     `json:"area,omitempty" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$"`
	PlusCode   string     `json:"plus_code,omitempty" maxLength:"20" pattern:"^[^\\x00-\\x1f]*$" doc:"The public sees eight digits of it."`
	Producer   string     `json:"producer,omitempty" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$"`
	Standard   string     `json:"standard,omitempty" maxLength:"120" pattern:"^[^\\x00-\\x1f]*$"`
}

// Lot is what is public about a lot.
type Lot struct {
	ID         market.ID  `json:"id"`
	Product    market.ID  `json:"product"`
	Variant    market.ID  `json:"variant"`
	Seller     market.ID  `json:"seller"`
	Code       string     `json:"code"`
	GTIN       string     `json:"gtin,omitempty"`
	Link       string     `json:"link" doc:"GS1 Digital Link, or the lot's address when its variant has no GTIN"`
	Made       string     `json:"made"`
	MadeAt     *time.Time `json:"made_at"`
	BestBefore *time.Time `json:"best_before,omitempty"`
	Ward       string     `json:"ward"`
	Area       string     `json:"area,omitempty"`
	PlusCode   string     `json:"plus_code,omitempty"`
	Producer   string     `json:"producer"`
	Standard   string     `json:"standard,omitempty"`
	RecalledAt *time.Time `json:"recalled_at,omitempty"`
	Reason     string     `json:"reason,omitempty" doc:"Of the recall"`
}

// LotPage is one page of lots, the newest first.
type LotPage struct {
	Items []Lot  `json:"items"`
	Next  string `json:"next,omitempty"`
}

// LotPath names a lot.
type LotPath struct {
	Lot string `path:"lot" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the lot"`
}

func (l LotPath) id() market.ID { return market.ID(l.Lot) }

// Recalling says why a lot is called back.
type Recalling struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" pattern:"^[^\\x00-\\x1f]*$"`
}

type lotInput struct {
	LotPath
	Conditional
}

type sellerLotsInput struct {
	SellerPath
	Paging
	Conditional
}

type lotOrdersInput struct {
	LotPath
	Paging
	Conditional
}

func (d *Door) addLots() error {
	add(d, operation{
		method: http.MethodPost, path: "/lots", id: "createLot", tag: "selling",
		vi: "Ghi lô hàng", en: "Note a new lot and put it into the stock",
		status: http.StatusCreated, returns: Lot{}, headers: []string{"Location"}, signedIn: true,
		errors:   []int{http.StatusNotFound, http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForPeople},
	}, d.createLot)
	add(d, operation{
		method: http.MethodGet, path: "/lots/{lot}", id: "getLot", tag: "shop",
		vi: "Truy xuất lô hàng", en: "What a lot is and where it comes from", returns: Lot{}, headers: []string{"ETag"},
	}, func(ctx context.Context, in *lotInput) (*answer, error) {
		l, err := d.Catalog.TracedLot(ctx, in.id())
		if err != nil {
			return nil, err
		}
		return show(d.lot(l))
	})
	add(d, operation{
		method: http.MethodGet, path: "/lots/{lot}/epcis", id: "getLotEvents", tag: "shop",
		vi: "Sự kiện EPCIS 2.0 của lô", en: "EPCIS 2.0 events of a lot, as JSON-LD",
		about:   "Everybody sees making, tests and recall; the lot's seller and, once it is recalled, those who check also see packing, shipping and receipt of each parcel.",
		returns: EPCISDocument{}, media: mediaJSONLD, headers: []string{"ETag"},
	}, d.lotEvents)
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/lots", id: "listSellerLots", tag: "selling",
		vi: "Lô hàng của người bán", en: "Lots of a seller",
		returns: LotPage{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, d.sellerLots)
	add(d, operation{
		method: http.MethodPost, path: "/lots/{lot}/recall", id: "recallLot", tag: "selling",
		vi: "Thu hồi lô hàng", en: "Call a lot back; the seller, moderators and officials may",
		returns: Lot{}, signedIn: true, settings: settings{limit: smallBody, once: onceForPeople},
	}, d.recallLot)
	add(d, operation{
		method: http.MethodGet, path: "/lots/{lot}/orders", id: "listLotOrders", tag: "selling",
		vi: "Đơn hàng có hàng của lô", en: "Orders with goods of the lot, for its seller and, once it is recalled, for those who check",
		returns: OrderPage{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, d.lotOrders)
	return nil
}

func (d *Door) lot(l *catalog.Lot) Lot {
	out := Lot{
		ID: l.ID, Product: l.Product, Variant: l.Variant, Seller: l.Seller, Code: l.Code, GTIN: l.GTIN, Link: l.DigitalLink(d.cfg.BaseURL),
		Made: l.Made, MadeAt: utc(l.MadeAt), BestBefore: utcAt(l.BestBefore), Ward: l.Place.Ward, Area: l.Place.Area,
		PlusCode: l.Place.Public(), Producer: l.ProducerName, Standard: l.Standard,
	}
	if l.Recall != nil {
		out.RecalledAt, out.Reason = utc(l.Recall.At), l.Recall.Reason
	}
	return out
}

func (d *Door) createLot(ctx context.Context, in *struct{ Body NewLot }) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	l, err := d.Catalog.MakeLot(ctx, by, catalog.LotDraft{
		ID: market.ID(b.ID), Product: market.ID(b.Product), Variant: market.ID(b.Variant), Code: b.Code, Quantity: b.Quantity,
		Counted: b.Counted, Made: b.Made, MadeAt: b.MadeAt, BestBefore: b.BestBefore,
		Place: catalog.LotPlace{Area: b.Area, PlusCode: b.PlusCode}, Name: b.Producer, Standard: b.Standard,
	})
	if err != nil {
		return nil, err
	}
	out, err := did(http.StatusCreated, d.lot(l))
	if err == nil {
		out.Location = Prefix + "/lots/" + string(l.ID)
	}
	return out, err
}

func (d *Door) sellerLots(ctx context.Context, in *sellerLotsInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Catalog.LotsOf(ctx, by, in.id(), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := LotPage{Items: []Lot{}, Next: string(page.Next)}
	for _, l := range page.Items {
		out.Items = append(out.Items, d.lot(l))
	}
	return show(out)
}

func (d *Door) recallLot(ctx context.Context, in *struct {
	LotPath
	Body Recalling
},
) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	l, err := d.Catalog.RecallLot(ctx, by, in.id(), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return did(http.StatusOK, d.lot(l))
}

func (d *Door) lotOrders(ctx context.Context, in *lotOrdersInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Orders.OfLot(ctx, by, in.id(), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	return orderPage(by, page, "/lots/"+in.Lot+"/orders", url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

func (d *Door) lotEvents(ctx context.Context, in *lotInput) (*answer, error) {
	l, err := d.Catalog.TracedLot(ctx, in.id())
	if err != nil {
		return nil, err
	}
	doc := newEPCIS(l, d.cfg.BaseURL)
	for after, first := store.Cursor(""), true; first || after != ""; first = false {
		page, err := d.Orders.OfLot(ctx, web.Actor(ctx), l.ID, after, store.MaxLimit)
		if market.KindOf(err) == market.KindNotFound {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, o := range page.Items {
			doc.parcels(l, o)
		}
		after = page.Next
	}
	out, err := show(doc.EPCISDocument)
	if err == nil {
		out.ContentType = mediaJSONLD
	}
	return out, err
}
