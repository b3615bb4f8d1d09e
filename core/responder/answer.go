package responder

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// An answer is a request's end without the result it asked for.
type answer struct {
	status  int // of HTTP
	code    int // of the message; Eden answers some failures with HTTP 200
	message string
	sender  string
	allow   string // methods, for 405
	login   bool   // ask for user name and password
	retry   time.Duration
	cause   error
}

func (a *answer) Error() string {
	if a.cause != nil {
		return a.message + ": " + a.cause.Error()
	}
	return a.message
}

func (a *answer) Unwrap() error { return a.cause }

func (a *answer) write(w http.ResponseWriter, realm string) {
	h := w.Header()
	if a.login {
		h.Set("WWW-Authenticate", `Basic realm="`+realm+`", charset="UTF-8"`)
	}
	if a.allow != "" {
		h.Set("Allow", a.allow)
	}
	if a.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(a.retry.Seconds()))))
	}
	code := a.code
	if code == 0 {
		code = a.status
	}
	writeMessage(w, a.status, s3xml.Message{Status: "failed", StatusCode: strconv.Itoa(code), Message: a.message, Sender: a.sender})
}

// writeMessage writes a JSON message as Eden does. An error means that the
// caller has gone, which needs no answer.
func writeMessage(w http.ResponseWriter, status int, m s3xml.Message) {
	body := m.Append(nil)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func badRequest(message string) *answer {
	return &answer{status: http.StatusBadRequest, message: message}
}

func forbidden(message string) *answer {
	return &answer{status: http.StatusForbidden, message: message}
}

func notFound() *answer { return &answer{status: http.StatusNotFound, message: "NOT FOUND"} }

func notAllowed(methods string) *answer {
	return &answer{status: http.StatusMethodNotAllowed, message: "METHOD NOT ALLOWED", allow: methods}
}

func unauthorized() *answer {
	return &answer{status: http.StatusUnauthorized, message: "Authentication Required", login: true}
}

func busy(status int, message string, wait time.Duration) *answer {
	return &answer{status: status, message: message, retry: wait}
}

// handled is a failure that Eden answers with HTTP 200 (spec §3.4).
func handled(message, sender string) *answer {
	return &answer{status: http.StatusOK, code: http.StatusBadRequest, message: message, sender: sender}
}

// brokenOff marks an error after the answer has begun.
type brokenOff struct{ err error }

func (b *brokenOff) Error() string { return b.err.Error() }
func (b *brokenOff) Unwrap() error { return b.err }

// asAnswer turns any error into what the peer is told. The technical cause
// stays here, in the log.
func asAnswer(err error) *answer {
	var a *answer
	if errors.As(err, &a) {
		return a
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, errTooLarge) {
		return &answer{status: http.StatusRequestEntityTooLarge, message: "The request is too large; send smaller batches", cause: err}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &answer{status: http.StatusServiceUnavailable, message: "Stopped; nothing of this was stored", retry: time.Minute, cause: err}
	}
	p := core.AsProblem(err)
	if p.Retryable() && p.Kind != core.Internal {
		return &answer{status: http.StatusServiceUnavailable, message: p.Message(), retry: time.Minute, cause: err}
	}
	return &answer{status: http.StatusInternalServerError, message: p.Message(), cause: err}
}
