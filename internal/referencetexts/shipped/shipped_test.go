package shipped

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// random returns random vectors of unit length.
func random(n, dimensions int) [][]float32 {
	source := rand.New(rand.NewPCG(1, 2))
	vectors := make([][]float32, n)
	for i := range vectors {
		vectors[i] = make([]float32, dimensions)
		var squares float64
		for j := range vectors[i] {
			x := source.NormFloat64()
			vectors[i][j] = float32(x)
			squares += x * x
		}
		for j := range vectors[i] {
			vectors[i][j] /= float32(math.Sqrt(squares))
		}
	}
	return vectors
}

func TestFile(t *testing.T) {
	t.Parallel()
	texts := []string{"one", "two", "three", "one"}
	vectors := random(len(texts), 384)
	vectors[3] = vectors[0]
	keys, decoded, err := decode(encode(texts, vectors))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]key{keyOf("one"), keyOf("two"), keyOf("three")}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	for i, vector := range decoded {
		if likeness := dot(vector, vectors[i]); likeness < 1-1e-4 {
			t.Errorf("vector %d is rounded to a cosine of %v", i, likeness)
		}
		if length := dot(vector, vector); math.Abs(length-1) > 1e-5 {
			t.Errorf("vector %d has the length %v", i, math.Sqrt(length))
		}
	}
}

func TestFileErrors(t *testing.T) {
	t.Parallel()
	whole := encode([]string{"one"}, random(1, 8))
	for name, content := range map[string][]byte{
		"empty": nil, "another file": []byte("P6 640 480"), "cut in its head": whole[:len(magic)+1], "cut": whole[:len(whole)-1],
		"no dimensions": []byte(magic + "\x00\x00"),
	} {
		if _, _, err := decode(content); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := Write(t.TempDir(), Passages, "en", []string{"one", "two"}, random(1, 8)); err == nil {
		t.Error("a text without a vector: no error")
	}
}

// TestKnown checks that vectors are used only for the weights that made them.
func TestKnown(t *testing.T) {
	t.Parallel()
	own := Fingerprint()
	if len(own) == 0 || !Known(own) {
		t.Fatal("the model of the vectors is not known")
	}
	noise := random(len(own), len(own[0]))
	for name, test := range map[string]struct {
		change func(probe int) []float32
		want   bool
	}{
		"another server of the weights": {func(i int) []float32 { return mix(own[i], noise[i], .01) }, true},
		"rounded weights":               {func(i int) []float32 { return mix(own[i], noise[i], .2) }, false},
		"another model":                 {func(i int) []float32 { return noise[i] }, false},
		"other dimensions":              {func(i int) []float32 { return own[i][:256] }, false},
	} {
		// A difference in one probe is enough.
		changed := append([][]float32(nil), own...)
		changed[7] = test.change(7)
		if got := Known(changed); got != test.want {
			t.Errorf("%s: known %v, want %v", name, got, test.want)
		}
		if set := Load(changed, Passages, "en"); set.Len() > 0 != test.want {
			t.Errorf("%s: %d vectors", name, set.Len())
		}
	}
	if Known(nil) || Known(own[:8]) {
		t.Error("a part of the fingerprint is enough")
	}
}

// mix returns a unit vector with some noise added.
func mix(vector, noise []float32, share float32) []float32 {
	mixed := make([]float32, len(vector))
	for i := range mixed {
		mixed[i] = vector[i] + share*noise[i]
	}
	length := float32(math.Sqrt(dot(mixed, mixed)))
	for i := range mixed {
		mixed[i] /= length
	}
	return mixed
}

func TestWrite(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := Write(folder, Queries, "en", []string{"who?"}, random(1, 8)); err != nil {
		t.Fatal(err)
	}
	if err := WriteFingerprint(folder, random(16, 8)); err != nil {
		t.Fatal(err)
	}
	written, err := filepath.Glob(filepath.Join(folder, "*"))
	want := []string{filepath.Join(folder, "fingerprint.bin"), filepath.Join(folder, "queries-en.bin")}
	if diff := cmp.Diff(want, written); diff != "" || err != nil {
		t.Errorf("files (-want +got):\n%s%v", diff, err)
	}
}
