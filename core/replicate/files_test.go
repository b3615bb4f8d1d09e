package replicate_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
)

// addFile puts a file into a field of a record, as a person would.
func (w *world) addFile(l core.Link, field, name string, content []byte) {
	w.t.Helper()
	if err := w.db.SaveAttachment(w.t.Context(), core.Attachment{Record: l, Field: field, Name: name}, content); err != nil {
		w.t.Fatal(err)
	}
	w.edit(l, func(r *core.Record) { r.Set(core.Field{Name: field, Value: core.Value{Kind: core.File, Aux: name}}) })
}

// fileHere returns the content of a file that lies here.
func (w *world) fileHere(l core.Link, field string) string {
	w.t.Helper()
	_, content, err := w.db.Attachment(w.t.Context(), l, field)
	if err != nil {
		w.t.Fatalf("%s of %s: %v\n%s", field, l.UUID, err, w.logs())
	}
	return string(content)
}

func document(n int) core.Link { return link("doc_document", n) }

// Scenarios 21 and 45: a file is fetched from the address that the document gives, with a name in any script.
func TestFilesOfTheServerComeAlong(t *testing.T) {
	w := newWorld(t, "doc_document")
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // 16 MiB
	for i, f := range []struct {
		name    string
		content []byte
	}{{"report.txt", []byte("the report")}, {"portrait_joão.png", []byte("png")}, {"large.bin", large}} {
		r := rec(document(i+1), "name", f.name)
		r.Set(core.Field{Name: "file", Value: core.Value{Kind: core.File, Str: w.eden.AddFile(f.name, f.content), Aux: f.name}})
		w.eden.Put(r)
	}
	w.sync()
	if w.fileHere(document(1), "file") != "the report" || w.fileHere(document(2), "file") != "png" || w.fileHere(document(3), "file") != string(large) {
		t.Error("the files are not what the server has")
	}
	w.eden.ForgetRequests()
	w.quiet()
	for _, r := range w.requests() {
		if strings.Contains(r, "download") {
			t.Errorf("a file that is here was asked for again: %s", r)
		}
	}
}

func TestAFileThatCannotBeHadHoldsNothingUp(t *testing.T) {
	w := newWorld(t, "doc_document")
	for i, address := range []string{"file:///etc/passwd", "http://intranet.example.org/secret", w.eden.URL + "/default/download/none.txt"} {
		r := rec(document(i+1), "name", "N")
		r.Set(core.Field{Name: "file", Value: core.Value{Kind: core.File, Str: address, Aux: "x.txt"}})
		w.eden.Put(r)
	}
	run := w.sync()
	if run.Created != 3 {
		t.Errorf("%s", run.Counts)
	}
	if !strings.Contains(w.logs(), "3 of 3 files could not be fetched") {
		t.Errorf("the log must say so:\n%s", w.logs())
	}
	w.quiet()
}

func TestAFileAddedHereIsSent(t *testing.T) {
	w := newWorld(t, "doc_document")
	w.edit(document(1), set("name", "Report"))
	w.addFile(document(1), "file", "bericht ä.txt", []byte("the report"))
	if run := w.sync(); run.Delivered != 1 || run.Refused != 0 {
		t.Fatalf("%s\n%s", run.Counts, w.logs())
	}
	there := w.there(document(1))
	content, inline, err := core.Inline(there.Value("file").Str)
	if string(content) != "the report" || !inline || err != nil || there.Value("file").Aux != "bericht ä.txt" {
		t.Errorf("the server has %+v", there.Value("file"))
	}
	w.quiet()
}

