package eden

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

// fetched gets a file whole.
func fetched(p *Peer, address string, max int64) ([]byte, error) {
	var b bytes.Buffer
	err := p.Fetch(context.Background(), address, max, &b)
	return b.Bytes(), err
}

func TestFetchGetsAFile(t *testing.T) {
	s, p := connect(t)
	address := s.AddFile("report.txt", []byte("the content"))
	for _, a := range []string{address, strings.TrimPrefix(address, s.URL+"/"), "/eden" + strings.TrimPrefix(address, s.URL)} {
		got, err := fetched(p, a, 100)
		if err != nil || string(got) != "the content" {
			t.Errorf("%s: %q, %v", a, got, err)
		}
	}
	if got, err := fetched(p, address, 11); err != nil || len(got) != 11 {
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
		{"a page of somebody else", "http://intranet.example.org/secret.html", core.Dangerous},
		{"another service of this laptop", "http://127.0.0.2:8080/admin", core.Dangerous},
		{"no address at all", "http://%zz", core.Dangerous},
		{"more than allowed", big, core.Dangerous},
		{"a file that is not there", s.URL + "/default/download/none.txt", core.WrongPath},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := fetched(p, tt.address, 100)
			wantKind(t, err, tt.want)
		})
	}
}

// Documents name the server as it knows itself: by its public address, which may be another than ours.
func TestAFileIsAskedForWhereTheRepositoryIs(t *testing.T) {
	s, p := connect(t)
	stored := strings.TrimPrefix(s.AddFile("report.txt", []byte("the content")), s.URL)
	host, port, _ := strings.Cut(strings.TrimPrefix(s.HTTP().URL, "http://"), ":")
	for _, address := range []string{
		"https://" + host + ":" + port + "/eden" + stored, "http://" + host + "/eden" + stored,
		"http://eden.example.org/eden" + stored, "https://me:secret@10.1.2.3:8443/other" + stored,
	} {
		s.ForgetRequests()
		got, err := fetched(p, address, 100)
		if err != nil || string(got) != "the content" {
			t.Errorf("%s: %q, %v", address, got, err)
		}
		if r := s.Requests(); len(r) != 1 || r[0].Path != stored {
			t.Errorf("%s: asked for %+v", address, r)
		}
	}
}

func TestALoginPageIsNoFile(t *testing.T) {
	s, p := connect(t)
	address := s.AddFile("photo.png", []byte("png"))
	s.Inject(1, edentest.Portal())
	_, err := fetched(p, address, 10000)
	wantKind(t, err, core.Portal)
	page := s.AddFile("page.html", []byte("<html><body>uploaded</body></html>"))
	if got, err := fetched(p, page, 1000); err != nil || !strings.Contains(string(got), "uploaded") {
		t.Errorf("an uploaded page: %q, %v", got, err)
	}
}

func TestAFileCutShortIsNotTaken(t *testing.T) {
	s, p := connect(t)
	address := s.AddFile("photo.png", make([]byte, 5000))
	s.Inject(-1, edentest.CutAfter(3000))
	_, err := fetched(p, address, 10000)
	wantKind(t, err, core.Truncated)
}
