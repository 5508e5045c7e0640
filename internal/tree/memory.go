package tree

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// mark identifies some strings: it is the first 8 bytes of their SHA-256 digest.
type mark uint64

func markOf(parts ...string) mark {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return mark(binary.BigEndian.Uint64(h.Sum(nil)))
}

// Documents identifies the documents of a file: the same documents in the same versions give
// equal Documents.
type Documents struct {
	Sum   mark  `json:"documents"` // combines names and etags, in any order
	Count int32 `json:"count"`
}

// Add adds a document.
func (d *Documents) Add(name, etag string) {
	d.Sum ^= markOf(name, etag)
	d.Count++
}

// Content identifies the content of a file.
type Content struct {
	// SizeAndTime identifies the size and the modification time. It is 0 if the file was read so
	// soon after it was modified that the next change could have the same time.
	SizeAndTime mark     `json:"size_and_time"`
	Digest      [16]byte `json:"digest"` // the first bytes of the SHA-256 digest
}

// settled is the age from which a modification time is certain to differ from that of the
// next change.
const settled = 2 * time.Second

func sizeAndTimeOf(f File) mark {
	if time.Since(f.ModTime) < settled {
		return 0
	}
	return markOf(fmt.Sprint(f.Size, f.ModTime.UnixNano()))
}

// contentOf reads a file and returns the Content that identifies what it holds.
func contentOf(f File) (c Content, err error) {
	c.SizeAndTime = sizeAndTimeOf(f)
	info, err := os.Stat(f.Path)
	if err != nil {
		return Content{}, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for a writer, and reading some devices never ends
		return Content{}, errors.New("is not a regular file")
	}
	file, err := os.Open(f.Path)
	if err != nil {
		return Content{}, err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return Content{}, err
	}
	copy(c.Digest[:], h.Sum(nil))
	return c, nil
}

// record is what the memory keeps about a file that was stored.
type record struct {
	Content
	Documents
	Passages int32 `json:"passages"`
}

// entry is what is known about a file.
type entry struct {
	remembered record    // Count is 0 if the file is not remembered
	stored     Documents // documents that the server has
}

// Memory remembers which files of a folder a server has stored, and in which version. It uses
// a record only if the server has exactly the recorded documents. So if the memory was
// deleted or is out of date, files are stored again, and none is left out. It takes about 100
// bytes for a file. It is safe for concurrent use.
type Memory struct {
	mu      sync.Mutex
	files   map[mark]entry
	journal *os.File // nil if the memory is not written to disk
}

// OpenMemory opens the memory with a name in a folder. reader is the version and the settings
// of the program that reads the files. The memory starts empty if there is none or if another
// reader made it. OpenMemory also removes memories that were not used for 90 days. If folder
// is empty, the memory is not written to disk.
func OpenMemory(folder, name, reader string) (*Memory, error) {
	m := &Memory{files: map[mark]entry{}}
	if folder == "" {
		return m, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("remember what is stored: %w", err)
	}
	removeOld(folder)
	if err := m.load(journalOf(folder, name), reader); err != nil {
		return nil, fmt.Errorf("remember what is stored: %w", err)
	}
	return m, nil
}

// ReadMemory is like OpenMemory, but writes nothing to disk.
func ReadMemory(folder, name, reader string) (*Memory, error) {
	m := &Memory{files: map[mark]entry{}}
	if folder == "" {
		return m, nil
	}
	if _, err := m.read(journalOf(folder, name), reader); err != nil {
		return nil, fmt.Errorf("read what is stored: %w", err)
	}
	return m, nil
}

// ForgetStored forgets which documents of a file the server has. Call it before Stored records them
// again.
func (m *Memory) ForgetStored(file string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.files[markOf(file)]
	e.stored = Documents{}
	m.files[markOf(file)] = e
}

// Stored records a document that the server has.
func (m *Memory) Stored(file, document, etag string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.files[markOf(file)]
	e.stored.Add(document, etag)
	m.files[markOf(file)] = e
}

// Count returns how many documents of a file the server has.
func (m *Memory) Count(file string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int(m.files[markOf(file)].stored.Count)
}

// Comparison is the result of comparing a file with the memory.
type Comparison struct {
	Content   Content
	Unchanged bool // the server has all documents of the file as it is now
	Documents int  // number of documents of the file, if it is unchanged
	Passages  int
}

// Compare compares a file with the memory. If its size and time are the same as when it was
// stored, the file is not read. Compare fails if the file cannot be read.
func (m *Memory) Compare(f File) (Comparison, error) {
	m.mu.Lock()
	e := m.files[markOf(f.Name)]
	m.mu.Unlock()
	r := e.remembered
	known := r.Count > 0 && r.Documents == e.stored
	same := Comparison{Content: r.Content, Unchanged: true, Documents: int(r.Count), Passages: int(r.Passages)}
	if known && r.SizeAndTime != 0 && r.SizeAndTime == sizeAndTimeOf(f) {
		return same, nil
	}
	c, err := contentOf(f)
	if known && r.Digest == c.Digest && err == nil {
		return same, nil
	}
	return Comparison{Content: c}, err
}

// Remember records that the server has exactly these documents of a file. The record survives
// if the process is killed. Remember fails if the journal cannot be written.
func (m *Memory) Remember(file string, c Content, d Documents, passages int) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := record{Content: c, Documents: d, Passages: int32(passages)}
	m.files[markOf(file)] = entry{r, d}
	if m.journal == nil {
		return nil
	}
	text, err := json.Marshal(line{markOf(file), r})
	if err == nil {
		_, err = m.journal.Write(append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("remember what is stored: %w", err)
	}
	return nil
}

// Forget records that the server has no documents of a file.
func (m *Memory) Forget(file string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.files, markOf(file))
}

// Close closes the memory.
func (m *Memory) Close() {
	if m.journal != nil {
		m.journal.Close() // nothing is buffered
	}
}
