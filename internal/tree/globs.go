package tree

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Globs select files by their path relative to a folder, with slashes. The zero value selects
// all files.
//
// In a pattern, "*" stands for any characters except "/", "**" for any number of folders, "?"
// for one character, "[ab]" for one of several characters and "{a,b}" for one of several
// words. A pattern without "/" matches at any depth; any other pattern is relative to the
// folder. A pattern that matches a folder matches everything below it. A pattern that ends
// with "/" matches only folders.
type Globs struct {
	include, exclude []glob
}

// glob is a pattern that is relative to the folder.
type glob struct {
	pattern string
	folder  bool // matches folders only
}

// ParseGlobs returns globs that select the files that an include pattern matches and no
// exclude pattern matches. Without include patterns, they select all files that no exclude
// pattern matches. If a pattern is invalid, the error names it.
func ParseGlobs(include, exclude []string) (g Globs, err error) {
	if g.include, err = parseAll("include", include); err != nil {
		return Globs{}, err
	}
	g.exclude, err = parseAll("exclude", exclude)
	return g, err
}

func parseAll(flag string, patterns []string) (out []glob, err error) {
	for _, p := range patterns {
		trimmed := strings.TrimSuffix(p, "/")
		rooted := strings.TrimPrefix(trimmed, "/")
		if rooted == "" || !doublestar.ValidatePattern(rooted) {
			return nil, fmt.Errorf("--%s: %q is not a pattern: write one such as '*.html', 'drafts/' or 'news/**/2024-*'", flag, p)
		}
		if !strings.Contains(trimmed, "/") {
			rooted = "**/" + rooted
		}
		out = append(out, glob{pattern: rooted, folder: strings.HasSuffix(p, "/")})
	}
	return out, nil
}

// wants reports whether the globs select a file.
func (g Globs) wants(name string) bool {
	matches := func(p glob) bool { return p.matchesFile(name) }
	return (len(g.include) == 0 || slices.ContainsFunc(g.include, matches)) && !slices.ContainsFunc(g.exclude, matches)
}

// skipsFolder reports whether everything below a folder is excluded.
func (g Globs) skipsFolder(name string) bool {
	return slices.ContainsFunc(g.exclude, func(p glob) bool { return doublestar.MatchUnvalidated(p.pattern, name) })
}

// matchesFile reports whether the pattern matches a file, or a folder that it is in.
func (p glob) matchesFile(name string) bool {
	return !p.folder && doublestar.MatchUnvalidated(p.pattern, name) || doublestar.MatchUnvalidated(p.pattern+"/**/*", name)
}
