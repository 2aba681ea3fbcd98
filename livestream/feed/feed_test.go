package feed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"chohue/market"
)

type watched interface {
	Publish(ctx context.Context, show, key market.ID, news []byte) error
	Watch(ctx context.Context, show market.ID, since string, deliver func(id string, news []byte) error) error
	Viewers(ctx context.Context, show market.ID) (int, error)
	Close() error
}

// viewer gathers what it hears.
type viewer struct {
	mu   sync.Mutex
	news []string
	last string
	stop context.CancelFunc
	done chan struct{}
}

func watch(f watched, show market.ID, since string) *viewer {
	ctx, stop := context.WithCancel(context.Background())
	v := &viewer{stop: stop, done: make(chan struct{}), last: since}
	go func() {
		defer close(v.done)
		_ = f.Watch(ctx, show, since, func(id string, news []byte) error {
			v.mu.Lock()
			defer v.mu.Unlock()
			v.news, v.last = append(v.news, string(news)), id
			return nil
		})
	}()
	return v
}

func (v *viewer) heard() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.news)
}

func (v *viewer) leave() string {
	v.stop()
	<-v.done
	return v.last
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s never came", what)
}

func tell(t *testing.T, f watched, show market.ID, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := f.Publish(context.Background(), show, market.ID(fmt.Sprint("key", i)), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
}

func numbers(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

// suite holds a feed to its promises; other is another process's door to it.
func suite(t *testing.T, f, other watched) {
	show := market.ID(market.NewSecret())
	a, b := watch(f, show, ""), watch(other, show, "")
	until(t, "two viewers", func() bool { n, err := f.Viewers(context.Background(), show); return err == nil && n == 2 })
	tell(t, f, show, 0, 10)
	tell(t, other, show, 0, 10) // said again by whoever took over
	tell(t, other, show, 10, 20)
	for name, v := range map[string]*viewer{"here": a, "there": b} {
		until(t, "twenty "+name, func() bool { return len(v.heard()) >= 20 })
		if got := v.heard(); !slices.Equal(got, numbers(0, 20)) {
			t.Errorf("%s: %v", name, got)
		}
	}
	last := a.leave()
	tell(t, f, show, 20, 30)
	back := watch(other, show, last)
	tell(t, f, show, 30, 35)
	until(t, "what was missed", func() bool { return len(back.heard()) >= 15 })
	if got := back.heard(); !slices.Equal(got, numbers(20, 35)) {
		t.Errorf("after a cut: %v", got)
	}
	elsewhere := watch(f, "another", "")
	tell(t, f, show, 35, 36)
	until(t, "one more", func() bool { return len(b.heard()) == 36 })
	if got := elsewhere.heard(); len(got) != 0 {
		t.Errorf("another room heard %v", got)
	}
	for _, v := range []*viewer{b, back, elsewhere} {
		v.leave()
	}
}

func TestOneProcessCarriesItsRooms(t *testing.T) {
	f := NewMemory()
	suite(t, f, f)
}

func TestASlowViewerIsCutOffAndNobodyElse(t *testing.T) {
	f := NewMemory()
	block := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		ended <- f.Watch(context.Background(), "show", "", func(string, []byte) error { <-block; return nil })
	}()
	quick := watch(f, "show", "")
	until(t, "both", func() bool { return f.count("show") == 2 })
	for i := range 3 * behind {
		tell(t, f, "show", i, i+1)
		until(t, "the quick one", func() bool { return len(quick.heard()) == i+1 })
	}
	close(block)
	if err := <-ended; !errors.Is(err, errSlow) {
		t.Error(err)
	}
	quick.leave()
}

// server is a real Redis of this test.
func server(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	_ = l.Close()
	run := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
	address := "redis://127.0.0.1:" + port + "/0"
	until(t, "redis", func() bool {
		r, err := NewRedis(context.Background(), address)
		if err == nil {
			_ = r.Close()
		}
		return err == nil
	})
	return address
}

func connect(t *testing.T, address string) *Redis {
	t.Helper()
	r, err := NewRedis(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTwoProcessesShareRoomsThroughRedis(t *testing.T) {
	address := server(t)
	one, two := connect(t, address), connect(t, address)
	defer func() { _ = two.Close() }()
	suite(t, one, two)
	show := market.ID("killed")
	v := watch(two, show, "")
	until(t, "a viewer", func() bool { n, _ := two.Viewers(context.Background(), show); return n == 1 })
	tell(t, one, show, 0, 5)
	_ = one.Close() // killed after it spoke and before it noted that it had
	tell(t, two, show, 0, 8)
	until(t, "eight", func() bool { return len(v.heard()) >= 8 })
	if got := v.heard(); !slices.Equal(got, numbers(0, 8)) {
		t.Errorf("%v, want each once", got)
	}
	v.leave()
}
