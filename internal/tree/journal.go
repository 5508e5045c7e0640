package tree

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// line is a line of the journal.
type line struct {
	File mark `json:"file"` // mark of the file's name
	record
}

// forgetAfter is how long an unused memory is kept.
const forgetAfter = 90 * 24 * time.Hour

// journalOf returns the path of the journal of a memory.
func journalOf(folder, name string) string {
	return filepath.Join(folder, fmt.Sprintf("ingest-%016x.jsonl", uint64(markOf(name))))
}

func removeOld(folder string) {
	memories, _ := filepath.Glob(filepath.Join(folder, "ingest-"+strings.Repeat("[0-9a-f]", 16)+".jsonl")) // matches only memories, whatever else the folder holds
	for _, path := range memories {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > forgetAfter {
			os.Remove(path)
		}
	}
}

// header is the first line of a journal.
type header struct {
	Reader string `json:"reader"` // version and settings of the program that read the files
}

// load reads the journal at path and leaves it open. It rewrites the journal if another
// reader wrote it, or if most of it is outdated. It skips a line that was cut off.
func (m *Memory) load(path, reader string) error {
	lines, err := m.read(path, reader)
	if err != nil {
		return err
	}
	if lines > 0 && lines < 2*len(m.files)+1000 {
		if m.journal, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return err
		}
		_, err = m.journal.WriteString("\n") // the last line may be cut off
		return err
	}
	if m.journal, err = os.CreateTemp(filepath.Dir(path), "new-*"); err != nil {
		return err
	}
	if err = m.rewrite(reader); err == nil {
		err = os.Rename(m.journal.Name(), path)
	}
	if err != nil {
		os.Remove(m.journal.Name())
	}
	return err
}

// read reads the journal at path. It returns the number of its lines, or 0 if it is missing
// or another reader wrote it.
func (m *Memory) read(path, reader string) (lines int, err error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	scanner := bufio.NewScanner(file)
	var first header
	if !scanner.Scan() || json.Unmarshal(scanner.Bytes(), &first) != nil || first.Reader != reader {
		return 0, nil
	}
	for lines = 1; scanner.Scan(); lines++ {
		var l line
		if json.Unmarshal(scanner.Bytes(), &l) == nil && l.Count > 0 {
			m.files[l.File] = entry{remembered: l.record}
		}
	}
	return lines, nil // reading stops at a line that is too long
}

func (m *Memory) rewrite(reader string) error {
	to := bufio.NewWriter(m.journal)
	lines := json.NewEncoder(to)
	if err := lines.Encode(header{reader}); err != nil {
		return err
	}
	for key, e := range m.files {
		if err := lines.Encode(line{key, e.remembered}); err != nil {
			return err
		}
	}
	return to.Flush()
}
