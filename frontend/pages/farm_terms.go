package pages

import (
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"chohue/catalog"
	"chohue/frontend/ui"
	"chohue/market"
)

// typedTerms is how a variant is sold, as it was typed.
type typedTerms struct {
	min, step, from, to string
	catch               bool
}

func postedTerms(c *gin.Context) typedTerms {
	return typedTerms{c.PostForm("min"), c.PostForm("step"), c.PostForm("band"), c.PostForm("band_to"), c.PostForm("catch") != ""}
}

func writeTerms(t catalog.Terms) typedTerms {
	return typedTerms{unlessZero(t.Min), unlessZero(t.Step), unlessZero(t.Band.Min), unlessZero(t.Band.Max), t.Catch}
}

// digits writes a number that may be left out.
func unlessZero(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func (t typedTerms) read(checks *market.Checks) catalog.Terms {
	whole := func(text, field, key string) int64 {
		n, err := readCount(text)
		checks.That(err == nil, field, key)
		return n
	}
	return catalog.Terms{
		Min: whole(t.min, "min", "product.min"), Step: whole(t.step, "step", "product.step"), Catch: t.catch,
		Band: catalog.Band{Min: whole(t.from, "band", "product.band"), Max: whole(t.to, "band", "product.band")},
	}
}

func (s speaker) termFields(t typedTerms) termFields {
	number := func(name, label, value, suffix string) ui.Field {
		return ui.Field{Kind: ui.Number, Name: name, Label: s.t("farm.price." + label), Value: value, Suffix: suffix, Optional: true, Unmarked: true, Short: true, Autocomplete: "off"}
	}
	return termFields{
		Open: t != typedTerms{},
		Min:  number("min", "min", t.min, ""), Step: number("step", "step", t.step, ""),
		From: number("band", "band", t.from, "g"), To: number("band_to", "band.to", t.to, "g"),
		Catch: ui.Field{Kind: ui.Check, Name: "catch", Label: s.t("farm.price.catch"), Help: s.t("farm.price.catch.help"), Checked: t.catch, Optional: true, Unmarked: true},
	}
}

// typedMore is the second language, the story and the keeping, as typed.
type typedMore struct {
	nameEN, wordsEN, story, storyEN, storage, storageEN string
	hours, coldMin, coldMax, packing                    string
	days                                                catalog.Days
	sent                                                bool // the form had these fields
}

func postedMore(c *gin.Context) typedMore {
	_, sent := c.GetPostForm("story")
	t := typedMore{
		nameEN: c.PostForm("name_en"), wordsEN: c.PostForm("description_en"), story: c.PostForm("story"), storyEN: c.PostForm("story_en"),
		storage: c.PostForm("storage"), storageEN: c.PostForm("storage_en"), hours: c.PostForm("max_transit_hours"),
		coldMin: c.PostForm("temperature"), coldMax: c.PostForm("temperature_to"), packing: c.PostForm("packing"), sent: sent,
	}
	for _, day := range week {
		if c.PostForm(shipDayField(int(day))) != "" {
			t.days |= catalog.DaysOf(day)
		}
	}
	return t
}

func shipDayField(day int) string { return "day-" + strconv.Itoa(day) }

func writeMore(p *catalog.Product) typedMore {
	k := p.Keeping
	t := typedMore{
		nameEN: p.Name.EN, wordsEN: p.Description.EN, story: p.Story.VI, storyEN: p.Story.EN, storage: k.Storage.VI, storageEN: k.Storage.EN,
		hours: unlessZero(int64(k.MaxHours)), packing: k.Packing, days: k.ShipDays, sent: true,
	}
	if k.Cold.Said {
		t.coldMin, t.coldMax = strconv.Itoa(k.Cold.Min), strconv.Itoa(k.Cold.Max)
	}
	return t
}

// write puts what was typed into the draft. A form without these fields says
// nothing about them.
func (t typedMore) write(d *catalog.Draft) error {
	if !t.sent {
		return nil
	}
	d.Name.EN, d.Description.EN = t.nameEN, t.wordsEN
	d.Story = market.Text{VI: t.story, EN: t.storyEN}
	k := &d.Keeping
	k.Storage, k.Packing, k.ShipDays = market.Text{VI: t.storage, EN: t.storageEN}, t.packing, t.days
	var checks market.Checks
	hours, err := readCount(t.hours)
	checks.That(err == nil && hours < 1e6, "max_transit_hours", "product.transit_hours")
	k.MaxHours = int(hours)
	k.Cold = readCold(&checks, t.coldMin, t.coldMax)
	return checks.Err()
}

func readCold(checks *market.Checks, low, high string) catalog.Cold {
	low, high = strings.TrimSpace(low), strings.TrimSpace(high)
	if low == "" && high == "" {
		return catalog.Cold{}
	}
	from, err := strconv.Atoi(strings.ReplaceAll(low, "−", "-"))
	to, err2 := strconv.Atoi(strings.ReplaceAll(high, "−", "-"))
	checks.That(err == nil && err2 == nil, "temperature", "product.temperature")
	return catalog.Cold{Said: true, Min: from, Max: to}
}

// sameWords reports whether two drafts say the same beside their variants,
// which this step does not change.
func sameWords(a, b catalog.Draft) bool {
	return a.Name == b.Name && a.Description == b.Description && a.Story == b.Story && a.ShelfLifeDays == b.ShelfLifeDays && a.Keeping == b.Keeping
}

func (p *Pages) moreFields(s speaker, product *catalog.Product, t typedMore) moreFields {
	line := func(name, label, value, most string) ui.Field {
		return ui.Field{Name: name, Label: s.t("farm.look." + label), Value: value, MaxLength: most, Optional: true, Autocomplete: "off"}
	}
	area := func(name, label, value string) ui.Field {
		return ui.Field{Kind: ui.Area, Name: name, Label: s.t("farm.look." + label), Value: value, MaxLength: "10000", Rows: 4, Optional: true}
	}
	f := moreFields{
		English: s.english(product), DaysLabel: s.t("farm.look.ship_days"),
		Words: []ui.Field{
			area("story", "story", t.story), line("name_en", "name_en", t.nameEN, "120"), area("description_en", "words_en", t.wordsEN),
			area("story_en", "story_en", t.storyEN), line("storage", "storage", t.storage, "200"), line("storage_en", "storage_en", t.storageEN, "200"),
		},
		Transit: ui.Field{Kind: ui.Number, Name: "max_transit_hours", Label: s.t("farm.look.transit"), Help: s.t("farm.look.transit.help"), Value: t.hours, Suffix: s.t("farm.look.hours"), Short: true, Optional: true},
		Cold:    [2]ui.Field{line("temperature", "cold_min", t.coldMin, "4"), line("temperature_to", "cold_max", t.coldMax, "4")},
		Packing: ui.Field{Kind: ui.Select, Name: "packing", Label: s.t("farm.look.packing"), Placeholder: s.t("field.choose"), Optional: true},
	}
	f.Cold[0].Suffix, f.Cold[1].Suffix = "°C", "°C"
	for _, packing := range p.Sets.Packings(s.now) {
		f.Packing.Options = append(f.Packing.Options, ui.Option{Value: packing.Code, Label: s.text(packing.Name), Selected: packing.Code == t.packing})
	}
	for _, day := range week {
		f.Days = append(f.Days, ui.Field{Kind: ui.Check, Name: shipDayField(int(day)), Label: s.day(day), Checked: t.days != 0 && t.days.Has(day), Optional: true, Unmarked: true})
	}
	return f
}

// slots are where what is wrong is said, added to those of the page.
func (f *moreFields) slots(to map[string]*string) map[string]*string {
	for i, field := range []string{"story", "name/en", "description/en", "story/en", "storage", "storage/en"} {
		to[field] = &f.Words[i].Error
	}
	to["max_transit_hours"], to["temperature"], to["packing"] = &f.Transit.Error, &f.Cold[0].Error, &f.Packing.Error
	return to
}

// english says how much of what is said in Vietnamese is said in English too.
func (s speaker) english(p *catalog.Product) string {
	done, all := 0, 0
	texts := []market.Text{p.Name, p.Description, p.Story, p.Keeping.Storage}
	for _, v := range p.Variants {
		texts = append(texts, v.Name)
	}
	for _, t := range texts {
		if t.VI != "" {
			all++
		}
		if t.VI != "" && t.EN != "" {
			done++
		}
	}
	return s.t("farm.look.english", "done", done, "all", all)
}

// editNotice tells a seller what became of their change of goods on sale.
func (s speaker) editNotice(p *catalog.Product) ui.Notice {
	switch {
	case p.Pending == nil:
		return ui.Notice{}
	case p.Pending.State == catalog.EditionRefused:
		return ui.Notice{Tone: ui.Warning, Text: s.t("farm.edit.refused", "reason", p.Pending.Reason)}
	}
	return ui.Notice{Tone: ui.Info, Text: s.t("farm.edit.waiting")}
}
