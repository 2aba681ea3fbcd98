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

// NewHarvest is a crop that is to be opened for reservations.
type NewHarvest struct {
	ID      string    `json:"id,omitempty" pattern:"^[0-9A-Za-z_-]{10,64}$" doc:"Made by the client: the same id again is the same harvest."`
	Product string    `json:"product" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	Variant string    `json:"variant" pattern:"^[0-9A-Za-z_-]{1,64}$"`
	From    time.Time `json:"from" doc:"The harvest is expected in [from, to)"`
	To      time.Time `json:"to"`
	Closes  time.Time `json:"closes" doc:"No reservations from then on; at the latest from"`
	Yield   int64     `json:"yield" minimum:"1" maximum:"1000000000" doc:"Expected, in sold units"`
	Most    int64     `json:"most,omitempty" minimum:"0" maximum:"1000000000" doc:"Units promised at most; left out, as many as the rule allows"`
	Price   *Money    `json:"price,omitempty" doc:"Of one unit; left out, the variant's price"`
	Deposit int64     `json:"deposit" minimum:"0" maximum:"10000" doc:"Of the price, in ten-thousandths"`
}

// HarvestChange is another window or yield. Everybody who reserved is told.
type HarvestChange struct {
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Closes time.Time `json:"closes"`
	Yield  int64     `json:"yield" minimum:"1" maximum:"1000000000"`
}

// BroughtIn says how much a harvest gave.
type BroughtIn struct {
	Actual  int64 `json:"actual" minimum:"0" maximum:"1000000000" doc:"In sold units"`
	Confirm bool  `json:"confirm,omitempty" doc:"Share it out for good; left out, only show what everybody would get"`
}

// Harvest is a crop that can be, or was, reserved.
type Harvest struct {
	ID           market.ID            `json:"id"`
	Product      market.ID            `json:"product"`
	Variant      market.ID            `json:"variant"`
	Seller       market.ID            `json:"seller"`
	State        string               `json:"state" enum:"open,closed,allocated,cancelled"`
	From         *time.Time           `json:"from"`
	To           *time.Time           `json:"to"`
	Closes       *time.Time           `json:"closes"`
	Price        Money                `json:"price"`
	Deposit      int64                `json:"deposit" doc:"Of the price, in ten-thousandths"`
	Yield        int64                `json:"yield"`
	Cap          int64                `json:"cap" doc:"Units that may be promised"`
	Left         int64                `json:"left" doc:"Units that can still be reserved"`
	BalanceDays  int64                `json:"balance_days" doc:"To pay the balance once the crop is brought in"`
	Kept         int64                `json:"kept_permille" doc:"Of the deposit, by the seller, when the balance is not paid in time"`
	Actual       int64                `json:"actual,omitempty" doc:"Brought in"`
	Lot          market.ID            `json:"lot,omitempty" doc:"What was brought in, as a lot"`
	Reason       string               `json:"reason,omitempty" doc:"Of a cancellation"`
	Reservations []HarvestReservation `json:"reservations" doc:"All to the seller, their own to buyers"`
	Notices      []HarvestTold        `json:"notices"`
}

// HarvestReservation is what one pre-order has reserved.
type HarvestReservation struct {
	Preorder  market.ID `json:"preorder"`
	State     string    `json:"state" enum:"pending,held,withdrawn,allocated,refunded"`
	Quantity  int64     `json:"quantity"`
	Deposit   Money     `json:"deposit"`
	Allocated int64     `json:"allocated,omitempty"`
	Back      Money     `json:"deposit_back" doc:"Of the deposit, for units that the buyer does not get"`
}

// HarvestTold is a change that everybody with a reservation was told of.
type HarvestTold struct {
	Kind string     `json:"kind"`
	At   *time.Time `json:"at"`
	Was  int64      `json:"was,omitempty"`
	Now  int64      `json:"now,omitempty"`
	From *time.Time `json:"from,omitempty"`
	To   *time.Time `json:"to,omitempty"`
	Text string     `json:"text,omitempty"`
}

// HarvestPage is one page of harvests.
type HarvestPage struct {
	Items []Harvest `json:"items"`
	Next  string    `json:"next,omitempty"`
}

// HarvestPath names a harvest.
type HarvestPath struct {
	Harvest string `path:"harvest" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of the harvest"`
}

