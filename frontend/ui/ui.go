// Package ui is the look of the market: templ components, each with its CSS
// beside it, the TypeScript that makes them pleasanter, and the build of both.
//
// Every component works without script. Components take small view structs with
// text that is already formatted (see frontend/locale) and know nothing of the
// rooms. Words of their own they ask of a T.
//
// Storybook shows every component in every state. The build and a look at it:
//
//	npm ci && npm run build    # stylesheet, scripts, fonts and drawings into dist
//	npm run check              # types of the scripts
//	npm run icons              # icons.go, after a change of icons.mjs
//	go tool templ generate     # *_templ.go, after a change of a *.templ
//	UI_STORYBOOK=/some/folder go test ./frontend/ui
//
// A component's CSS is the file of its name; the build takes all of them. A
// script for one page only is src/page-<name>.ts and is asked for with
// Page.Scripts. Drawings for every page are in src/images.
package ui

// T returns the sentence for a key in the reader's language; pairs are names
// and values for its gaps.
type T func(key string, pairs ...any) string

// Icon is the inside of a 24 by 24 outline drawing. The icons are the constants
// in icons.go.
type Icon string
