package main

import (
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/convert"
)

// These are the values of change.Change: what an ingest would do with a document.
const (
	wouldCreate = "new"
	wouldChange = "changed"
	wouldRemove = "removed"
	wouldRefuse = "refused"
	wouldKeep   = "unchanged"
)

// change is what an ingest would do with a document. docs/ingest.md describes it as JSON.
type change struct {
	File   string         `json:"file"`
	Name   string         `json:"name"`
	Change string         `json:"change"`
	Why    string         `json:"why,omitempty"` // for removed and refused
	Fields []changedField `json:"fields,omitempty"`
	Text   string         `json:"text_diff,omitempty"`  // unified diff with one sentence per line
	More   int            `json:"more_lines,omitempty"` // number of lines of the diff that are left out
}

// changedField is a field of a document that would change.
type changedField struct {
	Field  string `json:"field"`
	Stored string `json:"stored"`
	New    string `json:"new"`
}

// diff compares the files with what the server has, and prints what would change. It stores
// nothing.
func (c *ingestCmd) diff(ctx context.Context, files iter.Seq2[tree.File, error], r *report) error {
	im, err := c.newImporter(r)
	if err != nil {
		return err
	}
	defer im.close()
	err = reader{
		number: c.readers(),
		read:   func(next *fileToRead, give func(*filePiece) error) error { return im.compare(ctx, next, give) },
		begin:  r.begin,
		take: func(next *fileToRead, piece *filePiece) error {
			c.reportRead(next, piece, r)
			next.partly = next.partly || piece.refuses()
			for _, change := range piece.kept(!next.partly) {
				r.change(change)
			}
			return nil
		},
		end:     func(*fileToRead) error { return nil },
		abandon: func(*fileToRead) {},
	}.run(ctx, files)
	if err != nil || !c.Prune {
		return err
	}
	return im.eachGone(ctx, func(_ *root, gone []goneDocument) error {
		for _, d := range gone {
			r.change(change{File: d.file, Name: d.name, Change: wouldRemove, Why: "its file is gone"})
		}
		return nil
	})
}

// kept returns the changes of a piece of a file that an ingest would make. It leaves out
// documents whose ids another file has. It leaves out removals unless the whole file is
// stored.
func (p *filePiece) kept(whole bool) []change {
	own := map[string]bool{}
	for _, d := range p.file.Documents {
		own[d.ID] = true
	}
	whole = whole && !p.refuses()
	return slices.DeleteFunc(p.changes, func(c change) bool {
		if c.Change == wouldRemove {
			return !whole
		}
		return !own[path.Base(c.Name)]
	})
}

// refuses reports whether the server would refuse a document.
func (p *filePiece) refuses() bool {
	return slices.ContainsFunc(p.changes, func(c change) bool { return c.Change == wouldRefuse })
}

// compare reads a file and finds what an ingest would do with its documents, and with the
// stored documents that the file no longer has.
func (im *importer) compare(ctx context.Context, next *fileToRead, give func(*filePiece) error) error {
	if err := im.compareWithMemory(ctx, next); err != nil {
		return err
	}
	name, whole, own, seed := im.named(next).Name, true, map[uint64]bool{}, maphash.MakeSeed()
	err := im.parse(next, func(piece *filePiece) error {
		whole = whole && piece.failed == nil
		if err := im.planPiece(ctx, next, piece); err != nil {
			return err
		}
		for _, d := range piece.documents {
			own[maphash.String(seed, d.GetName())] = true
			c, err := im.compareDocument(ctx, next, piece, d)
			if err != nil {
				return err
			}
			c.File = name
			piece.changes = append(piece.changes, c)
		}
		return give(piece)
	})
	if err != nil || !whole { // nothing is removed for a file that was not read as a whole
		return err
	}
	metadata := map[string]string{"file": name}
	if !im.ReplaceRoot {
		metadata[rootKey] = next.root.name
	}
	last := &filePiece{}
	err = im.eachStored(ctx, im.conn, &accordv1.Filter{Metadata: metadata}, func(d *accordv1.Document) {
		if !own[maphash.String(seed, d.GetName())] {
			last.changes = append(last.changes, change{File: name, Name: d.GetName(), Change: wouldRemove, Why: "it is no longer in the file"})
		}
	})
	if err != nil {
		return err
	}
	return give(last)
}