func (h HarvestPath) id() market.ID { return market.ID(h.Harvest) }

type harvestInput struct {
	HarvestPath
	Conditional
}

type productHarvestsInput struct {
	ProductPath
	Conditional
}

func (d *Door) addHarvests() error {
	add(d, operation{
		method: http.MethodGet, path: "/products/{product}/harvests", id: "listHarvests", tag: "shop",
		vi: "Mùa vụ đang nhận đặt trước", en: "Harvests of a product that can be reserved", returns: HarvestPage{}, headers: []string{"ETag"},
	}, func(ctx context.Context, in *productHarvestsInput) (*answer, error) {
		if _, err := d.Catalog.PublishedProduct(ctx, in.id()); err != nil {
			return nil, err
		}
		found, err := d.Catalog.HarvestsOfProduct(ctx, in.id())
		if err != nil {
			return nil, err
		}
		return show(HarvestPage{Items: d.harvests(found)})
	})
	add(d, operation{
		method: http.MethodGet, path: "/harvests/{harvest}", id: "getHarvest", tag: "shop",
		vi: "Xem một mùa vụ", en: "Show a harvest", returns: Harvest{}, headers: []string{"ETag"},
	}, func(ctx context.Context, in *harvestInput) (*answer, error) {
		h, err := d.Catalog.HarvestSeen(ctx, web.Actor(ctx), in.id())
		if err != nil {
			return nil, err
		}
		return show(d.harvest(h))
	})
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/harvests", id: "listSellerHarvests", tag: "selling",
		vi: "Mùa vụ của người bán", en: "Harvests of a seller", returns: HarvestPage{}, headers: []string{"ETag", "Link"}, signedIn: true,
	}, d.sellerHarvests)
	add(d, operation{
		method: http.MethodPost, path: "/harvests", id: "declareHarvest", tag: "selling",
		vi: "Mở đặt trước một mùa vụ", en: "Open a harvest for reservations",
		status: http.StatusCreated, returns: Harvest{}, headers: []string{"Location"}, signedIn: true,
		errors: []int{http.StatusNotFound, http.StatusConflict}, settings: settings{limit: smallBody, once: onceForPeople},
	}, d.declareHarvest)
	d.addHarvestChanges()
	return nil
}

// addHarvestChanges mounts what a seller does with a harvest.
func (d *Door) addHarvestChanges() {
	deed := func(name, vi, en string, limit int64) operation {
		return operation{
			method: http.MethodPost, path: "/harvests/{harvest}/" + name, id: name + "Harvest", tag: "selling", vi: vi, en: en, returns: Harvest{},
			signedIn: true, errors: []int{http.StatusConflict}, settings: settings{limit: limit, once: onceNeeded},
		}
	}
	add(d, deed("change", "Đổi ngày hoặc sản lượng", "Change days or yield; everybody who reserved is told", smallBody), func(ctx context.Context, in *struct {
		HarvestPath
		Body HarvestChange
	},
	) (*answer, error) {
		return d.harvestDone(ctx, func(by market.Actor) (*catalog.Harvest, error) {
			if _, err := d.Catalog.MoveHarvest(ctx, by, in.id(), in.Body.From, in.Body.To, in.Body.Closes); err != nil {
				return nil, err
			}
			return d.Catalog.RedeclareHarvest(ctx, by, in.id(), in.Body.Yield)
		})
	})
	add(d, deed("close", "Ngừng nhận đặt", "Take no more reservations", 0), func(ctx context.Context, in *HarvestPath) (*answer, error) {
		return d.harvestDone(ctx, func(by market.Actor) (*catalog.Harvest, error) { return d.Catalog.CloseHarvest(ctx, by, in.id()) })
	})
	add(d, deed("allocate", "Thu hoạch và chia phần", "Bring a harvest in: see what everybody would get, then confirm", smallBody), func(ctx context.Context, in *struct {
		HarvestPath
		Body BroughtIn
	},
	) (*answer, error) {
		return d.harvestDone(ctx, func(by market.Actor) (*catalog.Harvest, error) {
			if in.Body.Confirm {
				return d.Catalog.AllocateHarvest(ctx, by, in.id(), in.Body.Actual)
			}
			return d.Catalog.PreviewHarvest(ctx, by, in.id(), in.Body.Actual)
		})
	})
	add(d, deed("cancel", "Huỷ mùa vụ, trả lại cọc", "Cancel a harvest that is lost; all deposits go back", smallBody), func(ctx context.Context, in *struct {
		HarvestPath
		Body Recalling
	},
	) (*answer, error) {
		return d.harvestDone(ctx, func(by market.Actor) (*catalog.Harvest, error) {
			return d.Catalog.CancelHarvest(ctx, by, in.id(), in.Body.Reason)
		})
	})
}

