package letters

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"chohue/frontend/locale"
	"chohue/market"
	"chohue/notices"
)

func writer(t *testing.T) *Writer {
	t.Helper()
	words, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return New(words, "https://market.test")
}

// TestEveryMessageHasWords in every language.
func TestEveryMessageHasWords(t *testing.T) {
	w := writer(t)
	for _, lang := range locale.Languages() {
		for _, key := range notices.Keys() {
			for _, k := range []string{key, key + ".text"} {
				if !w.words.Has(lang, k) {
					t.Errorf("%s has no %q", lang, k)
				}
			}
		}
	}
}

func order() *notices.Message {
	n := int64(2)
	return &notices.Message{
		Person: "p", Key: "notice.order.confirmed", Link: "/don-hang/1",
		Args: []notices.Arg{{Name: "code", Word: "HUE-7K3F9Q2M"}, {Name: "n", Count: &n}, {Name: "total", Money: new(market.VND(120_000))}},
		Rows: []notices.Row{
			{Name: market.Text{VI: "Thanh trà <b>", EN: "Pomelo <b>"}, Count: 2, Amount: 100_000},
			{Key: "notice.row.shipping", Amount: 20_000},
			{Key: "notice.row.total", Amount: 120_000},
		},
	}
}

// TestLetterSaysEverythingTwice: as text and as HTML, in the reader's language,
// with nothing loaded from anywhere and nothing of people's words taken for
// markup.
func TestLetterSaysEverythingTwice(t *testing.T) {
	for lang, wanted := range map[string][]string{
		locale.VI: {"Đã nhận đơn HUE-7K3F9Q2M", "Thanh trà <b> × 2", "100.000\u00a0₫", "Tổng cộng", "120.000\u00a0₫", "Đổi cách nhận tin"},
		locale.EN: {"Order HUE-7K3F9Q2M received", "Pomelo <b> × 2", "100,000\u00a0₫", "Total", "120,000\u00a0₫", "Change how you are told"},
	} {
		l, err := writer(t).Write(lang, order())
		if err != nil {
			t.Fatal(err)
		}
		root, err := html.Parse(strings.NewReader(l.HTML))
		if err != nil {
			t.Fatal(err)
		}
		shown := words(root)
		for _, want := range wanted {
			if !strings.Contains(l.Text, want) && !strings.Contains(l.Subject, want) {
				t.Errorf("%s text lacks %q:\n%s", lang, want, l.Text)
			}
			if !strings.Contains(shown, want) {
				t.Errorf("%s HTML lacks %q:\n%s", lang, want, shown)
			}
		}
		for _, n := range append(all(root, "img"), all(root, "script")...) {
			t.Errorf("%s loads %v", lang, n.Attr)
		}
		if strings.Contains(l.Text+shown, "{") {
			t.Errorf("%s has an open gap:\n%s", lang, l.Text)
		}
		if l.Link != "https://market.test/don-hang/1" || !strings.Contains(l.Text, l.Link) {
			t.Errorf("%s leads to %s", lang, l.Link)
		}
	}
}

// TestSubjectIsOneLine whatever people called their goods.
func TestSubjectIsOneLine(t *testing.T) {
	m := order()
	m.Key, m.Args = "notice.product.published", []notices.Arg{{Name: "name", Text: &market.Text{VI: "Chè\r\nBcc: x"}}}
	l, err := writer(t).Write("vi", m)
	if err != nil || strings.ContainsAny(l.Subject, "\r\n") {
		t.Errorf("%q %v", l.Subject, err)
	}
}

func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(words(c))
	}
	return b.String()
}

func all(n *html.Node, name string) (found []*html.Node) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name {
			found = append(found, d)
		}
	}
	return found
}
