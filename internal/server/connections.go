package server

import (
	"net"
	"sync"
)

const (
	// maxConnections bounds the open connections. An idle one takes about 100 kB.
	maxConnections = 1024
	// maxConnectionsPerHost leaves room for others, such as health checks, if one host
	// opens connections without end.
	maxConnectionsPerHost = maxConnections / 2
)

// boundedListener closes connections beyond its bounds at once, so that a client notices
// and does not hang.
type boundedListener struct {
	net.Listener
	most, mostPerHost int

	mu     sync.Mutex
	total  int
	byHost map[string]int // hosts without connections have no entry
}

func newBoundedListener(listener net.Listener, most, mostPerHost int) *boundedListener {
	return &boundedListener{Listener: listener, most: most, mostPerHost: mostPerHost, byHost: map[string]int{}}
}

// Accept returns the next connection within the bounds.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
		if err != nil {
			host = conn.RemoteAddr().String()
		}
		if l.add(host) {
			return &boundedConn{Conn: conn, release: sync.OnceFunc(func() { l.remove(host) })}, nil
		}
		conn.Close()
	}
}

func (l *boundedListener) add(host string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.total >= l.most || l.byHost[host] >= l.mostPerHost {
		return false
	}
	l.total++
	l.byHost[host]++
	return true
}

func (l *boundedListener) remove(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.total--
	if l.byHost[host]--; l.byHost[host] == 0 {
		delete(l.byHost, host)
	}
}

// boundedConn is a connection that counts towards the bounds until it is closed.
type boundedConn struct {
	net.Conn
	release func()
}

// Close closes the connection.
func (c *boundedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
