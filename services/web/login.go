package web

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/server"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	"github.com/accord-search/accord/services/gateway"
)

const (
	cookieName = "accord-login"
	// loginTime is how long a login lasts.
	loginTime = 12 * time.Hour
	// maxCredential is the size of the longest credential in bytes: browsers keep cookies of
	// 4,096 bytes.
	maxCredential = 2800
)

// newSealer returns a cipher with a new key, so that logins end with the process. The server
// keeps nothing of a login: the cookie holds the credential, which is checked at each call.
func newSealer() (cipher.AEAD, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal encrypts a credential and the time at which the login ends.
func (s *site) seal(credential string, ends time.Time) string {
	plain := append(binary.BigEndian.AppendUint64(nil, uint64(ends.Unix())), credential...)
	return base64.RawURLEncoding.EncodeToString(s.sealer.Seal(nil, nil, plain, []byte(cookieName)))
}

// open returns the credential of a cookie. It returns "" if the cookie was made by another
// process or was changed, or if its login has ended.
func (s *site) open(cookie string, now time.Time) string {
	sealed, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil {
		return ""
	}
	plain, err := s.sealer.Open(nil, nil, sealed, []byte(cookieName))
	if err != nil || len(plain) < 8 || now.Unix() >= int64(binary.BigEndian.Uint64(plain)) {
		return ""
	}
	return string(plain[8:])
}

// credential returns the header Authorization of a request: its own, or the one of the login.
func (s *site) credential(r *http.Request) string {
	if own := r.Header.Get("Authorization"); own != "" {
		return own
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return ""
	}
	if credential := s.open(cookie.Value, time.Now()); credential != "" {
		return "Bearer " + credential
	}
	return ""
}

// asCaller returns a context for calls on behalf of whoever sent a request.
func (s *site) asCaller(ctx context.Context, r *http.Request) context.Context {
	pairs := metadata.Pairs(server.PeerKey, gateway.ClientAddr(r, s.cfg.TrustedProxies))
	if credential := s.credential(r); printable(credential) {
		pairs.Append("authorization", credential)
	}
	return metadata.NewOutgoingContext(ctx, pairs)
}

// printable reports whether a text can be the value of metadata, which is ASCII.
func printable(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' })
}

// may returns an error unless the visitor may call a method.
func (v *visit) may(method string) error {
	md, _ := metadata.FromOutgoingContext(v.ctx)
	return v.site.cfg.Check(metadata.NewIncomingContext(v.ctx, md), method)
}

// askForLogin sends the visitor to the login. A browser that follows a link of another site
// does not send the cookie, since it is SameSite=Strict, so such a visitor may be logged in
// already. The answer is then a page that opens the address again, from this site.
func (v *visit) askForLogin() {
	here := v.r.URL.RequestURI()
	if v.r.Method == http.MethodGet && v.r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		v.render(http.StatusOK, "opening", "Opening", here)
		return
	}
	if v.r.Method != http.MethodGet {
		here = "/"
	}
	http.Redirect(v.w, v.r, "/login?"+url.Values{"next": {here}}.Encode(), http.StatusSeeOther)
}

// loginView is what the login shows.
type loginView struct{ Next, Problem string }

func (v *visit) readLogin() (key, next string) {
	return strings.TrimSpace(v.r.PostFormValue("key")), localPath(v.r.FormValue("next"))
}

// localPath returns next if it is an address on this server, and "/" otherwise.
func localPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return u.String()
}

func (s *site) loginPage(v *visit) error {
	_, next := v.readLogin()
	v.render(http.StatusOK, "login", "Log in", loginView{Next: next})
	return nil
}

// arrived reads the form of a login before the page takes one of the places for pages. Otherwise
// anybody could occupy all places with forms that never arrive.
func arrived(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
		_ = r.PostFormValue("key") // the key is empty if the form did not arrive
		next(w, r)
	}
}

// logIn checks a credential and keeps it in a cookie.
func (s *site) logIn(v *visit) error {
	key, next := v.readLogin()
	problem := ""
	switch {
	case !printable(key) || len(key) > maxCredential:
		problem = "A key is a line such as accord_… that your operator gave you."
	default:
		ctx := metadata.NewIncomingContext(v.ctx, metadata.Pairs("authorization", "Bearer "+key))
		switch err := s.cfg.Check(ctx, accordv1.CollectionService_ListCollections_FullMethodName); status.Code(err) {
		case codes.OK, codes.PermissionDenied:
		case codes.Unauthenticated:
			problem = "This key is not valid, or it has expired or was revoked."
		default:
			return err
		}
	}
	if problem != "" {
		v.render(http.StatusUnauthorized, "login", "Log in", loginView{next, problem})
		return nil
	}
	v.setCookie(s.seal(key, time.Now().Add(loginTime)), loginTime)
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
	return nil
}

func (s *site) logOut(v *visit) error {
	v.setCookie("", -time.Second)
	http.Redirect(v.w, v.r, "/login", http.StatusSeeOther)
	return nil
}

func (v *visit) setCookie(value string, lasts time.Duration) {
	http.SetCookie(v.w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: int(lasts.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: v.scheme() == "https",
	})
}

// scheme returns the scheme of the address that the visitor sees.
func (v *visit) scheme() string {
	switch {
	case v.r.TLS != nil:
		return "https"
	case v.throughProxy() && v.r.Header.Get("X-Forwarded-Proto") == "https":
		return "https"
	default:
		return "http"
	}
}

// throughProxy reports whether a trusted proxy sent the request.
func (v *visit) throughProxy() bool {
	sender, err := netip.ParseAddrPort(v.r.RemoteAddr)
	return err == nil && slices.ContainsFunc(v.site.cfg.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(sender.Addr().Unmap()) })
}
