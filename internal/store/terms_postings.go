package store

import (
	"encoding/binary"
	"slices"
	"sync"
)

// Suffixes of the posting tables that belong to a table of terms. add_postings in the
// schema creates them.
const (
	segmentsSuffix = "_segments"
	postingsSuffix = "_postings"
)

func segmentsTable(terms string) string { return quoteTable(terms + segmentsSuffix) }
func postingsTable(terms string) string { return quoteTable(terms + postingsSuffix) }

const (
	// blockPostings is the maximum number of postings in a block. Four blocks fill a page.
	blockPostings = 496
	// A posting has four bytes. The lower offsetBits hold the number of its passage, minus
	// the first number of its segment. The bits above hold its weight, in steps of
	// 1/weightSteps. Weights are below 2.2 (lexical.Weights). The exact weights of the best
	// passages are read later.
	postingSize = 4
	offsetBits  = 20
	mostOffset  = 1<<offsetBits - 1
	weightSteps = 1 << 10
	mostWeight  = 1<<(32-offsetBits) - 1
)

// posting is a passage of a segment that contains a term, as it is stored.
type posting uint32

func newPosting(offset int64, weight float32) posting {
	steps := min(max(float64(weight)*weightSteps+0.5, 1), mostWeight)
	return posting(uint32(steps)<<offsetBits | uint32(offset))
}

// blocksOf returns the postings of a term as blocks, in the given order.
func blocksOf(list []posting) (blocks [][]byte) {
	for chunk := range slices.Chunk(list, blockPostings) {
		block := make([]byte, 0, len(chunk)*postingSize)
		for _, p := range chunk {
			block = binary.LittleEndian.AppendUint32(block, uint32(p))
		}
		blocks = append(blocks, block)
	}
	return blocks
}

// scoreSums adds up the scores of the passages of a language, one segment after another,
// and keeps the highest scores.
type scoreSums struct {
	scores  []float32 // by offset in the segment
	segment int64     // first passage number of the current segment
	keep    int
	list    []scored
	least   float32 // only higher scores are kept; 0 until the list is full for the first time
}

// sumsPool reuses scoreSums between searches. Each has up to 4 MB.
var sumsPool = sync.Pool{New: func() any { return new(scoreSums) }}

// scored is a passage, by its number, with its score.
type scored struct {
	number int64
	score  float32
}

// reset clears the sums, which then keep the given number of passages.
func (s *scoreSums) reset(keep int) {
	clear(s.scores)
	s.scores = s.scores[:0]
	s.segment, s.keep, s.list, s.least = 0, keep, make([]scored, 0, 4*keep), 0
}

// addBlock adds a block of postings of a term with the given weight. first is the first
// passage number of its segment. All blocks of a segment must be added before the next
// segment.
func (s *scoreSums) addBlock(block []byte, first int64, weight float32) {
	if first != s.segment {
		s.endSegment()
		s.segment = first
	}
	step := weight / weightSteps
	for ; len(block) >= postingSize; block = block[postingSize:] {
		p := binary.LittleEndian.Uint32(block)
		offset := int(p & mostOffset)
		if offset >= len(s.scores) {
			s.grow(offset + 1)
		}
		s.scores[offset] += float32(p>>offsetBits) * step
	}
}

// grow makes room for n passages. The memory between length and capacity is always 0.
func (s *scoreSums) grow(n int) {
	if n > cap(s.scores) {
		grown := make([]float32, len(s.scores), max(n, 2*cap(s.scores)))
		copy(grown, s.scores)
		s.scores = grown
	}
	s.scores = s.scores[:n]
}

// endSegment records the scores of the segment. Few of them are above least, so the
// processor predicts this branch. Testing first whether a passage has a score at all would
// add an unpredictable branch, which would take most of the time of a search by words.
func (s *scoreSums) endSegment() {
	least := s.least
	for offset, score := range s.scores {
		if score > least {
			s.add(s.segment+int64(offset), score)
			least = s.least
		}
	}
	clear(s.scores)
	s.scores = s.scores[:0]
}

// add records the score of a passage, which is in a finished segment or in no segment.
func (s *scoreSums) add(number int64, score float32) {
	if score <= s.least {
		return
	}
	if s.list = append(s.list, scored{number, score}); len(s.list) == cap(s.list) {
		s.least = selectHighest(s.list, s.keep)
		s.list = s.list[:s.keep]
	}
}

// best returns the highest scores, unordered, and reports whether there are more.
func (s *scoreSums) best() (list []scored, more bool) {
	s.endSegment()
	if list = s.list; len(list) > s.keep {
		more = true
		selectHighest(list, s.keep)
		list = list[:s.keep]
	}
	s.list = nil // the caller owns the list now
	return list, more || s.least > 0
}

// selectHighest moves the n highest scores of a list to its front, and returns the
// lowest of these. It uses Hoare's selection, because sorting all scores takes longer
// than adding them up.
func selectHighest(list []scored, n int) (least float32) {
	for low, high := 0, len(list)-1; low < high; {
		pivot := list[(low+high)/2].score
		i, j := low, high
		for i <= j {
			for list[i].score > pivot {
				i++
			}
			for list[j].score < pivot {
				j--
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n-1 <= j:
			high = j
		case n-1 >= i:
			low = i
		default:
			low = high
		}
	}
	return list[n-1].score
}
