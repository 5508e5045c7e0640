package corpus_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/corpus"
)

const (
	// maxMemory is the maximum memory of a process that reads a file, in bytes. Models of
	// languages take up to 250 MiB of it.
	maxMemory = 400 << 20
	// softLimit is the memory limit that accord ingest sets.
	softLimit   = 400 << 20
	maxFileTime = 10 * time.Second
	// readVariable names the file that a process of this test reads.
	readVariable = "ACCORD_TEST_HOSTILE_FILE"
)

// TestHostileMemory checks that files that are made to take much memory are read, or refused, within
// maxMemory and maxFileTime. Each is read by a process of its own.
func TestHostileMemory(t *testing.T) { // not parallel: processes would take time from each other
	if path := os.Getenv(readVariable); path != "" {
		debug.SetMemoryLimit(softLimit)
		for _, err := range (corpus.Reader{}).Pieces(path, filepath.Base(path)) {
			_ = err // an error is fine
		}
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%s", status)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells the peak of memory of a process without that of its parent")
	}
	const million = 1_000_000
	text := strings.Repeat("The gate is open and the ships go out. ", 380_000)
	for name, content := range map[string]string{
		"quotes.csv":      strings.Repeat("\"a\n", million),
		"cell.csv":        "title,text\na,\"" + text + "\"\n",
		"columns.md":      strings.Repeat("|a", million) + "\n" + strings.Repeat("|-", million) + "\n",
		"short-rows.md":   strings.Repeat("|a", 1000) + "\n" + strings.Repeat("|-", 1000) + "\n" + strings.Repeat("|b\n", 200_000),
		"short.jsonl":     strings.Repeat("{\"text\":\"a gate\"}\n", 400_000),
		"long.jsonl":      "{\"text\":\"" + text + "\"}\n",
		"dotted.md":       "+++\na" + strings.Repeat(".b", 2*million) + " = 1\n+++\nText.\n",
		"deep.md":         strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000) + "\nText.\n",
		"list.md":         "{\"a\":[" + strings.Repeat("[],", 5*million) + "1]}\nText.\n",
		"attributes.html": "<p " + strings.Repeat("a=b ", million) + ">Text.",
		"roots.html":      strings.Repeat("<body a=b>", 100_000) + "<p>Text.",
		"empty.rss":       "<rss><channel>" + strings.Repeat("<item/>", million) + "</channel></rss>",
		"from.mbox":       strings.Repeat("From a\n\n", million),
		"empty.tar":       string(tarOf(t, make([][]byte, 30_000)...)),
		"cells.odt":       officeOf(t, "content.xml", "<a xmlns:o='urn:office:1.0'><o:text><table>"+strings.Repeat("<table-row><table-cell number-columns-repeated='100'><p>"+text[:70_000]+"</p></table-cell></table-row>", 100)+"</table></o:text></a>"),
		"numbers.docx":    officeOf(t, "word/numbering.xml", string(repeated("<a>", "<abstractNum abstractNumId='%d'/>", "</a>")(40<<20))),
		"styles.docx":     officeOf(t, "word/styles.xml", string(repeated("<a>", "<style styleId='%d'/>", "</a>")(40<<20))),
		"paragraphs.docx": officeOf(t, "word/document.xml", docxBody(strings.Repeat("<w:p><w:r><w:t>a</w:t></w:r></w:p>", million))),
		"fields.docx":     officeOf(t, "word/document.xml", docxBody("<w:p>"+strings.Repeat("<fldChar fldCharType='begin'/><fldChar fldCharType='separate'/><t>a</t>", 200_000)+"</w:p>")),
		"code.odt":        officeOf(t, "content.xml", "<a xmlns:o='urn:office:1.0'><o:text>"+strings.Repeat("<p style-name='Source_20_Code'>a b</p>", million)+"</o:text></a>"),
		"property.docx":   officeOf(t, "docProps/core.xml", "<a><title>"+strings.Repeat("a<!---->", 5*million)+"</title></a>"),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			reading := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHostileMemory$")
			reading.Env = append(os.Environ(), readVariable+"="+path)
			out, err := reading.CombinedOutput()
			peak := peakRE.FindSubmatch(out)
			if err != nil || peak == nil {
				t.Fatalf("%v: %s", err, out)
			}
			kib, err := strconv.Atoi(string(peak[1]))
			taken := reading.ProcessState.UserTime() + reading.ProcessState.SystemTime()
			if err != nil || kib<<10 > maxMemory || taken > maxFileTime {
				t.Errorf("it takes %d KiB and %v, error %v", kib, taken, err)
			}
			t.Logf("%d MiB, %v", kib>>10, taken)
		})
	}
}

// officeOf returns an ODT or a DOCX with a part.
func officeOf(t *testing.T, name, content string) string {
	t.Helper()
	if name == "content.xml" {
		return string(packed(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.text", name: content}))
	}
	files := map[string]string{"word/document.xml": docxBody(docxParagraph("Text."))}
	files[name] = content
	return string(packed(t, files))
}

// peakRE finds the peak of memory in /proc/self/status.
var peakRE = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)
