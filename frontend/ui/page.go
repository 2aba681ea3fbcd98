package ui

import (
	"net/url"

	"github.com/a-h/templ"

	"chohue/frontend/locale"
)

// Frame is the kind of room a page is in; it decides what surrounds the page.
type Frame int

// The frames.
const (
	FrameShop Frame = iota // for buyers: search, sections, full footer
	FrameTask              // one thing at a time (checkout, signing in): no sections, no search
	FrameFarm              // farmer on a phone: Nav is a bar at the bottom
	FrameDesk              // cooperative, official, administrator: Nav is a rail at the side
)

// Page is what every page has. A page's own struct embeds it.
type Page struct {
	Lang        string // "vi" or "en"
	Title       string // without the site's name
	Description string // for search engines and shared links; may be empty
	Canonical   string // absolute address; empty leaves it out
	Path        string // path and query of this page, for the language switch
	Frame       Frame
	Person      Person
	CartCount   int
	Unread      string    // notices that were not read, as the badge says it; empty for none
	Query       string    // what is in the search field
	Nav         []NavItem // sections of the shop, or the work of the farm or desk
	OG          OG
	JSONLD      any // schema.org data, encoded as JSON; nil leaves it out
	Flash       []Notice
	Demo        bool // say on every page that nothing here is for sale
	NoIndex     bool // keep the page out of search engines
	Links       Links
	Head        templ.Component // more for <head>: a manifest, a feed; may be nil
	Scripts     []string        // logical names of further scripts, such as "page-room.js"
	Sheets      []string        // logical names of further stylesheets, such as "page-room.css"
	Assets      *Assets
	T           T
}

// Person is who is looking, as far as the frame must know.
type Person struct {
	Name        string // empty: nobody is signed in
	Farmer      bool
	Cooperative bool
	Official    bool
	Admin       bool
}

// SignedIn reports whether somebody is.
func (p Person) SignedIn() bool { return p.Name != "" }

// NavItem is one place to go. Count, when not empty, is shown as a badge.
type NavItem struct {
	Label   string
	Href    string
	Icon    Icon
	Current bool
	Count   string
}

// OG is what a shared link shows. Empty fields fall back to the page's own.
type OG struct {
	Type  string // "website" or "product"
	Image string // absolute address
	Alt   string
	Card  bool // Image is one of 1200 by 630
}

// Links are the places the frame itself leads to.
type Links struct {
	Home, Search, Cart, Account, SignIn    string
	Inbox                                  string
	Farm, Coop, Office, Admin              string
	Help, Terms, Privacy, Complaints, Data string
	Source                                 string // the code; empty leaves it out
}

// DefaultLinks returns the market's own paths.
func DefaultLinks() Links {
	return Links{
		Home: "/", Search: "/tim", Cart: "/gio-hang", Account: "/tai-khoan", SignIn: "/dang-nhap", Inbox: "/thong-bao",
		Farm: "/nong-ho", Coop: "/hop-tac-xa", Office: "/thong-ke", Admin: "/quan-tri",
		Help: "/tro-giup", Terms: "/quy-che", Privacy: "/du-lieu-ca-nhan",
		Complaints: "/khieu-nai", Data: "/du-lieu-mo",
	}
}

// crowded reports whether a small phone has no room for the name of the market
// beside all there is to press.
func (p Page) crowded() bool {
	return len(p.doors()) > 1 || len(p.doors()) == 1 && p.Frame == FrameShop
}

// doors are the workplaces the person may enter.
func (p Page) doors() []NavItem {
	all := []struct {
		open bool
		item NavItem
	}{
		{p.Person.Farmer, NavItem{Label: p.T("nav.farm"), Href: p.Links.Farm, Icon: IconWheat}},
		{p.Person.Cooperative, NavItem{Label: p.T("nav.coop"), Href: p.Links.Coop, Icon: IconStore}},
		{p.Person.Official, NavItem{Label: p.T("nav.office"), Href: p.Links.Office, Icon: IconChart}},
		{p.Person.Admin, NavItem{Label: p.T("nav.admin"), Href: p.Links.Admin, Icon: IconShield}},
	}
	var doors []NavItem
	for _, d := range all {
		if d.open {
			doors = append(doors, d.item)
		}
	}
	return doors
}

func (p Page) otherLang() string {
	if p.Lang == locale.EN {
		return locale.VI
	}
	return locale.EN
}

// inLang returns the address of this page in another language: the same path
// with ?lang=, which the door remembers for the next pages.
func (p Page) inLang(lang string) string {
	u, err := url.Parse(p.Path)
	if err != nil {
		return "/?lang=" + lang
	}
	q := u.Query()
	q.Set("lang", lang)
	u.Scheme, u.Host, u.User, u.RawQuery = "", "", nil, q.Encode()
	return u.String()
}

func (p Page) fullTitle() string {
	if p.Title == "" {
		return p.T("site.name") + " – " + p.T("site.tagline")
	}
	return p.Title + " – " + p.T("site.name")
}

func (p Page) ogType() string {
	if p.OG.Type == "" {
		return "website"
	}
	return p.OG.Type
}

func (f Frame) class() string {
	switch f {
	case FrameTask:
		return "frame frame--task"
	case FrameFarm:
		return "frame frame--farm"
	case FrameDesk:
		return "frame frame--desk"
	default:
		return "frame frame--shop"
	}
}
