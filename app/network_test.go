//go:build linux

package app

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/intake"
	"github.com/fieldsync/fieldsync/storage"
)

// Two real programs, and between them a line that is slow, breaks off, and
// doubles, swaps and changes the bytes themselves. Everything arrives, in both
// directions, and little of it travels twice: at most what passes in two seconds
// each time the line breaks.
//
// FIELDSYNC_NETWORK=full is the promise in numbers: 10,000 records at 64 kbit/s with
// 2 s of delay, trouble once a minute, at most 5 % twice. Else it is fewer records
// and a faster line.
func TestABadNetwork(t *testing.T) {
	records, line, full := 2000, weather{every: 80_000, delay: 20 * time.Millisecond, rate: 48_000}, false
	if os.Getenv("FIELDSYNC_NETWORK") == "full" {
		records, line, full = 10_000, weather{every: 480_000, delay: 2 * time.Second, rate: 8000}, true
	}
	// As slow, without trouble: pages and batches are as small, and pack as badly.
	fair := newNetwork(t, records).transfer("fair", weather{delay: line.delay, rate: line.rate})
	foul := newNetwork(t, records).transfer("foul", line)
	twice := (float64(foul.bytes)/float64(fair.bytes) - 1) * 100
	t.Logf("%d records: %d bytes in %d runs over a line that is only slow; over the bad one %d bytes in %d runs, %s; %d troubles %v; %.1f %% twice",
		records, fair.bytes, fair.runs, foul.bytes, foul.runs, foul.took.Round(time.Second), foul.troubles, foul.kinds, twice)
	if foul.troubles == 0 {
		t.Error("the line made no trouble")
	}
	if full && twice > 5 {
		t.Errorf("%.1f %% of the bytes travelled twice, more than 5", twice)
	}
	const greeting = 12_000 // of a new connection and a new run
	if extra, bound := foul.bytes-fair.bytes, foul.troubles*int64(2*line.rate+greeting); extra > bound {
		t.Errorf("%d bytes travelled twice, more than two seconds' worth at each trouble (%d)", extra, bound)
	}
}

// A network is a hub that serves, in a process of its own.
type network struct {
	*testing.T
	program string
	hub     string // data folder
	address string // where the hub listens
	cert    string
	records int
}

func newNetwork(t *testing.T, records int) *network {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("FIELDSYNC_PASSWORD", killPassword)
	n := &network{T: t, program: builtProgram(t), hub: t.TempDir(), records: records}
	n.run(n.hub, strings.NewReader(killPassword+"\n"), "account", "add", killUser, "--password-stdin")
	n.run(n.hub, nil, "share", "add", string(killTable))
	n.stock(records)
	key := ""
	n.cert, key = selfSigned(t)
	serve := exec.CommandContext(t.Context(), n.program, "--data", n.hub, "serve", "--address", "127.0.0.1:0", "--cert", n.cert, "--key", key)
	out, err := serve.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = serve.Process.Kill()
		_ = serve.Wait()
	})
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, lines) // ends with the program
	_, url, _ := strings.Cut(strings.TrimSpace(line), "://")
	n.address, _, _ = strings.Cut(url, "/")
	return n
}

