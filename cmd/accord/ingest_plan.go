package main

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/convert"
)

// maxUnasked limits how many documents of a file are sent as new without asking the server
// about each of them. It applies if the server has no documents of the file. A file with more
// documents is checked first, since each document that turns out to exist costs a stream
// of its own.
const maxUnasked = 8

// plan is how a file is sent.
type plan struct {
	root     *root
	compared tree.Comparison
	before   int // number of documents of the file that the server had
	own      int // number of these that the file still has
	planned  int // number of documents of the pieces so far
}

// root is a folder from which files are sent, with what the server has of it.
type root struct {
	name   string // metadata file_root
	memory *tree.Memory
	asked  bool  // whether the memory was filled with what the server has
	err    error // why the memory could not be filled
}

// roots are the folders from which files are sent. It is safe for concurrent use.
type roots struct {
	mu       sync.Mutex
	byFolder map[string]*root
	byName   map[string]*root // several folders may share a name, set by --root
}

// rootOf returns the root that a folder belongs to. If the folder is one of the given
// paths, it asks the server, once per root, which documents of the root it has.
func (im *importer) rootOf(ctx context.Context, folder string) (*root, error) {
	im.roots.mu.Lock()
	defer im.roots.mu.Unlock()
	if found := im.roots.byFolder[folder]; found != nil {
		return found, found.err
	}
	name := im.rootName(folder)
	found := im.roots.byName[name]
	if found == nil {
		found = &root{name: name, memory: im.openMemory(name)}
		im.catchUp(ctx)
	}
	if im.given(folder) && !found.asked {
		found.asked = true
		found.err = im.ask(ctx, found, map[string]string{rootKey: name})
	}
	im.roots.byFolder[folder], im.roots.byName[name] = found, found
	return found, found.err
}

// given reports whether a folder is itself one of the given paths, and not only the
// folder of a given file.
func (im *importer) given(folder string) bool { return slices.Contains(im.Paths, folder) }

// openMemory opens the memory of a root.
func (im *importer) openMemory(name string) *tree.Memory {
	open := tree.OpenMemory
	if im.DryRun {
		open = tree.ReadMemory
	}
	memory, err := open(im.State, im.Addr+"\n"+string(im.Collection)+"\n"+name+"\n"+im.Prefix, versionText()+", columns as "+im.Columns)
	if err != nil {
		im.report.note("files will be read again next time, since it cannot be noted that they are stored: %v", err)
		memory, _ = tree.OpenMemory("", "", "")
	}
	return memory
}

// ask asks the server which documents with the given metadata it has, and adds them to
// the memory of a root.
func (im *importer) ask(ctx context.Context, of *root, metadata map[string]string) error {
	return im.eachStored(ctx, im.conn, &accordv1.Filter{Metadata: metadata}, func(d *accordv1.Document) {
		etag := d.GetEtag()
		switch d.GetIndexState() {
		case accordv1.IndexState_INDEX_STATE_COMPLETE:
		case accordv1.IndexState_INDEX_STATE_PENDING:
			if !im.NoWait {
				etag = "" // it is sent again, to wait for its vectors
			}
		default:
			etag = "" // it is sent again, since that repairs some documents
		}
		of.memory.Stored(d.GetMetadata()["file"], d.GetName(), etag)
	})
}

// catchUp makes the reads that follow see all writes so far, including those of earlier
// commands, whichever replica answers. It makes an empty import, since the end of an import
// returns the position of the primary. If catchUp fails, the import that follows fails too
// and reports why.
func (im *importer) catchUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	stream, err := im.openImport(ctx, im.conn)
	if err == nil && stream.CloseSend() == nil {
		_, _ = stream.Recv()
	}
}

// close closes the memories and forgets the roots. Afterwards, the server is asked again which
// documents it has.
func (r *roots) close() {
	for _, root := range r.byName {
		root.memory.Close()
	}
	r.byFolder, r.byName = map[string]*root{}, map[string]*root{}
}

