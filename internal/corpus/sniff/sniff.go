// Package sniff detects the format of a file from its first bytes.
package sniff

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"regexp"
	"strings"
)

// Format is a format of files.
type Format int

// The formats that Of detects. A file is Text if no other format fits: it may be plain text,
// Markdown, or a binary format that is not in the list of foreign ones.
const (
	Text Format = iota
	PDF
	DOCX
	ODT
	EPUB
	ZIP
	TAR
	Gzip
	HTML
	Feed // RSS or Atom
	Mail // one message
	Mbox // messages one after the other
	// Foreign is a known format that cannot be read, such as a picture.
	Foreign
)

// signature is a mark of a format that is not read.
type signature struct {
	offset int
	magic  string
	name   string // as in "is a PNG picture", and what to do instead
}

const export = "; save it as PDF, DOCX, HTML or text"

var foreign = []signature{
	{0, "\x89PNG\r\n\x1a\n", "a PNG picture"},
	{0, "\xff\xd8\xff", "a JPEG picture"},
	{0, "GIF8", "a GIF picture"},
	{0, "II*\x00", "a TIFF picture"},
	{0, "MM\x00*", "a TIFF picture"},
	{8, "WEBP", "a WebP picture"},
	{0, "\x00\x00\x01\x00", "an icon"},
	{8, "WAVE", "a WAV recording"},
	{8, "AVI ", "an AVI video"},
	{4, "ftyp", "a video or picture (MP4, HEIC)"},
	{0, "\x1aE\xdf\xa3", "a Matroska or WebM video"},
	{0, "ID3", "an MP3 recording"},
	{0, "OggS", "an Ogg recording"},
	{0, "fLaC", "a FLAC recording"},
	{0, "\x7fELF", "a program (ELF)"},
	{0, "MZ\x90\x00", "a program (Windows)"},
	{0, "\xca\xfe\xba\xbe", "a compiled program (Java or macOS)"},
	{0, "\xcf\xfa\xed\xfe", "a program (macOS)"},
	{0, "\x00asm", "a program (WebAssembly)"},
	{0, "SQLite format 3\x00", "an SQLite database; export its tables as CSV"},
	{0, "PAR1", "a Parquet table; export it as CSV or JSON Lines"},
	{0, "ARROW1", "an Arrow table; export it as CSV or JSON Lines"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a file of an older Office (DOC, XLS, PPT, MSG), or an encrypted one of Office" + export + ", without a password"},
	{0, "{\\rtf", "an RTF document" + export},
	{0, "%!PS", "a PostScript file; convert it to PDF"},
	{0, "AT&TFORM", "a DjVu book; convert it to PDF with its text"},
	{60, "BOOKMOBI", "a Kindle book; convert it to EPUB"},
	{0, "7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it"},
	{0, "Rar!\x1a\x07", "a RAR archive; unpack it"},
	{0, "BZh", "a bzip2 archive; unpack it"},
	{0, "\xfd7zXZ\x00", "an xz archive; unpack it"},
	{0, "\x28\xb5\x2f\xfd", "a zstd archive; unpack it"},
	{0, "wOFF", "a font"},
	{0, "wOF2", "a font"},
	{0, "\x00\x01\x00\x00\x00", "a font"},
	{0, "OTTO", "a font"},
}

// Head is how many bytes at the start of a file show its format.
const Head = 64 << 10

// Of returns the format of a file by its first bytes, at most Head of them. It returns ZIP
// for all formats that are ZIP archives; Zipped distinguishes them. If the format is Foreign,
// what is its description, such as "a PNG picture".
func Of(data []byte) (f Format, what string) {
	for _, s := range foreign {
		if len(data) >= s.offset && bytes.HasPrefix(data[s.offset:], []byte(s.magic)) {
			return Foreign, s.name
		}
	}
	switch {
	case bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")):
		return PDF, ""
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return ZIP, ""
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		return Gzip, ""
	case len(data) > 262 && string(data[257:262]) == "ustar":
		return TAR, ""
	}
	return written(data), ""
}

// Zipped returns the format of a ZIP archive by its first bytes and its parts. z may be nil.
func Zipped(data []byte, z *zip.Reader) (f Format, what string) {
	has, hasText := map[string]bool{}, false
	if z != nil {
		for _, f := range z.File[:min(len(z.File), 5000)] {
			has[f.Name] = true
			hasText = hasText || docxRE.MatchString(f.Name)
		}
	}
	switch kind := cmp.Or(mimetype(data), typeEntry(z)); {
	case kind == "application/epub+zip", has["META-INF/container.xml"]:
		return EPUB, ""
	case kind == "application/vnd.oasis.opendocument.text", kind == "application/vnd.oasis.opendocument.text-template":
		return ODT, ""
	case strings.HasPrefix(kind, "application/vnd.oasis.opendocument.spreadsheet"):
		return Foreign, "a spreadsheet (ODS); save its sheets as CSV"
	case strings.HasPrefix(kind, "application/vnd.oasis.opendocument."):
		return Foreign, "a drawing or presentation of OpenDocument; save it as PDF"
	case hasText:
		return DOCX, ""
	case has["xl/workbook.xml"], has["xl/workbook.bin"]:
		return Foreign, "a spreadsheet (XLSX); save its sheets as CSV"
	case has["ppt/presentation.xml"]:
		return Foreign, "a presentation (PPTX); save it as PDF"
	case has["META-INF/MANIFEST.MF"], has["AndroidManifest.xml"]:
		return Foreign, "a program (JAR or APK)"
	}
	return ZIP, ""
}

// docxRE matches the name of the part of a DOCX with its text. Some programs add a number.
var docxRE = regexp.MustCompile(`^word/document\d{0,3}\.xml$`)

// mimetype returns the MIME type at the start of a ZIP file, as in EPUB and ODT, or "".
func mimetype(data []byte) string {
	const head, name = 30, "mimetype"
	if len(data) < head+len(name) || !bytes.HasPrefix(data[head:], []byte(name)) {
		return ""
	}
	size := int(binary.LittleEndian.Uint32(data[22:26]))
	start := head + len(name) + int(binary.LittleEndian.Uint16(data[28:30]))
	if start+min(size, 100) > len(data) {
		return ""
	}
	return strings.TrimSpace(string(data[start : start+min(size, 100)]))
}

// typeEntry returns the MIME type in the entry of a ZIP file for it, wherever that is and however it
// is packed, or "".
func typeEntry(z *zip.Reader) string {
	if z == nil {
		return ""
	}
	for _, f := range z.File[:min(len(z.File), 5000)] {
		if f.Name != "mimetype" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return ""
		}
		defer r.Close()
		content, _ := io.ReadAll(io.LimitReader(r, 100)) // its checksum does not matter
		return strings.TrimSpace(string(content))
	}
	return ""
}

