package locale

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func load(t *testing.T) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryLanguageHasEveryKeyAndGap(t *testing.T) {
	c := load(t)
	for _, lang := range Languages() {
		for _, other := range Languages() {
			for key, f := range c.words[lang] {
				if !c.Has(other, key) {
					t.Errorf("%q is in %s but not in %s", key, lang, other)
					continue
				}
				if got, want := gaps(c.words[other][key].Other), gaps(f.Other); !slices.Equal(got, want) {
					t.Errorf("%q has gaps %v in %s and %v in %s", key, got, other, want, lang)
				}
			}
		}
	}
}

func gaps(sentence string) []string {
	found := regexp.MustCompile(`\{\w+\}`).FindAllString(sentence, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestNoSentenceIsEmptyOrPadded(t *testing.T) {
	for lang, words := range load(t).words {
		for key, f := range words {
			if f.Other == "" || strings.TrimSpace(f.Other) != f.Other {
				t.Errorf("%s %q says %q", lang, key, f.Other)
			}
		}
	}
}

func TestSentence(t *testing.T) {
	c := load(t)
	tests := []struct {
		lang, key string
		args      []any
		want      string
	}{
		{VI, "nav.cart.count", []any{"n", 1}, "Giỏ hàng, 1 món"},
		{EN, "nav.cart.count", []any{"n", 1}, "Cart, 1 item"},
		{EN, "nav.cart.count", []any{"n", 1200}, "Cart, 1,200 items"},
		{VI, "step.of", []any{"n", 2, "total", 3}, "Bước 2 trên 3"},
		{VI, "no.such.key", nil, "no.such.key"},
	}
	for _, tt := range tests {
		if got := c.T(tt.lang, tt.key, tt.args...); got != tt.want {
			t.Errorf("T(%s, %s, %v) = %q, want %q", tt.lang, tt.key, tt.args, got, tt.want)
		}
	}
}

func TestTwoFilesCannotClaimOneKey(t *testing.T) {
	_, err := open(fstest.MapFS{
		"vi/a.json": {Data: []byte(`{"x": "một"}`)},
		"vi/b.json": {Data: []byte(`{"x": "hai"}`)},
	})
	if err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("error = %v, want one that names the key", err)
	}
}

func TestPick(t *testing.T) {
	for wish, want := range map[string]string{"": VI, "en-GB": EN, "EN": EN, "vi-VN": VI, "fr": VI} {
		if got := Pick(wish); got != want {
			t.Errorf("Pick(%q) = %q, want %q", wish, got, want)
		}
	}
}
