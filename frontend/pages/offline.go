package pages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/frontend/web"
	"chohue/market"
)

// Where phones find what they keep. The worker stands at the top so that it
// may look after every farmer's page; it is asked to look after no other.
const (
	shellPath    = farmDoor + "/ngoai-dong"
	manifestPath = "/manifest.webmanifest"
	workerPath   = "/sw.js"
)

// shellAssets are kept with the page, under their logical names.
var shellAssets = []string{
	"app.css", "app.js", "page-listing.js", "mark.svg", "be-vietnam-pro-400.woff2", "be-vietnam-pro-600.woff2",
}

func (p *Pages) offlineRoutes() []Route {
	return []Route{
		get(shellPath, p.offlineShell),
		get(manifestPath, p.manifest),
		get(workerPath, p.worker),
	}
}

// offlineFacts are what script must know: who works here, how units are
// measured, and how to say things.
type offlineFacts struct {
	Who    *offlineWho       `json:"who,omitempty"`
	Units  []offlineUnit     `json:"units,omitempty"`
	Words  map[string]string `json:"words"`
	Shell  string            `json:"shell"`
	Worker string            `json:"worker"`
	Scope  string            `json:"scope"`
}

type offlineWho struct {
	Person  market.ID       `json:"person"`
	Sellers []offlineSeller `json:"sellers"`
}

type offlineSeller struct {
	ID   market.ID `json:"id"`
	Name string    `json:"name"`
}

type offlineUnit struct {
	Word   string      `json:"word"`
	Base   market.Base `json:"base"`
	Amount int64       `json:"amount"`
}

// shellWords are the sentences that the shell's script says.
var shellWords = []string{
	"offline.state.draft", "offline.state.waiting", "offline.state.sending", "offline.state.sent", "offline.state.mend",
	"offline.edit", "offline.forget", "offline.forget.ask", "offline.hide", "offline.nameless", "offline.stock", "offline.reads",
	"offline.photo.broken", "offline.full", "offline.many", "field.error",
	"product.name_short", "product.set_unknown", "product.photo_missing", "product.size", "product.price_range", "farm.price.count", "money.form",
}

func (s speaker) offlineFacts(words ...string) offlineFacts {
	f := offlineFacts{Words: map[string]string{}, Shell: shellPath, Worker: workerPath + "?lang=" + s.lang, Scope: farmDoor}
	for _, key := range words {
		f.Words[key] = s.t(key, "n", "{n}", "unit", "{unit}", "amount", "{amount}", "name", "{name}")
	}
	f.Words["farm.price.small"] = s.t("farm.price.small", "guess", "{guess}")
	return f
}

// keepOffline makes a page of farm work one that phones may keep the listing
// page from, and lets the queue speak there.
func (p *Pages) keepOffline(s speaker, w *workplace, v *ui.Page) {
	facts := s.offlineFacts("offline.many")
	facts.Who = &offlineWho{Person: w.by.Person}
	for _, seller := range w.sellers {
		facts.Who.Sellers = append(facts.Who.Sellers, offlineSeller{seller.ID, seller.Name.VI})
	}
	v.Scripts = append(v.Scripts, "page-listing.js")
	v.Head = offlineHead(p.assets, facts)
}

// offlineShell answers with the page that phones keep. It says nothing about
// who asks.
func (p *Pages) offlineShell(c *gin.Context) error {
	return web.Render(c, http.StatusOK, offlinePage(p.shell(p.speaker(c))))
}

