package edentest

import "net/http"

// CalledAs lets a server at an address of this computer, host and port, be called by any
// name, as one of another computer.
func CalledAs(address string) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper { return route{address, next} }
}

type route struct {
	to   string
	next http.RoundTripper
}

// RoundTrip sends a request there. The answer is one to the request as it was.
func (r route) RoundTrip(req *http.Request) (*http.Response, error) {
	there := req.Clone(req.Context())
	there.URL.Host = r.to
	answer, err := r.next.RoundTrip(there)
	if answer != nil {
		answer.Request = req
	}
	return answer, err
}
