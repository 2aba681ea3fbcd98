package pages

import (
	"cmp"
	"math"
	"slices"

	"chohue/frontend/ui"
	"chohue/indicators"
	"chohue/market"
)

// parts are the ways in which the value under the lens divides into a few.
func (p *Pages) parts(s speaker, v sight) []ui.Parts {
	var out []ui.Parts
	if v.channel == "" {
		out = append(out, s.channelParts(v))
	}
	if v.now.Sides == nil {
		return out
	}
	for _, one := range []struct {
		side, key string
		group     func(code string) string
		order     []string
	}{
		{indicators.SideDestination, "destination", indicators.DestinationOf, []string{indicators.DestHue, indicators.DestVN, indicators.DestAbroad}},
		{indicators.SidePay, "pay", indicators.PaymentOf, []string{indicators.PayCashless, indicators.PayCash}},
		{indicators.SideStars, "stars", same, []string{"5", "4", "3", "0"}},
		{indicators.SideKind, "kind", same, []string{"htx", "to_hop_tac", "ho_kinh_doanh", "company"}},
	} {
		cells := grouped(v.now.Sides[one.side], one.group, one.order)
		out = append(out, s.partsOf(v, one.key, cells, func(code string) string { return s.t("stats." + one.key + "." + code) }))
	}
	return out
}

func same(code string) string { return code }

// grouped joins the codes of a side. In a group are at least as many sellers
// as in its largest code.
func grouped(cells []indicators.SideCell, group func(code string) string, order []string) []indicators.SideCell {
	out := make([]indicators.SideCell, len(order))
	for i, code := range order {
		out[i] = indicators.SideCell{Code: code, Small: true}
	}
	for _, cell := range cells {
		i := slices.Index(order, group(cell.Code))
		if i < 0 {
			out = append(out, indicators.SideCell{Code: cell.Code, Small: true})
			i = len(out) - 1
			order = append(order, cell.Code)
		}
		out[i].Value, out[i].Lines, out[i].Sellers = out[i].Value+cell.Value, out[i].Lines+cell.Lines, max(out[i].Sellers, cell.Sellers)
		out[i].Small = out[i].Small && cell.Small
	}
	return slices.DeleteFunc(out, func(c indicators.SideCell) bool { return c.Lines == 0 && c.Value == 0 })
}

func (s speaker) channelParts(v sight) ui.Parts {
	var cells []indicators.SideCell
	for _, cell := range v.now.Margins[indicators.ByChannel] {
		cells = append(cells, indicators.SideCell{Code: cell.Channel, Value: cell.Value, Lines: cell.Lines, Sellers: cell.Sellers, Small: cell.Small})
	}
	slices.SortStableFunc(cells, func(a, b indicators.SideCell) int {
		return cmp.Compare(slices.Index(indicators.Channels(), a.Code), slices.Index(indicators.Channels(), b.Code))
	})
	out := s.partsOf(v, "channel", cells, func(code string) string { return s.text(indicators.ChannelName(code)) })
	for i := range out.Parts {
		out.Parts[i].Href = v.href(officeDoor, byChannel(cells[i].Code))
	}
	return out
}

func (s speaker) partsOf(v sight, key string, cells []indicators.SideCell, name func(code string) string) ui.Parts {
	whole := v.now.Total.Value
	out := ui.Parts{
		ID: "parts-" + key, Title: s.t("stats.parts." + key), Corner: s.t("stats.by." + key), Column: s.t("office.value"), Share: s.t("stats.share"), Rest: s.t("stats.withheld"),
	}
	hidden := indicators.KeptSides(cells)
	for i, cell := range cells {
		part := ui.Part{Name: name(cell.Code), Value: float64(cell.Value), Of: float64(whole), Text: s.vnd(cell.Value), Share: s.share(cell.Value, whole)}
		if !v.open && (hidden[i] || v.now.Total.Small) {
			part.Value, part.Text, part.Share = math.NaN(), s.t("stats.withheld"), s.t("stats.withheld")
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}

// quality is how good the figures of a span are, in a few numbers.
func (s speaker) quality(q indicators.Quality) []ui.Stat {
	return []ui.Stat{
		{Label: s.t("quality.facts"), Value: s.number(q.Facts), Href: qualityDoor},
		{Label: s.t("quality.late"), Value: s.number(q.Late), Note: s.t("quality.late.note")},
		{Label: s.t("quality.corrections"), Value: s.number(q.Corrections), Note: s.t("quality.corrections.note")},
		{Label: s.t("quality.unplaced"), Value: s.vnd(market.VND(q.Unplaced + q.Unsorted)), Note: s.t("quality.unplaced.note")},
	}
}