func (p *Pages) shell(s speaker) offlineView {
	facts := s.offlineFacts(shellWords...)
	for _, u := range saleUnits {
		facts.Units = append(facts.Units, offlineUnit{u.word, u.base, u.amount})
	}
	nobody := &workplace{door: farmDoor}
	return offlineView{
		Page: ui.Page{
			Lang: s.lang, Title: s.t("offline.title"), Path: shellPath, Frame: ui.FrameFarm, Nav: nobody.farmNav(s.t, farmDoor+"/dang-ban"),
			NoIndex: true, Demo: p.cfg.Demo, Links: p.links(), Assets: p.assets, T: s.t,
			Scripts: []string{"page-listing.js"}, Head: offlineHead(p.assets, facts),
		},
		Photo:   ui.Field{Name: "photo", Label: s.t("farm.goods.photo")},
		Seller:  ui.Field{Kind: ui.Select, Name: "seller", Label: s.t("offline.seller")},
		Name:    ui.Field{Name: "name", Label: s.t("farm.goods.name"), Help: s.t("farm.goods.name.help"), MaxLength: "120", Autocomplete: "off"},
		Set:     ui.Field{Kind: ui.Select, Name: "set", Label: s.t("farm.goods.set"), Placeholder: s.t("field.choose"), Options: p.plainSets(s, 0)},
		Unit:    ui.Field{Kind: ui.Choice, Name: "unit", Label: s.t("farm.price.unit"), Options: unitOptions(s, "")},
		Amount:  ui.Field{Kind: ui.Decimal, Name: "amount", Label: s.t("farm.price.amount"), Optional: true, Unmarked: true},
		Measure: ui.Field{Kind: ui.Select, Name: "measure", Label: s.t("farm.price.measure"), Options: measureOptions(s, measureGrams)},
		Price:   ui.Field{Name: "price", Label: s.t("farm.price.price"), Help: s.t("farm.price.price.help"), Suffix: "₫", Autocomplete: "off"},
		Stock:   ui.Field{Kind: ui.Number, Name: "stock", Label: s.t("farm.price.stock"), Short: true, Autocomplete: "off"},
	}
}

// worker answers with the service worker. What it keeps is written before it,
// with a version made of it all: whatever changes, phones get a new worker.
func (p *Pages) worker(c *gin.Context) error {
	script, err := p.assets.Read("sw.js")
	if err != nil {
		return err
	}
	head, err := p.shellVersion(c.Request.Context(), p.speaker(c))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-cache")
	c.Header("Vary", "Cookie, Accept-Language")
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", append(head, script...))
	return nil
}

func (p *Pages) shellVersion(ctx context.Context, s speaker) ([]byte, error) {
	var page bytes.Buffer
	if err := offlinePage(p.shell(s)).Render(ctx, &page); err != nil {
		return nil, err
	}
	shell := struct {
		Version string   `json:"version"`
		Page    string   `json:"page"`
		Source  string   `json:"source"` // of the page: a worker asks in no language of its own
		Files   []string `json:"files"`
	}{Page: shellPath, Source: shellPath + "?lang=" + s.lang}
	for _, name := range shellAssets {
		shell.Files = append(shell.Files, p.assets.URL(name))
	}
	sum := sha256.Sum256(page.Bytes()) // the page names its assets, and their names hold their content
	shell.Version = hex.EncodeToString(sum[:8])
	raw, err := json.Marshal(shell)
	return fmt.Appendf(nil, "const SHELL=%s;\n", raw), err
}

// manifest tells phones how to keep the market on the home screen
// (https://www.w3.org/TR/appmanifest/).
func (p *Pages) manifest(c *gin.Context) error {
	s := p.speaker(c)
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose"`
	}
	raw, err := json.Marshal(struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		ShortName   string `json:"short_name"`
		Description string `json:"description"`
		Lang        string `json:"lang"`
		StartURL    string `json:"start_url"`
		Scope       string `json:"scope"`
		Display     string `json:"display"`
		Background  string `json:"background_color"`
		Theme       string `json:"theme_color"`
		Icons       []icon `json:"icons"`
	}{
		farmDoor, s.t("offline.app"), s.t("site.name"), s.t("offline.lead"), s.lang, shellPath, "/", "standalone", "#fbf8f3", "#5b2a86",
		[]icon{
			{p.assets.URL("launcher-192.png"), "192x192", "image/png", "any"},
			{p.assets.URL("launcher-512.png"), "512x512", "image/png", "any"},
			{p.assets.URL("launcher-maskable-512.png"), "512x512", "image/png", "maskable"},
		},
	})
	if err != nil {
		return err
	}
	c.Header("Vary", "Cookie, Accept-Language")
	c.Data(http.StatusOK, "application/manifest+json", raw)
	return nil
}
