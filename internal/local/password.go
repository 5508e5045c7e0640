package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// defaultPassword is the password that pg0 sets by default.
const defaultPassword = "postgres"

// firstPassword returns the initial password of Postgres, and the arguments with which pg0
// sets up a new server. If a folder was used by a version without passwords, its data is
// kept; an unfinished set-up is removed.
//
// Other users can see the arguments of processes. So pg0 gets a temporary password, which
// changePassword replaces.
func (p *postgres) firstPassword() (password string, setUp []string, err error) {
	_, err = os.Stat(filepath.Join(p.home.dataDir(), "PG_VERSION"))
	if p.state.Port != 0 && err == nil {
		return defaultPassword, nil, p.requirePasswords()
	}
	if err := os.RemoveAll(p.home.path); err != nil {
		return "", nil, fmt.Errorf("remove an unfinished set-up: %w", err)
	}
	password = rand.Text()
	return password, []string{"--password", password}, nil
}

// requirePasswords makes Postgres require a password from clients that it let in without
// one.
func (p *postgres) requirePasswords() error {
	path := filepath.Join(p.home.dataDir(), "pg_hba.conf")
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("require passwords: %w", err)
	}
	lines := strings.Split(string(content), "\n")
	for i, line := range lines {
		if fields := strings.Fields(line); len(fields) > 3 && fields[0] != "#" && fields[len(fields)-1] == "trust" {
			lines[i] = strings.TrimSuffix(strings.TrimRight(line, " \t\r"), "trust") + "password"
		}
	}
	// The file keeps its owner.
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600)
}

// changePassword replaces the password of the role postgres. psql gets the old one in its
// environment and the new one on standard input, which other users cannot see.
func (p *postgres) changePassword(ctx context.Context, from, to string) error {
	const pattern = ".pg0/installation/*/bin/psql"
	found, err := fs.Glob(os.DirFS(p.home.path), pattern)
	if err != nil || len(found) == 0 {
		return errors.Join(fmt.Errorf("there is no %s in %s", pattern, p.home.path), err)
	}
	psql := p.home.commandOf(ctx, filepath.Join(p.home.path, found[0]),
		"--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--host=127.0.0.1", "--port="+strconv.Itoa(p.state.Port), "--username=postgres", "postgres")
	psql.Env = append(psql.Env, "PGPASSWORD="+from)
	psql.Stdin = strings.NewReader("ALTER ROLE postgres PASSWORD '" + to + "';\n")
	if err := run(ctx, psql, p.logFile); err != nil {
		return withTail(err, p.logFile)
	}
	return os.Remove(p.logFile)
}
