package document

import "time"

// State is what is stored of a document, as far as a writer has to know it in
// order to tell what changed.
type State struct {
	// ETag is empty where the document does not exist.
	ETag string
	// ContentHash is that of the content embedded in the space asked about;
	// empty where the space does not hold the document.
	ContentHash string
	CreateTime  time.Time
	UpdateTime  time.Time
}

// Indexed is a document cut into passages and embedded for a space.
type Indexed struct {
	Document    Document
	ContentHash string
	Passages    []Passage
	// Vectors holds, for each passage, one unit vector a window.
	Vectors [][][]float32
}
