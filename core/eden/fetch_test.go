package eden

import (
	"context"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

func TestFetchGetsAFile(t *testing.T) {
	s, p := connect(t)
	address := s.AddFile("report.txt", []byte("the content"))
	for _, a := range []string{address, strings.TrimPrefix(address, s.URL+"/"), "/eden" + strings.TrimPrefix(address, s.URL)} {
		got, err := p.Fetch(context.Background(), a, 100)
		if err != nil || string(got) != "the content" {
			t.Errorf("%s: %q, %v", a, got, err)
		}
	}
	if got, err := p.Fetch(context.Background(), address, 11); err != nil || len(got) != 11 {
		t.Errorf("a file of just the size allowed: %q, %v", got, err)
	}
}

func TestFetchRefusesWhatIsNotSafe(t *testing.T) {
	s, p := connect(t)
	big := s.AddFile("big.bin", make([]byte, 1000))
	for _, tt := range []struct {
		name, address string
		want          core.Trouble
	}{
		{"a file of this laptop", "file:///etc/passwd", core.Dangerous},
		{"another scheme", "ftp://example.org/x", core.Dangerous},
		{"a script", "javascript:alert(1)", core.Dangerous},
		{"data inside the address", "data:text/plain;base64,QQ==", core.Dangerous},
		{"no address at all", "http://%zz", core.Dangerous},
		{"more than allowed", big, core.Dangerous},
		{"a file that is not there", s.URL + "/default/download/none.txt", core.WrongPath},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := p.Fetch(context.Background(), tt.address, 100)
			wantKind(t, err, tt.want)
		})
	}
}

func TestALoginPageIsNoFile(t *testing.T) {
	s, p := connect(t)
	address := s.AddFile("photo.png", []byte("png"))
	s.Inject(1, edentest.Portal())
	_, err := p.Fetch(context.Background(), address, 10000)
	wantKind(t, err, core.Portal)
	page := s.AddFile("page.html", []byte("<html><body>uploaded</body></html>"))
	if got, err := p.Fetch(context.Background(), page, 1000); err != nil || !strings.Contains(string(got), "uploaded") {
		t.Errorf("an uploaded page: %q, %v", got, err)
	}
}

func TestAFileCutShortIsNotTaken(t *testing.T) {
	s, p := connect(t)
	address := s.AddFile("photo.png", make([]byte, 5000))
	s.Inject(-1, edentest.CutAfter(3000))
	_, err := p.Fetch(context.Background(), address, 10000)
	wantKind(t, err, core.Truncated)
}
