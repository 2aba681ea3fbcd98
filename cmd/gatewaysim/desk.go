package main

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net"
	"net/http"
	"slices"
	"strings"
)

//go:embed desk.html
var deskPage string

var deskTemplate = template.Must(template.New("desk").Parse(deskPage))

// whatSwitchesDo explains each switch to who stands at the desk.
var whatSwitchesDo = map[string]string{
	switchLate:      "Thông báo đến muộn",
	switchDuplicate: "Thông báo gửi hai lần",
	switchReorder:   "Thông báo sau đến trước",
	switchLose:      "Thông báo mất trên đường",
	switchSlow:      "Trả lời chậm",
	switchCut:       "Làm rồi nhưng mất câu trả lời",
	switchRefuse:    "Từ chối mọi việc",
	switchPending:   "Để mọi việc dở dang",
	switchForge:     "Ký sai khoá",
}

// desk is where the switches are turned: a page at /, and below it
// GET /switches and POST /switches with party, switch and on.
func (w *world) desk() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", w.showDesk)
	mux.HandleFunc("GET /switches", w.showSwitches)
	mux.HandleFunc("POST /switches", w.turnSwitch)
	return here(http.NewCrossOriginProtection().Handler(mux))
}

// here lets in only who is on this machine and means this machine: a page from
// elsewhere whose name was pointed at it is turned away.
func here(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r.RemoteAddr) || !local(r.Host) {
			http.Error(w, "this machine only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// deskParty is one party as the desk shows it.
type deskParty struct {
	Name     string       `json:"name"`
	Title    string       `json:"title"`
	Tally    Tally        `json:"notices"`
	Switches []deskSwitch `json:"switches"`
}

type deskSwitch struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	On    bool   `json:"on"`
}

func (w *world) state() []deskParty {
	all := []deskParty{}
	for _, p := range w.parties {
		line := w.lines[p.name]
		d := deskParty{Name: p.name, Title: p.title, Tally: line.Tally()}
		for _, name := range switchNames {
			d.Switches = append(d.Switches, deskSwitch{name, whatSwitchesDo[name], line.On(name)})
		}
		all = append(all, d)
	}
	return all
}

func (w *world) showDesk(rw http.ResponseWriter, _ *http.Request) {
	h := rw.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
	_ = deskTemplate.Execute(rw, w.state()) // the reader has gone
}

func (w *world) showSwitches(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(w.state()) // the reader has gone
}

func (w *world) turnSwitch(rw http.ResponseWriter, r *http.Request) {
	line, name := w.lines[r.FormValue("party")], r.FormValue("switch")
	if line == nil || !slices.Contains(switchNames, name) {
		http.Error(rw, "no such party or switch", http.StatusBadRequest)
		return
	}
	line.Set(name, r.FormValue("on") == "true")
	http.Redirect(rw, r, "/", http.StatusSeeOther)
}
