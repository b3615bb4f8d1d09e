package eden

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// A form is what a body turns out to be. The content type does not tell: Eden
// labels JSON as text/html, and a portal labels HTML as anything.
type form int

const (
	formEmpty form = iota
	formXML
	formHTML
	formJSON
	formOther
)

func (r *reply) form() form {
	text := bytes.TrimLeft(bytes.TrimPrefix(r.head, []byte("\xef\xbb\xbf")), " \t\r\n")
	lower := bytes.ToLower(text)
	switch {
	case len(text) == 0:
		return formEmpty
	case text[0] == '{' || text[0] == '[':
		return formJSON
	case text[0] == '<' && (bytes.HasPrefix(lower, []byte("<!doctype html")) || bytes.Contains(lower, []byte("<html"))):
		return formHTML
	case text[0] == '<':
		return formXML
	case strings.Contains(r.Header.Get("Content-Type"), "xml"):
		return formXML // another encoding, perhaps: the decoder will tell
	}
	return formOther
}

// A statusError keeps the status of an answer in a Problem's chain.
type statusError struct {
	status int
	form   form
	detail string
}

// Error names status and detail.
func (e *statusError) Error() string {
	s := fmt.Sprintf("HTTP %d %s", e.status, http.StatusText(e.status))
	if e.detail != "" {
		s += ": " + e.detail
	}
	return s
}

// statusOf returns the HTTP status behind a problem, 0 if there was no answer.
func statusOf(err error) int {
	var e *statusError
	if errors.As(err, &e) {
		return e.status
	}
	return 0
}

// expectXML returns the problem of an answer that is not an S3XML document, nil
// if it is one. It may read the body of others.
func (p *Peer) expectXML(op string, r *reply) *core.Problem {
	if r.StatusCode != http.StatusOK {
		return p.refusal(op, r)
	}
	switch r.form() {
	case formXML:
		return p.checkRootName(op, r)
	case formJSON:
		m, err := p.message(r)
		if err != nil {
			return p.problem(op, core.NotEden, fmt.Errorf("JSON in place of XML: %w", err))
		}
		return p.failed(op, r, m)
	case formHTML:
		return p.webPage(op, r)
	case formEmpty:
		return p.problem(op, core.Truncated, &statusError{r.StatusCode, formEmpty, "empty body"})
	}
	return p.problem(op, core.NotEden, &statusError{r.StatusCode, formOther, "neither XML nor JSON"})
}

// checkRootName refuses documents of other kinds: a news feed, say. What is cut
// short or has a DOCTYPE is left to the decoder, which knows what to say.
func (p *Peer) checkRootName(op string, r *reply) *core.Problem {
	text := r.head
	for {
		i := bytes.IndexByte(text, '<')
		if i < 0 || i+1 >= len(text) {
			return nil
		}
		text = text[i+1:]
		if text[0] == '!' && !bytes.HasPrefix(text, []byte("!--")) {
			return nil
		}
		if text[0] == '?' || text[0] == '!' {
			continue
		}
		end := bytes.IndexAny(text, " \t\r\n/>")
		if end < 0 || string(text[:end]) == "s3xml" {
			return nil
		}
		return p.problem(op, core.NotEden, &statusError{r.StatusCode, formXML, fmt.Sprintf("document element %q", text[:end])})
	}
}

// message reads a JSON message.
func (p *Peer) message(r *reply) (s3xml.Message, error) {
	m, err := s3xml.ParseMessage(io.LimitReader(r.body, p.opts.MaxMessage))
	p.hushMessage(&m)
	return m, err
}

// failed is the problem of a message where data was expected, or of one that
// says "failed" under HTTP 200.
func (p *Peer) failed(op string, r *reply, m s3xml.Message) *core.Problem {
	kind := core.PeerRefused
	if m.Status != "failed" && m.Status != "success" {
		return p.problem(op, core.NotEden, &statusError{r.StatusCode, formJSON, "JSON that is no message"})
	}
	switch m.StatusCode {
	case "401":
		kind = core.Unauthorized
	case "403":
		kind = core.Forbidden
	case "404":
		kind = core.WrongPath
	case "500", "503":
		kind = core.ServerFault
	}
	problem := p.problem(op, kind, &statusError{r.StatusCode, formJSON, "status " + m.Status + " " + m.StatusCode})
	problem.Peer = m.Message
	return problem
}

