package openai

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestPages: reading a list page by page, forwards with after or back from its last element
// with before, returns each element once, in each order.
func TestPages(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		all, want := []file{}, []string{}
		for i := range n {
			want = append(want, fmt.Sprintf("f%02d", i))
			// Two documents have the same time, and later ids have earlier times.
			all = append(all, file{ID: want[i], created: time.Unix(int64(100-i/2), 0)})
		}
		ids := slices.Clone(want)
		for _, order := range []string{"", "asc", "desc"} {
			slices.SortStableFunc(want, func(a, b string) int { return strings.Compare(a, b) })
			if order != "" {
				slices.SortStableFunc(want, func(a, b string) int { return slices.Index(ids, b)/2 - slices.Index(ids, a)/2 })
			}
			if order == "desc" {
				slices.Reverse(want)
			}
			p := page{limit: 1 + n%4, order: order}
			if diff := cmp.Diff(want, follow(t, all, p), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%d elements, after, order %q (-want +got):\n%s", n, order, diff)
			}
			if n > 0 { // the list before its last element does not have that element
				p.before = want[n-1]
				if diff := cmp.Diff(want[:n-1], follow(t, all, p), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%d elements, before, order %q (-want +got):\n%s", n, order, diff)
				}
			}
		}
	}
}

// follow reads a list page by page, towards its end or towards its beginning, and returns the ids
// in the order of the list.
func follow(t *testing.T, all []file, p page) (ids []string) {
	t.Helper()
	for {
		reply, err := cut(all, p)
		if err != nil {
			t.Fatal(err)
		}
		if len(reply.Data) > p.limit || len(reply.Data) == 0 && reply.HasMore {
			t.Fatalf("%+v: %d elements, more: %v", p, len(reply.Data), reply.HasMore)
		}
		var part []string
		for _, f := range reply.Data {
			part = append(part, f.ID)
		}
		if p.before != "" {
			ids = append(part, ids...)
			p.before = reply.FirstID
		} else {
			ids = append(ids, part...)
			p.after = reply.LastID
		}
		if !reply.HasMore {
			return ids
		}
	}
}