// compareDocument returns what an ingest would do with a document of a file.
func (im *importer) compareDocument(ctx context.Context, next *fileToRead, piece *filePiece, d *accordv1.Document) (change, error) {
	out := change{Name: d.GetName(), Change: wouldCreate}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, err := accordv1.NewSearchServiceClient(im.conn).GetDocument(ctx, &accordv1.GetDocumentRequest{Name: d.GetName()})
	if status.Code(err) == codes.NotFound {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	stored := answer.GetDocument()
	folder := stored.GetMetadata()[rootKey]
	switch refused := piece.refused[d.GetName()]; {
	case refused != nil:
		out.Change, out.Why = wouldRefuse, refused.Error()
		return out, nil
	case folder != "" && folder != next.root.name && !im.ReplaceRoot:
		out.Change, out.Why = wouldRefuse, errForeign.Error()
		return out, nil
	}
	out.Fields = changedFields(stored, d)
	if stored.GetText() != d.GetText() {
		if out.Text, out.More = textDiff(stored.GetText(), d.GetText()); out.Text == "" {
			out.Fields = append(out.Fields, changedField{Field: "white space of the text"})
		}
	}
	out.Change = wouldKeep
	if len(out.Fields) > 0 || out.Text != "" {
		out.Change = wouldChange
	}
	return out, nil
}

// changedFields returns the fields of a document that would change, except for its text.
func changedFields(stored, read *accordv1.Document) (out []changedField) {
	add := func(field, before, after string) {
		if before != after {
			out = append(out, changedField{field, before, after})
		}
	}
	add("title", stored.GetTitle(), read.GetTitle())
	add("date", dateOf(stored), dateOf(read))
	if read.GetLanguageCode() != "" && !strings.EqualFold(stored.GetLanguageCode(), read.GetLanguageCode()) { // otherwise the server detects it
		add("language", stored.GetLanguageCode(), read.GetLanguageCode())
	}
	add("source", stored.GetSource(), read.GetSource())
	add("uri", stored.GetUri(), read.GetUri())
	keys := map[string]bool{}
	for _, d := range []*accordv1.Document{stored, read} {
		for key := range d.GetMetadata() {
			keys[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		add("metadata "+key, stored.GetMetadata()[key], read.GetMetadata()[key])
	}
	before, after := structureOf(stored), structureOf(read)
	add("articles", before.articles, after.articles)
	add("passages", before.passages, after.passages)
	if len(out) == 0 && stored.GetText() == read.GetText() && (before.kinds != after.kinds || !slices.Equal(stored.GetPageStarts(), read.GetPageStarts())) {
		out = append(out, changedField{Field: "structure"})
	}
	return out
}

func dateOf(d *accordv1.Document) string {
	if d.GetPublishTime() == nil {
		return ""
	}
	at := d.GetPublishTime().AsTime().Format("2006-01-02T15:04:05Z")
	if d.GetPublishTimePrecision() == accordv1.TimePrecision_TIME_PRECISION_DATE {
		at, _, _ = strings.Cut(at, "T")
	}
	return at
}

// structure is how a text is cut into passages.
type structure struct{ articles, passages, kinds string }

func structureOf(d *accordv1.Document) structure {
	var labels []string
	var kinds strings.Builder
	passages := chunk.Passages(convert.ToDocument(d))
	for _, p := range passages {
		fmt.Fprintf(&kinds, "%s %q %d-%d\n", p.Kind, p.LabelPath, p.Range.Start, p.Range.End)
		if p.Label != "" {
			labels = append(labels, p.Label)
		}
	}
	return structure{articles: strings.Join(labels, ", "), passages: fmt.Sprint(len(passages)), kinds: kinds.String()}
}
