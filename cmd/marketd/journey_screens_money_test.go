package main

import (
	"os"
	"testing"

	"chohue/payments"
)

// TestMoneyScreens takes a picture of every page of money and of what comes
// after a sale, full, on a small phone, a phone and a desk. As TestScreens, it
// runs only where MARKET_TEST_SCREENSHOTS says where to keep pictures.
func TestMoneyScreens(t *testing.T) {
	if os.Getenv("MARKET_TEST_SCREENSHOTS") == "" {
		t.Skip("MARKET_TEST_SCREENSHOTS does not say where to keep pictures")
	}
	w := openMoneyTown(t)
	j := &journey{t: t, base: w.url, browser: startBrowser(t), script: true, axe: loadAxe(t)}
	for _, s := range w.sights() {
		t.Run(s.who, func(t *testing.T) { j.sized(t, "money-", s) })
	}
}

func (w *moneyTown) sights() []sight {
	disputed, sent := "/don-hang/"+string(w.disputed), "/don-hang/"+string(w.sent)
	talk := "/khieu-nai/" + string(w.talk)
	parcel := string(w.see(w.complained).Parcels[0].ID)
	return []sight{
		{
			who: "buyer", phone: demoBuyer, before: func(v *visitor) {
				for _, slug := range []string{peelSlug, peelSlug, mamSlug} {
					v.open("/san-pham/" + slug).press(`form[action="/gio-hang/them"] button[type=submit]:not([name])`)
				}
			},
			pages: []string{
				"/gio-hang", "/thanh-toan", "/tai-khoan/don-hang", disputed, disputed + "/tra-hang/" + string(w.openReturn), sent + "/tra-hang/" + string(w.sentReturn),
				"/don-hang/" + string(w.paid[0].ID), "/don-hang/" + string(w.complained) + "/doi-tra/" + parcel, "/don-hang/" + string(w.complained) + "/khieu-nai/" + parcel, talk, "/khieu-nai", "/quy-che/thoi-han",
			},
		},
		{
			who: "household", phone: mamPhone,
			pages: []string{"/nong-ho", "/nong-ho/tien", "/nong-ho/sau-ban", "/nong-ho/tra-hang/" + string(w.disputed) + "/" + string(w.openReturn), talk},
		},
		{
			who: "manager", phone: managerPhone,
			pages: []string{"/hop-tac-xa", "/hop-tac-xa/tien", "/hop-tac-xa/sao-ke", "/hop-tac-xa/sau-ban", "/hop-tac-xa/tra-hang/" + string(w.sent) + "/" + string(w.sentReturn), "/hop-tac-xa/uu-dai"},
			links: []css{`main a[href*="/chung-tu/"]`, `main a[href*="/don/"]`},
		},
		{
			who: "treasurer", phone: treasurePhone,
			pages: []string{"/quan-tri/chi-tra", "/quan-tri/chi-tra?nguon=clearing:sandbox", "/quan-tri/doi-soat", "/quan-tri/thue", "/quan-tri/thue?thang=" + payoutMonth(w)},
			links: []css{`main td a[href^="/quan-tri/chi-tra/"], main th a[href^="/quan-tri/chi-tra/"]`, `main tr:last-child a[href^="/quan-tri/chi-tra/"]`, `main a[href*="/chung-tu/"]`},
		},
		{
			who: "partner", phone: partnerPhone, pages: []string{"/quan-tri/chi-tra", "/quan-tri/thue?thang=" + payoutMonth(w)},
			links: []css{`main td a[href^="/quan-tri/chi-tra/"], main th a[href^="/quan-tri/chi-tra/"]`},
		},
		{
			who: "moderator", phone: moderatorPhone,
			pages: []string{"/quan-tri/phan-xu", talk},
		},
	}
}

// payoutMonth is the month in which the first sales were made.
func payoutMonth(w *moneyTown) string { return payments.Period(w.paid[0].PlacedAt) }
