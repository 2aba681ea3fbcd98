package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chohue/livestream"
	"chohue/market"
	"chohue/store"
)

// LinkDraft says what a sale link leads to and where it will be shared.
type LinkDraft struct {
	Product string `json:"product,omitempty" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of a product in the shop"`
	Show    string `json:"show,omitempty" pattern:"^[0-9A-Za-z_-]{1,64}$" doc:"Id of a show"`
	Channel string `json:"channel" enum:"facebook,facebook_live,tiktok,tiktok_live,youtube,youtube_live,zalo,poster,store"`
	Label   string `json:"label,omitempty" maxLength:"80" pattern:"^[^\\x00-\\x1f]*$" doc:"For whoever made it"`
}

// Link is a sale link.
type Link struct {
	Code      string     `json:"code"`
	URL       string     `json:"url"`
	Product   market.ID  `json:"product,omitempty"`
	Show      market.ID  `json:"show,omitempty"`
	Seller    market.ID  `json:"seller"`
	Channel   string     `json:"channel"`
	Label     string     `json:"label,omitempty"`
	CreatedAt *time.Time `json:"created_at"`
	Clicks    int64      `json:"clicks" doc:"Visitors by day"`
	Orders    int64      `json:"orders" doc:"Confirmed and not cancelled"`
	Revenue   Money      `json:"revenue" doc:"Of those"`
}

// LinkPage is one page of links, the newest first.
type LinkPage struct {
	Items []Link `json:"items"`
	Next  string `json:"next,omitempty"`
}

type linkInput struct{ Body LinkDraft }

type linksInput struct {
	SellerPath
	Paging
	Conditional
}

func (d *Door) addLinks() error {
	add(d, operation{
		method: http.MethodPost, path: "/links", id: "createLink", tag: "selling",
		vi: "Tạo liên kết bán hàng", en: "Make a sale link for a product or a show",
		status: http.StatusCreated, returns: Link{}, signedIn: true, errors: []int{http.StatusNotFound, http.StatusConflict},
		settings: settings{limit: smallBody, once: onceForPeople},
	}, d.createLink)
	add(d, operation{
		method: http.MethodGet, path: "/sellers/{seller}/links", id: "listLinks", tag: "selling",
		vi: "Liên kết của người bán", en: "A seller's links with what they earned",
		returns: LinkPage{}, headers: []string{"ETag", "Link"}, signedIn: true, errors: []int{http.StatusForbidden},
	}, d.links)
	return nil
}

func (d *Door) createLink(ctx context.Context, in *linkInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	l, err := d.Livestream.CreateLink(ctx, by, livestream.LinkDraft{
		Product: market.ID(in.Body.Product), Show: market.ID(in.Body.Show), Channel: in.Body.Channel, Label: in.Body.Label,
	})
	if err != nil {
		return nil, err
	}
	return did(http.StatusCreated, d.link(l))
}

func (d *Door) links(ctx context.Context, in *linksInput) (*answer, error) {
	by, err := signedIn(ctx)
	if err != nil {
		return nil, err
	}
	page, err := d.Livestream.LinksOf(ctx, by, in.id(), store.Cursor(in.Cursor), in.Limit)
	if err != nil {
		return nil, err
	}
	out := LinkPage{Items: []Link{}, Next: string(page.Next)}
	for _, l := range page.Items {
		out.Items = append(out.Items, d.link(l))
	}
	return linked(out, "/sellers/"+in.Seller+"/links", page.Next, url.Values{"limit": {strconv.Itoa(in.Limit)}})
}

func (d *Door) link(l *livestream.Link) Link {
	return Link{
		Code: l.Code, URL: d.cfg.BaseURL + "/l/" + l.Code, Product: l.Product, Show: l.Show, Seller: l.Seller,
		Channel: l.Channel, Label: l.Label, CreatedAt: utc(l.CreatedAt),
		Clicks: l.Clicks, Orders: l.Orders, Revenue: money(l.Revenue),
	}
}
