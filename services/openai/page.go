package openai

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
)

const (
	// readAtOnce is the number of elements that are read with one call.
	readAtOnce = 1000
	// maxRead is the number of elements up to which a list can be read as a whole, to order it
	// by time or list it backwards.
	maxRead = 10000
	// standardPage and maxPage are the default and the maximum of the parameter limit.
	standardPage, maxPage = 20, 100
)

// page is the part of a list that a request asks for.
type page struct {
	limit         int
	after, before string // ids of elements, or ""
	order         string // asc or desc: by the time of creation; "": by id
}

// readPage reads the parameters of a list.
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
				return p, invalid(name, "must be asc or desc, by the time of creation, or left out for the order of the ids")
			}
			p.order = value
		case "filter":
			return p, invalid(name, "lists cannot be filtered by status; every file has its status")
		default:
			return p, invalid(clipped(name), "is not known; limit, after, before and order are")
		}
	}
	return p, nil
}

// element is an element of a list.
type element interface {
	id() string
	createTime() time.Time
}

func (s vectorStore) id() string            { return s.ID }
func (s vectorStore) createTime() time.Time { return s.created }
func (f file) id() string                   { return f.ID }
func (f file) createTime() time.Time        { return f.created }

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
func cut[T element](all []T, p page) (_ list[T], err error) {
	all = ordered(all, p.order)
	from, to := 0, len(all)
	if p.after != "" {
		if _, from, err = around(all, p.order, "after", p.after); err != nil {
			return list[T]{}, err
		}
	}
	if p.before != "" {
		if to, _, err = around(all, p.order, "before", p.before); err != nil {
			return list[T]{}, err
		}
	}
	part := all[min(from, to):to]
	more := len(part) > p.limit
	switch {
	case more && p.before != "":
		part = part[len(part)-p.limit:]
	case more:
		part = part[:p.limit]
	}
	return listOf(part, more), nil
}

// ordered returns the elements in the order of a request: by id, or by the time of creation.
// all is in the order of the ids. With asc, elements of the same time keep that order; desc is
// the reverse of asc.
func ordered[T element](all []T, order string) []T {
	if order == "" {
		return all
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b T) int { return a.createTime().Compare(b.createTime()) })
	if order == "desc" {
		slices.Reverse(all)
	}
	return all
}

// around returns the index at which the elements before an id end, and the index at which
// those after it begin. param is the parameter that has the id. A list in the
// order of ids may lack the id. In other lists that is an error.
func around[T element](all []T, order, param, id string) (before, after int, err error) {
	var is bool
	if order == "" {
		before, is = slices.BinarySearchFunc(all, id, func(e T, id string) int { return strings.Compare(e.id(), id) })
	} else if before = slices.IndexFunc(all, func(e T) bool { return e.id() == id }); before < 0 {
		return 0, 0, invalid(param, "must be the id of an element of the list; it may have been deleted")
	} else {
		is = true
	}
	if after = before; is {
		after++
	}
	return before, after, nil
}
