package main

import (
	"net"
	"net/url"
	"sync"
	"testing"
)

// wire is a proxy in front of a server. Tests cut it to simulate a server that was killed,
// and freeze it to simulate one that hangs.
type wire struct {
	t      *testing.T
	target string       // host:port of the server
	flow   sync.RWMutex // locked while frozen

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
	left     int // number of bytes until the wire freezes; 0 for no limit
	ended    sync.WaitGroup
}

// newWire makes a wire to the server of a URL, and returns the URL of the wire.
func newWire(t *testing.T, raw string) (w *wire, through string) {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	w = &wire{t: t, target: u.Host}
	w.mend("127.0.0.1:0")
	t.Cleanup(func() {
		w.cut()
		w.ended.Wait()
	})
	u.Host = w.listener.Addr().String()
	return w, u.String()
}

// cut refuses new connections and closes existing ones.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listener.Close()
	for _, conn := range w.conns {
		conn.Close()
	}
	w.conns = nil
}

// freezeAfter freezes the wire until the end of the test once it has forwarded the given
// number of bytes.
func (w *wire) freezeAfter(bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = bytes
}

// forwarded counts bytes for freezeAfter.
func (w *wire) forwarded(bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left > 0 && w.left <= bytes {
		w.flow.Lock()
		w.t.Cleanup(w.flow.Unlock)
	}
	w.left = max(w.left-bytes, 0)
}

// repair accepts connections again after cut.
func (w *wire) repair() { w.mend(w.listener.Addr().String()) }

func (w *wire) mend(addr string) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listener = listener
	w.ended.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return // the wire was cut
			}
			w.join(near)
		}
	})
}

// join connects a client's connection with the server.
func (w *wire) join(near net.Conn) {
	far, err := net.Dial("tcp", w.target)
	if err != nil {
		near.Close()
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns = append(w.conns, near, far)
	w.ended.Go(func() { w.copy(near, far) })
	w.ended.Go(func() { w.copy(far, near) })
}

// copy forwards data until either side closes.
func (w *wire) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		w.flow.RLock()
		_, err = to.Write(buffer[:n])
		w.flow.RUnlock()
		w.forwarded(n)
		if err != nil {
			return
		}
	}
}
