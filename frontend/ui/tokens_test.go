package ui

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pairs are the tokens that stand on each other as text on ground. WCAG 2.2 AA
// asks 4.5 of text (1.4.3) and 3 of what shows a control or a chart (1.4.11).
var pairs = []struct {
	least float64
	text  []string
	on    []string
}{
	{4.5, []string{"ink", "ink-soft", "action", "action-strong", "good", "bad"}, []string{"paper", "surface", "sunken"}},
	{4.5, []string{"ink", "ink-soft"}, []string{"action-tint"}},
	{4.5, []string{"on-action"}, []string{"action", "action-strong"}},
	{4.5, []string{"on-action-tint"}, []string{"action-tint"}},
	{4.5, []string{"on-live"}, []string{"live"}},
	{4.5, []string{"on-live-tint"}, []string{"live-tint"}},
	{4.5, []string{"on-good-tint"}, []string{"good-tint"}},
	{4.5, []string{"on-bad-tint"}, []string{"bad-tint"}},
	{4.5, []string{"paper"}, []string{"good", "bad"}},
	{4.5, []string{"qr-ink"}, []string{"qr-paper"}},
	{3, []string{"line-strong", "focus"}, []string{"paper", "surface"}},
	{3, []string{"chart-1", "chart-2", "chart-3", "chart-4"}, []string{"paper"}},
}

func TestContrast(t *testing.T) {
	for scheme, tokens := range schemes(t) {
		for _, p := range pairs {
			for _, text := range p.text {
				for _, ground := range p.on {
					if got := contrast(tokens[text], tokens[ground]); got < p.least {
						t.Errorf("%s: %s on %s has contrast %.2f, needs %.1f", scheme, text, ground, got, p.least)
					}
				}
			}
		}
	}
}

// TestEveryTextColourIsPaired fails when a token for text is added and nobody
// says what it stands on.
func TestEveryTextColourIsPaired(t *testing.T) {
	paired := map[string]bool{}
	for _, p := range pairs {
		for _, name := range append(append([]string{}, p.text...), p.on...) {
			paired[name] = true
		}
	}
	decoration := map[string]bool{"line": true, "star": true, "shade": true}
	for name := range schemes(t)["light"] {
		if !paired[name] && !decoration[name] {
			t.Errorf("the token --%s is in no pair", name)
		}
	}
}

func TestOnlyTokensNameColours(t *testing.T) {
	components, err := filepath.Glob("*.css")
	if err != nil {
		t.Fatal(err)
	}
	colour := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(`)
	for _, name := range append(components, "src/base.css") {
		css, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := colour.FindAllString(string(css), -1); len(found) > 0 {
			t.Errorf("%s names colours of its own: %v", name, found)
		}
	}
}

// schemes reads the colour tokens; dark has those of light that it does not
// change.
func schemes(t *testing.T) map[string]map[string]string {
	t.Helper()
	css, err := os.ReadFile("src/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	first, second, ok := strings.Cut(string(css), "(prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("tokens.css has no dark scheme")
	}
	light, dark := map[string]string{}, map[string]string{}
	token := regexp.MustCompile(`--([\w-]+):\s*(#[0-9a-f]{6})`)
	for _, m := range token.FindAllStringSubmatch(first, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range token.FindAllStringSubmatch(second, -1) {
		if _, known := light[m[1]]; !known {
			t.Errorf("--%s is only in the dark scheme", m[1])
		}
		dark[m[1]] = m[2]
	}
	return map[string]map[string]string{"light": light, "dark": dark}
}

// contrast is the ratio of WCAG 2.2; 0 when a colour is missing.
func contrast(a, b string) float64 {
	if a == "" || b == "" {
		return 0
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(fmt.Sprintf("not a colour: %s", hex))
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}

func TestContrastOfKnownColours(t *testing.T) {
	if got := contrast("#000000", "#ffffff"); math.Abs(got-21) > 0.001 {
		t.Errorf("black on white = %f, want 21", got)
	}
	if got := contrast("#777777", "#ffffff"); got > 4.5 || got < 4.4 {
		t.Errorf("#777 on white = %f, want about 4.48", got)
	}
}
