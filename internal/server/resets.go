package server

import (
	"errors"
	"net"

	"golang.org/x/net/http2"
	"golang.org/x/time/rate"
	"google.golang.org/grpc/credentials"
)

// A connection is closed if its client resets more than resetsPerSecond calls a second for long.
// Without this bound, a client that opens and resets calls without end would make the server
// start all of them: maxStreams bounds only those that are open.
const (
	resetsPerSecond = maxStreams
	resetsAtOnce    = 4 * maxStreams
)

// errResets ends a connection.
var errResets = errors.New("the client resets too many calls")

// resetCredentials bound the resets of each connection that has passed the handshake.
type resetCredentials struct {
	credentials.TransportCredentials
}

// ServerHandshake implements credentials.TransportCredentials.
func (c resetCredentials) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := c.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		return conn, info, err
	}
	return newResetConn(conn), info, nil
}

// Clone implements credentials.TransportCredentials.
func (c resetCredentials) Clone() credentials.TransportCredentials {
	return resetCredentials{c.TransportCredentials.Clone()}
}

// resetConn counts the RST_STREAM frames that arrive at a server of HTTP/2. It reads only the
// headers of frames. gRPC checks the frames themselves, and ends the connection if they are
// malformed.
type resetConn struct {
	net.Conn
	resets *rate.Limiter
	skip   int // bytes before the header of the next frame
	header [frameHeader]byte
	have   int // bytes of header that have arrived
}

// frameHeader is the size of a frame's header: three bytes with the length of what follows it, the
// type, flags, and four bytes with the stream.
const frameHeader = 9

func newResetConn(conn net.Conn) *resetConn {
	return &resetConn{Conn: conn, resets: rate.NewLimiter(resetsPerSecond, resetsAtOnce), skip: len(http2.ClientPreface)}
}

// Read implements net.Conn. It fails if the client has reset too many calls.
func (c *resetConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if !c.count(p[:n]) {
		return 0, errResets
	}
	return n, err
}

// count reads what has arrived, and reports whether the resets in it are allowed.
func (c *resetConn) count(arrived []byte) bool {
	for len(arrived) > 0 {
		if c.skip > 0 {
			skipped := min(c.skip, len(arrived))
			c.skip, arrived = c.skip-skipped, arrived[skipped:]
			continue
		}
		n := copy(c.header[c.have:], arrived)
		c.have, arrived = c.have+n, arrived[n:]
		if c.have < frameHeader {
			return true
		}
		c.have = 0
		c.skip = int(c.header[0])<<16 | int(c.header[1])<<8 | int(c.header[2])
		if http2.FrameType(c.header[3]) == http2.FrameRSTStream && !c.resets.Allow() {
			return false
		}
	}
	return true
}
