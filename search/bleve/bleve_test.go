package bleve

import (
	"testing"

	"chohue/market"
	"chohue/search"
	"chohue/search/searchtest"
)

func TestEngine(t *testing.T) {
	searchtest.Run(t, func(t *testing.T, now market.Clock) search.Engine {
		synonyms, err := search.LoadSynonyms()
		if err != nil {
			t.Fatal(err)
		}
		e, err := Open(t.TempDir(), now, synonyms)
		if err != nil {
			t.Fatal(err)
		}
		return e
	})
}