var (
	spaceRE = regexp.MustCompile(`^(?:\xEF\xBB\xBF)?\s*`)
	htmlRE  = regexp.MustCompile(`(?i)^(?:<\?xml[^>]*\?>\s*)?(?:<!--(?s:.*?)-->\s*)*(?:<!doctype\s+html|<html[\s>])`)
	feedRE  = regexp.MustCompile(`^(?:<\?xml[^>]*\?>\s*)?(?:(?:<\?xml-[^>]*\?>|<!--(?s:.*?)-->|<!DOCTYPE[^>]*>)\s*)*<(?:rss[\s>]|rdf:RDF[\s>]|(?:\w+:)?feed[\s>])`)
	mboxRE  = regexp.MustCompile(`^From \S+.*\d{4}\s*\r?\n[!-9;-~]+:`)
	// headRE matches a line of the head of a message, or the rest of one.
	headRE   = regexp.MustCompile(`^(?:[!-9;-~]{1,60}:|[ \t]+\S)`)
	senderRE = regexp.MustCompile(`(?i)^(?:from|sender):.*@`)
	// mailRE matches the keys that only messages have, and recipients with an address.
	mailRE = regexp.MustCompile(`(?i)^(?:(?:message-id|mime-version|received|return-path|delivered-to|content-type|content-transfer-encoding|date|in-reply-to|references|list-id|x-mailer|user-agent):|(?:to|cc|reply-to):.*@)`)
)

// written detects the formats that are text.
func written(data []byte) Format {
	head := data[:min(len(data), Head)]
	head = head[len(spaceRE.Find(head)):]
	switch {
	case htmlRE.Match(head):
		return HTML
	case feedRE.Match(head):
		return Feed
	case mboxRE.Match(head):
		return Mbox
	case isMail(head):
		return Mail
	}
	return Text
}

// isMail reports whether text begins with the head of a message: it names a sender with
// an address, and has two keys of messages.
func isMail(head []byte) bool {
	sender, keys := false, 0
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if !headRE.Match(line) {
			return false
		}
		sender = sender || senderRE.Match(line)
		if mailRE.Match(line) {
			keys++
		}
	}
	return sender && keys >= 2
}
