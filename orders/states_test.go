package orders_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chohue/orders"
	"chohue/payments"
)

var update = flag.Bool("update", false, "write docs/states.md anew from the tables")

const statesDoc = "../docs/states.md"

// TestStatesAreDrawnFromTheTables keeps docs/states.md equal to the code. Write
// it anew with: go test ./orders -run StatesAreDrawn -update.
func TestStatesAreDrawnFromTheTables(t *testing.T) {
	drawn := drawStates()
	if *update {
		if err := os.WriteFile(statesDoc, []byte(drawn), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(statesDoc)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), drawn); diff != "" {
		t.Errorf("docs/states.md differs from the tables; run with -update:\n%s", diff)
	}
}

func drawStates() string {
	var b strings.Builder
	b.WriteString("# States\n\nDrawn from the tables in the code by `go test ./orders -run StatesAreDrawn -update`; the test fails when they differ. What is not drawn does not happen.\n")
	draw(&b, "Order", "orders/states.go", orders.OrderSteps)
	draw(&b, "Parcel", "orders/states.go", orders.ParcelSteps)
	draw(&b, "Preorder", "orders/preorder.go", orders.PreorderSteps)
	draw(&b, "Return", "orders/states.go", orders.ReturnSteps)
	draw(&b, "Complaint", "orders/states.go", orders.ComplaintSteps)
	draw(&b, "Payment", "payments/state.go", paymentSteps())
	return b.String()
}

func draw[S ~string](b *strings.Builder, title, file string, steps orders.Table[S]) {
	fmt.Fprintf(b, "\n## %s\n\n`%s`\n\n```mermaid\nstateDiagram-v2\n    [*] --> %s\n", title, file, steps[0].From)
	for _, s := range steps {
		fmt.Fprintf(b, "    %s --> %s", s.From, s.To)
		if s.When != "" {
			fmt.Fprintf(b, ": %s", strings.ReplaceAll(s.When, ":", ","))
		}
		b.WriteString("\n")
	}
	for _, end := range ends(steps) {
		fmt.Fprintf(b, "    %s --> [*]\n", end)
	}
	b.WriteString("```\n")
}

// ends are the states that nothing leads out of.
func ends[S ~string](steps orders.Table[S]) []S {
	var out []S
	for _, s := range steps {
		leaves := slices.ContainsFunc(steps, func(o orders.Step[S]) bool { return o.From == s.To })
		if !leaves && !slices.Contains(out, s.To) {
			out = append(out, s.To)
		}
	}
	return out
}

func paymentSteps() orders.Table[payments.State] {
	all := []payments.State{
		payments.StatePending, payments.StateCollectable, payments.StateCaptured, payments.StateFailed,
		payments.StateExpired, payments.StatePartlyRefunded, payments.StateRefunded,
	}
	var steps orders.Table[payments.State]
	for _, from := range all {
		for _, to := range all {
			if from.May(to) {
				steps = append(steps, orders.Step[payments.State]{From: from, To: to})
			}
		}
	}
	return steps
}

// TestEveryStateIsReached finds rows that nothing leads to: every state but the
// first must be the end of some row, and none may lead to itself.
func TestEveryStateIsReached(t *testing.T) {
	reached(t, orders.OrderSteps)
	reached(t, orders.ParcelSteps)
	reached(t, orders.PreorderSteps)
	reached(t, orders.ReturnSteps)
	reached(t, orders.ComplaintSteps)
}

func reached[S ~string](t *testing.T, steps orders.Table[S]) {
	t.Helper()
	known := map[S]bool{steps[0].From: true}
	for grown := true; grown; {
		grown = false
		for _, s := range steps {
			if known[s.From] && !known[s.To] {
				known[s.To], grown = true, true
			}
		}
	}
	for i, s := range steps {
		if !known[s.From] || s.From == s.To || s.When == "" {
			t.Errorf("%s → %s: nothing leads there, or it has no reason", s.From, s.To)
		}
		if slices.ContainsFunc(steps[:i], func(o orders.Step[S]) bool { return o.From == s.From && o.To == s.To }) {
			t.Errorf("%s → %s is there twice", s.From, s.To)
		}
	}
}