func (d *Door) harvestDone(ctx context.Context, do func(market.Actor) (*catalog.Harvest, error)) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	h, err := do(by)
	if err != nil {
		return nil, relocate(err, harvestField)
	}
	return did(http.StatusOK, d.harvest(h))
}

// harvestField is where the room's field is in the request.
func harvestField(name string) string {
	if name == "yield" {
		return "actual"
	}
	return name
}

func (d *Door) sellerHarvests(ctx context.Context, in *sellerLotsInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Catalog.HarvestsOfSeller(ctx, by, in.id(), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := HarvestPage{Items: d.harvests(page.Items), Next: string(page.Next)}
	return linked(out, "/sellers/"+in.Seller+"/harvests", page.Next, url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

func (d *Door) declareHarvest(ctx context.Context, in *struct{ Body NewHarvest }) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	b := in.Body
	draft := catalog.HarvestDraft{
		ID: market.ID(b.ID), Product: market.ID(b.Product), Variant: market.ID(b.Variant), From: b.From, To: b.To, Closes: b.Closes,
		Yield: b.Yield, Most: b.Most, Deposit: market.Rate(b.Deposit),
	}
	if b.Price != nil {
		draft.Price = market.VND(b.Price.Amount)
	}
	h, err := d.Catalog.DeclareHarvest(ctx, by, draft)
	if err != nil {
		return nil, err
	}
	out, err := did(http.StatusCreated, d.harvest(h))
	if err == nil {
		out.Location = Prefix + "/harvests/" + string(h.ID)
	}
	return out, err
}

func (d *Door) harvests(found []*catalog.Harvest) []Harvest {
	out := []Harvest{}
	for _, h := range found {
		out = append(out, d.harvest(h))
	}
	return out
}

func (d *Door) harvest(h *catalog.Harvest) Harvest {
	out := Harvest{
		ID: h.ID, Product: h.Product, Variant: h.Variant, Seller: h.Seller, State: string(h.State), From: utc(h.From), To: utc(h.To), Closes: utc(h.Closes),
		Price: money(h.Price), Deposit: int64(h.Deposit), Yield: h.Yield, Cap: h.Cap(), Left: h.Left(d.Env.Now()), BalanceDays: h.BalanceDays, Kept: h.KeptPermille,
		Actual: h.Actual, Reason: h.Reason, Reservations: []HarvestReservation{}, Notices: []HarvestTold{},
	}
	if h.Shelved && h.Actual > 0 {
		out.Lot = h.ID
	}
	for _, r := range h.Reservations {
		out.Reservations = append(out.Reservations, HarvestReservation{
			Preorder: r.Order, State: string(r.State), Quantity: r.Quantity, Deposit: money(r.Deposit), Allocated: r.Allocated, Back: money(r.Refund()),
		})
	}
	for _, n := range h.Notices {
		out.Notices = append(out.Notices, HarvestTold{Kind: n.Kind, At: utc(n.At), Was: n.Was, Now: n.Now, From: utc(n.From), To: utc(n.To), Text: n.Text})
	}
	return out
}
