package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"

	"chohue/market"
	"chohue/search"
	"chohue/search/embedded"
	"chohue/search/meili"
)

// openSearch opens the embedded index. With a Meilisearch server, that answers,
// and the embedded index stands behind it.
func (h *house) openSearch(ctx context.Context, _ outside) error {
	synonyms, err := search.LoadSynonyms()
	if err != nil {
		return err
	}
	engine, err := embedded.Open(filepath.Join(h.config.Data, "search"), h.env.Now, synonyms)
	if err != nil {
		return err
	}
	h.index = engine
	h.close = append(h.close, engine.Close)
	if h.config.MeiliURL == "" {
		h.search = search.New(engine, h.catalog, h.sets, h.areas)
	} else {
		server := meili.New(h.config.meilisearch(h.env.Now, synonyms))
		h.close = append(h.close, server.Close)
		h.search = search.New(server, h.catalog, h.sets, h.areas, engine)
	}
	h.notebook, err = search.NewNotebook(ctx, h.engine, h.env)
	return err
}

// reconcileSearch mends what the index has missed, and says so: every product
// mended is news that was lost.
func (h *house) reconcileSearch(ctx context.Context) (int, error) {
	r, err := h.search.Reconcile(ctx)
	mended := r.Missing + r.Stale + r.Gone
	if mended > 0 {
		slog.Warn("search: mended", "missing", r.Missing, "stale", r.Stale, "gone", r.Gone, "products", r.Products)
	}
	return mended, err
}

func (c Config) meilisearch(now market.Clock, synonyms search.Synonyms) meili.Config {
	uid, key, _ := strings.Cut(c.MeiliFor, ":")
	return meili.Config{
		URL: c.MeiliURL, Key: c.MeiliKey, Index: c.MeiliIn, Now: now, Synonyms: synonyms,
		Search: meili.Search{UID: uid, Key: key},
	}
}
