package main

import (
	"bytes"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// serveSeeds runs a server with the seeds and the real model.
func serveSeeds(t *testing.T) web {
	t.Helper()
	model, _ := countEmbeddings(t)
	w := serveWeb(t, "--embedding-url", model, "--query-vector-timeout", "2m", "--embedding-query-timeout", "2m", "--embedding-passage-timeout", "5m")
	mustAccord(t, "ingest", "--addr", w.addr, seeds)
	return w
}

// memo is a document in Arabic.
var memo = map[string]any{
	"title": "مذكرة تفاهم بشأن التدريب المهني", "languageCode": "ar", "source": "بلدية المرسى", "publishTime": "2024-03-05T00:00:00Z",
	"text": "مذكرة تفاهم بين بلدية المرسى وميناء الخليج\n\nالمادة 1\nيتعاون الطرفان في مجال التدريب المهني، ويشمل ذلك تبادل المدربين والدروس عبر الإنترنت (e-learning) بين الإدارتين.\n\n" +
		"المادة 2\nتفتح البلدية مكتبة للأطفال عام 2025، وتستقبل 120 زائراً كل يوم.\n\nالمادة 3\nتدخل هذه المذكرة حيز التنفيذ بعد توقيعها بثلاثين يوماً.",
}

// ferry is the same text in three languages.
var ferry = map[string]string{
	"en": "The ferry to Isla Verde leaves the northern pier every morning at seven and returns at dusk. Tickets are sold at the harbour office.",
	"es": "El transbordador a Isla Verde sale del muelle norte todas las mañanas a las siete y vuelve al anochecer. Los billetes se venden en la oficina del puerto.",
	"zh": "前往绿岛的渡轮每天早上七点从北码头出发，黄昏时返回。船票在港口办事处出售。",
}

// asks has a question in each of three languages, with words of the passage that answers it and
// their writing direction.
var asks = []struct{ name, question, word, direction string }{
	{"english", "what was agreed on digital economy", "digital economy", "ltr"},
	{"chinese", "双方如何深化两国政治互信", "政治互信", "ltr"},
	{"arabic", "ما الذي اتفق عليه الطرفان في التدريب المهني", "التدريب المهني", "rtl"},
}

// TestPagesInBrowser does what a new user does, with the keyboard alone: it asks in three
// languages, opens the first result and checks the cited words. It does the same with scripts
// off and on a phone. On no page does axe-core find a serious accessibility violation.
func TestPagesInBrowser(t *testing.T) {
	t.Parallel()
	w := serveSeeds(t)
	w.put(t, "memo", memo)
	for language, text := range ferry {
		w.put(t, "ferry-"+language, map[string]any{"title": "Ferry " + language, "languageCode": language, "text": text})
	}
	b := openBrowser(t, w.url)
	for _, device := range []struct {
		name          string
		width, height int64
		scripts       bool
	}{{"", 1250, 900, true}, {"-plain", 1250, 900, false}, {"-phone", 375, 740, true}} {
		b.size(t, device.width, device.height)
		b.scripts(t, device.scripts)
		b.open(t, "/")
		b.check(t, device.scripts)
		b.picture(t, "first"+device.name)
		for _, ask := range asks {
			b.ask(t, ask.question)
			if got := tell[string](t, b, `document.querySelector(".results blockquote").textContent`); !strings.Contains(got, ask.word) {
				t.Errorf("%q: the first result is %q", ask.question, got)
			}
			if got := tell[string](t, b, `getComputedStyle(document.querySelector(".results blockquote")).direction`); got != ask.direction {
				t.Errorf("%q: direction %s", ask.question, got)
			}
			b.check(t, device.scripts)
			b.picture(t, ask.name+device.name)
			b.follow(t, chromedp.Focus(".results h2 a"), chromedp.KeyEvent(kb.Enter))
			marked := tell[string](t, b, markedWords)
			if !strings.Contains(marked, ask.word) || !tell[bool](t, b, inView) {
				t.Errorf("%q%s: the reader marks %q, in view: %t", ask.question, device.name, marked, tell[bool](t, b, inView))
			}
			b.check(t, device.scripts)
			b.picture(t, ask.name+"-reader"+device.name)
			b.open(t, "/")
		}
	}
	b.size(t, 1250, 900)
	b.ask(t, "when does the ferry to Isla Verde leave")
	b.checkTranslations(t, ".results li:first-child blockquote")
	b.picture(t, "translations")
	b.follow(t, chromedp.Focus(".results h2 a"), chromedp.KeyEvent(kb.Enter))
	b.checkTranslations(t, "article.text mark, aside blockquote")
	b.check(t, true)
	b.picture(t, "translations-reader")
	b.open(t, "/")
	b.ask(t, "how do I bake sourdough bread")
	if !strings.HasPrefix(tell[string](t, b, `document.querySelector(".headline").textContent`), "Nothing was found.") || tell[bool](t, b, `document.querySelector("details.off").open`) {
		t.Errorf("a question off the subject gets the answer %q", tell[string](t, b, `document.querySelector(".answer").textContent`))
	}
	b.check(t, true)
	b.open(t, "/admin")
	b.check(t, true)
	b.picture(t, "admin")
}

// ask types a question and sends it with the keyboard.
func (b browser) ask(t *testing.T, question string) {
	t.Helper()
	b.do(t, chromedp.SendKeys("#q", question))
	b.follow(t, chromedp.KeyEvent(kb.Enter))
}

// checkTranslations checks that the elements of a selector hold the text about the ferry in each
// language, and say which language it is.
func (b browser) checkTranslations(t *testing.T, selector string) {
	t.Helper()
	shown := tell[map[string]string](t, b, `Object.fromEntries([...document.querySelectorAll("`+selector+`")].map(e => [e.closest("[lang]").lang, e.textContent]))`)
	for language, text := range ferry {
		if !strings.Contains(shown[language], text) {
			t.Errorf("%s shows %q in %s", selector, shown[language], language)
		}
	}
}

// violation is an accessibility violation that axe-core found.
type violation struct {
	ID     string `json:"id"`
	Impact string `json:"impact"`
	Help   string `json:"help"`
	Nodes  []struct {
		HTML string `json:"html"`
	} `json:"nodes"`
}

// check checks that the page is not wider than the window, and with scripts also that axe-core
// finds nothing serious.
func (b browser) check(t *testing.T, scripts bool) {
	t.Helper()
	where := tell[string](t, b, `location.href`)
	if wide := tell[int](t, b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		t.Errorf("%s is %d pixels wider than the window", where, wide)
	}
	if !scripts {
		return
	}
	path := os.Getenv("ACCORD_TEST_AXE")
	if path == "" {
		skipMissing(t, "axe-core")
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range tell[[]violation](t, b, string(axe)+";axe.run().then(r => r.violations)") {
		if v.Impact == "serious" || v.Impact == "critical" {
			t.Errorf("%s: %s (%s): %s: %v", where, v.ID, v.Impact, v.Help, v.Nodes)
		}
	}
}

// TestHarmfulTexts: no text of a document, a file name or a question runs as a script.
func TestHarmfulTexts(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	b := openBrowser(t, w.url)
	const harm = `"'><script>window.harmed=1</script><img src=x onerror="window.harmed=1"><svg/onload=window.harmed=1>{{constructor}} port`
	w.put(t, "harm", map[string]any{
		"title": harm, "text": harm + "\n\n" + harm, "source": harm, "uri": "javascript:window.harmed=1", "languageCode": "en", "metadata": map[string]string{"file": harm, harm[:100]: harm},
	})
	_, report := w.upload(t, "default", map[string]string{`'><img src=x onerror=window.harmed=1>.txt`: harm})
	question := url.QueryEscape(harm)
	for _, path := range []string{
		"/?q=" + question, "/?q=port&source=" + question + "&language=en&from=2024-01-01", "/?q=port&in=" + question, "/?q=port&mode=" + question,
		"/read/collections/default/documents/harm?c=0-40&q=" + question + "#c=0-40", "/read/collections/default/documents/harm?c=" + question, "/admin", "/login?next=" + question, "/admin/" + url.PathEscape(harm),
	} {
		b.open(t, path)
		b.do(t, chromedp.Sleep(50*time.Millisecond))
		if tell[bool](t, b, `"harmed" in window || document.scripts.length != 1 || document.querySelector("img, svg, a[href^=javascript]") != null`) {
			t.Errorf("%s lets the text of others act: %s", path, tell[string](t, b, `document.documentElement.outerHTML`))
		}
	}
	if inline.MatchString(report) || strings.Contains(report, "<img") || !strings.Contains(report, "created") {
		t.Errorf("the report of an import lets the name of a file act: %s", report)
	}
}

// readmePicture is the picture on the first screen of the README.
const readmePicture = "../../docs/images/search.png"

// TestPictureOfREADME takes the picture in the README again if -update is set. Fonts differ
// between machines, so it only checks that the file is a small PNG.
func TestPictureOfREADME(t *testing.T) {
	if *update {
		w := serveSeeds(t)
		b := openBrowser(t, w.url)
		b.size(t, 1180, 720)
		b.open(t, "/?q="+url.QueryEscape(asks[0].question))
		if err := os.WriteFile(readmePicture, b.picture(t, "readme"), 0o644); err != nil { //nolint:gosec // it is public
			t.Fatal(err)
		}
	}
	png, err := os.ReadFile(readmePicture)
	if err != nil || len(png) > 200_000 || !bytes.HasPrefix(png, []byte("\x89PNG")) {
		t.Errorf("%s has %d bytes, want a PNG of at most 200,000: %v", readmePicture, len(png), err)
	}
}
