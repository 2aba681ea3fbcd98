package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chohue/livestream"
	"chohue/market"
	"chohue/store/mongo/mongotest"
)

// TestRoomsOfTwoMarkets lets two processes of one market share a room through
// Redis: what is said at either reaches the viewers of both, and when one is
// killed its viewers go on at the other, hearing nothing twice.
func TestRoomsOfTwoMarkets(t *testing.T) {
	r := openSharedRoom(t)
	a, b := r.start(), r.start()
	viewers := []*listener{r.watch(a), r.watch(a), r.watch(b), r.watch(b)}

	first := append(r.talk(a, "a", 10), r.talk(b, "b", 10)...)
	r.all(viewers, "what was said at both", first)

	var wait sync.WaitGroup
	var atA []string
	wait.Go(func() { atA = r.talk(a, "still a", 10) })
	r.talk(b, "still b", 4)
	b.kill()
	wait.Wait()
	last := r.talk(a, "a alone", 5)
	r.all(viewers, "what was said at the one that lives", slices.Concat(first, atA, last))
	for i, v := range viewers {
		for text, n := range v.heard() {
			if n > 1 {
				t.Errorf("viewer %d heard %q %d times", i, text, n)
			}
		}
		if !maps.Equal(v.heard(), viewers[0].heard()) {
			t.Errorf("viewer %d heard other things than the first:\n%v\n%v", i, v.heard(), viewers[0].heard())
		}
	}
}

type sharedRoom struct {
	t     *testing.T
	env   []string
	show  market.ID
	lives []*process
}

func openSharedRoom(t *testing.T) *sharedRoom {
	t.Helper()
	rooms, c := startRedis(t), testConfig(t)
	uri := mongotest.Start(t)
	c.DB, c.Rooms, c.Secret = uri+"/"+mongotest.Database(t, uri), rooms, market.NewSecret()
	show := announced(t, c, 0, func(*studio) {})
	return &sharedRoom{t: t, show: show, env: append(os.Environ(), childFlag+"=1", "MARKET_DB="+c.DB,
		"MARKET_ROOMS="+rooms, "MARKET_SECRET="+c.Secret, "MARKET_DEMO=true", "MARKET_LIMITS=false", "MARKET_LOG=error")}
}

// announced makes a show that is live, with so many units of its product set
// apart, in a market that nobody serves yet.
func announced(t *testing.T, c Config, apart int64, also func(*studio)) market.ID {
	t.Helper()
	setLogger(c.LogLevel)
	stock(t, c, []string{"mut-vo-thanh-tra"})
	h, err := open(t.Context(), c, outdoors())
	if err != nil {
		t.Fatal(err)
	}
	s := &studio{t: t, house: h, apart: apart}
	s.announce()
	also(s)
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	return s.show
}

// startRedis is a Redis of this test alone.
func startRedis(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		unable(t, "redis-server is not installed: rooms cannot be shared")
	}
	addr := freeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	run := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill(); _ = run.Wait() })
	comes(t, "redis", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return "redis://" + addr + "/0"
}

func comes(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s never came", what)
}

// process is one of the market's.
type process struct {
	*exec.Cmd

	url  string
	dead chan struct{}
}

func (p *process) kill() {
	close(p.dead)
	_ = p.Process.Kill()
	_ = p.Wait()
}

func (p *process) killed() bool {
	select {
	case <-p.dead:
		return true
	default:
		return false
	}
}

func (r *sharedRoom) start() *process {
	r.t.Helper()
	self, err := os.Executable()
	if err != nil {
		r.t.Fatal(err)
	}
	addr := freeAddress(r.t)
	p := &process{Cmd: exec.Command(self), url: "http://" + addr, dead: make(chan struct{})}
	p.Env = append(slices.Clone(r.env), "MARKET_ADDR="+addr, "MARKET_DATA="+r.t.TempDir())
	p.Stderr = os.Stderr
	if err := p.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if !p.killed() {
			p.kill()
		}
	})
	comes(r.t, "a market", func() bool {
		answer, err := http.Get(p.url + "/readyz")
		if err == nil {
			_ = answer.Body.Close()
		}
		return err == nil && answer.StatusCode == http.StatusOK
	})
	r.lives = append(r.lives, p)
	return p
}

