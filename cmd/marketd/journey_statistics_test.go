package main

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"chohue/indicators"
)

// clicks counts what an official has to press to hold a figure in hand.
type clicks struct {
	*visitor
	n int
}

func (c *clicks) click(button string) {
	c.t.Helper()
	c.n++
	c.press(button)
}

// TestStatisticsJourney lets an official find a figure and take it home in
// three clicks, and takes a month from the draft through two officials to
// somebody whom nobody knows, in a browser with and without script.
func TestStatisticsJourney(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	chromium, axe := startBrowser(t), loadAxe(t)
	base := tradedMarket(t)
	for _, script := range []bool{true, false} {
		name := "statistics-with-script"
		if !script {
			name = "statistics-without-script"
		}
		t.Run(name, func(t *testing.T) {
			j := &journey{t: t, base: base, browser: chromium, script: script, axe: axe, album: newAlbum(t, name)}
			month := indicators.SpanAt(indicators.SpanMonth, time.Now()).Back(1)
			if !script {
				month = month.Back(1)
			}
			j.figureInThreeClicks()
			j.twoHands(string(month))
			j.everybody(string(month))
		})
	}
}

// tradedMarket is a market in which neighbours traded for three months.
func tradedMarket(t *testing.T) string {
	t.Helper()
	c := testConfig(t)
	setLogger(c.LogLevel)
	s, err := newSeeder(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	end := *s.clock
	if err := s.year(t.Context(), end.AddDate(0, -3, 0), end); err != nil {
		t.Fatal(err)
	}
	*s.clock = end
	if err := s.people(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.house.Close(); err != nil {
		t.Fatal(err)
	}
	return serveMarket(t, c)
}

func (j *journey) figureInThreeClicks() {
	v := &clicks{visitor: j.visit("official", desk)}
	v.signIn(officialPhone)
	v.click(`.site-head a[href="/thong-ke"]`)
	v.keep("the dashboard")
	v.click(`.kpi a[href*="/chi-so/value_vnd"]`)
	v.keep("an indicator")
	v.n++
	rows := v.download(`a[href*="/chi-so/value_vnd/bang.csv"]`)
	if v.n > 3 {
		j.t.Errorf("%d clicks to a figure in hand", v.n)
	}
	last := rows[len(rows)-1]
	if value, err := strconv.ParseInt(last["value"], 10, 64); err != nil || value < 1_000_000 || last["status"] != "A" {
		j.t.Errorf("the file ends with %v", last)
	}
	v.open("/thong-ke").press(`main .rank a[href*="noi="]`).keep("a former district")
	v.press(`main .rank a[href*="noi="]`).says("Toàn thành phố").keep("a ward")
	v.open("/thong-ke/so-sanh").keep("two parts compared")
	v.open("/thong-ke/chat-luong").keep("data quality")
	v.open("/thong-ke/chi-tieu").keep("definitions")
}

// twoHands drafts and checks as one official and approves as another.
func (j *journey) twoHands(month string) {
	maker, second := j.visit("maker", desk), j.visit("second", desk)
	maker.signIn(officialPhone)
	maker.open("/thong-ke").press(`.rail a[href="/thong-ke/cong-bo"]`).keep("releases")
	maker.choose("period", month).press(`form[action="/thong-ke/cong-bo"] button`).says("Đã lập bản").keep("a draft")
	maker.press(`form[action$="/kiem-tra"] button`).says("các số cộng khớp", "Người lập không được tự duyệt").keep("checked")
	if ask(maker, chromedp.Evaluate[bool](`!!document.querySelector('form[action$="/duyet"]')`)) {
		j.t.Error("its maker is offered to approve a release")
	}
	second.signIn(secondOfficial)
	second.open("/thong-ke/cong-bo").press(`main a[href="/thong-ke/cong-bo/` + month + `.r1"]`).keep("to be approved")
	second.press(`form[action$="/duyet"] button`).says("Đã duyệt", "Đã công bố", "mọi người đã xem được").keep("approved")
}

// everybody reads and downloads without a name.
func (j *journey) everybody(month string) {
	guest := j.visit("anonymous", smallPhone)
	guest.open("/").press(`.site-foot a[href="/du-lieu-mo"]`).keep("open data")
	guest.press(`main a[href="/du-lieu-mo/`+month+`.r1"]`).says("bảo mật", "Tải về").keep("a published month")
	total := map[string]string{}
	for _, row := range guest.download(`a[href$="/` + month + `.r1/data.csv"]`) {
		if row["MEASURE"] == "NET_VALUE" && row["REF_AREA"] == hueCity && row["OCOP_PRODUCT"] == "_T" && row["CHANNEL"] == "_T" && row["DEST_AREA"] == "_T" && row["PAY_METHOD"] == "_T" && row["STAR"] == "_T" && row["SELLER_TYPE"] == "_T" {
			total = row
		}
		if row["OBS_STATUS"] == "Q" && row["OBS_VALUE"] != "" {
			j.t.Errorf("a withheld cell says %q", row["OBS_VALUE"])
		}
	}
	if value, err := strconv.ParseInt(total["OBS_VALUE"], 10, 64); err != nil || value < 1_000_000 {
		j.t.Errorf("the total is %v", total)
	}
	answer, err := http.Get(j.base + "/du-lieu-mo/" + month + ".r1/bao-cao.pdf")
	if err != nil {
		j.t.Fatal(err)
	}
	pdf, err := io.ReadAll(answer.Body)
	if err := answer.Body.Close(); err != nil {
		j.t.Error(err)
	}
	if err != nil || !strings.HasPrefix(string(pdf), "%PDF-") {
		j.t.Errorf("the report is %d bytes, %v", len(pdf), err)
	}
}
