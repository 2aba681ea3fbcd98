package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Slow 3G as the W3C's budgets have it.
const (
	slowRate  = 400_000 / 8 // bytes a second, each way, for all connections together
	slowDelay = 200 * time.Millisecond
)

// mast is a slow radio link to the market. It carries and counts every byte,
// those of service workers too, which tools for pages do not slow down.
type mast struct {
	target   string
	up, down lane
}

// lane is one direction of the link.
type lane struct {
	bytes atomic.Int64
	mu    sync.Mutex
	free  time.Time // when what has been sent so far is through
}

// due returns when n more bytes will have arrived.
func (l *lane) due(n int) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bytes.Add(int64(n))
	if now := time.Now(); l.free.Before(now) {
		l.free = now
	}
	l.free = l.free.Add(time.Duration(n) * time.Second / slowRate)
	return l.free.Add(slowDelay)
}

// raiseMast returns the address at which the market is reached slowly.
func raiseMast(t *testing.T, target string) (*mast, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	m := &mast{target: target}
	go func() {
		for {
			phone, err := listener.Accept()
			if err != nil {
				return
			}
			go m.carry(phone)
		}
	}()
	return m, "http://" + listener.Addr().String()
}

func (m *mast) carry(phone net.Conn) {
	<-time.After(2 * slowDelay) // the handshake of TCP goes there and back
	market, err := net.Dial("tcp", m.target)
	if err != nil {
		_ = phone.Close()
		return
	}
	go m.up.move(market, phone)
	m.down.move(phone, market)
}

type packet struct {
	data []byte
	due  time.Time
}

// move carries bytes in the order they came, each when it is due.
func (l *lane) move(to io.WriteCloser, from io.Reader) {
	flying := make(chan packet, 1024)
	go func() {
		defer close(flying)
		for {
			data := make([]byte, 1400)
			n, err := from.Read(data)
			if n > 0 {
				flying <- packet{data[:n], l.due(n)}
			}
			if err != nil {
				return
			}
		}
	}()
	defer func() { _ = to.Close() }()
	for p := range flying {
		<-time.After(time.Until(p.due))
		if _, err := to.Write(p.data); err != nil {
			for range flying { // nobody listens any more
			}
			return
		}
	}
}
