package server

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	"golang.org/x/time/rate"
)

// attacker is a connection of HTTP/2 whose frames a test writes itself.
type attacker struct {
	net.Conn
	framer *http2.Framer
	head   []byte // of a call
	stream uint32 // the last one
}

// attack opens a connection.
func (r *running) attack(t *testing.T, secure bool) *attacker {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.srv.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if secure {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	a := &attacker{Conn: conn, framer: http2.NewFramer(conn, conn)}
	if err := a.framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	var head bytes.Buffer
	encoder := hpack.NewEncoder(&head)
	encoder.SetMaxDynamicTableSize(0) // so that each call can have the same head
	for _, field := range [][2]string{
		{":method", "POST"}, {":scheme", "http"}, {":path", "/test.Test/Call"}, {":authority", "test"}, {"content-type", "application/grpc"}, {"te", "trailers"},
	} {
		if err := encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
			t.Fatal(err)
		}
	}
	a.head = head.Bytes()
	return a
}

// call opens a call, and resets it.
func (a *attacker) call() error {
	a.stream += 2
	return errors.Join(
		a.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: a.stream - 1, BlockFragment: a.head, EndHeaders: true}),
		a.framer.WriteRSTStream(a.stream-1, http2.ErrCodeCancel))
}

// TestRapidResets: a connection whose client opens and resets calls without end is closed, with
// and without TLS. One whose client resets as many calls as it may stays open.
func TestRapidResets(t *testing.T) {
	t.Parallel()
	files := newFiles(t)
	writeCertificate(t, files, 1)
	for name, cfg := range map[string]Config{"plaintext": {}, "TLS": {TLS: &files}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, cfg, func(context.Context) error { return nil })
			polite := r.attack(t, cfg.TLS != nil)
			for range resetsAtOnce {
				if err := polite.call(); err != nil {
					t.Fatal(err)
				}
			}
			if err := polite.ping(); err != nil {
				t.Errorf("a client that reset %d calls gets %v", resetsAtOnce, err)
			}
			attacker := r.attack(t, cfg.TLS != nil)
			closed := make(chan error, 1)
			go func() {
				_, err := io.Copy(io.Discard, attacker)
				closed <- err
			}()
			for range 20 * resetsAtOnce { // at patience, this is four times what is allowed
				if attacker.call() != nil {
					break
				}
			}
			if err := <-closed; errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection of a client that resets calls without end stays open")
			}
		})
	}
}

// ping sends a PING and waits for its answer.
func (a *attacker) ping() error {
	if err := a.framer.WritePing(false, [8]byte{1}); err != nil {
		return err
	}
	for {
		frame, err := a.framer.ReadFrame()
		if err != nil {
			return err
		}
		if ping, ok := frame.(*http2.PingFrame); ok && ping.IsAck() {
			return nil
		}
	}
}

// TestResetsAreCounted: resets are counted wherever the frames are cut, and nothing else is.
func TestResetsAreCounted(t *testing.T) {
	t.Parallel()
	const resets = 5
	var arriving bytes.Buffer
	arriving.WriteString(http2.ClientPreface)
	framer := http2.NewFramer(&arriving, nil)
	for n := range uint32(resets) {
		if err := errors.Join(
			framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*n + 1, EndHeaders: true, BlockFragment: []byte{0, 0, 4, 3, 0, 0, 0, 0, 1}}),
			framer.WriteData(2*n+1, false, bytes.Repeat([]byte{0, 0, 4, 3}, 1000)),
			framer.WriteRSTStream(2*n+1, http2.ErrCodeCancel),
		); err != nil {
			t.Fatal(err)
		}
	}
	for _, most := range []int{resets - 1, resets} {
		for _, size := range []int{1, 7, 1 << 20} {
			c := newResetConn(nil)
			c.resets = rate.NewLimiter(0, most)
			allowed := true
			for part := range slices.Chunk(arriving.Bytes(), size) {
				allowed = allowed && c.count(part)
			}
			if allowed != (most == resets) {
				t.Errorf("%d resets in parts of %d bytes, of which %d may be: allowed %v", resets, size, most, allowed)
			}
		}
	}
}
