package tree_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/tree"
)

// plant writes files with the given names below a new folder.
func plant(t *testing.T, names ...string) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, name := range names {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestGlobs(t *testing.T) {
	t.Parallel()
	root := plant(t, "a.txt", "b.md", "drafts", "drafts.txt", "news/a.txt", "news/2024/a.html", "news/2024/drafts/c.txt", "old/drafts/d.txt", "old/picture.png")
	for _, test := range []struct{ include, exclude, want string }{
		{"", "", "a.txt b.md drafts.txt news/2024/a.html news/2024/drafts/c.txt news/a.txt old/drafts/d.txt"},
		{"*.txt", "", "a.txt drafts.txt news/2024/drafts/c.txt news/a.txt old/drafts/d.txt"},
		{"*.{md,html}", "", "b.md news/2024/a.html"},
		{"/a.txt", "", "a.txt"},
		{"news", "", "news/2024/a.html news/2024/drafts/c.txt news/a.txt"},
		{"news/*", "", "news/2024/a.html news/2024/drafts/c.txt news/a.txt"},
		{"news/**/*.html", "", "news/2024/a.html"},
		{"news/ b.md", "drafts/", "b.md news/2024/a.html news/a.txt"},
		{"", "drafts/", "a.txt b.md drafts.txt news/2024/a.html news/a.txt"},
		{"", "drafts*", "a.txt b.md news/2024/a.html news/a.txt"},
		{"", "/drafts/ ?.txt", "b.md drafts.txt news/2024/a.html"},
		{"*.txt", "*.txt", ""},
	} {
		globs, err := tree.ParseGlobs(strings.Fields(test.include), strings.Fields(test.exclude))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		files, _ := walk(globs, root)
		for _, f := range files {
			got = append(got, f.Name)
		}
		if diff := cmp.Diff(test.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("include %q, exclude %q (-want +got):\n%s", test.include, test.exclude, diff)
		}
	}
	for _, bad := range []string{"", "/", "[a", "{a,b"} {
		if _, err := tree.ParseGlobs(nil, []string{bad}); err == nil || !strings.Contains(err.Error(), "--exclude") {
			t.Errorf("pattern %q: error %v", bad, err)
		}
	}
}
