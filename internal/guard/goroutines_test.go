package guard_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// startsGoroutine are the methods that call a function in a goroutine: those of errgroup.Group
// and sync.WaitGroup, and those of singleflight.Group.
var startsGoroutine = map[string]bool{"Go": true, "TryGo": true, "DoChan": true}

// TestGoroutinesAreGuarded checks that what each goroutine runs uses this package. A panic
// elsewhere would end the process. Tests, and packages that are only for tests, are left out.
func TestGoroutinesAreGuarded(t *testing.T) {
	root, guarded := filepath.Join("..", ".."), 0
	for _, folder := range []string{"cmd", "internal", "services"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "embedtest" || entry.Name() == "storetest" || entry.Name() == "tools"):
				return filepath.SkipDir
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
				found, unguarded := goroutinesOf(t, path)
				guarded += found - len(unguarded)
				for _, place := range unguarded {
					t.Errorf("%s: a goroutine runs without guard; give it guard.Func, guard.Log or guard.Call", place)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if guarded < 40 {
		t.Errorf("only %d goroutines were found", guarded)
	}
}

// goroutinesOf returns the number of places in a file that start goroutines, and those of
// them that do not use this package.
func goroutinesOf(t *testing.T, path string) (found int, unguarded []token.Position) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		var run ast.Node
		switch n := n.(type) {
		case *ast.GoStmt:
			run = n.Call
		case *ast.CallExpr:
			method, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || !startsGoroutine[method.Sel.Name] {
				return true
			}
			run = n.Args[len(n.Args)-1]
		default:
			return true
		}
		if found++; !usesGuard(run) {
			unguarded = append(unguarded, files.Position(n.Pos()))
		}
		return true
	})
	return found, unguarded
}

// usesGuard reports whether a function of this package is called in n.
func usesGuard(n ast.Node) (uses bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if call, ok := n.(*ast.SelectorExpr); ok {
			name, ok := call.X.(*ast.Ident)
			uses = uses || ok && name.Name == "guard"
		}
		return !uses
	})
	return uses
}
