package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFolderWithoutPassword: if the Postgres of a folder let everyone in, or had pg0's
// default password, it keeps its data and gets its own password.
func TestFolderWithoutPassword(t *testing.T) {
	t.Parallel()
	cfg := Config{Dir: newDir(t), Postgres: true}
	rt := start(t, cfg)
	wantQuery(t, rt, "kept", "CREATE TABLE v AS SELECT 'kept' AS v", "ALTER ROLE postgres PASSWORD '"+defaultPassword+"'", "SELECT v FROM v")
	stop(t, rt)
	hba := filepath.Join(rt.postgres.home.dataDir(), "pg_hba.conf")
	content, err := os.ReadFile(hba)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hba, []byte(strings.ReplaceAll(string(content), "password", "trust")), 0o600); err != nil {
		t.Fatal(err)
	}
	state := rt.postgres.state
	state.Password = ""
	if err := save(rt.postgres.home.stateFile(), state); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		rt = start(t, cfg)
		wantQuery(t, rt, "kept", "SELECT v FROM v")
		password := rt.postgres.state.Password
		for _, wrong := range []string{defaultPassword, "wrong"} {
			stranger := strings.Replace(rt.DatabaseURL(), password, wrong, 1)
			if _, err := query(t.Context(), stranger, "SELECT 1::text"); err == nil {
				t.Errorf("the password %q is accepted", wrong)
			}
		}
		info, err := os.Stat(rt.postgres.home.stateFile())
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file of the password has mode %v, error %v", info.Mode(), err)
		}
		stop(t, rt)
	}
}
