// Command gatewaysim plays everybody whom the market depends on and who is not
// there on a developer's machine: payment providers, a bank, carriers. On the
// wire each behaves as the real one does, with its addresses, signatures and
// codes; what goes wrong in real life can be switched on. No real money and no
// real parcel is behind it.
//
//	gatewaysim                      plays until interrupted
//	gatewaysim bin/marketd serve    runs the market against it, both end together
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		var child *exec.ExitError
		if errors.As(err, &child) {
			os.Exit(child.ExitCode())
		}
		fmt.Fprintln(os.Stderr, "gatewaysim:", err)
		os.Exit(1)
	}
}

// options are what can be set, by flags, else from the environment.
type options struct {
	addr     string
	switches string
	data     string
	market   string
	command  []string
}

func parseOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("gatewaysim", flag.ContinueOnError)
	flags.StringVar(&o.addr, "addr", fromEnv("GATEWAYSIM_ADDR", "127.0.0.1:8090"), "address to listen on, of this machine alone (GATEWAYSIM_ADDR)")
	flags.StringVar(&o.switches, "switch", fromEnv("GATEWAYSIM_SWITCH", ""), "switches to turn on, as momo:lose,zalopay:late (GATEWAYSIM_SWITCH)")
	flags.StringVar(&o.data, "data", fromEnv("GATEWAYSIM_DATA", "data/gatewaysim"), "folder for what the parties remember, nowhere when - (GATEWAYSIM_DATA)")
	flags.StringVar(&o.market, "market", fromEnv("MARKET_URL", "http://"+fromEnv("MARKET_ADDR", "127.0.0.1:8080")), "address of the market (MARKET_URL)")
	err := flags.Parse(args)
	o.command = flags.Args()
	return o, err
}

// folder is where parties remember: nowhere, when that is wanted or cannot be.
func (o options) folder() string {
	if o.data == "-" {
		return ""
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		fmt.Fprintln(os.Stderr, "gatewaysim: nothing will be remembered:", err)
		return ""
	}
	return o.data
}

func fromEnv(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

func run(args []string) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	if !listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		return errors.Join(fmt.Errorf("%s is not of this machine alone: whoever reaches the simulator may pay", o.addr), listener.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	w := open(ctx, "http://"+listener.Addr().String(), defaultPace, parties(place{market: o.market, data: o.folder()}))
	if err := w.turn(o.switches); err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: w.mux, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Printf("Mô phỏng đối tác thanh toán và vận chuyển: %s\n", w.at)
	return errors.Join(until(o.command, w.settings(), failed), server.Close())
}

// until returns when the command has ended, or when there is none, on an
// interrupt.
func until(command, settings []string, failed <-chan error) error {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	if len(command) == 0 {
		select {
		case <-signals:
			return nil
		case err := <-failed:
			return err
		}
	}
	child := exec.Command(command[0], command[1:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.Env = append(settings, os.Environ()...) // what is set already goes before
	if err := child.Start(); err != nil {
		return err
	}
	return follow(child, signals)
}

// follow waits for the child. An interrupt typed at the terminal reaches the
// child as well; any other is passed on, and the child decides when to end.
func follow(child *exec.Cmd, signals <-chan os.Signal) error {
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for {
		select {
		case err := <-ended:
			return err
		case s := <-signals:
			if s != os.Interrupt {
				_ = child.Process.Signal(s) // it may have ended just now
			}
		}
	}
}
