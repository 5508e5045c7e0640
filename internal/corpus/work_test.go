package corpus_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestWorkGrowsWithSize holds that four times the text takes about four times the
// memory: what is joined or looked at again for each line takes sixteen times.
func TestWorkGrowsWithSize(t *testing.T) { // not parallel: it counts what all goroutines allocate
	lines := func(format string) func(n int) string {
		return func(n int) string {
			var out strings.Builder
			for i := range n {
				fmt.Fprintf(&out, format, i%900+1)
			}
			return out.String()
		}
	}
	for name, text := range map[string]func(n int) string{
		"keys.txt":      lines("key%d: value of it\n"),
		"wrapped.txt":   lines("words of line %d that is wrapped before it comes to its end, so\nthat the next goes on\n"),
		"articles.txt":  lines("第%d条\n"),
		"captions.txt":  lines("Ships in the port on day %d of the long rain. (Agency/Li Na)\nA line that is no caption\n"),
		"wrapped.md":    lines("words and *more words* of line %d\n"),
		"headings.html": lines("<h2>Heading %d</h2><p>Some text that is a sentence.</p>"),
		"rows.html":     lines("<table><tr><td>%d<td>2<tr><td>3<td>4</table>"),
	} {
		t.Run(name, func(t *testing.T) {
			allocated := func(n int) float64 {
				content := []byte(text(n))
				if _, err := read(t, name, content); err != nil { // the first time reads tables and models
					t.Fatal(err)
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if _, err := read(t, name, content); err != nil {
					t.Fatal(err)
				}
				runtime.ReadMemStats(&after)
				return float64(after.TotalAlloc - before.TotalAlloc)
			}
			if ratio := allocated(4000) / allocated(1000); ratio > 6 {
				t.Errorf("four times the lines take %.1f times the memory", ratio)
			}
		})
	}
}
