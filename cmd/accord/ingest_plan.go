package main

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// maxUnasked limits how many documents of a file are sent as new without asking the server about
// each of them. It applies if the server has no documents of the file. A file with more
// documents is checked first, since each document that turns out to exist costs a stream
// of its own.
const maxUnasked = 8

// plan is how a file is sent.
type plan struct {
	root      *root
	compared  tree.Comparison
	documents []*accordv1.Document
	refused   map[string]error // by name: why a document is not sent
	// preconditions has a precondition for each document, by name. It is empty with
	// --replace-root.
	preconditions map[string]*accordv1.Precondition
	stale         bool // whether the server may have documents that the file no longer has
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
	memory, err := tree.OpenMemory(im.State, im.Addr+"\n"+string(im.Collection)+"\n"+name+"\n"+im.Prefix, versionText()+", columns as "+im.Columns)
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

// close closes the memories. After it, the server is asked again what it has.
func (r *roots) close() {
	for _, root := range r.byName {
		root.memory.Close()
	}
	r.byFolder, r.byName = map[string]*root{}, map[string]*root{}
}

// plan reads a file, unless it is unchanged, asks the server which of its documents are
// stored, and decides how it is sent.
func (im *importer) plan(ctx context.Context, next *fileToRead) (err error) {
	if next.root, err = im.rootOf(ctx, next.input.Root); err != nil {
		return err
	}
	named := next.input
	named.Name = path.Join(im.Prefix, named.Name)
	if !im.given(next.input.Root) {
		next.root.memory.ForgetStored(named.Name)
		if err := im.ask(ctx, next.root, map[string]string{rootKey: next.root.name, "file": named.Name}); err != nil {
			return err
		}
	}
	if im.MaxFileBytes <= 0 || named.Size <= im.MaxFileBytes { // a larger one is refused, and its digest takes long
		next.compared, err = next.root.memory.Compare(named)
	}
	if err != nil {
		next.compared = tree.Comparison{} // reading the file says why
	}
	if next.compared.Unchanged = next.compared.Unchanged && !im.readsAll(); next.compared.Unchanged {
		return nil
	}
	im.parse(next)
	for _, d := range next.file.Documents {
		d.Metadata[rootKey] = next.root.name
		next.documents = append(next.documents, im.encode(d))
	}
	next.preconditions = map[string]*accordv1.Precondition{}
	before := next.root.memory.Count(named.Name)
	next.stale = before > 0 || im.ReplaceRoot
	switch {
	case im.ReplaceRoot:
	case before == 0 && len(next.documents) <= maxUnasked:
		for _, d := range next.documents {
			next.preconditions[d.GetName()] = mustNotExist
		}
	default:
		var own int
		if next.refused, next.preconditions, own, err = im.checkStored(ctx, next.documents, named, next.root); err != nil {
			return err
		}
		next.stale = before > own
	}
	return nil
}

// readsAll reports whether unchanged files are read too. They are if several folders
// share the name of --root, since files of the same name cannot be told apart then.
func (im *importer) readsAll() bool {
	return im.All || im.Explain || im.ReplaceRoot || im.Root != "" && len(im.Paths) > 1
}

// holds reports whether another file of a root has not changed since it was stored, so that
// the documents that are stored from it are still its own.
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
