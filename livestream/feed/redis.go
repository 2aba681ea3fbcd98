package feed

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"chohue/market"
)

// Redis is the feed of a market that runs as several processes: a stream for
// each room, which each process reads once however many of its viewers watch.
type Redis struct {
	*hub
	db   *redis.Client
	self string
	ctx  context.Context //nolint:containedctx // of the readers, ended by Close
	stop context.CancelFunc
	wait sync.WaitGroup

	mu      sync.Mutex
	reading map[market.ID]bool
}

// NewRedis connects to a server at an address redis://HOST:PORT/NUMBER.
func NewRedis(ctx context.Context, address string) (*Redis, error) {
	o, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	r := &Redis{hub: newHub(), db: redis.NewClient(o), self: market.NewSecret(), reading: map[market.ID]bool{}}
	if err := r.db.Ping(ctx).Err(); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r, nil
}

// say adds a message unless its key was said before: one step, so that a process
// killed between two cannot say it twice, nor another say it again.
var say = redis.NewScript(`
if redis.call('SET', KEYS[2], '1', 'NX', 'EX', 3600) then
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'news', ARGV[1])
  redis.call('EXPIRE', KEYS[1], 86400)
  return 1
end
return 0`)

func line(show market.ID) string { return "{room:" + string(show) + "}" }

// Publish implements livestream.Feed.
func (r *Redis) Publish(ctx context.Context, show, key market.ID, news []byte) error {
	return say.Run(ctx, r.db, []string{line(show), line(show) + ":" + string(key)}, news, kept).Err()
}

// Watch delivers what happens in a room; see Memory.Watch.
func (r *Redis) Watch(ctx context.Context, show market.ID, since string, deliver func(id string, news []byte) error) error {
	ch := r.join(show)
	defer r.leave(show, ch)
	if err := r.read(ctx, show); err != nil {
		return err
	}
	if since != "" {
		missed, err := r.db.XRange(ctx, line(show), "("+since, "+").Result()
		if err != nil {
			return err
		}
		for _, m := range missed {
			if err := deliver(m.ID, message(m).News); err != nil {
				return err
			}
			since = m.ID
		}
	}
	return follow(ctx, ch, since, deliver)
}

func message(m redis.XMessage) Message {
	news, _ := m.Values["news"].(string)
	return Message{ID: m.ID, News: []byte(news)}
}

// read starts the one reader of a room in this process, from now on.
func (r *Redis) read(ctx context.Context, show market.ID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reading[show] {
		return nil
	}
	from := "0"
	last, err := r.db.XRevRangeN(ctx, line(show), "+", "-", 1).Result()
	if err != nil {
		return err
	}
	if len(last) > 0 {
		from = last[0].ID
	}
	r.reading[show] = true
	r.wait.Go(func() { r.reader(show, from) })
	return nil
}

// look is how long a reader waits before it looks whether anybody still watches.
const look = time.Second

func (r *Redis) reader(show market.ID, from string) {
	for r.ctx.Err() == nil {
		r.present(show)
		if r.idle(show) {
			return
		}
		got, err := r.db.XRead(r.ctx, &redis.XReadArgs{Streams: []string{line(show), from}, Block: look, Count: kept}).Result()
		if err != nil && err != redis.Nil { //nolint:errorlint // go-redis returns it bare
			select { // Redis is away: it may come back
			case <-r.ctx.Done():
			case <-time.After(look):
			}
			continue
		}
		for _, s := range got {
			for _, m := range s.Messages {
				from = m.ID
				r.hand(show, message(m))
			}
		}
	}
}

func (r *Redis) idle(show market.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count(show) > 0 {
		return false
	}
	delete(r.reading, show)
	return true
}

// fresh is for how long a process's count of viewers is believed.
const fresh = 5 * time.Second

func (r *Redis) present(show market.ID) {
	key := line(show) + ":viewers"
	r.db.HSet(r.ctx, key, r.self, strconv.Itoa(r.count(show))+"@"+strconv.FormatInt(time.Now().UnixMilli(), 10))
	r.db.Expire(r.ctx, key, time.Hour)
}

// Viewers is how many watch a room in all processes, a second behind.
func (r *Redis) Viewers(ctx context.Context, show market.ID) (int, error) {
	all, err := r.db.HGetAll(ctx, line(show)+":viewers").Result()
	n := 0
	for _, said := range all {
		count, at, _ := strings.Cut(said, "@")
		ms, _ := strconv.ParseInt(at, 10, 64)
		if c, bad := strconv.Atoi(count); bad == nil && time.Since(time.UnixMilli(ms)) < fresh {
			n += c
		}
	}
	return n, err
}

// Close ends the readers.
func (r *Redis) Close() error {
	r.stop()
	r.wait.Wait()
	return r.db.Close()
}
