package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/auth"
)

// TestDocumentedRefusals: the table in docs/security.md has exactly the codes and reasons
// of the refusals.
func TestDocumentedRefusals(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Refusals\n")
	section, _, _ = strings.Cut(section, "\n## ")
	documented := map[string]string{} // code by reason
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) == 5 {
			for _, reason := range regexp.MustCompile("`([A-Z_]+)`").FindAllStringSubmatch(cells[2], -1) {
				documented[reason[1]] = strings.Trim(cells[1], " `")
			}
		}
	}
	want := map[string]string{}
	for _, r := range refusals {
		if !errors.Is(r.err, context.Canceled) && !errors.Is(r.err, context.DeadlineExceeded) { // every method can end with these two
			want[r.reason] = code.Code(r.code).String()
		}
	}
	if diff := cmp.Diff(want, documented); diff != "" {
		t.Errorf("docs/security.md (-code +page):\n%s", diff)
	}
}

// TestRefusalsForOperators: docs/operations.md says what to do about every refusal.
func TestRefusalsForOperators(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refusals {
		if !strings.Contains(string(page), "\n| `"+r.reason+"` |") {
			t.Errorf("docs/operations.md has no row for %s", r.reason)
		}
	}
}

// TestRefuse: a refusal has one ErrorInfo and does not reveal its cause.
func TestRefuse(t *testing.T) {
	t.Parallel()
	g := New(nil, slog.New(slog.DiscardHandler))
	for _, test := range []struct {
		err    error
		code   codes.Code
		reason string
	}{
		{auth.ErrMissing, codes.Unauthenticated, "CREDENTIALS_MISSING"},
		{fmt.Errorf("%w: s3cret", auth.ErrInvalid), codes.Unauthenticated, "CREDENTIALS_INVALID"},
		{fmt.Errorf("%w: %w", auth.ErrUnavailable, context.DeadlineExceeded), codes.Unavailable, "CREDENTIALS_NOT_CHECKED"},
		{context.DeadlineExceeded, codes.DeadlineExceeded, "DEADLINE_EXCEEDED"},
		{errRole, codes.PermissionDenied, "ROLE_TOO_LOW"},
		{errors.New("s3cret"), codes.Internal, "INTERNAL"},
	} {
		st := status.Convert(g.refuse(t.Context(), "/accord.v1.SearchService/Search", auth.Identity{}, test.err))
		var infos []*errdetails.ErrorInfo
		for _, detail := range st.Details() {
			if info, ok := detail.(*errdetails.ErrorInfo); ok {
				infos = append(infos, info)
			}
		}
		if st.Code() != test.code || len(infos) != 1 || infos[0].GetReason() != test.reason || infos[0].GetDomain() != "accord" {
			t.Errorf("%v: %v, %v", test.err, st, infos)
		}
		if strings.Contains(st.String(), "s3cret") {
			t.Errorf("the status has the cause: %v", st)
		}
	}
}
