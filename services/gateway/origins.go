package gateway

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/rs/cors"
	"google.golang.org/grpc/codes"
)

// originCheck decides which web pages may call the API. Without it, any page that a user of
// this machine opens could write to a server on the loopback interface.
type originCheck struct {
	cors       *cors.Cors // nil if pages of other origins may not call the API
	protection *http.CrossOriginProtection
}

func newOriginCheck(origins []string) (c originCheck, err error) {
	if len(origins) == 0 {
		c.protection = http.NewCrossOriginProtection()
		return c, nil
	}
	c.cors = cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete},
		AllowedHeaders: append([]string{"Authorization", "Content-Type", "Grpc-Timeout", "If-Match", "If-None-Match", "Mcp-Method", "Mcp-Name", "Mcp-Protocol-Version", "Mcp-Session-Id"}, callHeaders...),
		ExposedHeaders: append([]string{"ETag", "Retry-After"}, replyHeaders...),
	})
	if slices.Contains(origins, "*") {
		return c, nil
	}
	c.protection = http.NewCrossOriginProtection()
	for _, origin := range origins {
		if err := c.protection.AddTrustedOrigin(origin); err != nil {
			return c, fmt.Errorf("--http-cors-origins: %w", err)
		}
	}
	return c, nil
}

// allow refuses writes that come from pages of origins that are not allowed. Those pages may
// send reads, but browsers do not show them the answers.
func (c originCheck) allow(next http.Handler) http.Handler {
	checked := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c.protection != nil && c.protection.Check(r) != nil {
			writeError(w, r, http.StatusForbidden, newStatus(codes.PermissionDenied, "ORIGIN_NOT_ALLOWED", "pages of this origin may not call the API; the operator allows origins with --http-cors-origins"))
			return
		}
		next.ServeHTTP(w, r)
	})
	if c.cors == nil {
		return checked
	}
	return c.cors.Handler(checked)
}
