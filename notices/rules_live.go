package notices

import (
	"context"
	"encoding/json"
	"time"

	"chohue/market"
)

// Events of the shows, which stand on the same floor: their types, and what the
// words need of them.
const (
	eventCallBooked    = "livestream.call_booked"
	eventCallCancelled = "livestream.call_cancelled"
	eventShowAnnounced = "livestream.show_announced"
)

// live reads like rules: what happens around shows and calls.
var live = []rule{
	{eventCallBooked, TopicSales, "notice.call.booked", true, calledSeller("")},
	{eventCallBooked, TopicOrders, "notice.call.mine", false, calledBuyer("")},
	{eventCallCancelled, TopicSales, "notice.call.given_back", true, calledSeller("buyer")},
	{eventCallCancelled, TopicOrders, "notice.call.taken_back", true, calledBuyer("seller")},
	{eventShowAnnounced, TopicShop, "notice.show.invited", true, invited},
}

type callNews struct {
	Call      market.ID `json:"call"`
	Seller    market.ID `json:"seller"`
	Buyer     market.ID `json:"buyer"`
	BuyerName string    `json:"buyer_name"`
	About     string    `json:"about"`
	StartsAt  time.Time `json:"starts_at"`
	By        string    `json:"by"`
}

func (n callNews) args() []Arg {
	return []Arg{word("who", n.BuyerName), word("about", n.About), moment("at", n.StartsAt)}
}

// calledSeller tells the keepers of the shop that is called, when that side did
// it; any side when none is named.
func calledSeller(side string) tell {
	return func(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
		var n callNews
		if err := e.Decode(&n); err != nil || side != "" && n.By != side {
			return nil, err
		}
		return s.keepersTold(ctx, n.Seller, "/goi-video/"+string(n.Call), n.args()...)
	}
}

// calledBuyer is calledSeller for who has booked.
func calledBuyer(side string) tell {
	return func(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
		var n callNews
		if err := e.Decode(&n); err != nil || side != "" && n.By != side {
			return nil, err
		}
		t := telling{link: "/goi-video/" + string(n.Call), args: n.args()}
		if n.By == "seller" {
			t.link = "/goi-video" // for them the call is no more
		}
		var err error
		t.to, err = s.rooms.People.Reader(ctx, n.Buyer)
		return []telling{t}, err
	}
}

// invited tells the keepers of the other sellers of a show that nothing of
// theirs is offered before they agree.
func invited(ctx context.Context, s *Service, e market.Event) ([]telling, error) {
	var entry struct {
		Show market.ID `json:"show"`
		Data string    `json:"data"`
	}
	if err := e.Decode(&entry); err != nil {
		return nil, err
	}
	var said struct {
		Title    market.Text `json:"title"`
		StartsAt time.Time   `json:"starts_at"`
		Guests   []market.ID `json:"guests"`
	}
	if err := json.Unmarshal([]byte(entry.Data), &said); err != nil {
		return nil, err
	}
	var all []telling
	for _, guest := range said.Guests {
		told, err := s.keepersTold(ctx, guest, "/nong-ho/phien/"+string(entry.Show)+"/tham-gia", text("title", said.Title), moment("at", said.StartsAt))
		if err != nil {
			return nil, err
		}
		all = append(all, told...)
	}
	return onceEach(all), nil
}