// refusal is the problem of any status but 200.
func (p *Peer) refusal(op string, r *reply) *core.Problem {
	if r.StatusCode >= 300 && r.StatusCode < 400 {
		return p.redirected(op, r)
	}
	if r.StatusCode == http.StatusBadRequest && p.base.Scheme == "http" && containsAny(strings.ToLower(string(r.head)), httpsOnly...) {
		return &core.Problem{Op: op, Kind: core.NotEden, Subject: p.subject(), Words: "%s takes https only: write https:// at the beginning of its address.", Values: []any{p.subject()},
			Err: &statusError{r.StatusCode, r.form(), "it wants https"}}
	}
	f, words := r.form(), ""
	switch {
	case f == formJSON:
		if m, err := p.message(r); err == nil {
			r.StatusCode = meant(r.StatusCode, m)
			if !isStatusName(m.Message, r.StatusCode) {
				words = m.Message
			}
		}
	case r.StatusCode == http.StatusBadRequest && bytes.Contains(r.head, []byte(bodyIncomplete)):
		return p.problem(op, core.PeerRefused, &statusError{r.StatusCode, f, bodyIncomplete})
	}
	problem := p.problem(op, p.kindOfStatus(r), &statusError{r.StatusCode, f, words})
	problem.Peer = words
	problem.RetryAfter, _ = p.retryAfter(r.Response)
	if r.barred() {
		problem.Kind = core.Barred
	}
	if problem.Kind == core.Forbidden && strings.Contains(strings.ToLower(words), "not accepted") {
		problem.Kind = core.NotAccepted
	}
	return problem
}

// bodyIncomplete is what a web2py of 2013 says, with 400, where a later one answers a bare 500.
const bodyIncomplete = "HTTP body is incomplete"

// wordless reports whether an answer to a document may stand in place of any refusal: Eden's page
// of errors wants to read it once more, which web2py's own server cannot.
func wordless(problem *core.Problem) bool {
	var e *statusError
	return errors.As(problem, &e) && (e.status == http.StatusInternalServerError || e.status == http.StatusBadRequest && e.detail == bodyIncomplete)
}

// meant returns the status that the page of errors tells of: of an Eden under a web2py of 2013
// it comes as 500 whatever it says.
func meant(status int, m s3xml.Message) int {
	if status != http.StatusInternalServerError {
		return status
	}
	if code, err := strconv.Atoi(m.StatusCode); err == nil && isStatusName(m.Message, code) {
		return code
	}
	return status
}

// barred reports whether a page says no that is none of Eden's: something in front of it did
// not let the request through. A path or a table that is not there is a page of an Eden's
// web server as well.
func (r *reply) barred() bool {
	switch r.StatusCode {
	case http.StatusForbidden, http.StatusNotAcceptable, http.StatusNotImplemented:
	case http.StatusBadRequest, http.StatusMethodNotAllowed:
		if r.Request.Method == http.MethodGet {
			return false
		}
	default:
		return false
	}
	return r.form() == formHTML && !looksLikeEden(strings.ToLower(string(r.head)), r.Header)
}

// httpsOnly is what servers say that are asked by http where they speak https: Go's (another
// Fieldsync), nginx, Apache.
var httpsOnly = []string{"http request to an https server", "plain http request was sent to https port", "plain http to an ssl-enabled"}

// isStatusName reports whether words are the status's name only, which is what
// Eden's error page leaves of a message (spec eden-sync-protocol §3.4), or what both
// Eden and Fieldsync say to whoever is not let in.
func isStatusName(words string, status int) bool {
	return strings.EqualFold(words, http.StatusText(status)) || status == http.StatusUnauthorized && strings.EqualFold(words, "Authentication Required")
}