// stock gives the hub records that were made one after the other, and that it has had
// for days: what is dated within the last minutes of them, or arrived within the last
// minutes, is read again by every pull, which is not what is measured.
func (n *network) stock(records int) {
	n.Helper()
	long := time.Now().Add(-48 * time.Hour)
	db, err := storage.Open(n.Context(), storage.Options{Dir: n.hub, Secrets: storage.NewFileSecrets(n.hub), Now: func() time.Time { return long }})
	if err != nil {
		n.Fatal(err)
	}
	err = db.Import(n.Context(), func(tx intake.Tx) error {
		for i := range records {
			r := organisation(i)
			r.ModifiedOn = core.MTimeOf(long.Add(time.Duration(i) * 10 * time.Second))
			if err := tx.Put(n.Context(), &r, core.Change{Rule: "create", By: "hub", At: r.ModifiedOn}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		n.Fatal(err)
	}
}

// fill makes records: the first makes the fields known, the others come from a
// table.
func (n *network) fill(data, of string, records int) {
	n.Helper()
	n.run(data, nil, "records", "new", string(killTable), "name="+of+" first", "acronym=F", "website=https://example.org", "comments=none", "phone=0", "--new-field")
	n.run(data, nil, "import", n.table(of, records-1), "--resource", string(killTable))
}

// table writes records as CSV.
func (n *network) table(of string, records int) string {
	path := filepath.Join(n.TempDir(), of+".csv")
	var b strings.Builder
	b.WriteString("name,acronym,website,comments,phone\n")
	for i := range records {
		fmt.Fprintf(&b, "%s organisation %d,%x,https://%d.example.org,works in %d counties,+25470%07d\n", of, i, i*7919, i, i%47, i)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		n.Fatal(err)
	}
	return path
}

func (n *network) run(data string, in io.Reader, args ...string) string {
	n.Helper()
	out, err := n.try(data, in, args...)
	if err != nil {
		n.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

func (n *network) try(data string, in io.Reader, args ...string) (string, error) {
	cmd := exec.CommandContext(n.Context(), n.program, append([]string{"--data", data}, args...)...)
	cmd.Stdin = in
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// A passage is what a transfer took.
type passage struct {
	bytes, troubles int64
	kinds           map[string]int
	runs            int
	took            time.Duration
}

// transfer lets a fresh laptop get everything and bring as much again a tenth of
// it, however many runs that takes, and checks that both sides have all of it.
func (n *network) transfer(name string, w weather) passage {
	n.Helper()
	line := newLine(n.T, n.address, w)
	data := n.TempDir()
	n.run(data, nil, "init", "--name", name)
	n.run(data, nil, "repository", "add", "hub", "https://localhost:"+line.port()+"/eden", "--username", killUser, "--proxy", "none", "--ca-file", n.cert)
	n.run(data, nil, "resource", "add", "hub", string(killTable))
	n.accept(data, name)
	before := n.count(n.hub)
	n.fill(data, name, n.records/10)
	began := time.Now()
	var p passage
	for p.runs = 1; ; p.runs++ {
		out, err := n.try(data, nil, "sync", "--verbose")
		if err == nil {
			break
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 { // try again later
			n.Fatalf("sync: %v\n%s", err, out)
		}
		if p.runs > 500 {
			n.Fatalf("it does not come to an end: %s", out)
		}
	}
	p.took, p.bytes, p.troubles, p.kinds = time.Since(began), line.bytes.Load(), int64(len(line.made)), line.kinds()
	line.calm()
	want := before + n.records/10
	if here, there := n.count(data), n.count(n.hub); here != want || there != want {
		n.Errorf("%s: %d records on the laptop, %d at the hub, want %d", name, here, there, want)
	}
	var c core.Counts
	if err := json.Unmarshal([]byte(n.run(data, nil, "sync", "--json")), &c); err != nil || c.Changed()+c.Sent+c.Conflicts+c.Quarantined != 0 {
		n.Errorf("%s: a further sync moved %s, %v", name, c, err)
	}
	return p
}

// accept registers the laptop, as often as the line wants it, and has the hub
// accept it.
func (n *network) accept(data, name string) {
	n.Helper()
	for range 50 {
		if _, err := n.try(data, nil, "repository", "register", "hub"); err == nil {
			break
		}
	}
	n.run(n.hub, nil, "peer", "accept", name)
}

func (n *network) count(data string) int {
	n.Helper()
	file := filepath.Join(n.TempDir(), "all.csv")
	n.run(data, nil, "export", string(killTable), "--output", file)
	content, err := os.ReadFile(file)
	if err != nil {
		n.Fatal(err)
	}
	return strings.Count(string(content), "\n") - 1
}

// A weather is what a line does to the bytes.
type weather struct {
	every int64         // trouble after so many bytes; 0: never
	delay time.Duration // before the first byte of a connection
	rate  int           // bytes a second in each direction; 0: as fast as it goes
}

// A line carries connections to an address.
type line struct {
	weather
	t        *testing.T
	listener net.Listener
	to       string
	bytes    atomic.Int64

	mu   sync.Mutex // guards the rest
	rand *mathrand.Rand
	next int64 // trouble when so many bytes have passed
	made []string
}

func newLine(t *testing.T, to string, w weather) *line {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{weather: w, t: t, listener: listener, to: to, rand: mathrand.New(mathrand.NewPCG(1, 2)), next: w.every / 2}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			go l.connect(conn)
		}
	}()
	return l
}

func (l *line) port() string { return fmt.Sprint(l.listener.Addr().(*net.TCPAddr).Port) }

// calm ends the trouble.
func (l *line) calm() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.every = 0
}

func (l *line) kinds() map[string]int {
	kinds := map[string]int{}
	for _, k := range l.made {
		kinds[k]++
	}
	return kinds
}

func (l *line) connect(near net.Conn) {
	far, err := net.Dial("tcp", l.to)
	if err != nil {
		_ = near.Close()
		return
	}
	time.Sleep(l.delay)
	both := func() { _, _ = near.Close(), far.Close() }
	go l.carry(far, near, both)
	l.carry(near, far, both)
}

// carry moves chunks one way until something ends it.
func (l *line) carry(to, from net.Conn, end func()) {
	defer end()
	chunk := make([]byte, 4096)
	for calm := 4; ; calm-- { // a certificate that was changed on the way looks like a wrong one
		n, err := from.Read(chunk)
		if n > 0 {
			l.bytes.Add(int64(n))
			if l.rate > 0 {
				time.Sleep(time.Duration(n) * time.Second / time.Duration(l.rate))
			}
			out := chunk[:n]
			switch l.trouble(calm <= 0) {
			case "cut":
				return
			case "doubled":
				out = append(out[:n:n], out...)
			case "swapped":
				if n < 64 {
					return
				}
				for i := n - 32; i < n-16; i++ { // at the end: in the middle of a record, so that TLS sees it by its sum
					out[i], out[i+16] = out[i+16], out[i]
				}
			case "changed":
				out[n-1] ^= 0x20
			}
			if _, err := to.Write(out); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// trouble returns what happens to the chunk that just came, if anything may.
func (l *line) trouble(may bool) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.every == 0 || !may || l.bytes.Load() < l.next {
		return ""
	}
	l.next = l.bytes.Load() + l.every
	kind := []string{"cut", "doubled", "swapped", "changed"}[l.rand.IntN(4)]
	l.made = append(l.made, kind)
	return kind
}

// selfSigned makes a certificate for localhost.
func selfSigned(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
