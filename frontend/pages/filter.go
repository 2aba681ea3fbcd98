package pages

import (
	"strconv"

	"chohue/frontend/ui"
	"chohue/search"
)

// filter is the bar beside a list: what can narrow it, with how much would be
// left, and what does.
func (p *Pages) filter(s speaker, a asked, r search.Result) ui.Filter {
	f := ui.Filter{
		Action: "/tim", Active: p.active(s, a), Clear: a.only("q", "sort"),
		Groups: []ui.Field{
			{Kind: ui.Select, Name: "set", Label: s.t("listing.craft"), Placeholder: s.t("listing.any"), Options: p.setOptions(s, a, r)},
			{Kind: ui.Select, Name: "ward", Label: s.t("listing.ward"), Placeholder: s.t("listing.any"), Options: p.wardOptions(a, r)},
			{Kind: ui.Select, Name: "near", Label: s.t("listing.near"), Placeholder: s.t("listing.near.any"), Options: p.nearOptions(a)},
			{Kind: ui.Select, Name: "stars", Label: s.t("listing.recognised"), Placeholder: s.t("listing.any"), Options: starOptions(s, a, r)},
			{Kind: ui.Amount, Name: "from", Label: s.t("listing.from"), Value: digits(int64(a.from)), Short: true},
			{Kind: ui.Amount, Name: "to", Label: s.t("listing.to"), Value: digits(int64(a.to)), Short: true},
			{Kind: ui.Check, Name: "stock", Label: s.t("listing.stock"), Checked: a.stock},
		},
		Sort: ui.Field{Kind: ui.Select, Name: "sort", Label: s.t("listing.sort"), Options: sortOptions(s, a)},
	}
	if a.text != "" {
		f.Hidden = []ui.Option{{Label: "q", Value: a.text}}
	}
	return f
}

func digits(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func counted(label string, n int) string { return label + " (" + strconv.Itoa(n) + ")" }

func (p *Pages) setOptions(s speaker, a asked, r search.Result) []ui.Option {
	counts := map[string]int{}
	for _, c := range r.Facets["set"] {
		counts[c.Value] = c.N
	}
	var out []ui.Option
	for _, set := range p.Sets.All() {
		n := counts[strconv.Itoa(set.Number)]
		if n > 0 || set.Number == a.set {
			out = append(out, ui.Option{Value: strconv.Itoa(set.Number), Label: counted(s.craft(set.Number), n), Selected: set.Number == a.set})
		}
	}
	return out
}

func (p *Pages) wardOptions(a asked, r search.Result) []ui.Option {
	var out []ui.Option
	seen := false
	for _, c := range r.Facets["ward"] {
		seen = seen || c.Value == a.ward
		out = append(out, ui.Option{Value: c.Value, Label: counted(wardName(p.Areas, c.Value), c.N), Selected: c.Value == a.ward})
	}
	if a.ward != "" && !seen {
		out = append(out, ui.Option{Value: a.ward, Label: wardName(p.Areas, a.ward), Selected: true})
	}
	return out
}

func starOptions(s speaker, a asked, r search.Result) []ui.Option {
	counts := map[string]int{}
	for _, c := range r.Facets["stars"] {
		counts[c.Value] = c.N
	}
	var out []ui.Option
	for n := 3; n <= 5; n++ {
		value := strconv.Itoa(n)
		if counts[value] > 0 || a.stars == n {
			out = append(out, ui.Option{Value: value, Label: counted(s.t("listing.stars", "n", n), counts[value]), Selected: a.stars == n})
		}
	}
	return out
}

func sortOptions(s speaker, a asked) []ui.Option {
	out := make([]ui.Option, len(sorts))
	for i, key := range sorts {
		out[i] = ui.Option{Value: key, Label: s.t("listing.sort." + key), Selected: a.sort == key}
	}
	return out
}

// active are the conditions in force, each a link that drops it.
func (p *Pages) active(s speaker, a asked) []ui.NavItem {
	var out []ui.NavItem
	add := func(on bool, label, name string) {
		if on {
			out = append(out, ui.NavItem{Label: label, Href: a.without(name)})
		}
	}
	add(a.set != 0, s.craft(a.set), "set")
	add(a.ward != "", wardName(p.Areas, a.ward), "ward")
	add(a.near != "", s.t("listing.near.active", "ward", wardName(p.Areas, a.near)), "near")
	add(a.stars != 0, s.t("listing.stars", "n", a.stars), "stars")
	add(a.from != 0, s.t("listing.from.active", "price", a.from), "from")
	add(a.to != 0, s.t("listing.to.active", "price", a.to), "to")
	add(a.stock, s.t("listing.stock"), "stock")
	return out
}
