package meili

import (
	"context"

	meilisearch "github.com/meilisearch/meilisearch-go"

	"chohue/market"
)

// What the index is set to. Orders and conditions that are not listed here are
// refused by the server.
var (
	searchable = []string{"name", "seller_name", "place", "description"}
	filterable = []string{
		"gone", "set", "ward", "seller", "price", "in_stock", "seller_slug",
		"stars_1", "from_1", "until_1", "stars_2", "from_2", "until_2", "stars_3", "from_3", "until_3",
	}
	sortable = []string{"price", "published", "stock", "_geo"}
	// The order that somebody chooses comes before all; the market's own lift
	// comes last. Marks and stars of the moment are put in order here: see order.
	ranking = []string{"sort", "words", "typo", "attribute", "exactness", "proximity", "stock:desc", "published:desc"}
)

func (e *Engine) settings() *meilisearch.Settings {
	return &meilisearch.Settings{
		SearchableAttributes: searchable, FilterableAttributes: filterable, SortableAttributes: sortable, RankingRules: ranking,
		Synonyms:            e.synonyms(),
		LocalizedAttributes: []*meilisearch.LocalizedAttributes{{Locales: []string{"vie"}, AttributePatterns: []string{"*"}}},
		TypoTolerance: &meilisearch.TypoTolerance{
			Enabled: true, MinWordSizeForTypos: meilisearch.MinWordSizeForTypos{OneTypo: 4, TwoTypos: 8}, DisableOnWords: []string{}, DisableOnAttributes: []string{}, DisableOnNumbers: true,
		},
		Faceting:   &meilisearch.Faceting{MaxValuesPerFacet: 200},
		Pagination: &meilisearch.Pagination{MaxTotalHits: 20_000},
	}
}

// set makes the settings those of this program. The client leaves out an empty
// table of synonyms, so that is said in another way.
func (e *Engine) set(ctx context.Context, uid string) error {
	settings := e.settings()
	info, err := e.admin.Index(uid).UpdateSettingsWithContext(ctx, settings)
	if err != nil {
		return broken(err)
	}
	if err := e.done(ctx, info.TaskUID); err != nil {
		return err
	}
	if len(settings.Synonyms) > 0 {
		return nil
	}
	if info, err = e.admin.Index(uid).ResetSynonymsWithContext(ctx); err != nil {
		return broken(err)
	}
	return e.done(ctx, info.TaskUID)
}

// synonyms writes the groups as the server wants them: each phrase with the
// others, without marks, which it does not see.
func (e *Engine) synonyms() map[string][]string {
	out := map[string][]string{}
	for _, group := range e.config.Synonyms.Groups() {
		for i, phrase := range group {
			for j, other := range group {
				if a, b := market.Fold(phrase), market.Fold(other); i != j && a != b {
					out[a] = append(out[a], b)
				}
			}
		}
	}
	return out
}
