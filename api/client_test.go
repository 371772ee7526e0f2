package main_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const order = `{"customer":"c-1","currency":"EUR","items":[{"sku":"A-1","quantity":2,"unitPrice":150}]}`

// answer is what a client saw of a response.
type answer struct {
	status int
	closes bool
	body   string
}

// client is one keep-alive connection at a time, as a load balancer uses it.
// Unlike http.Client it never repeats a request, so that no failure is hidden.
type client struct {
	address string
	conn    net.Conn
	read    *bufio.Reader
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// connect opens a connection unless one is open.
func (c *client) connect() error {
	if c.conn != nil {
		return nil
	}
	conn, err := net.DialTimeout("tcp", c.address, 5*time.Second)
	if err != nil {
		return err
	}
	c.conn, c.read = conn, bufio.NewReader(conn)
	return conn.SetDeadline(time.Now().Add(30 * time.Second))
}

// send sends a request's head and, so far, a part of its body.
func (c *client) send(method, path, body string, now int) error {
	if err := c.connect(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.conn, "%s %s HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		method, path, len(body), body[:now])
	return err
}

// receive reads the answer, and gives the connection up when that says so.
func (c *client) receive() (answer, error) {
	res, err := http.ReadResponse(c.read, nil)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if res.Close {
		c.close()
	}
	return answer{res.StatusCode, res.Close, string(body)}, err
}

func (c *client) do(method, path, body string) (answer, error) {
	if err := c.send(method, path, body, len(body)); err != nil {
		return answer{}, fmt.Errorf("send: %w", err)
	}
	return c.receive()
}

// tally counts what a crowd of clients saw.
type tally struct {
	good, closed, reused atomic.Int64
	failures             chan string
}

// gather lets clients work until leave is called, which waits for the answers
// that are under way.
func (n *tally) gather(address string, clients int) (leave func()) {
	var gone atomic.Bool
	var crowd sync.WaitGroup
	for range clients {
		crowd.Go(func() { n.work(address, gone.Load) })
	}
	return func() {
		gone.Store(true)
		crowd.Wait()
	}
}

// work sends requests until stop says so: places an order, then reads it.
func (n *tally) work(address string, stop func() bool) {
	c := &client{address: address}
	defer c.close()
	for !stop() {
		if c.conn != nil {
			n.reused.Add(1)
		}
		placed, err := c.do("POST", "/v1/orders", order)
		if !n.count(placed, err, http.StatusCreated) {
			return
		}
		if stop() {
			return
		}
		_, id, _ := strings.Cut(placed.body, `"id":"`)
		id, _, _ = strings.Cut(id, `"`)
		got, err := c.do("GET", "/v1/orders/"+id, "")
		if !n.count(got, err, http.StatusOK) {
			return
		}
		// An order that was placed must still be there when it is read: the store
		// keeps as many as all clients place in three seconds.
		time.Sleep(20 * time.Millisecond)
	}
}

func (n *tally) count(a answer, err error, want int) bool {
	if err != nil || a.status != want {
		select {
		case n.failures <- fmt.Sprintf("want status %d, got %+v, %v", want, a, err):
		default:
		}
		return false
	}
	n.good.Add(1)
	if a.closes {
		n.closed.Add(1)
	}
	return true
}
