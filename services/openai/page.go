package openai

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
)

const (
	// readAtOnce is the number of elements that are read with one call.
	readAtOnce = 1000
	// maxRead is the number of elements up to which a list can be read as a whole, to list it
	// backwards.
	maxRead = 10000
	// standardPage and maxPage are the default and the maximum of the parameter limit.
	standardPage, maxPage = 20, 100
)

// page is the part of a list that a request asks for.
type page struct {
	limit         int
	after, before string // ids of elements, or ""
	backwards     bool
}

// readPage reads the parameters of a list. Lists are in the order of their ids.
func readPage(r *http.Request) (page, error) {
	p := page{limit: standardPage}
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		switch name {
		case "limit":
			limit, err := strconv.Atoi(value)
			if err != nil || limit < 1 || limit > maxPage {
				return p, invalid(name, "must be a number from 1 to %d", maxPage)
			}
			p.limit = limit
		case "after", "before":
			if !document.ValidID(value) {
				return p, invalid(name, "must be the id of an element of the list")
			}
			*map[string]*string{"after": &p.after, "before": &p.before}[name] = value
		case "order":
			if value != "asc" && value != "desc" {
				return p, invalid(name, "must be asc or desc; lists are in the order of their ids")
			}
			p.backwards = value == "desc"
		case "filter":
			return p, invalid(name, "lists cannot be filtered by status; every file has its status")
		default:
			return p, invalid(clipped(name), "is not known; limit, after, before and order are")
		}
	}
	return p, nil
}

// element is an element of a list.
type element interface{ id() string }

func (s vectorStore) id() string { return s.ID }
func (f file) id() string        { return f.ID }

// list is a page of a list in OpenAI's shape.
type list[T element] struct {
	Object  string `json:"object"`
	Data    []T    `json:"data"`
	FirstID string `json:"first_id"`
	LastID  string `json:"last_id"`
	HasMore bool   `json:"has_more"`
}

func listOf[T element](data []T, more bool) list[T] {
	l := list[T]{Object: "list", Data: data, HasMore: more}
	if len(data) == 0 {
		l.Data = []T{}
		return l
	}
	l.FirstID, l.LastID = data[0].id(), data[len(data)-1].id()
	return l
}

// readAll reads a whole list, page by page. It refuses lists that are too long.
func readAll[T element](read func(token string) (elements []T, next string, err error)) (all []T, err error) {
	for token := ""; ; {
		part, next, err := read(token)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
		if next == "" {
			return all, nil
		}
		if len(all) >= maxRead {
			return nil, status.Errorf(codes.InvalidArgument, "the list has more than %d elements: leave out order and before, and continue it with after", maxRead)
		}
		token = next
	}
}

// cut returns a page of a list that was read as a whole, in the order of the ids. If p.before
// is set, the page has the elements directly before that one.
func cut[T element](all []T, p page) list[T] {
	if p.backwards {
		all = slices.Clone(all)
		slices.Reverse(all)
	}
	from, to := 0, len(all)
	if p.after != "" {
		at, is := position(all, p, p.after)
		if from = at; is {
			from++
		}
	}
	if p.before != "" {
		to, _ = position(all, p, p.before)
	}
	part := all[min(from, to):to]
	more := len(part) > p.limit
	switch {
	case more && p.before != "":
		part = part[len(part)-p.limit:]
	case more:
		part = part[:p.limit]
	}
	return listOf(part, more)
}

// position returns the index of an id in a list, or the index at which it would be. The second
// result reports whether the list has it.
func position[T element](all []T, p page, id string) (at int, is bool) {
	return slices.BinarySearchFunc(all, id, func(e T, id string) int {
		if p.backwards {
			return strings.Compare(id, e.id())
		}
		return strings.Compare(e.id(), id)
	})
}
