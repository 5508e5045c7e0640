package space

import "fmt"

// Ready returns ErrNotReady, with what is missing, where a space cannot be
// activated yet.
func (s Status) Ready() error {
	switch {
	case s.State == Active:
		return nil
	case s.Pending > 0:
		return fmt.Errorf("%w: %s lacks %d of %d documents; wait until it has them", ErrNotReady, s.Name(), s.Pending, s.Documents)
	case s.State == Building:
		return fmt.Errorf("%w: %s has all %d documents, and is being made ready to be searched; wait for READY", ErrNotReady, s.Name(), s.Documents)
	default:
		return nil
	}
}
