package datetime

import "testing"

func TestPatterns(t *testing.T) {
	t.Parallel()
	if err := patterns.Check(); err != nil {
		t.Error(err)
	}
}
