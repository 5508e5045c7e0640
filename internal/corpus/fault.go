package corpus

import (
	"errors"
	"io/fs"
	"slices"

	"github.com/accord-search/accord/internal/corpus/archive"
	"github.com/accord-search/accord/internal/corpus/decode"
	"github.com/accord-search/accord/internal/corpus/epub"
	"github.com/accord-search/accord/internal/corpus/feed"
	"github.com/accord-search/accord/internal/corpus/mail"
	"github.com/accord-search/accord/internal/corpus/office"
	"github.com/accord-search/accord/internal/corpus/pdf"
	"github.com/accord-search/accord/internal/corpus/table"
)

// faults lists the kinds of errors of files, each with its name and its errors.
var faults = []struct {
	kind string
	errs []error
}{
	{"empty", []error{ErrEmpty, ErrBlank}},
	{"without text", []error{ErrNoText}},
	{"scanned pages without text", []error{pdf.ErrScanned}},
	{"text in fonts that do not name its letters", []error{pdf.ErrUndecoded}},
	{"encrypted", []error{archive.ErrEncrypted, pdf.ErrPassword, epub.ErrProtected}},
	{"too large", []error{
		ErrTooLong, ErrLines, ErrCells, ErrPipes, ErrMatter, ErrRoots, ErrArticles, ErrRecords, ErrDepth, ErrParts,
		archive.ErrTooLarge, archive.ErrEntries, archive.ErrSparse, feed.ErrItems, mail.ErrTooLarge, mail.ErrParts, office.ErrText,
		pdf.ErrPages, pdf.ErrTime, table.ErrColumns, table.ErrRow,
	}},
	{"broken", []error{archive.ErrBroken, archive.ErrMissing, mail.ErrBroken, pdf.ErrBroken}},
	{"of a format that is not read", []error{ErrFormat, ErrForeign, decode.ErrBinary}},
	{"with a name that is not UTF-8", []error{ErrName}},
	{"not permitted", []error{fs.ErrPermission}},
	{"absent", []error{fs.ErrNotExist}},
}

// KindOfFault returns a short name for the kind of an error of a file, such as "too large".
// It is for summaries.
func KindOfFault(err error) string {
	for _, f := range faults {
		if slices.ContainsFunc(f.errs, func(is error) bool { return errors.Is(err, is) }) {
			return f.kind
		}
	}
	var file *FileError
	if errors.As(err, &file) && file.Line > 0 {
		return "faulty line"
	}
	return "faulty in another way"
}
