// Package pdf reads the text of PDF files in reading order, with the page of each
// paragraph. The PDF engine is PDFium, compiled to WebAssembly: it runs inside a
// sandbox that has no files, no network and bounded memory.
package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	pdfium "github.com/klippa-app/go-pdfium"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const (
	maxPages  = 3000
	maxRuns   = 20_000 // of a page; the rest is ignored
	maxMemory = 4096   // WebAssembly pages of 64 KiB: 256 MiB
	// maxTime bounds the reading of a file, and pageTime is added for each page.
	maxTime  = 8 * time.Second
	pageTime = 40 * time.Millisecond
)

// Errors of PDFs. Compare them with errors.Is.
var (
	ErrPassword  = errors.New("is encrypted with a password; save it without")
	ErrBroken    = errors.New("is a broken PDF; open it in a viewer and save or print it as a new one")
	ErrScanned   = errors.New("holds only pictures of pages (scanned), no text; run text recognition (OCR) over it first")
	ErrUndecoded = errors.New("has text in fonts that do not say which letters they show; save it again with the program that made it, or run text recognition (OCR) over it")
	ErrTime      = errors.New("takes too long to read; print it as a new PDF, or split it")
	ErrPages     = fmt.Errorf("has more than %d pages; split it", maxPages)
)

// cache returns the cache of compiled code. If possible, it is in the user's cache folder,
// so that only the first PDF on a machine waits for the compiler. Otherwise it is in
// memory.
var cache = sync.OnceValue(func() wazero.CompilationCache {
	if folder, err := os.UserCacheDir(); err == nil {
		if kept, err := wazero.NewCompilationCacheWithDir(filepath.Join(folder, "accord", "pdf")); err == nil {
			return kept
		}
	}
	return wazero.NewCompilationCache()
})

// engine is PDFium with one open file.
type engine struct {
	pool     pdfium.Pool
	instance pdfium.Pdfium
	document references.FPDF_DOCUMENT
	ctx      context.Context
	stop     context.CancelFunc
	timer    *time.Timer
	objects  int // that were searched for rules
}

// open starts PDFium for one file. Each file has a runtime of its own, so that a file
// that breaks it, or takes too long, leaves nothing behind.
func open(ctx context.Context, data []byte) (_ *engine, err error) {
	e := &engine{}
	e.ctx, e.stop = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			err = e.why(err)
			e.close()
		}
	}()
	config := wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithCompilationCache(cache()).WithCloseOnContextDone(true).WithMemoryLimitPages(maxMemory)
	e.pool, err = webassembly.Init(webassembly.Config{
		Context: experimental.WithCompilationWorkers(e.ctx, runtime.GOMAXPROCS(0)), MaxTotal: 1, RuntimeConfig: config, FSConfig: wazero.NewFSConfig(), Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{},
	})
	if err != nil {
		return nil, fmt.Errorf("start the PDF engine: %w", err)
	}
	e.timer = time.AfterFunc(maxTime, e.stop) // compilation does not count
	if e.instance, err = e.pool.GetInstance(maxTime); err != nil {
		return nil, fmt.Errorf("start the PDF engine: %w", err)
	}
	opened, err := e.instance.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		return nil, err
	}
	e.document = opened.Document
	return e, nil
}

// why returns what an error of PDFium means for a user.
func (e *engine) why(err error) error {
	switch {
	case e.ctx.Err() != nil:
		return ErrTime
	case errors.Is(err, pdfiumerrors.ErrPassword), errors.Is(err, pdfiumerrors.ErrSecurity):
		return ErrPassword
	case errors.Is(err, pdfiumerrors.ErrFormat), errors.Is(err, pdfiumerrors.ErrFile), errors.Is(err, pdfiumerrors.ErrPage), errors.Is(err, pdfiumerrors.ErrUnknown), errors.Is(err, pdfiumerrors.ErrUnexpected):
		return ErrBroken
	}
	return fmt.Errorf("%w (%w)", ErrBroken, err)
}

// close ends PDFium and frees its memory.
func (e *engine) close() {
	if e.timer != nil {
		e.timer.Stop()
	}
	if e.instance != nil {
		_ = e.instance.Close() // the runtime ends anyway
	}
	if e.pool != nil {
		_ = e.pool.Close()
	}
	e.stop()
}

// pages returns the number of pages. It extends the time limit by pageTime for each.
func (e *engine) pages() (int, error) {
	reply, err := e.instance.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: e.document})
	if err != nil {
		return 0, err
	}
	if reply.PageCount > maxPages {
		return 0, ErrPages
	}
	if e.timer.Stop() {
		e.timer.Reset(maxTime + time.Duration(reply.PageCount)*pageTime)
	}
	return reply.PageCount, nil
}

// meta returns a value of the file's properties, such as "Title".
func (e *engine) meta(tag string) string {
	reply, err := e.instance.FPDF_GetMetaText(&requests.FPDF_GetMetaText{Document: e.document, Tag: tag})
	if err != nil {
		return "" // a PDF may lack the value
	}
	return reply.Value
}
