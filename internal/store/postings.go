package store

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
)

// What the names of the tables of postings beside a table of terms end in. The
// schema's add_postings makes them.
const (
	segmentsSuffix = "_segments"
	postingsSuffix = "_postings"
)

func segmentsTable(terms string) string { return quoteTable(terms + segmentsSuffix) }
func postingsTable(terms string) string { return quoteTable(terms + postingsSuffix) }

const (
	// blockPostings is how many postings a block has at most. Its row is below the
	// 2 kB from which Postgres compresses.
	blockPostings = 256
	// postingSize is that of one in a block: four bytes of its passage's number, less
	// the first of its segment, and two of its weight.
	postingSize = 6
	// weightSteps is how many steps of a stored weight make 1. Weights are below 2.2
	// (lexical.Weights), and exact ones are read of all that is found.
	weightSteps = 1 << 14
)

// posting is a passage of a segment that holds a term.
type posting struct {
	offset uint32 // of its number from the segment's first
	weight uint16 // in weightSteps
}

func newPosting(offset int64, weight float32) posting {
	return posting{uint32(offset), uint16(min(max(float64(weight)*weightSteps+0.5, 1), 1<<16-1))}
}

// blocksOf returns the postings of a term, the heaviest first, as blocks.
func blocksOf(list []posting) (blocks [][]byte) {
	slices.SortFunc(list, func(a, b posting) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.offset, b.offset))
	})
	for chunk := range slices.Chunk(list, blockPostings) {
		block := make([]byte, 0, len(chunk)*postingSize)
		for _, p := range chunk {
			block = binary.LittleEndian.AppendUint32(block, p.offset)
			block = binary.LittleEndian.AppendUint16(block, p.weight)
		}
		blocks = append(blocks, block)
	}
	return blocks
}

// sums adds up scores by the numbers of passages, of which none is 0: a hash table,
// since a map takes five times as long.
type sums struct {
	keys   []uint64
	scores []float32
	held   int
}

// sumsPool keeps tables from one search to the next.
var sumsPool = sync.Pool{New: func() any { return new(sums) }}

// reset empties the table.
func (s *sums) reset() {
	if len(s.keys) == 0 {
		s.resize(1 << 12)
	}
	clear(s.keys)
	s.held = 0
}

func (s *sums) resize(size int) {
	keys, scores := s.keys, s.scores
	s.keys, s.scores, s.held = make([]uint64, size), make([]float32, size), 0
	for at, number := range keys {
		if number != 0 {
			s.add(number, scores[at])
		}
	}
}

// add adds to the score of a passage.
func (s *sums) add(number uint64, score float32) {
	mask := uint64(len(s.keys) - 1)
	for at := number * 0x9e3779b97f4a7c15 >> 20 & mask; ; at = (at + 1) & mask { // multiplied by 2^64 over the golden ratio
		switch s.keys[at] {
		case number:
			s.scores[at] += score
			return
		case 0:
			s.keys[at], s.scores[at] = number, score
			if s.held++; 2*s.held > len(s.keys) {
				s.resize(2 * len(s.keys))
			}
			return
		}
	}
}

// addBlock adds the postings of a block of a segment with that first number for a term
// that weighs so much.
func (s *sums) addBlock(block []byte, first int64, weight float32) {
	step := weight / weightSteps
	for ; len(block) >= postingSize; block = block[postingSize:] {
		number := uint64(first) + uint64(binary.LittleEndian.Uint32(block))
		s.add(number, float32(binary.LittleEndian.Uint16(block[4:]))*step)
	}
}

// scored is a passage, by its number, with its score.
type scored struct {
	number uint64
	score  float32
}

// best returns the n highest scores, or all, in no order, and reports whether some
// are left out.
func (s *sums) best(n int) (list []scored, more bool) {
	list = make([]scored, 0, 4*n)
	least := float32(-1)
	for at, number := range s.keys {
		if number == 0 || s.scores[at] <= least {
			continue
		}
		if list = append(list, scored{number, s.scores[at]}); len(list) == cap(list) {
			least = cutScored(list, n)
			list = list[:n]
		}
	}
	if len(list) > n {
		cutScored(list, n)
		list = list[:n]
	}
	return list, s.held > len(list)
}

// cutScored moves the n highest scores of more to the front of a list, and returns the
// least of them: by Hoare's selection, since to sort all takes longer than to add up.
func cutScored(list []scored, n int) (least float32) {
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
