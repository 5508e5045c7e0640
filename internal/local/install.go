package local

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// requirements pins the programs of the runtime, with the hashes of their files.
//
//go:embed requirements.txt
var requirements string

// ErrInstall means that the programs of the runtime could not be installed. The
// wrapping error says what is missing.
var ErrInstall = errors.New("local runtime is not installed; without it, ACCORD_DATABASE_URL and ACCORD_EMBEDDING_URL must point to servers of your own")

const (
	// installLimit bounds downloading about 140 MB and unpacking it.
	installLimit = 15 * time.Minute
	installLog   = "install.log"
	stampName    = "accord.stamp"
	// checkPython fails if Python cannot make a virtual environment: Debian has the module
	// ensurepip in a separate package.
	checkPython = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10) and 'This is Python ' + sys.version)"
)

// install creates the virtual environment of a runtime folder with the pinned programs,
// unless it exists. It creates it in a temporary folder and renames that when it is
// complete, so the remains of an interrupted install do no harm, even if its pip is still
// writing.
func install(ctx context.Context, dir, python string, progress io.Writer) error {
	venv := filepath.Join(dir, venvName)
	if stamp, err := os.ReadFile(filepath.Join(venv, stampName)); err == nil && string(stamp) == wantStamp(venv) {
		return nil
	}
	fmt.Fprintf(progress, "Installing Postgres and the model server into %s (about 140 MB, once)\n", dir)
	began := time.Now()
	if err := removeAll(dir, venvName+".*", logsName+"/"+installLog); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(dir, venvName+".*")
	if err != nil {
		return fmt.Errorf("make a folder to install into: %w", err)
	}
	defer os.RemoveAll(fresh)
	err = installInto(ctx, fresh, python, filepath.Join(dir, logsName, installLog))
	if ctx.Err() != nil {
		return fmt.Errorf("install the local runtime: %w", context.Cause(ctx))
	}
	if err != nil {
		return err
	}
	if err := errors.Join(os.RemoveAll(venv), os.Rename(fresh, venv)); err != nil {
		return fmt.Errorf("finish the install: %w", err)
	}
	fmt.Fprintf(progress, "Installed in %s\n", time.Since(began).Round(time.Second))
	return nil
}

func installInto(ctx context.Context, venv, python, logFile string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, installLimit, fmt.Errorf("not done within %s", installLimit))
	defer cancel()
	if err := makeVenv(ctx, venv, python, logFile); err != nil {
		return err
	}
	if err := pipInstall(ctx, venv, logFile); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(venv, stampName), []byte(wantStamp(venv)), 0o644)
}

// wantStamp returns a stamp that identifies the requirements and the interpreter. An
// environment stops working if its Python is replaced by another version.
func wantStamp(venv string) string {
	python, err := filepath.EvalSymlinks(venvPython(venv))
	if err != nil {
		return "no Python"
	}
	return fmt.Sprintf("%x %s\n", sha256.Sum256([]byte(requirements)), python)
}

func venvPython(venv string) string { return filepath.Join(venv, "bin", "python") }

func makeVenv(ctx context.Context, venv, python, logFile string) error {
	path, err := exec.LookPath(python)
	if err != nil {
		return fmt.Errorf("%s is not on the PATH; install Python 3.10 or later with its venv module (Debian, Ubuntu: apt-get install python3 python3-venv): %w", python, ErrInstall)
	}
	if err := run(ctx, exec.CommandContext(ctx, path, "-c", checkPython), logFile); err != nil {
		return fmt.Errorf("%s must be Python 3.10 or later with its venv module (Debian, Ubuntu: apt-get install python3-venv): %w: %w",
			path, withTail(err, logFile), ErrInstall)
	}
	if err := run(ctx, exec.CommandContext(ctx, path, "-m", "venv", venv), logFile); err != nil {
		return fmt.Errorf("%s cannot make a virtual environment: %w: %w", path, withTail(err, logFile), ErrInstall)
	}
	return nil
}

// pipInstall runs pip with the user's own configuration (index, find-links, proxy,
// cache). That cannot change what is installed, since the hashes are pinned.
func pipInstall(ctx context.Context, venv, logFile string) error {
	list := filepath.Join(venv, "requirements.txt")
	if err := os.WriteFile(list, []byte(requirements), 0o644); err != nil {
		return fmt.Errorf("write the requirements: %w", err)
	}
	pip := exec.CommandContext(ctx, venvPython(venv), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off",
		"--only-binary=:all:", "--require-hashes", "-r", list)
	if err := run(ctx, pip, logFile); err != nil {
		return fmt.Errorf("pip failed; check that it can reach its package index (pip config list, proxy, network) and that this system is Linux with glibc 2.35 or later, or macOS 14 or later on Apple silicon: %w: %w",
			withTail(err, logFile), ErrInstall)
	}
	return nil
}
