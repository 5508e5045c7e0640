package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

const maxID = 63 // maximum length of document.ValidID

var (
	idGapRE     = regexp.MustCompile(`[^a-z0-9]+`)
	plainNameRE = regexp.MustCompile(`^[A-Za-z0-9_./ -]+$`)
)

// documentID derives the id of a document from the name of its file. The same name always
// gives the same id. If the id cannot hold the whole name, a digest of the name is added.
// Names that differ only in case or in "-", "_", "." and "/" give the same id.
func documentID(name string, ordinal, of int) string {
	base := strings.TrimSuffix(name, ".txt")
	id := strings.Trim(idGapRE.ReplaceAllString(strings.ToLower(base), "-"), "-")
	suffix := ""
	if of > 1 {
		suffix = "-" + strconv.Itoa(ordinal)
	}
	if !plainNameRE.MatchString(base) || id == "" || len(id)+len(suffix) > maxID {
		sum := sha256.Sum256([]byte(name))
		suffix = "-" + hex.EncodeToString(sum[:4]) + suffix
	}
	if limit := maxID - len(suffix); len(id) > limit {
		id = strings.TrimRight(id[:limit], "-")
	}
	return strings.TrimLeft(id+suffix, "-")
}
