package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser is a tab of Chromium.
type browser struct {
	ctx context.Context
	url string // of the server
}

// openBrowser starts Chromium with an empty profile, until the test ends.
func openBrowser(t *testing.T, url string) browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		skipMissing(t, "chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("force-prefers-reduced-motion", true))
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	tab, close := chromedp.NewContext(all)
	ctx, cancel := context.WithTimeout(tab, patience)
	t.Cleanup(func() {
		cancel()
		_ = chromedp.Cancel(tab) // waits until the browser has ended, so that its profile can be removed
		close()
		stop()
	})
	b := browser{ctx, url}
	b.size(t, 1250, 900)
	return b
}

// do performs actions in the browser.
func (b browser) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// open opens a page of the server.
func (b browser) open(t *testing.T, path string) {
	t.Helper()
	b.do(t, chromedp.Navigate(b.url+path))
}

// follow performs actions that open another page, and waits for that page.
func (b browser) follow(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// size sets the size of the window.
func (b browser) size(t *testing.T, width, height int64) {
	t.Helper()
	b.do(t, chromedp.EmulateViewport(width, height))
}

// scripts turns the scripts of pages on or off.
func (b browser) scripts(t *testing.T, on bool) {
	t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		t.Fatal(err)
	}
}

// tell evaluates a JavaScript expression in the page and returns its value. If the value
// is a promise, tell waits for its result.
func tell[T any](t *testing.T, b browser, expression string) T {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// markedWords is a JavaScript expression for the marked text of the document in the
// reader.
const markedWords = `[...document.querySelectorAll("article.text mark")].map(m => m.textContent).join("")`

// readerText is a JavaScript expression for the text of the document in the reader.
const readerText = `document.querySelector("article.text").textContent`

// inView is a JavaScript expression that reports whether the marked words can be seen
// without scrolling.
const inView = `(() => { const r = document.querySelector("article.text mark").getBoundingClientRect(); return r.top >= 0 && r.top < innerHeight })()`

// picture takes a picture of the window. If ACCORD_TEST_PICTURES is set, it also saves the
// picture in that folder.
func (b browser) picture(t *testing.T, name string) []byte {
	t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if folder := os.Getenv("ACCORD_TEST_PICTURES"); folder != "" {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return png
}
