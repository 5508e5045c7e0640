package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestUnreadPages: while browsers have not read very many pages, others get a short error, but
// those who read long pages slowly do not keep others from short ones.
func TestUnreadPages(t *testing.T) {
	templates, err := parseTemplates()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ length, long, short, code int }{
		{shortPage, maxUnread, 0, http.StatusOK},
		{shortPage, 0, maxUnread, http.StatusServiceUnavailable},
		{shortPage + 1, maxUnread, 0, http.StatusServiceUnavailable},
		{shortPage + 1, 0, maxUnread, http.StatusOK},
	} {
		s := &site{templates: templates}
		s.unread.Store(int64(test.long))
		s.unreadShort.Store(int64(test.short))
		w := httptest.NewRecorder()
		v := &visit{w: w, r: httptest.NewRequest(http.MethodGet, "/", http.NoBody), site: s, code: http.StatusOK, page: make([]byte, test.length)}
		v.send()
		if w.Code != test.code || test.code == http.StatusOK && w.Body.Len() != test.length {
			t.Errorf("%+v: %d with %d bytes", test, w.Code, w.Body.Len())
		}
		if s.unread.Load() != int64(test.long) || s.unreadShort.Load() != int64(test.short) {
			t.Errorf("%+v: %d and %d bytes count afterwards", test, s.unread.Load(), s.unreadShort.Load())
		}
	}
}
