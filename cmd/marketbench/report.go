package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func heading(o options) string {
	return fmt.Sprintf("# Benchmarks\n\n%s, %s/%s, %d processors shared by the load and the server, %g s for each measurement.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), o.seconds)
}

func storeTable(all []comparison) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n## store/sqlite beside the bare driver\n\n"+
		"%d documents of a kilobyte; the same pragmas, synchronous=FULL; both sides in turns.\n\n"+
		"| Operation | Store, a second | Bare, a second | Ratio | Bar | |\n|---|---:|---:|---:|---:|---|\n", documents)
	for _, c := range all {
		bar := ""
		if c.bar > 0 {
			bar = "≥ " + strconv.FormatFloat(c.bar, 'f', -1, 64)
		}
		fmt.Fprintf(&out, "| %s | %.0f | %.0f | %.2f | %s | %s |\n", c.name, c.ours, c.bare, c.ratio(), bar, verdict(c.bar > 0, c.ratio() >= c.bar))
	}
	return out.String()
}

func shopTable(products int, all []measured) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n## The served market, %d products\n\n"+
		"CPU is the server's processor time, user and system, for one operation. Noise is what a fixed piece of work cost "+
		"before and after, beside its best of this run: above 1, neighbours disturb the machine. "+
		"PocketBase (a shop in one route) and Vendure were measured elsewhere, on the same data.\n\n"+
		"| Operation | Clients | A second | p50 ms | p99 ms | CPU ms | Aim | | Noise | PocketBase | Vendure |\n"+
		"|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|\n", products)
	for _, m := range all {
		for _, s := range m.samples {
			aim := ""
			if m.aim > 0 {
				aim = "≤ " + strconv.FormatFloat(m.aim, 'f', -1, 64)
			}
			fmt.Fprintf(&out, "| %s | %d | %.0f | %s | %s | %.3f | %s | %s | %.1f | %s | %s |\n", m.what, s.clients, s.perSecond(),
				ms(s.quantile(0.5)), ms(s.quantile(0.99)), inMS(s.cpuEach()), aim,
				verdict(m.aim > 0, inMS(s.cpuEach()) <= m.aim), s.noise, m.pocketbase, m.vendure)
		}
	}
	return out.String()
}

func verdict(wanted, met bool) string {
	switch {
	case !wanted:
		return ""
	case met:
		return "PASS"
	default:
		return "MISS"
	}
}

func inMS(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func ms(d time.Duration) string { return strconv.FormatFloat(inMS(d), 'f', 2, 64) }
