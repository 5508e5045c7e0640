package corpus_test

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/language"
)

const (
	smallest = 4 << 10
	largest  = 1 << 20
	telling  = 40 * time.Millisecond
	// maxGrowth is the maximum factor by which the processor time may grow for four times
	// the input: 4 is linear and 16 is quadratic.
	maxGrowth = 9
)

// TestHostileFiles checks that the time to read files that are made to take long is about
// linear in their size. It measures the processor time of the process. Files grow until
// this is long enough to compare, or until they reach the largest size.
func TestHostileFiles(t *testing.T) { // not parallel: it counts what all goroutines take
	for _, text := range []string{"the gate", "Der Zug fährt", "Добрый день", "سلام"} { // loads the models before the measurement
		language.DetectDocument(text)
	}
	// A collection takes a fifth of a second, for the models, and would be taken for growth.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for _, kinds := range []map[string]func(size int) []byte{hostileTexts, hostileEncodings, hostileMatter, hostilePages, hostileRecords(), hostileArchives(t), hostileOffice(t)} {
		for name, make := range kinds {
			t.Run(name, func(t *testing.T) {
				taken := func(size int) time.Duration {
					content := make(size)
					collectAbove(1 << 30)
					begun := processorTime(t)
					_, _ = read(t, name, content) // an error is fine, if it comes soon
					return processorTime(t) - begun
				}
				least := taken(smallest)
				for size := 4 * smallest; size <= largest && least < telling; size *= 4 {
					before, now := least, taken(size)
					for range 5 { // other work on the machine may have added to a time
						if before < telling/4 || now <= maxGrowth*before {
							break
						}
						before, now = min(before, taken(size/4)), min(now, taken(size))
					}
					if before >= telling/4 && now > maxGrowth*before {
						t.Fatalf("%d bytes take %v, and %d bytes take %v", size/4, before, size, now)
					}
					t.Logf("%d bytes take %v", size, now)
					least = now
				}
			})
		}
	}
}

// collectAbove collects garbage if the heap has more than some bytes.
func collectAbove(bytes uint64) {
	var memory runtime.MemStats
	if runtime.ReadMemStats(&memory); memory.HeapAlloc > bytes {
		runtime.GC()
	}
}

// processorTime returns the processor time that the process has taken.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// repeated returns a function that makes a file: a piece again and again between a start
// and an end. In the piece, %d stands for its number.
func repeated(start, piece, end string) func(size int) []byte {
	return func(size int) []byte {
		var out strings.Builder
		out.WriteString(start)
		for i := 1; out.Len() < size; i++ {
			out.WriteString(strings.ReplaceAll(piece, "%d", strconv.Itoa(i)))
		}
		out.WriteString(end)
		return []byte(out.String())
	}
}

// nested returns a function that makes a file: half of it opens something, and half closes
// it again.
func nested(start, open, inside, end string) func(size int) []byte {
	return func(size int) []byte {
		n := size / (len(open) + len(end))
		return []byte(start + strings.Repeat(open, n) + inside + strings.Repeat(end, n))
	}
}
