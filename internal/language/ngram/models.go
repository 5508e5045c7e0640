package ngram

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/bits"
	"strings"
	"sync"

	"github.com/pemistahl/lingua-go"
	"google.golang.org/protobuf/encoding/protowire"
)

// maxOrder is the number of letters of the longest sequences that have a model.
const maxOrder = 5

// Numbers of fields in the messages of the library's models.
const (
	fieldTotal       = 3 // SerializableLanguageModel.total_ngrams
	fieldSet         = 4 // SerializableLanguageModel.ngram_sets
	fieldProbability = 1 // SerializableNgramSet.probability
	fieldSequence    = 2 // SerializableNgramSet.ngrams
)

// table holds the logarithms of the probabilities of the sequences of one length in one language.
// It has no pointers per sequence, so that the garbage collector does not look into it.
type table struct {
	shift   int      // of a hash, for its bucket
	starts  []uint32 // of the buckets among the entries, and the end of the last one
	entries []entry
}

type entry struct {
	hash        uint32 // the lower half of the hash; the highest bits choose the bucket
	probability float32
}

// find returns the logarithm of the probability of a sequence, and reports whether it has one.
func (t *table) find(hash uint64) (float64, bool) {
	bucket := hash >> t.shift
	for _, e := range t.entries[t.starts[bucket]:t.starts[bucket+1]] {
		if e.hash == uint32(hash) {
			return float64(e.probability), true
		}
	}
	return 0, false
}

// extend returns the hash of a sequence of letters and one more letter. The hash of no letters is 0.
func extend(hash uint64, letter rune) uint64 {
	hash = (hash + uint64(letter)) * 0x9e3779b97f4a7c15
	return hash ^ hash>>32
}

// hashed is a sequence as the model's file has it.
type hashed struct {
	hash        uint64
	probability float32
}

// newTable returns a table with two to four sequences per bucket.
func newTable(sequences []hashed) *table {
	width := max(bits.Len(uint(len(sequences)))-2, 1)
	t := &table{shift: 64 - width, starts: make([]uint32, 1<<width+1), entries: make([]entry, len(sequences))}
	for _, s := range sequences {
		t.starts[s.hash>>t.shift]++
	}
	end := uint32(0)
	for i, n := range t.starts {
		end += n
		t.starts[i] = end
	}
	for _, s := range sequences { // each start moves from the end of its bucket to the beginning
		start := &t.starts[s.hash>>t.shift]
		*start--
		t.entries[*start] = entry{uint32(s.hash), s.probability}
	}
	return t
}

// loaded has a function for each language and length that returns its table. The first call makes
// the table.
var loaded [lingua.Unknown][maxOrder]func() *table

func init() {
	for l := range loaded {
		for i := range loaded[l] {
			loaded[l][i] = sync.OnceValue(func() *table { return load(lingua.Language(l), i+1) })
		}
	}
}

// load makes the table of one language and length. The library has none for some lengths of a
// language that its script decides.
func load(language lingua.Language, order int) *table {
	name := fmt.Sprintf("language-models/%s/%ss.pb.bin.zip", strings.ToLower(language.IsoCode639_1().String()),
		[maxOrder]string{"unigram", "bigram", "trigram", "quadrigram", "fivegram"}[order-1])
	zipped, err := files.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return newTable(nil)
	}
	if err != nil {
		panic(err) // the file is part of the program
	}
	model, err := unzip(zipped)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err)) // the file is part of the program
	}
	var sequences []hashed
	err = eachField(model, func(field protowire.Number, set []byte) error {
		switch field {
		case fieldTotal:
			total, _ := protowire.ConsumeVarint(set)
			sequences = make([]hashed, 0, total)
		case fieldSet:
			sequences, err = appendSet(sequences, set)
		}
		return err
	})
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	return newTable(sequences)
}

// unzip returns the only file of an archive.
func unzip(zipped []byte) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		return nil, err
	}
	file, err := archive.File[0].Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content := make([]byte, archive.File[0].UncompressedSize64)
	_, err = io.ReadFull(file, content)
	return content, err
}

// appendSet appends the sequences of a set, which have the same probability.
func appendSet(sequences []hashed, set []byte) ([]hashed, error) {
	first, probability := len(sequences), 0.0
	err := eachField(set, func(field protowire.Number, value []byte) error {
		switch field {
		case fieldProbability:
			n, length := protowire.ConsumeFixed64(value)
			probability = math.Float64frombits(n)
			return protowire.ParseError(min(length, 0))
		case fieldSequence:
			hash := uint64(0)
			for _, r := range string(value) {
				hash = extend(hash, r)
			}
			sequences = append(sequences, hashed{hash: hash})
		}
		return nil
	})
	logarithm := float32(math.Log(probability))
	for i := range sequences[first:] {
		sequences[first+i].probability = logarithm
	}
	return sequences, err
}

// eachField calls do for each field of a message, with the bytes of its value.
func eachField(message []byte, do func(field protowire.Number, value []byte) error) error {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		n = protowire.ConsumeFieldValue(field, kind, message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		value := message[:n]
		if kind == protowire.BytesType {
			value, _ = protowire.ConsumeBytes(value)
		}
		if err := do(field, value); err != nil {
			return err
		}
		message = message[n:]
	}
	return nil
}
