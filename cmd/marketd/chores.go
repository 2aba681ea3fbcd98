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

// reconcile asks providers about open payments and proves the ledger.
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
	return errors.Join(err, h.Close())
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