// An Eden on Python 2 does not read a file that lies in the document, and says nothing.
// It takes one that comes beside it, if its name is ASCII.
func TestAFileAddedHereReachesAnEdenOnPython2(t *testing.T) {
	for name, want := range map[string]string{"report.txt": "report.txt", "Résumé “final”.pdf": "Resume final.pdf", "تقرير.xml": "file.XML"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "doc_document")
			w.eden.Python2()
			w.edit(document(1), set("name", "Report"))
			w.addFile(document(1), "file", name, []byte("the report"))
			if run := w.sync(); run.Delivered != 1 || run.Refused != 0 {
				t.Fatalf("%s\n%s", run.Counts, w.logs())
			}
			has := func() (name, content string) {
				there := w.there(document(1))
				v := there.Value("file")
				return v.Aux, string(w.eden.File(v.Str))
			}
			if got, content := has(); content != "the report" || got != want {
				t.Errorf("the server has %q with %q", got, content)
			}
			w.quiet()
			if w.fileHere(document(1), "file") != "the report" {
				t.Error("the file is gone here")
			}
			w.addFile(document(1), "file", "second.txt", []byte("the second report"))
			if run := w.sync(); run.Delivered != 1 {
				t.Errorf("the file that takes its place: %s\n%s", run.Counts, w.logs())
			}
			if got, content := has(); content != "the second report" || got != "second.txt" {
				t.Errorf("the server has %q with %q", got, content)
			}
			w.quiet()
		})
	}
}

// A picture without its file is refused there (Edens of 2013 and 2016); with it, it comes
// below its person, who stays as they are.
func TestAPictureReachesAnEdenOnPython2(t *testing.T) {
	w := newWorld(t, "pr_person")
	w.eden.Python2()
	w.eden.Reject(func(r core.Record, _ string) string {
		if f, _ := r.Field("image"); r.Resource == "pr_image" && f.Value.Str == "" {
			return "Either file upload or image URL required."
		}
		return ""
	})
	person, image := link("pr_person", 1), link("pr_image", 2)
	w.eden.Put(rec(person, "first_name", "Ann"))
	w.sync()
	w.edit(image, func(r *core.Record) {
		set("description", "in the field")(r)
		r.Master = person
	})
	w.addFile(image, "image", "ann.png", []byte("png"))
	w.pass(time.Hour)
	before := w.there(person)
	if run := w.sync(); run.Delivered != 1 || run.Refused != 0 || len(w.quarantine()) != 0 {
		t.Fatalf("got %s\n%s", run.Counts, w.logs())
	}
	there := w.there(image)
	if v := there.Value("image"); string(w.eden.File(v.Str)) != "png" || v.Aux != "ann.png" || there.Master != person {
		t.Errorf("the server has %+v", there)
	}
	if after := w.there(person); after.ModifiedOn != before.ModifiedOn || after.Value("first_name").Str != "Ann" {
		t.Errorf("the person was %+v and is %+v", before, after)
	}
	w.agree(image, "description", "in the field")
	w.quiet()
}

// A file that a server leaves out whatever is done is said to be missing there.
func TestAFileThatTheServerDoesNotTakeEitherWayIsSaid(t *testing.T) {
	w := newWorld(t, "doc_document")
	w.eden.Python2()
	w.eden.NoNative("doc_document")
	w.edit(document(1), set("name", "Report"))
	w.addFile(document(1), "file", "report.txt", []byte("the report"))
	run := w.sync()
	if q := w.quarantine(); run.Delivered != 0 || run.Refused != 1 || len(q) != 1 || q[0].Reason != "The server did not take: file." {
		t.Errorf("got %s, %+v", run.Counts, q)
	}
	w.quiet()
}

func TestAFileTooLargeToBeSentIsSaid(t *testing.T) {
	w := newWorld(t, "doc_document")
	w.engine.Tuning.FileSize = 1 << 20
	w.edit(document(1), set("name", "Film"))
	w.addFile(document(1), "file", "film.mp4", make([]byte, 3<<20))
	run := w.sync()
	if run.Delivered != 0 || run.Refused != 1 {
		t.Errorf("a record without its file is not delivered: %s\n%s", run.Counts, w.logs())
	}
	if q := w.quarantine(); len(q) != 1 || !strings.Contains(q[0].Reason, "film.mp4 was not sent: it has 3 MiB, and at most 1 MiB") {
		t.Errorf("set aside: %+v", q)
	}
	if there := w.there(document(1)); there.Title() != "Film" {
		t.Error("everything else must be there")
	}
	w.quiet()
	w.engine.Tuning.FileSize = 10 << 20
	w.pass(48 * time.Hour)
	if run := w.sync(); run.Delivered != 1 || len(w.quarantine()) != 0 {
		t.Errorf("where it may be sent, it is: %s\n%s", run.Counts, w.logs())
	}
	w.quiet()
}

