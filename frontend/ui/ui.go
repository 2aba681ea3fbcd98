// Package ui is the look of the market: templ components, each with its CSS
// beside it, the TypeScript that makes them pleasanter, and the build of both.
//
// Every component works without script. Components take small view structs with
// text that is already formatted (see frontend/locale) and know nothing of the
// rooms. Words of their own they ask of a T.
//
// Storybook shows every component in every state.
package ui

// T returns the sentence for a key in the reader's language; pairs are names
// and values for its gaps.
type T func(key string, pairs ...any) string

// Icon is the inside of a 24 by 24 outline drawing. The icons are the constants
// in icons.go.
type Icon string
