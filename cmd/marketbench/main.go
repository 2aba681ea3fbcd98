// Command marketbench measures the market on this machine: the embedded store
// beside the bare SQLite driver, and a served market with a large catalogue
// under load. It prints a Markdown report; what misses its aim is marked, and
// is no error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// options are what can be chosen on the command line.
type options struct {
	products int
	seconds  float64
	short    bool
	only     string
	out      string
	marketd  string
	data     string
}

// levels are how many clients there are at once.
func (o options) levels() []int {
	if o.short {
		return []int{1, 16}
	}
	return []int{1, 16, 64}
}

func (o options) step() time.Duration { return time.Duration(o.seconds * float64(time.Second)) }

func readOptions() options {
	var o options
	flag.IntVar(&o.products, "products", 10_000, "products in the catalogue")
	flag.Float64Var(&o.seconds, "seconds", 4, "length of each measurement")
	flag.BoolVar(&o.short, "short", false, "a quick look: 1,000 products, one second, no 64 clients")
	flag.StringVar(&o.only, "only", "", "measure one thing: store, detail, list, search, checkout, wallet or video")
	flag.StringVar(&o.out, "out", "", "file to write the report to as well")
	flag.StringVar(&o.marketd, "marketd", "", "program to measure; built from the source when empty")
	flag.StringVar(&o.data, "data", "", "folder to keep the seeded market in for the next run; forgotten when empty")
	flag.Parse()
	if o.short {
		o.products, o.seconds = min(o.products, 1000), min(o.seconds, 1)
	}
	return o
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, readOptions()); err != nil {
		fmt.Fprintln(os.Stderr, "marketbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "marketbench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	out, closeOut, err := output(o.out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeOut()) }()
	parts := []func(context.Context, string, options) (string, error){measureStore, measureShop, measureVideo}
	switch o.only {
	case "":
	case "store":
		parts = parts[:1]
	case "video":
		parts = parts[2:]
	default:
		parts = parts[1:2]
	}
	text := heading(o)
	for _, measure := range parts {
		if _, err := io.WriteString(out, text); err != nil {
			return err
		}
		if text, err = measure(ctx, dir, o); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, text)
	return err
}

// output writes to the terminal and, when path is given, to a file.
func output(path string) (io.Writer, func() error, error) {
	if path == "" {
		return os.Stdout, func() error { return nil }, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, nil, err
	}
	return io.MultiWriter(os.Stdout, file), file.Close, nil
}

// say tells what goes on while the report is being made.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
