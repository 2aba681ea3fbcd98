// Command marketd is the market: it serves every door, runs the workers and
// does the keeper's chores.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"chohue/frontend/web"
)

// command is one thing that marketd can be told to do.
type command struct {
	name string
	help string
	run  func(ctx context.Context, c Config, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "serve pages and API, and run the workers", serve},
		{"worker", "run the workers only, beside other processes that serve", work},
		{"migrate", "bring stored documents and indexes up to date", migrate},
		{"seed", "load demonstration data (-synthetic -products N -orders M -rand S for measuring)", seed},
		{"reindex", "build the search index anew", reindex},
		{"reconcile", "ask payment providers about open payments and check the ledger", reconcile},
		{"report", "print the trade table as CSV (-from 2026-01 -to 2026-12)", report},
		{"statistics", "rebuild | facts | prove RELEASE | push | again RELEASE | receipts | key: see docs/statistics.md", statistics},
		{"backup", "write a consistent copy while the market runs: backup FILE", backup},
		{"restore", "put a copy back where no database is yet: restore FILE", restore},
		{"config", "print the settings as a table", printConfig},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "marketd:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	name := "serve"
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return fmt.Errorf("no command %q; there are:\n%s", name, usage(all))
	}
	c, err := environment()
	if err != nil {
		return err
	}
	setLogger(c.LogLevel)
	return all[i].run(ctx, c, args)
}

func usage(all []command) string {
	var b strings.Builder
	for _, c := range all {
		fmt.Fprintf(&b, "  %-10s %s\n", c.name, c.help)
	}
	return b.String()
}

func setLogger(level string) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	slog.SetDefault(slog.New(web.LogHandler(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l}))))
}

func printConfig(context.Context, Config, []string) error {
	_, err := fmt.Print(configTable())
	return err
}
