package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/accord-search/accord/internal/tree"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// pruneGone deletes the documents of files that are gone from the given folders. It skips a
// folder in which no file is found, since it may not be mounted, and keeps the documents of
// folders that it may not read. It reports a deletion that fails, and returns other errors.
func (im *importer) pruneGone(ctx context.Context) error {
	return im.eachGone(ctx, func(of *root, gone []goneDocument) error {
		err := im.deleteGone(ctx, of, gone)
		if err != nil && ctx.Err() == nil {
			im.report.notDeleted("files that are gone", err)
			return nil
		}
		return err
	})
}

// eachGone calls a function for each root with its documents whose files are gone.
func (im *importer) eachGone(ctx context.Context, visit func(*root, []goneDocument) error) error {
	folders := map[*root][]string{}
	for _, path := range im.Paths {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			continue
		}
		of, err := im.rootOf(ctx, path)
		switch {
		case err != nil:
			return err
		case !im.holdsFiles(path):
			im.report.note("no documents are removed for %s, since no file was found in it", path)
		default:
			folders[of] = append(folders[of], path)
		}
	}
	for of, below := range folders {
		gone, err := im.gone(ctx, of, below)
		if err == nil {
			err = visit(of, gone)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// holdsFiles reports whether a folder has a file that an ingest reads.
func (im *importer) holdsFiles(folder string) bool {
	globs, _ := tree.ParseGlobs(im.Include, im.Exclude) // Validate has checked them
	for _, err := range tree.Walk([]string{folder}, globs) {
		if err == nil {
			return true
		}
	}
	return false
}

// goneDocument is a stored document whose file is gone.
type goneDocument struct{ file, name string }

// deleteGone deletes documents of a root whose files are gone.
func (im *importer) deleteGone(ctx context.Context, of *root, gone []goneDocument) error {
	metadata := map[string]string{rootKey: of.name}
	for group := range slices.Chunk(gone, namesPerCall) {
		names := make([]string, len(group))
		for i, d := range group {
			names[i] = d.name
		}
		if err := im.deleteStored(ctx, im.conn, &accordv1.Filter{Documents: names, Metadata: metadata}); err != nil {
			return err
		}
		for _, d := range group {
			of.memory.Forget(d.file)
			im.report.deleted(d.file, d.name)
		}
	}
	return nil
}

// gone returns the documents of a root whose files are in none of its folders. It leaves
// out documents with another prefix, which belong to another ingest.
func (im *importer) gone(ctx context.Context, of *root, folders []string) (list []goneDocument, err error) {
	err = im.eachStored(ctx, im.conn, &accordv1.Filter{Metadata: map[string]string{rootKey: of.name}}, func(d *accordv1.Document) {
		file := d.GetMetadata()["file"]
		below, ok := im.withoutPrefix(file)
		if ok && !slices.ContainsFunc(folders, func(folder string) bool { return !tree.Absent(filepath.Join(folder, below)) }) {
			list = append(list, goneDocument{file, d.GetName()})
		}
	})
	return list, err
}

// withoutPrefix removes --prefix from the name of a file, and returns the path of the file
// below its folder. ok is false if the name does not have the prefix.
func (im *importer) withoutPrefix(name string) (below string, ok bool) {
	below, err := filepath.Rel(filepath.FromSlash(im.Prefix), filepath.FromSlash(name))
	if im.Prefix == "" {
		below, err = filepath.FromSlash(name), nil
	}
	return below, err == nil && filepath.IsLocal(below)
}