// A laptop between two servers: the second one cannot reach the first.
func TestAFileOfOneServerReachesTheOther(t *testing.T) {
	w := newWorld(t, "doc_document")
	r := rec(document(1), "name", "Report")
	r.Set(core.Field{Name: "file", Value: core.Value{Kind: core.File, Str: w.eden.AddFile("report.txt", []byte("the report")), Aux: "report.txt"}})
	w.eden.Put(r)
	large := rec(document(2), "name", "Film")
	address := w.eden.AddFile("film.mp4", make([]byte, 2<<20))
	large.Set(core.Field{Name: "file", Value: core.Value{Kind: core.File, Str: address, Aux: "film.mp4"}})
	w.eden.Put(large)
	w.engine.Tuning.FileSize = 1 << 20
	w.sync()
	other := edentest.New(t, edentest.At(w.clock.Now()))
	other.UUID = "urn:uuid:22222222-2222-4222-8222-222222222222"
	repo := other.Repository()
	repo.ID, repo.Name = 0, "second"
	second, err := w.db.AddRepository(t.Context(), repo)
	if err != nil {
		t.Fatal(err)
	}
	w.addTask(core.NewTask(second.ID, "doc_document"))
	first := w.repo
	w.repo = second
	if run := w.sync(); run.Delivered != 2 {
		t.Fatalf("%s\n%s", run.Counts, w.logs())
	}
	if film, _ := other.Get(document(2)); film.Value("file").Str != address {
		t.Errorf("what is too large goes as its address: %.100s", film.Value("file").Str)
	}
	there, _ := other.Get(document(1))
	if content, _, err := core.Inline(there.Value("file").Str); string(content) != "the report" || err != nil {
		t.Errorf("the second server has %+v", there.Value("file"))
	}
	// It lies elsewhere there, which is no change, and nothing is kept back.
	kept := w.sync()
	if kept.Kept != 0 || kept.Received == 0 || kept.Received != kept.Unchanged {
		t.Errorf("the second server shows what it was given: %s", kept.Counts)
	}
	w.quiet()
	w.repo = first
	w.quiet()
}

// A file goes from one laptop over the hub to another, whole, and nothing goes round afterwards.
func TestAFileGoesThroughAHub(t *testing.T) {
	a, n := newNodes(t, "doc_document")
	content := strings.Repeat("a photo ", 200000)
	a.edit(document(1), set("name", "Photo"))
	a.addFile(document(1), "file", "photo é.jpg", []byte(content))
	if run := a.sync(); run.Delivered != 1 {
		t.Fatalf("%s\n%s", run.Counts, a.logs())
	}
	if _, got, err := n.db.Attachment(t.Context(), document(1), "file"); err != nil || string(got) != content {
		t.Errorf("the hub has %d bytes, %v", len(got), err)
	}
	hub := a.there(document(1))
	if v := hub.Value("file"); len(v.Str) > 1000 {
		t.Errorf("the hub keeps the content in the record: %d bytes", len(v.Str))
	}
	b := &world{t: t, clock: stoppedAt(a.clock.Now()), hub: a.hub}
	b.join(core.Repository{Name: "hub", URL: n.url, Username: laptopLogin, Password: laptopPassword}, "doc_document")
	b.sync()
	if got := b.fileHere(document(1), "file"); got != content {
		t.Errorf("the other laptop has %d bytes", len(got))
	}
	b.quiet()
	a.quiet()
	if got := a.fileHere(document(1), "file"); got != content {
		t.Errorf("the first laptop has %d bytes now", len(got))
	}
}

// Somebody at the hub replaces a file that was added here, under the same name.
func TestAFileReplacedThereComesHere(t *testing.T) {
	a, n := newNodes(t, "doc_document")
	a.edit(document(1), set("name", "Report"))
	a.addFile(document(1), "file", "report.txt", []byte("first"))
	a.sync()
	hub := &world{t: t, clock: stoppedAt(a.clock.Now()), db: n.db}
	for _, f := range []struct{ name, content string }{{"second.txt", "second"}, {"report.txt", "first again, changed"}} {
		a.pass(time.Hour)
		hub.clock.Set(a.clock.Now())
		hub.addFile(document(1), "file", f.name, []byte(f.content))
		a.sync()
		if got := a.fileHere(document(1), "file"); got != f.content {
			t.Errorf("after %s was put there, %q is here", f.name, got)
		}
	}
	a.quiet()
}
