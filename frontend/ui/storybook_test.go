package ui

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"chohue/frontend/locale"
)

// storyAssets is the real build where there is one, else an empty one: the
// markup must not depend on it.
func storyAssets(t *testing.T) *Assets {
	t.Helper()
	if a, err := Load(); err == nil {
		return a
	}
	a, err := OpenAssets(fstest.MapFS{"manifest.json": {Data: []byte(`{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func storyPage(t *testing.T, lang string, frame Frame) Page {
	t.Helper()
	c, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := Page{
		Lang: lang, Title: "Bộ mẫu", Description: "Mọi thành phần ở mọi trạng thái.",
		Canonical: "https://chohue.example/mau", Path: "/mau?q=sen", Frame: frame, CartCount: 3,
		Flash: []Notice{{Tone: Success, Text: "Đã lưu."}}, Demo: true, Links: DefaultLinks(),
		OG: OG{Image: "https://chohue.example/anh.jpg", Alt: "Ảnh"}, JSONLD: map[string]string{"@type": "WebPage", "name": "</script>"},
		Nav: []NavItem{
			{Label: "Đang vào mùa", Href: "#", Current: true, Icon: IconLeaf},
			{Label: "Trực tiếp", Href: "#", Icon: IconLive, Count: "2"},
			{Label: "Theo nghề", Href: "#", Icon: IconCraft},
			{Label: "Theo phường, xã", Href: "#", Icon: IconMap},
			{Label: "Mới công nhận", Href: "#", Icon: IconCertificate},
		},
		Assets: storyAssets(t), T: c.Say(lang),
	}
	if frame != FrameShop {
		p.Person = Person{Name: "Lê Thị Hoa", Farmer: frame == FrameFarm, Cooperative: frame == FrameDesk, Official: frame == FrameDesk}
	}
	return p
}

func render(t *testing.T, p Page) string {
	t.Helper()
	var out bytes.Buffer
	if err := Storybook(p).Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var frames = map[string]Frame{"shop": FrameShop, "task": FrameTask, "farm": FrameFarm, "desk": FrameDesk}

// TestStorybook renders every component. With UI_STORYBOOK set it also writes
// the pages and their assets into that folder, to be looked at.
func TestStorybook(t *testing.T) {
	for name, frame := range frames {
		for _, lang := range locale.Languages() {
			page := render(t, storyPage(t, lang, frame))
			checkMarkup(t, name+" "+lang, page)
			if dir := os.Getenv("UI_STORYBOOK"); dir != "" {
				writeStory(t, dir, name+"-"+lang+".html", page)
			}
		}
	}
}

func writeStory(t *testing.T, dir, name, page string) {
	t.Helper()
	if err := os.CopyFS(filepath.Join(dir, "static"), os.DirFS("dist")); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
}

func checkMarkup(t *testing.T, name, page string) {
	t.Helper()
	if n := strings.Count(page, "<h1"); n < 1 {
		t.Errorf("%s: no h1", name)
	}
	for pattern, why := range map[string]string{
		` style=`:                   "an inline style breaks the content security policy",
		` on[a-z]+=`:                "an inline handler breaks the content security policy",
		`<img(?:[^>](?:\salt=)?)*>`: "",
	} {
		if why != "" && regexp.MustCompile(pattern).MatchString(page) {
			t.Errorf("%s: %s", name, why)
		}
	}
	checkImages(t, name, page)
	checkIDs(t, name, page)
	checkWords(t, name, page)
}

func checkImages(t *testing.T, name, page string) {
	t.Helper()
	for _, img := range regexp.MustCompile(`<img[^>]*>`).FindAllString(page, -1) {
		for _, attr := range []string{" alt=", " width=", " height="} {
			if !strings.Contains(img, attr) {
				t.Errorf("%s: %s has no%s", name, img, attr)
			}
		}
	}
}

func checkIDs(t *testing.T, name, page string) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if seen[m[1]] {
			t.Errorf("%s: id %q is used twice", name, m[1])
		}
		seen[m[1]] = true
	}
	for _, m := range regexp.MustCompile(` (?:for|aria-describedby|aria-labelledby)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if !seen[id] {
				t.Errorf("%s: nothing has id %q", name, id)
			}
		}
	}
}

// checkWords finds keys that were printed because they have no sentence.
func checkWords(t *testing.T, name, page string) {
	t.Helper()
	keys := regexp.MustCompile(`[>"](?:site|nav|field|errors|notice|product|price|stars|quantity|area|timeline|table|chart|stat|map|photo|step|page|filter|copy|inbox|confirm)\.[a-z.]+[<"]`)
	if found := keys.FindAllString(page, -1); len(found) > 0 {
		t.Errorf("%s: keys without words: %v", name, slices.Compact(found))
	}
}

func TestJSONLDCannotEndItsScript(t *testing.T) {
	page := render(t, storyPage(t, "vi", FrameShop))
	if !strings.Contains(page, `"name":"\u003c/script\u003e"`) {
		t.Error("the JSON-LD block does not escape its markup")
	}
}

func TestOneAndTwoStarsAreNeverShown(t *testing.T) {
	p := storyPage(t, "vi", FrameShop)
	for count, want := range map[int]bool{0: false, 1: false, 2: false, 3: true, 5: true, 6: false} {
		var out bytes.Buffer
		if err := StarBadge(p.T, Stars{Count: count}).Render(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		if got := out.Len() > 0; got != want {
			t.Errorf("%d stars shown = %v, want %v", count, got, want)
		}
	}
}

func TestLanguageSwitchStaysOnThePage(t *testing.T) {
	for path, want := range map[string]string{
		"/tim?q=sen":             "/tim?lang=en&q=sen",
		"/tim?lang=vi":           "/tim?lang=en",
		"https://evil.example/x": "/x?lang=en",
		"//evil.example/x":       "/x?lang=en",
		"":                       "?lang=en",
	} {
		if got := (Page{Path: path}).inLang("en"); got != want {
			t.Errorf("inLang from %q = %q, want %q", path, got, want)
		}
	}
}
