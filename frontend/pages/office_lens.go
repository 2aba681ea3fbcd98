package pages

import (
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"

	"chohue/frontend/ui"
	"chohue/indicators"
	"chohue/market"
)

// lens is which trade an official looks at. It is all in the address, so that
// what one sees can be sent to another.
type lens struct {
	span    indicators.Span
	area    string // a former district, a ward; empty for all of Huế
	set     int
	channel string
	open    bool // show also what few sellers stand behind
	suffix  string
}

const (
	spanParam    = "ky"
	areaParam    = "noi"
	setParam     = "nhom"
	channelParam = "kenh"
	openParam    = "mat"
)

// readLens reads the lens from the address; without a span it is the last month
// that is over.
func (p *Pages) readLens(c *gin.Context, suffix string) (lens, error) {
	var wrong market.Checks
	l := lens{
		span: indicators.SpanAt(indicators.SpanMonth, p.thisMonth().AddDate(0, -1, 0)), suffix: suffix,
		area: c.Query(areaParam + suffix), channel: c.Query(channelParam + suffix), open: c.Query(openParam) == "1",
	}
	if text := c.Query(spanParam + suffix); text != "" {
		span, err := indicators.ParseSpan(text)
		wrong.That(err == nil, spanParam+suffix, "indicators.period")
		if err == nil {
			l.span = span
		}
	}
	if text := c.Query(setParam + suffix); text != "" {
		l.set, _ = strconv.Atoi(text)
		_, known := p.Sets.Find(l.set)
		wrong.That(known, setParam+suffix, "indicators.set")
	}
	wrong.That(l.area == "" || p.hueArea(l.area), areaParam+suffix, "indicators.ward")
	wrong.That(l.channel == "" || slices.Contains(indicators.Channels(), l.channel), channelParam+suffix, "indicators.channel")
	return l, wrong.Err()
}

// hueArea reports whether the code is a former district or a ward of Huế.
func (p *Pages) hueArea(code string) bool {
	area, ok := p.Areas.Find(code)
	return p.Indicators.IsDistrict(code) || ok && area.Province == market.HueProvince
}

func (l lens) query() indicators.TableQuery {
	return indicators.TableQuery{Area: l.area, Set: l.set, Channel: l.channel}
}

func (l lens) whole() bool { return l.area == "" && l.set == 0 && l.channel == "" }

