// Package epub opens EPUB books: their properties, and the HTML of their chapters in
// reading order.
package epub

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/accord-search/accord/internal/corpus/archive"
)

const (
	maxPart     = 8 << 20  // bytes of a chapter
	maxBook     = 24 << 20 // bytes of all chapters
	maxChapters = 5000
)

// ErrProtected is the error for a book with encrypted chapters.
var ErrProtected = errors.New("is protected by DRM; ask its publisher for an open copy")

// Book is an EPUB.
type Book struct {
	Title, Author, Publisher, Language, Date, Identifier string
	Chapters                                             [][]byte
}

// Read reads a book. It leaves out the table of contents, and chapters that the book
// excludes from its reading order.
func Read(z *zip.Reader) (Book, error) {
	var container struct {
		Files []struct {
			Path string `xml:"full-path,attr"`
		} `xml:"rootfiles>rootfile"`
	}
	if err := decode(z, "META-INF/container.xml", &container); err != nil {
		return Book{}, err
	}
	if len(container.Files) == 0 {
		return Book{}, fmt.Errorf("%w: its container names no package", archive.ErrBroken)
	}
	root := container.Files[0].Path
	var p pack
	if err := decode(z, root, &p); err != nil {
		return Book{}, err
	}
	b := Book{
		Title: first(p.Titles), Author: strings.Join(p.Creators, ", "), Publisher: first(p.Publishers),
		Language: first(p.Languages), Date: p.date(), Identifier: first(p.Identifiers),
	}
	protected, err := protectedParts(z)
	if err != nil {
		return b, err
	}
	return b, b.readChapters(z, p.order(path.Dir(root)), protected)
}

// readChapters reads the chapters called names. It fails with ErrProtected if one of them
// is encrypted.
func (b *Book) readChapters(z *zip.Reader, names []string, protected map[string]bool) error {
	left := int64(maxBook)
	for _, name := range names {
		if protected[name] {
			return ErrProtected
		}
		data, err := archive.Part(z, name, min(maxPart, left))
		if errors.Is(err, archive.ErrMissing) {
			continue // the other chapters can still be read
		}
		if err != nil {
			return err
		}
		left -= int64(len(data))
		b.Chapters = append(b.Chapters, data)
	}
	if len(b.Chapters) == 0 {
		return fmt.Errorf("%w: it has no chapters", archive.ErrBroken)
	}
	return nil
}

// pack is the package document of a book.
type pack struct {
	Titles      []string `xml:"metadata>title"`
	Creators    []string `xml:"metadata>creator"`
	Publishers  []string `xml:"metadata>publisher"`
	Languages   []string `xml:"metadata>language"`
	Identifiers []string `xml:"metadata>identifier"`
	Dates       []struct {
		Event string `xml:"event,attr"`
		Value string `xml:",chardata"`
	} `xml:"metadata>date"`
	Items []struct {
		ID         string `xml:"id,attr"`
		Href       string `xml:"href,attr"`
		Type       string `xml:"media-type,attr"`
		Properties string `xml:"properties,attr"`
	} `xml:"manifest>item"`
	Spine []struct {
		ID     string `xml:"idref,attr"`
		Linear string `xml:"linear,attr"`
	} `xml:"spine>itemref"`
}

// date returns when the book was published, not when its file was made.
func (p *pack) date() string {
	for _, d := range p.Dates {
		if d.Event == "" || d.Event == "publication" || d.Event == "original-publication" {
			return strings.TrimSpace(d.Value)
		}
	}
	return ""
}

// order returns the names of the chapters in reading order, each once. folder is that of
// the package document, to which the links are relative.
func (p *pack) order(folder string) (names []string) {
	chapters := map[string]string{} // hrefs by id
	for _, item := range p.Items {
		isNav := slices.Contains(strings.Fields(item.Properties), "nav")
		isText := strings.Contains(item.Type, "html") || strings.Contains(item.Type, "oeb1")
		if !isNav && isText {
			chapters[item.ID] = item.Href
		}
	}
	for _, ref := range p.Spine[:min(len(p.Spine), maxChapters)] {
		if href, ok := chapters[ref.ID]; ok && ref.Linear != "no" {
			names = append(names, resolve(folder, href))
			delete(chapters, ref.ID)
		}
	}
	return names
}

// resolve returns the name of the entry to which href refers. href may be percent-encoded,
// and is relative to folder.
func resolve(folder, href string) string {
	href, _, _ = strings.Cut(href, "#")
	if decoded, err := url.PathUnescape(href); err == nil {
		href = decoded
	}
	return path.Join(folder, href)
}

// protectedParts returns the parts that are encrypted. Books without DRM often have
// encrypted fonts.
func protectedParts(z *zip.Reader) (map[string]bool, error) {
	var e struct {
		Data []struct {
			Reference struct {
				URI string `xml:"URI,attr"`
			} `xml:"CipherData>CipherReference"`
		} `xml:"EncryptedData"`
	}
	if err := decode(z, "META-INF/encryption.xml", &e); err != nil {
		if errors.Is(err, archive.ErrMissing) {
			return nil, nil
		}
		return nil, err
	}
	names := map[string]bool{}
	for _, d := range e.Data {
		names[resolve("", d.Reference.URI)] = true
	}
	return names, nil
}

// decode decodes a part of the book that is XML.
func decode(z *zip.Reader, name string, into any) error {
	data, err := archive.Part(z, name, maxPart)
	if err != nil {
		return err
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = charset.NewReaderLabel
	d.Strict = false
	d.Entity = xml.HTMLEntity
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("its part %s is broken: %w; convert the book again", name, err)
	}
	return nil
}

func first(values []string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}
