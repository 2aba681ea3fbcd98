package pages

import (
	"math"
	"slices"

	"chohue/frontend/locale"
	"chohue/frontend/ui"
	"chohue/indicators"
	"chohue/market"
)

// fact is a figure with all that is needed to write it.
type fact struct {
	indicators.Indicator
	indicators.Figure

	hidden bool
}

// factOf reckons an indicator; with open nothing is withheld.
func factOf(i indicators.Indicator, o *indicators.Overview, open bool) fact {
	f, hidden := o.Shown(i)
	return fact{i, f, hidden && !open}
}

// blank reports that there is no number to write.
func (f fact) blank() bool { return f.hidden || f.Unknown }

// number is the figure as it is drawn: shares in percent, NaN when blank.
func (f fact) number() float64 {
	switch {
	case f.blank():
		return math.NaN()
	case f.Share:
		return float64(f.Value) * 100 / float64(f.Of)
	default:
		return float64(f.Value)
	}
}

func (f fact) money() bool { return f.Unit.VI == "đồng" }

// figure writes it to the last digit, with its unit where that is not plain.
func (s speaker) figure(f fact) string {
	switch {
	case f.hidden:
		return s.t("stats.withheld")
	case f.Unknown:
		return s.t("stats.unknown")
	case f.Share:
		return locale.Decimal(s.lang, f.number(), 1) + "%"
	case f.money():
		return s.vnd(market.VND(f.Value))
	default:
		return s.number(f.Value)
	}
}

// glance writes it short enough to be read at a glance.
func (s speaker) glance(f fact) string {
	if f.money() && !f.blank() {
		return s.roughly(float64(f.Value))
	}
	return s.figure(f)
}

// move is how the figure changed; shares move by percentage points.
func (s speaker) move(now, before fact, since indicators.Span) ui.Move {
	m := ui.Move{Text: "–", Since: s.t("stats.since", "span", s.spanShort(since))}
	if now.blank() || before.blank() {
		return m
	}
	if now.Share {
		points := math.Round((now.number()-before.number())*10) / 10
		m.Trend, m.Text = trendOf(points), s.t("stats.points", "n", locale.Decimal(s.lang, math.Abs(points), 1))
		return m
	}
	if before.Value <= 0 {
		return m
	}
	change := math.Round((now.number()/before.number()-1)*1000) / 10
	m.Trend, m.Text = trendOf(change), locale.Decimal(s.lang, math.Abs(change), 1)+"%"
	return m
}

func trendOf(change float64) ui.Trend {
	switch {
	case change > 0:
		return ui.Up
	case change < 0:
		return ui.Down
	default:
		return ui.Same
	}
}

// moveWords writes a move in a table: "+12,4%".
func moveWords(m ui.Move) string {
	switch m.Trend {
	case ui.Up:
		return "+" + m.Text
	case ui.Down:
		return "−" + m.Text
	default:
		return m.Text
	}
}

func indicatorOf(code string) (indicators.Indicator, bool) {
	all := indicators.Indicators()
	i := slices.IndexFunc(all, func(i indicators.Indicator) bool { return i.Code == code })
	if i < 0 {
		return indicators.Indicator{}, false
	}
	return all[i], true
}

// chart is the frame of every chart of the office.
func (s speaker) chart(id, title, note string, kind ui.ChartKind, corner string) ui.Chart {
	return ui.Chart{
		ID: id, Title: title, Note: note, Kind: kind, Corner: corner, Missing: s.t("stats.withheld"),
		Write: func(v float64) string { return s.roughly(v) },
	}
}

// roughly writes an amount for a chart: "12,5 triệu".
func (s speaker) roughly(v float64) string {
	switch {
	case math.Abs(v) >= 1e9:
		return s.t("amount.billion", "v", locale.Decimal(s.lang, v/1e9, 2))
	case math.Abs(v) >= 1e6:
		return s.t("amount.million", "v", locale.Decimal(s.lang, v/1e6, 1))
	default:
		return s.vnd(market.VND(v))
	}
}

// plainly writes a number of an indicator on an axis.
func (s speaker) plainly(i indicators.Indicator) func(float64) string {
	return func(v float64) string {
		switch {
		case i.Share:
			return locale.Decimal(s.lang, v, 1) + "%"
		case i.Unit.VI == "đồng":
			return s.roughly(v)
		default:
			return locale.Decimal(s.lang, v, 0)
		}
	}
}

func (s speaker) share(part, whole market.VND) string {
	if whole <= 0 {
		return "–"
	}
	return locale.Decimal(s.lang, float64(part)*100/float64(whole), 1) + "%"
}

// summary says in words what a row of values shows: its highest and lowest.
func (s speaker) summary(labels []string, values []float64, write func(float64) string) string {
	high, low := -1, -1
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		if high < 0 || v > values[high] {
			high = i
		}
		if low < 0 || v < values[low] {
			low = i
		}
	}
	if high < 0 {
		return s.t("stats.desc.none")
	}
	return s.t("stats.desc", "high", labels[high], "most", write(values[high]), "low", labels[low], "least", write(values[low]))
}
