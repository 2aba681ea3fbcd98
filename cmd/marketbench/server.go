package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// walletSecret is shared with the market, so that the benchmark can play the
// wallet.
const walletSecret = "only for measuring on this machine"

// server is a market in a process of its own.
type server struct {
	addr   string
	url    string
	ended  chan error
	signal func(os.Signal) error
}

// startServer fills a new database and serves it on a free port.
func startServer(ctx context.Context, dir string, o options) (*server, error) {
	program, err := marketd(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if o.data != "" {
		data = o.data
	}
	run := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Env = append(os.Environ(), settings(data, addr)...)
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		return cmd
	}
	say("seeding %d products", o.products)
	begin := time.Now()
	if err := run("seed", "-synthetic", "-products", strconv.Itoa(o.products), "-rand", "1").Run(); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	say("seeded in %.1f s", time.Since(begin).Seconds())
	cmd := run("serve")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{addr: addr, url: "http://" + addr, ended: make(chan error, 1), signal: cmd.Process.Signal}
	go func() { s.ended <- cmd.Wait() }()
	return s, s.ready(ctx)
}

func settings(data, addr string) []string {
	return []string{
		"MARKET_ADDR=" + addr, "MARKET_URL=", "MARKET_FILES=", "MARKET_DATA=" + data,
		"MARKET_DB=file:" + filepath.Join(data, "market.db"),
		"MARKET_DEMO=true", "MARKET_LIMITS=false", "MARKET_LOG=error", "MARKET_SECRET=" + walletSecret,
	}
}

func marketd(ctx context.Context, dir string, o options) (string, error) {
	if o.marketd != "" {
		return filepath.Abs(o.marketd)
	}
	say("building marketd")
	program := filepath.Join(dir, "marketd")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "chohue/cmd/marketd")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	return program, build.Run()
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

const startTime = time.Minute

func (s *server) ready(ctx context.Context) error {
	deadline := time.After(startTime)
	for {
		res, err := http.Get(s.url + "/readyz")
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-s.ended:
			return fmt.Errorf("the market ended: %w", err)
		case <-deadline:
			return errors.New("the market is not ready in time")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the market in the way its keeper does.
func (s *server) stop() error {
	return errors.Join(s.signal(syscall.SIGTERM), <-s.ended)
}

// cpu is the processor time that the market has used so far, as it tells by
// its metrics: user and system time, by the operating system's count.
func (s *server) cpu() (time.Duration, error) {
	c, err := dial(s.addr)
	if err != nil {
		return 0, err
	}
	defer c.close()
	text, err := c.call(http.MethodGet, "/metrics", nil)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "process_cpu_seconds_total "); ok {
			seconds, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return time.Duration(seconds * float64(time.Second)), err
		}
	}
	return 0, errors.New("/metrics does not tell the processor time")
}

// settled waits until the market has ended what it does after answering and
// returns its processor time.
func (s *server) settled() (time.Duration, error) {
	const pause, little, most = 250 * time.Millisecond, 10 * time.Millisecond, 40
	last, err := s.cpu()
	for range most {
		if err != nil {
			return 0, err
		}
		time.Sleep(pause)
		var now time.Duration
		if now, err = s.cpu(); err == nil && now-last <= little {
			return now, nil
		}
		last = now
	}
	return last, err
}