func (p *Peer) kindOfStatus(r *reply) core.Trouble {
	switch code := r.StatusCode; code {
	case http.StatusUnauthorized:
		return core.Unauthorized
	case http.StatusForbidden:
		return core.Forbidden
	case http.StatusNotFound, http.StatusGone, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType, http.StatusNotImplemented:
		return core.WrongPath
	case http.StatusBadRequest:
		return core.UnknownResource
	case http.StatusProxyAuthRequired:
		return core.ProxyWrong
	case http.StatusRequestTimeout:
		return core.Timeout
	case http.StatusTooManyRequests:
		return core.Busy
	case http.StatusNetworkAuthenticationRequired:
		return core.Portal
	case http.StatusServiceUnavailable:
		if _, ok := p.retryAfter(r.Response); ok {
			return core.Busy
		}
		return core.ServerFault
	default:
		if code >= 500 {
			return core.ServerFault
		}
		return core.PeerRefused
	}
}

// redirected is the problem of a redirect that was not followed: to another host
// it is the login page of a network in between, unless only the host changed; on
// the same host it is Eden's own login, or a path that leads elsewhere.
func (p *Peer) redirected(op string, r *reply) *core.Problem {
	to, err := r.Location()
	if err != nil {
		return p.problem(op, core.NotEden, &statusError{r.StatusCode, formEmpty, "no Location"})
	}
	cause := &statusError{r.StatusCode, formEmpty, "to " + to.Scheme + "://" + to.Host + p.hush.Replace(to.Path)}
	if moved := p.movedTo(r.Request.URL, to); moved != "" {
		return &core.Problem{Op: op, Kind: core.WrongPath, Subject: p.subject(), Words: "%s has moved to %s. Change the address.", Values: []any{p.subject(), moved}, Err: cause}
	}
	switch {
	case !strings.EqualFold(to.Hostname(), p.base.Hostname()), to.Scheme == p.base.Scheme && portOf(to) != portOf(p.base):
		return p.problem(op, core.Portal, cause)
	case strings.Contains(to.Path, "login"):
		return p.problem(op, core.Unauthorized, cause)
	}
	return p.problem(op, core.WrongPath, cause)
}

// movedTo returns the new address if a redirect keeps the path and changes what
// stands before it.
func (p *Peer) movedTo(from, to *url.URL) string {
	path := strings.TrimPrefix(from.Path, p.base.Path)
	root, same := strings.CutSuffix(to.Path, path)
	if !same || from.RawQuery != to.RawQuery || len(path) < 2 {
		return ""
	}
	return to.Scheme + "://" + to.Host + strings.TrimRight(root, "/")
}

// webPage is the problem of an HTML page where data was expected: Eden's own, a
// network's login, or somebody else's.
func (p *Peer) webPage(op string, r *reply) *core.Problem {
	page, err := io.ReadAll(io.LimitReader(r.body, 128<<10))
	if err != nil {
		page = r.head
	}
	cause := &statusError{r.StatusCode, formHTML, "a web page"}
	text := strings.ToLower(string(page))
	switch {
	case looksLikeEden(text, r.Header):
		cause.detail = "a web page of the server itself"
		return p.problem(op, core.WrongPath, cause)
	case looksLikeLogin(text), p.base.Scheme == "http" && !p.repo.LastConnected.IsZero():
		// Over plain HTTP, at an address that has worked before, a page is the
		// network's rather than another server's.
		return p.problem(op, core.Portal, cause)
	}
	return p.problem(op, core.NotEden, cause)
}

func looksLikeEden(page string, h http.Header) bool {
	return strings.EqualFold(h.Get("X-Powered-By"), "web2py") || containsAny(page, `content="eden"`, "s3.min.js", "sahana eden", "/static/scripts/s3/")
}

func looksLikeLogin(page string) bool {
	return containsAny(page, `type="password"`, `type='password'`, "type=password", "captive", "hotspot") ||
		strings.Contains(page, "http-equiv=\"refresh\"") && containsAny(page, "login", "portal", "logon")
}

func containsAny(text string, parts ...string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