// plan decides how a file is sent. Unless the file is unchanged, it reads it and passes on
// its pieces.
func (im *importer) plan(ctx context.Context, next *fileToRead, give func(*filePiece) error) error {
	if err := im.compareWithMemory(ctx, next); err != nil || next.compared.Unchanged {
		return err
	}
	return im.parse(next, func(piece *filePiece) error {
		if err := im.planPiece(ctx, next, piece); err != nil {
			return err
		}
		return give(piece)
	})
}

// compareWithMemory finds out what the server has of a file, and whether the file is
// unchanged since it was stored.
func (im *importer) compareWithMemory(ctx context.Context, next *fileToRead) (err error) {
	if next.root, err = im.rootOf(ctx, next.input.Root); err != nil {
		return err
	}
	file := im.named(next)
	if !im.given(next.input.Root) {
		next.root.memory.ForgetStored(file.Name)
		if err := im.ask(ctx, next.root, map[string]string{rootKey: next.root.name, "file": file.Name}); err != nil {
			return err
		}
	}
	next.before = next.root.memory.Count(file.Name)
	if im.MaxFileBytes > 0 && file.Size > im.MaxFileBytes && !corpus.InPieces(file.Name) {
		return nil // the file is refused, and computing its digest would take long
	}
	if next.compared, err = next.root.memory.Compare(file); err != nil {
		next.compared = tree.Comparison{} // the error will be reported when the file is read
	}
	next.compared.Unchanged = next.compared.Unchanged && !im.readsAll()
	return nil
}

// named returns a file with the name that its documents have as metadata.
func (im *importer) named(next *fileToRead) tree.File {
	file := next.input
	file.Name = path.Join(im.Prefix, file.Name)
	return file
}

// planPiece asks the server which of the documents of a piece are stored, and decides how
// they are sent.
func (im *importer) planPiece(ctx context.Context, next *fileToRead, piece *filePiece) (err error) {
	for _, d := range piece.file.Documents {
		d.Metadata[rootKey] = next.root.name
		piece.documents = append(piece.documents, im.encode(d))
	}
	next.planned += len(piece.documents)
	switch {
	case im.ReplaceRoot:
	case next.before == 0 && next.planned <= maxUnasked && !im.Diff:
		piece.preconditions = map[string]*accordv1.Precondition{}
		for _, d := range piece.documents {
			piece.preconditions[d.GetName()] = mustNotExist
		}
	default:
		var own int
		piece.refused, piece.preconditions, own, err = im.checkStored(ctx, piece.documents, im.named(next), next.root)
		next.own += own
	}
	return err
}

// readsAll reports whether unchanged files are read too. They are if several folders
// share the name of --root, since files of the same name would get the same ids.
func (im *importer) readsAll() bool {
	return im.All || im.Explain && !im.Diff || im.ReplaceRoot || im.Root != "" && len(im.Paths) > 1
}

// holds reports whether another file of a root is unchanged since it was stored. If so, the
// documents that were stored from it still belong to it.
func (im *importer) holds(folder, name string, of *root) bool {
	below, ok := im.withoutPrefix(name)
	if !ok {
		return false
	}
	file, err := tree.Stat(filepath.Join(folder, below))
	if err != nil {
		return false
	}
	file.Name = name
	compared, err := of.memory.Compare(file)
	return err == nil && compared.Unchanged
}

var mustNotExist = &accordv1.Precondition{Condition: &accordv1.Precondition_MustNotExist{MustNotExist: true}}

// eachStored calls a function for the documents of the collection that match a filter. There
// are none if the collection does not exist.
func (c *ingestCmd) eachStored(ctx context.Context, conn *grpc.ClientConn, filter *accordv1.Filter, visit func(*accordv1.Document)) error {
	for req := (&accordv1.ListDocumentsRequest{Parent: string(c.Collection), PageSize: namesPerCall, Filter: filter}); ; {
		page, err := c.listPage(ctx, conn, req)
		if err != nil {
			return err
		}
		for _, d := range page.GetDocuments() {
			visit(d)
		}
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			return nil
		}
	}
}

// encode returns a document as it is sent.
func (c *ingestCmd) encode(d document.Document) *accordv1.Document {
	d.Collection, _ = document.ParseCollectionName(string(c.Collection))
	return convert.FromDocument(d)
}
