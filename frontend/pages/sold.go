package pages

import (
	"strconv"
	"strings"
	"time"

	"chohue/catalog"
	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/market"
	"chohue/orders"
)

// terms are what a buyer must know of how a variant is sold, besides its price.
func (s speaker) terms(v catalog.Variant) []string {
	var out []string
	t := v.Terms
	switch {
	case t.By() > 1:
		out = append(out, s.t("item.terms.step", "min", t.Least(), "step", t.By(), "unit", s.unit(v.Unit)))
	case t.Least() > 1:
		out = append(out, s.t("item.terms.min", "min", t.Least(), "unit", s.unit(v.Unit)))
	}
	if t.Band.Known() {
		out = append(out, s.t("item.band", "min", s.weight(t.Band.Min), "max", s.weight(t.Band.Max)))
	}
	if t.Catch {
		out = append(out, s.t("item.catch"))
	}
	return out
}

// unit is the reader's word for a unit; one that has none stays as it was said.
func (s speaker) unit(word string) string {
	if u, known := s.sets.Unit(word); known {
		return s.text(u.Name)
	}
	return word
}

// midPrice is the comparable price of a piece with a weight band, said to be
// of the middle; empty for all other goods.
func (s speaker) midPrice(v catalog.Variant) string {
	c := v.Comparable()
	if !c.Mid {
		return ""
	}
	return s.t("unit.comparable", "price", s.vnd(c.Price)+"/"+s.t("unit.kg"))
}

// keepingFacts tell how goods are kept and sent.
func (p *Pages) keepingFacts(s speaker, k catalog.Keeping) [][2]string {
	var rows [][2]string
	row := func(key, value string) {
		if value != "" {
			rows = append(rows, [2]string{s.t("item.fact." + key), value})
		}
	}
	row("storage", s.text(k.Storage))
	if k.MaxHours > 0 {
		row("transit", s.t("item.fact.hours", "n", k.MaxHours))
	}
	if k.Cold.Said {
		row("cold", s.t("item.fact.cold.range", "min", k.Cold.Min, "max", k.Cold.Max))
	}
	if packing, ok := p.Sets.Packing(k.Packing); ok {
		row("packing", s.text(packing.Name))
	}
	row("ship_days", s.days(k.ShipDays))
	row("season", s.season(k.Season))
	if k.Alcohol > 0 {
		row("alcohol", locale.Decimal(s.lang, float64(k.Alcohol)/10, 1)+" %")
	}
	return rows
}

// week is the days as calendars here begin.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func (s speaker) day(day time.Weekday) string { return s.t("day." + strconv.Itoa(int(day))) }

func (s speaker) days(days catalog.Days) string {
	if days == 0 || days == catalog.EveryDay {
		return ""
	}
	var names []string
	for _, day := range week {
		if days.Has(day) {
			names = append(names, s.day(day))
		}
	}
	return strings.Join(names, ", ")
}

func (s speaker) season(months catalog.Months) string {
	if months == 0 {
		return ""
	}
	var names []string
	for month := time.January; month <= time.December; month++ {
		if months.Has(month) {
			names = append(names, strconv.Itoa(int(month)))
		}
	}
	return s.t("item.fact.season.months", "months", strings.Join(names, ", "))
}

// sending tells when goods ordered now are sent, and where they cannot go.
func (p *Pages) sending(s speaker, k catalog.Keeping) ([]string, error) {
	near, err := p.leads.At(s.now, orders.ZoneSameProvince)
	if err != nil {
		return nil, err
	}
	far, err := p.leads.At(s.now, orders.ZoneCountry)
	if err != nil {
		return nil, err
	}
	out := []string{s.t("item.ship_by", "date", s.date(near.ShipBy(s.now, k.ShipDays)))}
	if k.MaxHours > 0 && far.Hours > k.MaxHours {
		out = append(out, s.t("item.near_only"))
	}
	return out, nil
}

// stepper asks how much of a variant, in the numbers that it is sold in.
func stepper(q ui.Quantity, t catalog.Terms) ui.Quantity {
	q.Min, q.Step = strconv.FormatInt(t.Least(), 10), strconv.FormatInt(t.By(), 10)
	return q
}

// weighed tells a buyer what weighing did, or will do, to a line.
func (s speaker) weighed(l orders.Line) string {
	w := l.Weight
	switch {
	case w == nil:
		return ""
	case w.Real == 0:
		return s.t("receipt.to_weigh")
	case l.Amount < w.Agreed:
		return s.t("receipt.weighed", "real", s.weight(w.Real), "stated", s.weight(w.Stated), "back", s.vnd(w.Agreed-l.Amount))
	}
	return s.t("receipt.weighed.full", "real", s.weight(w.Real))
}

// toWeigh asks for the weights of a parcel's weighed lines.
func (s speaker) toWeigh(parcel orders.Parcel, typed map[market.ID]string) []ui.Field {
	var out []ui.Field
	for _, l := range parcel.Lines {
		if l.Weight == nil {
			continue
		}
		out = append(out, ui.Field{
			Kind: ui.Number, Name: weightField(l.Variant), Label: s.t("coop.parcel.weigh", "name", l.Name), Suffix: "g", Short: true,
			Help:  s.t("coop.parcel.weigh.help", "stated", s.weight(l.Weight.Stated), "least", s.weight(l.Weight.Least())),
			Value: typed[l.Variant], Autocomplete: "off",
		})
	}
	return out
}

func weightField(variant market.ID) string { return "w-" + string(variant) }

// readWeights reads what was typed; what is no number is no weight, and the
// room asks for it again.
func readWeights(parcel orders.Parcel, typed map[market.ID]string) orders.Weights {
	weights := orders.Weights{}
	for _, l := range parcel.Lines {
		text := strings.NewReplacer(".", "", " ", "").Replace(typed[l.Variant])
		if grams, err := strconv.ParseInt(text, 10, 64); err == nil && l.Weight != nil {
			weights[l.Variant] = grams
		}
	}
	return weights
}