// href is the address of a page under this lens, changed a little.
func (l lens) href(path string, change ...func(*lens)) string {
	for _, do := range change {
		do(&l)
	}
	q := l.values()
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func (l lens) values() url.Values {
	q := url.Values{spanParam + l.suffix: {string(l.span)}}
	if l.area != "" {
		q.Set(areaParam+l.suffix, l.area)
	}
	if l.set != 0 {
		q.Set(setParam+l.suffix, strconv.Itoa(l.set))
	}
	if l.channel != "" {
		q.Set(channelParam+l.suffix, l.channel)
	}
	if l.open {
		q.Set(openParam, "1")
	}
	return q
}

func inArea(code string) func(*lens)          { return func(l *lens) { l.area = code } }
func inSet(set int) func(*lens)               { return func(l *lens) { l.set = set } }
func byChannel(channel string) func(*lens)    { return func(l *lens) { l.channel = channel } }
func inSpan(span indicators.Span) func(*lens) { return func(l *lens) { l.span = span } }
func opened(open bool) func(*lens)            { return func(l *lens) { l.open = open } }

func (s speaker) spanWords(p indicators.Span) string {
	switch p.Length() {
	case indicators.SpanQuarter:
		return s.t("stats.quarter", "n", strconv.Itoa(p.Number()), "year", p.Year())
	case indicators.SpanYear:
		return s.t("stats.year", "year", p.Year())
	default:
		return s.t("stats.month", "month", monthWords(string(p)))
	}
}

// spanShort is a span where there is little room.
func (s speaker) spanShort(p indicators.Span) string {
	switch p.Length() {
	case indicators.SpanQuarter:
		return s.t("stats.quarter.short", "n", strconv.Itoa(p.Number()), "year", p.Year()[2:])
	case indicators.SpanYear:
		return p.Year()
	default:
		return monthShort(string(p))
	}
}

// lensWords names the trade under the lens: "Huyện Phong Điền · 9. Tương…".
func (p *Pages) lensWords(s speaker, l lens) []string {
	out := []string{s.spanWords(l.span), s.t("stats.all.areas")}
	if l.area != "" {
		out[1] = p.areaWords(s, l.area)
	}
	if l.set != 0 {
		out = append(out, p.setName(s, l.set))
	}
	if l.channel != "" {
		out = append(out, s.text(indicators.ChannelName(l.channel)))
	}
	return out
}

func (p *Pages) areaWords(s speaker, code string) string {
	if p.Indicators.IsDistrict(code) {
		return s.t("stats.former", "name", p.Indicators.AreaName(code))
	}
	if area, ok := p.Areas.Find(code); ok {
		return area.Full()
	}
	return s.t("stats.elsewhere")
}

// lensFields are the questions of a lens. How far back can be chosen follows
// from how long a market of this law can have been.
func (p *Pages) lensFields(s speaker, l lens) []ui.Field {
	pick := func(name, key string, options []ui.Option) ui.Field {
		return ui.Field{Kind: ui.Select, Name: name + l.suffix, Label: s.t(key), Options: options}
	}
	return []ui.Field{
		pick(spanParam, "stats.span", p.spanOptions(s, l.span)),
		pick(areaParam, "stats.area", p.areaOptions(s, l.area)),
		pick(setParam, "stats.set", p.lensSets(s, l.set)),
		pick(channelParam, "stats.channel", s.channelOptions(l.channel)),
	}
}

func (p *Pages) spanOptions(s speaker, chosen indicators.Span) []ui.Option {
	var out []ui.Option
	known := false
	for _, one := range []struct {
		length string
		n      int
	}{{indicators.SpanMonth, 25}, {indicators.SpanQuarter, 9}, {indicators.SpanYear, 4}} {
		latest := indicators.SpanAt(one.length, p.Env.Now())
		for i := range one.n {
			span := latest.Back(i)
			known = known || span == chosen
			out = append(out, ui.Option{Value: string(span), Label: s.spanWords(span), Selected: span == chosen})
		}
	}
	if !known {
		out = append(out, ui.Option{Value: string(chosen), Label: s.spanWords(chosen), Selected: true})
	}
	return out
}

func (p *Pages) areaOptions(s speaker, chosen string) []ui.Option {
	out := []ui.Option{{Label: s.t("stats.all.areas"), Selected: chosen == ""}}
	for _, d := range p.Indicators.Districts() {
		out = append(out, ui.Option{Value: d.Code, Label: s.t("stats.former", "name", d.Name), Selected: d.Code == chosen})
		for _, w := range d.Wards {
			out = append(out, ui.Option{Value: w, Label: "– " + wardName(p.Areas, w), Selected: w == chosen})
		}
	}
	return out
}

func (p *Pages) lensSets(s speaker, chosen int) []ui.Option {
	out := []ui.Option{{Label: s.t("stats.all.sets"), Selected: chosen == 0}}
	for _, set := range p.Sets.All() {
		out = append(out, ui.Option{Value: strconv.Itoa(set.Number), Label: p.setName(s, set.Number), Selected: set.Number == chosen})
	}
	return out
}

func (s speaker) channelOptions(chosen string) []ui.Option {
	out := []ui.Option{{Label: s.t("stats.all.channels"), Selected: chosen == ""}}
	for _, channel := range indicators.Channels() {
		out = append(out, ui.Option{Value: channel, Label: s.text(indicators.ChannelName(channel)), Selected: channel == chosen})
	}
	return out
}
