package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"chohue/indicators"
	"chohue/market"
)

// reindex builds the search index anew from the published products.
func reindex(ctx context.Context, c Config, _ []string) error {
	h, err := open(ctx, c, outdoors())
	if err != nil {
		return err
	}
	err = h.search.Reindex(ctx)
	n, errCount := h.index.Count(ctx)
	fmt.Printf("%d products are in the index\n", n)
	return errors.Join(err, errCount, h.Close())
}

// reconcile asks providers about open payments, proves the ledger and checks
// every seller's audit trail.
func reconcile(ctx context.Context, c Config, _ []string) error {
	h, err := openBooks(ctx, c)
	if err != nil {
		return err
	}
	looked, err := h.payments.Reconcile(ctx)
	err = errors.Join(err, h.payments.Check(ctx))
	if err == nil {
		fmt.Printf("%d open payments looked at; the ledger agrees with every payment and sums to zero\n", looked)
	}
	err = errors.Join(err, h.checkTrails(ctx))
	return errors.Join(err, h.Close())
}

// checkTrails prints how each trail ends: kept elsewhere, these lines show
// later that no trail was written anew.
func (h *house) checkTrails(ctx context.Context) error {
	chains, err := h.sellers.CheckTrails(ctx)
	for _, c := range chains {
		if c.Length > 0 {
			fmt.Printf("trail of %s: %d entries, ends with %s %s\n", c.Seller, c.Length, c.Head, c.Broken)
		}
	}
	return err
}

// report prints the trade table.
func report(ctx context.Context, c Config, args []string) error {
	flags := flag.NewFlagSet("report", flag.ContinueOnError)
	var q indicators.TableQuery
	flags.StringVar(&q.From, "from", "", "first month, as 2026-01")
	flags.StringVar(&q.To, "to", "", "last month")
	lang := flags.String("lang", "vi", "vi or en")
	if err := flags.Parse(args); err != nil {
		return err
	}
	h, err := openBooks(ctx, c)
	if err != nil {
		return err
	}
	err = h.indicators.WriteCSV(ctx, market.System, os.Stdout, q, *lang)
	return errors.Join(err, h.Close())
}
