package local

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestChoosePort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", loopback(0))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	takenPort := taken.Addr().(*net.TCPAddr).Port
	free, err := choosePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	got, err := choosePort(t.Context(), 0, takenPort, free)
	if err != nil || got != free {
		t.Errorf("choosePort(0, taken, %d) = %d, %v, want the free one", free, got, err)
	}
	got, err = choosePort(t.Context(), takenPort)
	if err != nil || got == takenPort || got == 0 {
		t.Errorf("choosePort(%d) = %d, %v, want another port", takenPort, got, err)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", tailBytes)
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"blank", "\n \n", ""},
		{"short", "one\ntwo\n", "one\ntwo"},
		{"long: whole lines only", long + "\nlast\n", "last"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := tail(file); got != tt.want {
				t.Errorf("tail = %q, want %q", got, tt.want)
			}
		})
	}
	if got := tail(filepath.Join(t.TempDir(), "missing")); got != "" {
		t.Errorf("tail of a missing file = %q, want none", got)
	}
}

func TestRunEndsWholeGroup(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	why := errors.New("time is up")
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, exec.CommandContext(ctx, "sh", "-c", "sleep 3600 & echo $!; wait"), log)
	}()
	patience, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	if err := waitUntil(patience, func() bool { return tail(log) != "" }); err != nil {
		t.Fatal(err)
	}
	cancel(why)
	if err := <-done; !errors.Is(err, why) {
		t.Errorf("run = %v, want %v", err, why)
	}
	grandchild := atoi(t, tail(log))
	gone := func() bool { return commandLine(grandchild) == "" }
	if err := waitUntil(patience, gone); err != nil {
		t.Errorf("process %d, started by the one that run started, still lives", grandchild)
	}
}

func TestLibraryHint(t *testing.T) {
	t.Parallel()
	for _, said := range []string{
		"missing required system libraries:\n  libgssapi_krb5.so.2 => not found\n\nInstall",
		"initdb: error while loading shared libraries: libgssapi_krb5.so.2: cannot open shared object file",
	} {
		err := errors.New(said)
		got := withLibraryHint(err)
		if !errors.Is(got, err) || !strings.Contains(got.Error(), "lacks libgssapi_krb5.so.2 (Debian, Ubuntu: apt-get install libgssapi-krb5-2") {
			t.Errorf("withLibraryHint(%q) = %v, want it to name the library and the packages", said, got)
		}
	}
	other := errors.New("exit status 1")
	if got := withLibraryHint(other); !errors.Is(got, other) || got.Error() != other.Error() {
		t.Errorf("withLibraryHint of another error = %v, want it as it was", got)
	}
}

func TestClaimPortTriesAnother(t *testing.T) {
	t.Parallel()
	var port int
	var thief net.Listener
	err := claimPort(t.Context(), &port, 0, func() error {
		if thief != nil {
			return nil
		}
		var err error
		if thief, err = net.Listen("tcp", loopback(port)); err != nil {
			return err // another process took the port
		}
		return errors.New("address already in use")
	})
	defer thief.Close()
	if stolen := thief.Addr().(*net.TCPAddr).Port; err != nil || port == stolen {
		t.Errorf("claimPort = %v with port %d, which was taken meanwhile, want another", err, port)
	}
	tries := 0
	err = claimPort(t.Context(), &port, 0, func() error {
		if tries++; tries == 1 { // what took the port has ended since
			return errors.New(`could not bind IPv4 address "127.0.0.1": Address already in use`)
		}
		return nil
	})
	if err != nil || tries != 2 {
		t.Errorf("claimPort = %v after %d tries, want another try for a port that was in use", err, tries)
	}
	broken := errors.New("broken")
	if err := claimPort(t.Context(), &port, 0, func() error { return broken }); !errors.Is(err, broken) {
		t.Errorf("claimPort = %v, want %v", err, broken)
	}
}
