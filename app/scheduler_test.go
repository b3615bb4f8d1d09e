package app

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/core/schedule"
	"github.com/fieldsync/fieldsync/storage"
	"github.com/fieldsync/fieldsync/ui/cli"
)

// A door stands before a server on loopback: shut, nobody listens; open, every
// connection is handed through.
type door struct {
	t    testing.TB
	to   string
	addr string

	mu       sync.Mutex // guards the rest
	listener net.Listener
	conns    []net.Conn
	passed   int
	done     sync.WaitGroup
}

func newDoor(t testing.TB, to string) *door {
	d := &door{t: t, to: to, addr: "127.0.0.1:0"}
	if runtime.GOOS == "linux" {
		d.addr = "127.0.71.1:0" // while it is shut, no other program is given its port
	}
	d.open()
	t.Cleanup(d.shut)
	return d
}

func (d *door) open() {
	d.t.Helper()
	l, err := net.Listen("tcp", d.addr)
	if err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	d.listener, d.addr = l, l.Addr().String()
	d.mu.Unlock()
	d.done.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", d.to)
			if err != nil {
				in.Close()
				continue
			}
			d.mu.Lock()
			d.conns = append(d.conns, in, out)
			d.passed++
			d.mu.Unlock()
			for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
				d.done.Go(func() {
					_, _ = io.Copy(way[0], way[1])
					way[0].Close()
				})
			}
		}
	})
}

func (d *door) shut() {
	d.mu.Lock()
	d.listener.Close()
	for _, c := range d.conns {
		c.Close()
	}
	d.conns = nil
	d.mu.Unlock()
	d.done.Wait()
}

// A scheduled node is a data folder whose scheduler runs, with its events.
type scheduled struct {
	t      *testing.T
	node   *cli.Node
	db     *storage.DB
	runner *schedule.Runner
	events chan event.Event
	tell   func(schedule.Surroundings)
	stop   func()
}

func startScheduled(t *testing.T) *scheduled {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "") // no keyring: it is the developer's own
	ctx, cancel := context.WithCancel(context.Background())
	n, err := open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &scheduled{t: t, node: n, db: n.Store.(replica).DB, events: make(chan event.Event, 10000)}
	n.Events.Subscribe(func(e event.Event) {
		switch e.(type) {
		case event.OutlookChanged, event.RunFinished:
			s.events <- e
		}
	})
	watching := make(chan struct{})
	s.runner = schedule.New(schedule.Options{Store: s.db, Engine: n.Engine, Reach: connector{db: s.db, log: n.Log}.reach, Events: n.Events, Log: n.Log,
		Tuning: schedule.Tuning{Tick: 100 * time.Millisecond},
		Watch: func(ctx context.Context, tell func(schedule.Surroundings)) error {
			s.tell = tell
			tell(schedule.Surroundings{Networks: []string{"home"}})
			close(watching)
			<-ctx.Done()
			return nil
		}})
	ended := make(chan error, 1)
	go func() { ended <- s.runner.Serve(ctx) }()
	<-watching
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

// until waits for an event.
func (s *scheduled) until(what string, is func(event.Event) bool) time.Duration {
	s.t.Helper()
	began, deadline := time.Now(), time.After(40*time.Second)
	for {
		select {
		case e := <-s.events:
			if is(e) {
				return time.Since(began)
			}
		case <-deadline:
			s.t.Fatalf("did not happen: %s; outlooks %v", what, s.runner.Outlooks())
		}
	}
}

func through(e event.Event) bool {
	f, ok := e.(event.RunFinished)
	return ok && f.Problem == nil
}

func waiting(cause core.Cause) func(event.Event) bool {
	return func(e event.Event) bool {
		o, ok := e.(event.OutlookChanged)
		return ok && o.Outlook.Why == core.WhyRetry && o.Outlook.Cause == cause && o.Outlook.Next != 0
	}
}

