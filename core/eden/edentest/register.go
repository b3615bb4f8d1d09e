package edentest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// register answers every form of registration as recorded (corpus 30), or, with
// OldRegistration, as an Eden of before October 2016.
func (s *Server) register(a *answer, req Request) {
	s.mu.Lock()
	old, forbidden := s.knobs.oldRegistration, s.knobs.forbidden
	s.mu.Unlock()
	ext := strings.TrimPrefix(req.Path, "/sync/repository/register")
	switch {
	case forbidden:
		a.fail(http.StatusForbidden, "")
	case old:
		s.registerOld(a, req)
	case ext == "":
		a.redirect(app + "/sync/index")
	case ext != ".json":
		a.fail(http.StatusUnsupportedMediaType, "")
	case req.Method != http.MethodPost && req.Method != http.MethodPut:
		a.fail(http.StatusMethodNotAllowed, "")
	default:
		s.registerNew(a, req)
	}
}

func (s *Server) registerNew(a *answer, req Request) {
	var in struct{ UUID, Name, Apitype string }
	if err := json.Unmarshal(req.Body, &in); err != nil {
		a.fail(http.StatusBadRequest, "Invalid parameters: injected: Expecting value: line 1 column 1 (char 0)")
		return
	}
	if in.UUID == "" {
		s.tell(a, "failed", "400", "No repository identifier specified")
		return
	}
	known := s.Registered(in.UUID)
	if in.Name == "" && !known {
		a.fail(http.StatusInternalServerError, "")
		return
	}
	s.Register(in.UUID)
	if known {
		s.tell(a, "success", "200", "Registration update successful")
		return
	}
	s.tell(a, "success", "200", "Registration successful")
}

func (s *Server) registerOld(a *answer, req Request) {
	uuid := req.Query.Get("repository")
	if req.Method != http.MethodGet {
		a.fail(http.StatusMethodNotAllowed, "")
		return
	}
	if uuid == "" {
		s.tell(a, "failed", "400", "No repository identifier specified")
		return
	}
	s.Register(uuid)
	s.tell(a, "success", "200", "Registration successful")
}

func (s *Server) tell(a *answer, status, code, message string) {
	a.send(http.StatusOK, "application/json", fmt.Appendf(nil, `{"status": %q, "statuscode": %q, "message": %q, "sender": %q}`, status, code, message, s.UUID))
}
