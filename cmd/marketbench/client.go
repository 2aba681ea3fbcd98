package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"chohue/market"
)

// client is one kept-open connection. It is a plain one, because whoever makes
// the load shares the machine with the server that is measured.
type client struct {
	addr string
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	body bytes.Buffer
}

func dial(addr string) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{addr: addr, conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}, nil
}

const patience = 30 * time.Second

// call sends one request and returns the body of a 2xx or 3xx answer, good
// until the next call.
func (c *client) call(method, path string, body []byte, headers ...string) ([]byte, error) {
	c.write(method, path, body, headers)
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, err
	}
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	c.body.Reset()
	if _, err := io.Copy(&c.body, answer.Body); err != nil {
		return nil, err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s: %.300s", method, path, answer.Status, c.body.Bytes())
	}
	return c.body.Bytes(), nil
}

func (c *client) write(method, path string, body []byte, headers []string) {
	b := append(c.out[:0], method+" "+path+" HTTP/1.1\r\nHost: "+c.addr+"\r\nAccept: application/json\r\n"...)
	for _, h := range headers {
		b = append(b, h+"\r\n"...)
	}
	if method != http.MethodGet {
		b = append(b, "Content-Length: "+strconv.Itoa(len(body))+"\r\n"...)
	}
	c.out = append(append(b, "\r\n"...), body...)
}

const asJSON = "Content-Type: application/json"

// ask sends v as JSON, nil for no body, and reads the answer into answer.
func (c *client) ask(method, path string, v, answer any) error {
	var body []byte
	var headers []string
	if v != nil {
		var err error
		if body, err = json.Marshal(v); err != nil {
			return err
		}
		headers = []string{asJSON}
	}
	if method == http.MethodPost {
		headers = append(headers, "Idempotency-Key: "+market.NewSecret())
	}
	got, err := c.call(method, path, body, headers...)
	if err != nil || answer == nil {
		return err
	}
	return json.Unmarshal(got, answer)
}

func (c *client) close() { _ = c.conn.Close() }
