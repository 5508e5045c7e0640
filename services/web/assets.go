package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var assetFiles embed.FS

//go:embed templates
var templateFiles embed.FS

// asset is a file that pages load. Its path changes with its content, so that browsers can keep
// it forever.
type asset struct {
	path, kind string
	content    []byte
}

// assets are the files by name.
var assets = func() map[string]asset {
	all := map[string]asset{}
	for name, kind := range map[string]string{"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml"} {
		content, err := assetFiles.ReadFile("assets/" + name)
		if err != nil {
			panic(err) // cannot happen: the file is embedded in the program
		}
		sum := sha256.Sum256(content)
		base, ext, _ := strings.Cut(name, ".")
		all[name] = asset{fmt.Sprintf("/assets/%s-%s.%s", base, hex.EncodeToString(sum[:4]), ext), kind, content}
	}
	return all
}()

func addAssets(routes *http.ServeMux) {
	for _, a := range assets {
		routes.HandleFunc("GET "+a.path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", a.kind)
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			_, _ = w.Write(a.content) // fails if the client is gone
		})
	}
}

// parseTemplates returns the templates by the names of their files without .html.
func parseTemplates() (*template.Template, error) {
	all := template.New("").Funcs(template.FuncMap{
		"asset": func(name string) string { return assets[name].path },
		"exact": exact, "number": groupDigits, "language": languageName, "dir": direction,
	})
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := templateFiles.ReadFile("templates/" + file.Name())
		if err != nil {
			return nil, err
		}
		if _, err := all.New(strings.TrimSuffix(path.Base(file.Name()), ".html")).Parse(string(text)); err != nil {
			return nil, fmt.Errorf("template: %w", err)
		}
	}
	return all, nil
}

// exact escapes a text so that the page has each of its characters. HTML turns a carriage
// return into a line feed unless it is escaped.
func exact(text string) template.HTML {
	return template.HTML(strings.ReplaceAll(template.HTMLEscapeString(text), "\r", "&#13;")) //nolint:gosec // it is escaped
}

// layout is what every page shows around its content.
type layout struct {
	Title            string
	Login, Anonymous bool // whether the server has a login, and whether the visitor is not logged in
	Content          any
}

// render makes a page and answers with it.
func (v *visit) render(code int, name, title string, content any) {
	var page bytes.Buffer
	for _, part := range []string{"head", name, "foot"} {
		if err := v.site.templates.ExecuteTemplate(&page, part, v.layout(title, content)); err != nil {
			v.site.cfg.Logger.ErrorContext(v.r.Context(), "a page cannot be rendered", "page", name, "error", err)
			http.Error(v.w, "internal error; see the server's log", http.StatusInternalServerError)
			return
		}
	}
	v.code, v.page = code, bytes.Clone(page.Bytes()) // a clone has no room to grow, which would wait for the browser, too
}

func (v *visit) layout(title string, content any) layout {
	login := v.site.cfg.NeedCredential
	return layout{title, login, login && v.site.credential(v.r) == "", content}
}
