package eval

import (
	"errors"
	"fmt"
)

// places are where ids stand.
type places map[string]string

// add notes where an id stands; an error if it is empty or stands elsewhere too.
func (p places) add(place, id string) error {
	switch first := p[id]; {
	case id == "":
		return errors.New("id is missing")
	case first != "":
		return fmt.Errorf("id %q is that of %s already", id, first)
	}
	p[id] = place
	return nil
}