// add sets a repository up with one table. No run begins before both are there.
func (s *scheduled) add(r core.Repository) core.Repository {
	s.t.Helper()
	r.Stopped = "being set up"
	r, err := s.db.AddRepository(context.Background(), r)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.db.AddTask(context.Background(), core.NewTask(r.ID, "org_organisation")); err != nil {
		s.t.Fatal(err)
	}
	r.Stopped = ""
	if r, err = s.db.UpdateRepository(context.Background(), r); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// edit changes a record here, to be sent a second later.
func (s *scheduled) edit() {
	s.t.Helper()
	ctx := context.Background()
	settings, err := s.db.ScheduleSettings(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	settings.SendAfter = time.Second
	if err := s.db.SaveScheduleSettings(ctx, settings); err != nil {
		s.t.Fatal(err)
	}
	list, err := s.node.Store.Records(ctx, cli.RecordQuery{Resource: "org_organisation", Limit: 1})
	if err != nil || len(list) == 0 {
		s.t.Fatal(list, err)
	}
	rec := list[0].Clone()
	rec.Set(core.Field{Name: "comments", Value: core.Text("edited here")})
	if err := s.node.Store.Save(ctx, rec, core.Hash{}, "me"); err != nil {
		s.t.Fatal(err)
	}
}

func practise(t testing.TB) (repo core.Repository, host string) {
	p := practiceServer(t, 3)
	u, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	repo = p.Repository()
	repo.ID = 0
	return repo, u.Host
}

// noLeaks makes sure that the test leaves no goroutine, but for the one of the log
// file's library, which has no end.
func noLeaks(t *testing.T) {
	here := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		goleak.VerifyNone(t, here, goleak.IgnoreAnyFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"))
	})
}

func TestAServerThatComesAndGoes(t *testing.T) {
	noLeaks(t)
	repo, host := practise(t)
	d := newDoor(t, host)
	repo.URL, repo.Proxy = "http://"+d.addr+"/eden", "none"
	s := startScheduled(t)
	repo = s.add(repo)
	s.runner.Kick()
	s.until("the first run", through)
	s.edit()
	took := s.until("the edit goes out", func(e event.Event) bool {
		f, ok := e.(event.RunFinished)
		return ok && f.Run.Delivered == 1
	})
	t.Logf("an edit was delivered after %s, a second of them to settle", took.Round(time.Millisecond))

	d.shut()
	s.runner.SyncNow()
	s.until("it says that the server is away", waiting(core.CausePeer))
	d.open()
	s.tell(schedule.Surroundings{Networks: []string{"another"}})
	took = s.until("a run after the change of network", through)
	t.Logf("told by the operating system: a run came through after %s", took.Round(time.Millisecond))
	if took > 30*time.Second {
		t.Errorf("a run came only %s after the network's return", took)
	}
	s.stop()
}

func TestAProxyWithALogin(t *testing.T) {
	noLeaks(t)
	repo, _ := practise(t)
	p := newProxy(t, "amina", "right")
	repo.Proxy = "http://amina:wrong@" + p.host
	s := startScheduled(t)
	repo = s.add(repo)
	s.runner.Kick()
	s.until("it says that something must be set right", waiting(core.CauseConfiguration))
	s.tell(schedule.Surroundings{Networks: []string{"another"}})
	s.until("it tried on another network", func(e event.Event) bool {
		o, ok := e.(event.OutlookChanged)
		return ok && o.Outlook.Cause == core.CauseConfiguration && o.Outlook.Why == core.WhyRetry
	})
	if n := p.refusals(); n > 4 {
		t.Errorf("%d attempts with a wrong password: proxies lock accounts", n)
	}
	repo.Proxy = "http://amina:right@" + p.host
	repo, err := s.db.UpdateRepository(context.Background(), repo)
	if err != nil {
		t.Fatal(err)
	}
	s.runner.SyncNow(repo.ID)
	s.until("a run through the proxy", through)
	if p.served() == 0 {
		t.Error("nothing went through the proxy")
	}
	s.stop()
}

// A proxy forwards plain requests for one account.
type proxy struct {
	host string
	mu   sync.Mutex // guards the counts
	no   int
	yes  int
}

func newProxy(t *testing.T, user, password string) *proxy {
	p := new(proxy)
	want := "Basic " + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%s", user, password))
	forward := &http.Transport{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if r.Header.Get("Proxy-Authorization") != want {
			p.no++
			w.Header().Set("Proxy-Authenticate", `Basic realm="proxy"`)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		p.yes++
		r.RequestURI = ""
		r.Header.Del("Proxy-Authorization")
		resp, err := forward.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		for k, v := range resp.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = io.Copy(w, resp.Body)
	}))
	t.Cleanup(func() { server.Close(); forward.CloseIdleConnections() })
	p.host = server.Listener.Addr().String()
	return p
}

func (p *proxy) refusals() int { p.mu.Lock(); defer p.mu.Unlock(); return p.no }
func (p *proxy) served() int   { p.mu.Lock(); defer p.mu.Unlock(); return p.yes }
