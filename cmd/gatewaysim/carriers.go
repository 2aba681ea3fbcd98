package main

import (
	"context"
	"html/template"
	"net/http"
	"slices"
	"time"

	"chohue/orders/carriersim"
	"chohue/orders/ghn/ghnsim"
	"chohue/orders/ghtk/ghtksim"
	"chohue/orders/viettelpost/viettelpostsim"
	"chohue/orders/vnpost/vnpostsim"
)

// carrierSim is a carrier that is played.
type carrierSim interface {
	Handler() http.Handler
	Move(number, code string) (carriersim.Parcel, bool)
	Find(key string) (carriersim.Parcel, bool)
	Parcels() []carriersim.Parcel
	Callback(p carriersim.Parcel) carriersim.Callback
}

// What the played carriers and the market show each other. They guard nothing:
// the simulator listens on this machine alone.
const (
	simToken  = "played-carrier"
	simSecret = "played-carrier-secret"
	simSource = "S-CHOHUE"
)

// playedCarrier is one carrier of the program: its API, and a page on which
// parcels are moved on by hand.
type playedCarrier struct {
	title     string
	sim       carrierSim
	way, back []string // a parcel's course, and what follows when nobody takes it
	notices   string   // where the market hears
	line      *Line
	client    *http.Client
}

// carrierParty makes a carrier a party.
func carrierParty(at place, name, title, query string, way, back []string, sim func() carrierSim, settings func(at string) []string) party {
	return party{
		name: name, title: title, settings: settings,
		open: func(line *Line, _ string) http.Handler {
			c := &playedCarrier{
				title: title, sim: sim(), way: way, back: back, line: line, client: &http.Client{Timeout: 10 * time.Second},
				notices: at.market + "/api/v1/carriers/" + name + "/notices" + query,
			}
			mux := http.NewServeMux()
			mux.HandleFunc("GET /{$}", c.show)
			mux.HandleFunc("POST /buoc", c.step)
			mux.Handle("/", c.sim.Handler())
			return mux
		},
	}
}

// carrierParties are the four carriers.
func carrierParties(p place) []party {
	now := time.Now
	return []party{
		carrierParty(p, "ghn", "Giao Hàng Nhanh", "?key="+simSecret, ghnsim.Way(), ghnsim.WayBack(),
			func() carrierSim { return ghnsim.New(simToken, "885", now) },
			func(at string) []string {
				return []string{"MARKET_GHN_URL=" + at, "MARKET_GHN_TOKEN=" + simToken, "MARKET_GHN_SHOP=885", "MARKET_GHN_SECRET=" + simSecret}
			}),
		carrierParty(p, "ghtk", "Giao Hàng Tiết Kiệm", "?key="+simSecret, ghtksim.Way(), ghtksim.WayBack(),
			func() carrierSim { return ghtksim.New(simToken, simSource, now) },
			func(at string) []string {
				return []string{"MARKET_GHTK_URL=" + at, "MARKET_GHTK_TOKEN=" + simToken, "MARKET_GHTK_SOURCE=" + simSource, "MARKET_GHTK_SECRET=" + simSecret}
			}),
		carrierParty(p, "viettelpost", "Viettel Post", "", viettelpostsim.Way(), viettelpostsim.WayBack(),
			func() carrierSim { return viettelpostsim.New("chohue", simToken, simSecret, now) },
			func(at string) []string {
				return []string{"MARKET_VIETTELPOST_URL=" + at, "MARKET_VIETTELPOST_USER=chohue", "MARKET_VIETTELPOST_PASSWORD=" + simToken, "MARKET_VIETTELPOST_SECRET=" + simSecret}
			}),
		carrierParty(p, "vnpost", "Bưu điện Việt Nam", "?key="+simSecret, vnpostsim.Way(), vnpostsim.WayBack(),
			func() carrierSim { return vnpostsim.New("chohue", simToken, "T000180585", now) },
			func(at string) []string {
				return []string{"MARKET_VNPOST_URL=" + at, "MARKET_VNPOST_USER=chohue", "MARKET_VNPOST_PASSWORD=" + simToken, "MARKET_VNPOST_CUSTOMER=T000180585", "MARKET_VNPOST_SECRET=" + simSecret}
			}),
	}
}

// step moves a parcel on, or turns it back, and tells the market.
func (c *playedCarrier) step(w http.ResponseWriter, r *http.Request) {
	p, ok := c.sim.Find(r.FormValue("number"))
	if !ok {
		http.Error(w, "no such parcel", http.StatusNotFound)
		return
	}
	course := c.way
	if r.FormValue("back") == "true" || slices.Contains(c.back, p.Code) {
		course = c.back
	}
	if i := slices.Index(course, p.Code); i < len(course)-1 {
		moved, _ := c.sim.Move(p.Number, course[i+1])
		call := c.sim.Callback(moved)
		c.line.Deliver(func(ctx context.Context) error { return call.Send(ctx, c.client, c.notices) })
	}
	w.Header().Set("Location", "./") // relative to the address that others see
	w.WriteHeader(http.StatusSeeOther)
}

var carrierPage = template.Must(template.New("carrier").Parse(`<!doctype html><html lang="vi"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{{.Title}} (mô phỏng)</title>
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}table{width:100%;border-collapse:collapse}td,th{padding:.5rem;border-bottom:1px solid #ddd;text-align:left}form{display:inline}button{min-height:44px}</style>
<h1>{{.Title}} (mô phỏng)</h1><p>Bấm để kiện đi tiếp; sàn nghe ngay, trừ khi đường dây bị tắt ở <a href="../">bàn điều khiển</a>.</p>
<table><tr><th>Vận đơn<th>Đơn của sàn<th>Trạng thái<th>Thu hộ<th></tr>
{{range .Parcels}}<tr><td>{{.Number}}<td>{{.Reference}}<td>{{.Code}}<td>{{.COD}}<td>
<form method="post" action="buoc"><input type="hidden" name="number" value="{{.Number}}"><button>Bước tiếp</button></form>
<form method="post" action="buoc"><input type="hidden" name="number" value="{{.Number}}"><input type="hidden" name="back" value="true"><button>Không giao được</button></form>
{{else}}<tr><td colspan="5">Chưa có kiện nào.{{end}}</table></html>`))

func (c *playedCarrier) show(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	parcels := c.sim.Parcels()
	slices.Reverse(parcels)
	_ = carrierPage.Execute(w, struct {
		Title   string
		Parcels []carriersim.Parcel
	}{c.title, parcels}) // the reader has gone
}
