package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"chohue/market"
)

// figures is what marketd statistics can be told to do.
type figures struct {
	*house
	out io.Writer
}

// statistics does the keeper's chores of the statistics.
func statistics(ctx context.Context, c Config, args []string) error {
	return tellFigures(ctx, c, os.Stdout, args)
}

func tellFigures(ctx context.Context, c Config, out io.Writer, args []string) error {
	chores := map[string]func(figures, context.Context, []string) error{
		"rebuild": figures.rebuild, "facts": figures.facts, "prove": figures.prove,
		"push": figures.push, "again": figures.again, "receipts": figures.receipts, "key": figures.key,
	}
	if len(args) == 0 || chores[args[0]] == nil {
		return fmt.Errorf("marketd statistics: one of rebuild, facts, prove, push, again, receipts, key")
	}
	h, err := openBooks(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(chores[args[0]](figures{h, out}, ctx, args[1:]), h.Close())
}

func (f figures) say(form string, args ...any) error {
	_, err := fmt.Fprintf(f.out, form+"\n", args...)
	return err
}

// rebuild makes the facts again from the orders: for databases older than
// facts, and as a proof.
func (f figures) rebuild(ctx context.Context, _ []string) error {
	r, err := f.indicators.Rebuild(ctx, market.System, f.orders)
	if err != nil {
		return err
	}
	folded, err := f.indicators.Refresh(ctx)
	if err != nil {
		return err
	}
	for _, id := range r.Wrong {
		if err := f.say("wrong %s", id); err != nil {
			return err
		}
	}
	if err := f.say("%d facts, %d added, %d wrong, %d months folded", r.Facts, r.Added, len(r.Wrong), folded); err != nil {
		return err
	}
	if len(r.Wrong) > 0 {
		return fmt.Errorf("%d facts are not those of the orders; what was delivered meanwhile is right when this runs again", len(r.Wrong))
	}
	return nil
}

// facts writes facts as lines of JSON.
func (f figures) facts(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("facts", flag.ContinueOnError)
	from, to := flags.String("from", "", "first month, as 2026-01"), flags.String("to", "", "last month")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return f.indicators.WriteFacts(ctx, market.System, f.out, *from, *to)
}

// prove makes a release again.
func (f figures) prove(ctx context.Context, args []string) error {
	id, err := oneRelease(args)
	if err != nil {
		return err
	}
	p, err := f.indicators.Prove(ctx, market.System, id)
	if err != nil {
		return err
	}
	if !p.Same {
		return fmt.Errorf("%s came out otherwise (another program: %v): %s", id, p.Rewritten, strings.Join(p.Differs, " "))
	}
	return f.say("%s made again: %d cells and %d indicators, all the same", id, p.Cells, p.Figures)
}

func oneRelease(args []string) (market.ID, error) {
	if len(args) != 1 {
		return "", errors.New("which release? One such as 2026-10.r1")
	}
	return market.ID(args[0]), nil
}

// push sends what waits now, without the worker.
func (f figures) push(ctx context.Context, _ []string) error {
	if f.city == nil {
		return errors.New("MARKET_CITY is not set")
	}
	n, err := f.city.Push(ctx)
	return errors.Join(err, f.say("%d releases were acknowledged", n), f.receipts(ctx, nil))
}

// again has a release sent once more, now if the platform is set.
func (f figures) again(ctx context.Context, args []string) error {
	id, err := oneRelease(args)
	if err != nil {
		return err
	}
	if _, err := f.indicators.SendAgain(ctx, market.System, id); err != nil {
		return err
	}
	if f.city == nil {
		return f.say("%s waits for the worker", id)
	}
	return f.push(ctx, nil)
}

func (f figures) receipts(ctx context.Context, _ []string) error {
	all, err := f.indicators.Deliveries(ctx, market.System)
	if err != nil {
		return err
	}
	slices.Reverse(all)
	for _, d := range all {
		said := d.Receipt + " manifest " + d.Manifest
		if d.SentAt == nil {
			said = "waits: " + d.Error
		}
		if err := f.say("%s to %s, %d tries, %s", d.ID, d.To, d.Tries, said); err != nil {
			return err
		}
	}
	return nil
}

// key prints the public half of the key that signs what is sent.
func (f figures) key(context.Context, []string) error {
	key, err := f.cityKey()
	if err != nil {
		return err
	}
	public, _ := key.Public().(ed25519.PublicKey)
	return f.say("ed25519 %s", base64.StdEncoding.EncodeToString(public))
}
