// Package locale says things in Vietnamese and English: it turns the keys that
// rooms and pages use into sentences, and writes money, dates and weights the
// way people write them.
//
// Words live in vi/*.json and en/*.json, one file per area. A file maps flat
// keys to sentences with {named} gaps, or to plural forms:
//
//	"cart.lines": {"one": "{n} product", "other": "{n} products"}
//
// The form is chosen by the argument n. Vietnamese has only "other", so a plain
// sentence does.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// The languages. Vietnamese is the one people get who have not chosen.
const (
	VI = "vi"
	EN = "en"
)

// Languages are all languages, the default first.
func Languages() []string { return []string{VI, EN} }

//go:embed vi/*.json en/*.json
var files embed.FS

// forms are the plural forms of one sentence.
type forms struct{ One, Other string }

// UnmarshalJSON accepts a plain sentence or an object of forms.
func (f *forms) UnmarshalJSON(raw []byte) error {
	if err := json.Unmarshal(raw, &f.Other); err == nil {
		return nil
	}
	type object forms
	return json.Unmarshal(raw, (*object)(f))
}

// Catalog holds the words of every language. It does not change after Load and
// may be used from many goroutines.
type Catalog struct {
	words map[string]map[string]forms
}

// Load reads the words that were built into the program. It fails when a file
// is not valid JSON or two files claim the same key.
func Load() (*Catalog, error) { return open(files) }

func open(fsys fs.FS) (*Catalog, error) {
	c := &Catalog{words: map[string]map[string]forms{}}
	for _, lang := range Languages() {
		words, err := readFolder(fsys, lang)
		if err != nil {
			return nil, err
		}
		c.words[lang] = words
	}
	return c, nil
}

func readFolder(fsys fs.FS, lang string) (map[string]forms, error) {
	names, err := fs.Glob(fsys, path.Join(lang, "*.json"))
	if err != nil {
		return nil, err
	}
	all := map[string]forms{}
	for _, name := range names {
		if err := addFile(all, fsys, name); err != nil {
			return nil, fmt.Errorf("locale: %s: %w", name, err)
		}
	}
	return all, nil
}

func addFile(all map[string]forms, fsys fs.FS, name string) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	var words map[string]forms
	if err := json.Unmarshal(raw, &words); err != nil {
		return err
	}
	for key, f := range words {
		if _, taken := all[key]; taken {
			return fmt.Errorf("key %q is also in another file", key)
		}
		all[key] = f
	}
	return nil
}

// Pick returns the language to speak for a wish such as "en-GB": Vietnamese
// unless the wish begins with another language we have.
func Pick(wish string) string {
	if primary, _, _ := strings.Cut(strings.ToLower(wish), "-"); primary == EN {
		return EN
	}
	return VI
}

// Has reports whether the language has words for key.
func (c *Catalog) Has(lang, key string) bool {
	_, ok := c.words[lang][key]
	return ok
}

// T returns the sentence for key with its gaps filled from pairs of name and
// value: T("vi", "cart.lines", "n", 3). A missing key returns the key itself,
// so that the hole is seen and nothing breaks.
func (c *Catalog) T(lang, key string, pairs ...any) string {
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return c.Sentence(lang, key, args)
}

// Sentence is T with the arguments by name, the form in which errors carry them.
func (c *Catalog) Sentence(lang, key string, args map[string]any) string {
	f, ok := c.words[lang][key]
	if !ok {
		return key
	}
	return fill(lang, f.choose(lang, args["n"]), args)
}

// Say binds a language: the function that pages hand to components.
func (c *Catalog) Say(lang string) func(key string, pairs ...any) string {
	return func(key string, pairs ...any) string { return c.T(lang, key, pairs...) }
}

func (f forms) choose(lang string, n any) string {
	if lang != VI && f.One != "" && fmt.Sprint(n) == "1" {
		return f.One
	}
	return f.Other
}

func fill(lang, sentence string, args map[string]any) string {
	if !strings.Contains(sentence, "{") {
		return sentence
	}
	pairs := make([]string, 0, 2*len(args))
	for name, value := range args {
		pairs = append(pairs, "{"+name+"}", write(lang, value))
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}
