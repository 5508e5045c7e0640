package calibrate_test

import (
	"fmt"

	"github.com/accord-search/accord/internal/calibrate"
)

// All vectors of a language have a component in common. Without their mean they differ
// clearly.
func ExampleCentre() {
	mean := []float32{.8, 0}
	fmt.Println(calibrate.Centre([]float32{.8, .6}, mean), calibrate.Centre([]float32{.8, -.6}, mean))
	// Output: [0 1] [0 -1]
}

// A similarity of .4 is six deviations above what questions without an answer reach.
func ExampleNormal_Z() {
	null := calibrate.Normal{Mean: .1, Deviation: .05}
	fmt.Printf("%.0f\n", null.Z(.4))
	// Output: 6
}
