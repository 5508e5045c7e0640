package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// clientSource returns the folder of a client. It skips the test if the environment variable
// that the make target of the client's language sets is missing.
func clientSource(t *testing.T, language, variable string) string {
	t.Helper()
	clientTool(t, variable, "test-"+language)
	folder, err := filepath.Abs("../../clients/" + language)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// program runs a program in a folder, with further environment variables, and returns what it
// prints.
func program(t *testing.T, folder string, environment []string, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(limited(t), name, args...)
	command.WaitDelay = time.Second // in case it leaves child processes behind
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	var failed strings.Builder
	command.Stderr = &failed
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, args, err, out, failed.String())
	}
	return string(out)
}

// TestTypeScriptClient runs the tests of the packed TypeScript client on a real server.
func TestTypeScriptClient(t *testing.T) {
	t.Parallel()
	source := clientSource(t, "typescript", "ACCORD_TEST_TYPESCRIPT")
	addr := serveInstant(t, "--stop-timeout", "1m")
	program(t, source, []string{"ACCORD_ADDR=" + addr}, "npm", "test")
}

// runTypeScriptSection installs the packed client in a new folder, and compiles and runs the
// program there.
func runTypeScriptSection(t *testing.T, s clientSection) string {
	t.Helper()
	source, folder := clientSource(t, "typescript", "ACCORD_TEST_TYPESCRIPT"), t.TempDir()
	s.serveReal(t)
	if err := os.Symlink(filepath.Join(source, "..", "..", "dist"), filepath.Join(folder, "dist")); err != nil {
		t.Fatal(err)
	}
	program(t, folder, []string{"NPM_CONFIG_PREFER_OFFLINE=true", "NPM_CONFIG_AUDIT=false"}, "bash", "-ec", s.blocks["sh"])
	file := writeFile(t, folder, "program.mts", s.blocks["typescript"])
	program(t, folder, nil, filepath.Join(source, "node_modules", ".bin", "tsc"), "--strict", "--target", "es2022", "--module", "nodenext",
		"--types", "node", "--typeRoots", filepath.Join(source, "node_modules", "@types"), file)
	return program(t, folder, nil, "node", strings.TrimSuffix(file, ".mts")+".mjs")
}

// runGoSection compiles and runs the program with the dependencies of this module.
func runGoSection(t *testing.T, s clientSection) string {
	t.Helper()
	s.serveReal(t)
	return program(t, ".", nil, "go", "run", writeFile(t, t.TempDir(), "main.go", s.blocks["go"]))
}

// runJavaSection compiles the protos and the program with Maven, whose local repository is
// ACCORD_TEST_JAVA. The last command runs the program.
func runJavaSection(t *testing.T, s clientSection) string {
	t.Helper()
	source, folder := clientSource(t, "java", "ACCORD_TEST_JAVA"), t.TempDir()
	s.serveReal(t)
	sources := filepath.Join(folder, "src", "main", "java")
	if err := os.MkdirAll(sources, 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, sources, "Quickstart.java", s.blocks["java"])
	pom, err := os.ReadFile(filepath.Join(source, "pom.xml"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, folder, "pom.xml", string(pom))
	environment := []string{
		"PATH=" + filepath.Join(source, "..", "..", "bin") + string(os.PathListSeparator) + os.Getenv("PATH"),
		"MAVEN_OPTS=-Dmaven.repo.local=" + os.Getenv("ACCORD_TEST_JAVA"),
	}
	lines := strings.Split(strings.TrimSpace(s.blocks["sh"]), "\n")
	last := len(lines) - 1
	program(t, folder, environment, "bash", "-ec", strings.Join(lines[:last], "\n"))
	return program(t, folder, environment, "bash", "-ec", lines[last])
}