// listener is a viewer who comes back, to a process that lives, saying the last
// message that was heard.
type listener struct {
	room *sharedRoom
	last string

	mu  sync.Mutex
	all map[string]int
}

func (r *sharedRoom) watch(at *process) *listener {
	r.t.Helper()
	v := &listener{room: r, all: map[string]int{}}
	ctx, stop := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	seated := make(chan struct{}, 1)
	wait.Go(func() {
		for ; ctx.Err() == nil; at = r.living() {
			v.listen(ctx, at, seated)
		}
	})
	r.t.Cleanup(func() { stop(); wait.Wait() })
	<-seated
	return v
}

func (r *sharedRoom) living() *process {
	for _, p := range r.lives {
		if !p.killed() {
			return p
		}
	}
	panic("no market lives")
}

func (v *listener) listen(ctx context.Context, at *process, seated chan<- struct{}) {
	ask, _ := http.NewRequestWithContext(ctx, http.MethodGet, at.url+"/phien/"+string(v.room.show)+"/tin", nil)
	ask.Header.Set("Last-Event-ID", v.last)
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return
	}
	defer func() { _ = answer.Body.Close() }()
	id := ""
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		select {
		case seated <- struct{}{}: // the first pulse has come
		default:
		}
		if text, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			id = text
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && id != "" {
			v.hear(data)
			v.last, id = id, ""
		}
	}
}

func (v *listener) hear(data string) {
	var news livestream.News
	if json.Unmarshal([]byte(data), &news) != nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range news.Comments {
		v.all[c.Text]++
	}
}

func (v *listener) heard() map[string]int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return maps.Clone(v.all)
}

// all waits until every viewer has heard every text.
func (r *sharedRoom) all(viewers []*listener, what string, texts []string) {
	r.t.Helper()
	for i, v := range viewers {
		comes(r.t, fmt.Sprintf("to viewer %d: %s", i, what), func() bool {
			heard := v.heard()
			return !slices.ContainsFunc(texts, func(text string) bool { return heard[text] == 0 })
		})
	}
}

var roomToken = regexp.MustCompile(`name="token" value="([^"]+)"`)

// talk says so many things, each by another visitor, and returns what was
// acknowledged.
func (r *sharedRoom) talk(at *process, text string, n int) []string {
	r.t.Helper()
	var said []string
	for i := range n {
		said = append(said, fmt.Sprintf("%s %d", text, i))
		r.say(at, said[i])
	}
	return said
}

// say lets a new visitor say one thing.
func (r *sharedRoom) say(at *process, text string) {
	r.t.Helper()
	jar, _ := cookiejar.New(nil)
	client, room := &http.Client{Jar: jar}, at.url+"/phien/"+string(r.show)
	token := roomToken.FindStringSubmatch(r.read(client.Get(room)))
	if token == nil {
		r.t.Fatal("the room has no token")
	}
	r.read(client.PostForm(room, url.Values{"token": {token[1]}, "name": {"Chị Lan"}, "text": {text}}))
}

func (r *sharedRoom) read(answer *http.Response, err error) string {
	r.t.Helper()
	if err != nil {
		r.t.Error(err)
		return ""
	}
	defer func() { _ = answer.Body.Close() }()
	var text strings.Builder
	if _, err := bufio.NewReader(answer.Body).WriteTo(&text); err != nil || answer.StatusCode != http.StatusOK {
		r.t.Errorf("%s: %d %v", answer.Request.URL, answer.StatusCode, err)
	}
	return text.String()
}
