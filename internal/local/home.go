package local

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

const (
	// rootHomes is where root's Postgres lives if other users cannot reach the folder
	// of the runtime. It is not a temporary folder, since those are cleaned by age,
	// file by file.
	rootHomes = "/var/lib/accord"
	// serverUser runs Postgres, which refuses to run as root.
	serverUser = "nobody"
)

// home is the folder with Postgres, its data and pg0's state, and the user that owns it.
//
// If Accord runs as root, Postgres runs as nobody. That user cannot reach a folder below,
// for example, a /root with mode 700, whatever the modes further down. Then the home is a
// folder in rootHomes that is named after the runtime's folder, and Clean removes it too.
// Capabilities that override the modes would avoid this, but containers often lack them,
// and they would let the database read every file on the machine.
type home struct {
	path  string
	owner *syscall.Credential // nil for the current user
}

// findHome returns the home of dir's Postgres. An existing home stays in use even if
// the modes of the folders above it change.
func findHome(dir string) (home, error) {
	inside := home{path: filepath.Join(dir, postgresName)}
	if os.Geteuid() != 0 {
		return inside, nil
	}
	owner, err := credential(serverUser)
	if err != nil {
		return home{}, err
	}
	inside.owner = owner
	outside := home{path: outsideHome(dir), owner: owner}
	for _, h := range []home{inside, outside} {
		if _, err := os.Stat(h.stateFile()); err == nil {
			return h, nil
		}
	}
	if othersMayEnter(dir) {
		return inside, nil
	}
	return outside, nil
}

func outsideHome(dir string) string {
	return filepath.Join(rootHomes, fmt.Sprintf("%x", sha256.Sum256([]byte(dir)))[:16])
}

func credential(name string) (*syscall.Credential, error) {
	u, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("find a user for Postgres, which cannot run as root: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", name, err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user %s: %w", name, err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// othersMayEnter reports whether any user can reach the files in dir.
func othersMayEnter(dir string) bool {
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}

func (h home) stateFile() string { return filepath.Join(h.path, "state.json") }

func (h home) dataDir() string { return filepath.Join(h.path, "data") }

// prepare makes the folder and copies pg0 into it, since the owner may not be able to
// reach the original.
func (h home) prepare(pg0 string) error {
	// pg0 leaves a folder in the temporary folder at each start.
	if err := os.RemoveAll(h.tempDir()); err != nil {
		return err
	}
	for _, dir := range []string{h.path, h.tempDir()} {
		if err := h.makeDir(dir); err != nil {
			return err
		}
	}
	program, err := os.Open(pg0)
	if err != nil {
		return err
	}
	defer program.Close()
	return replaceFile(h.program(), program, 0o755)
}

// makeDir makes a folder that only the owner of the home may enter.
func (h home) makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil || h.owner == nil {
		return err
	}
	if filepath.Dir(dir) == rootHomes { // the owner must be able to enter it, whatever the umask
		if err := os.Chmod(rootHomes, 0o755); err != nil {
			return err
		}
	}
	return os.Lchown(dir, int(h.owner.Uid), int(h.owner.Gid))
}

func (h home) tempDir() string { return filepath.Join(h.path, "tmp") }

func (h home) program() string { return filepath.Join(h.path, "pg0") }

// command returns a command that runs pg0 as the owner of the home.
func (h home) command(ctx context.Context, args ...string) *exec.Cmd {
	return h.commandOf(ctx, h.program(), args...)
}

// commandOf returns a command that runs a program as the owner of the home.
func (h home) commandOf(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = h.path
	cmd.Env = []string{"HOME=" + h.path, "TMPDIR=" + h.tempDir(), "PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	if h.owner != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: h.owner}
	}
	return cmd
}
