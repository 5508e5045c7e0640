package corpus

import "testing"

func TestMailPatterns(t *testing.T) {
	t.Parallel()
	if err := mailPatterns.Check(); err != nil {
		t.Error(err)
	}
}
