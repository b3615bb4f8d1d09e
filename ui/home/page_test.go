package home

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

func newPage(t *testing.T) (*Page, fyne.Window) {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.Theme{})
	w := a.NewWindow("")
	p := New(frame.NewHost(t.Context(), w), &fakeStore{}, nil, nil, nil, &event.Bus{})
	w.SetContent(p.Content())
	return p, w
}

// "Sync now" gives way to "Cancel" while a run goes on. Whatever happens to it meanwhile,
// such as that the mouse leaves it, it comes back with its picture: the toolkit takes the
// picture from a button that is drawn anew while it is hidden.
func TestSyncNowComesBackWithItsPicture(t *testing.T) {
	p, w := newPage(t)
	w.Resize(fyne.NewSize(1000, 700))
	state := State{Repositories: []RepositoryState{{Repository: core.Repository{ID: 1, Name: "HQ", URL: "https://hq.example.org"}}}}
	show := func(working bool) {
		state.Working = working
		p.ShowState(state, state.Sentence(p.host.Now()))
	}
	show(true)
	p.sync.Refresh()
	show(false)
	for _, o := range test.WidgetRenderer(p.sync).Objects() {
		if image, ok := o.(*canvas.Image); ok && !image.Visible() {
			t.Error("“Sync now” has lost its picture")
		}
	}
}

// Who waits to be accepted is a press away from where that is done.
func TestAStrangersCardLeadsToWhereItIsAccepted(t *testing.T) {
	p, w := newPage(t)
	opened := 0
	p.host.OpenPeers = func() { opened++ }
	state := State{Repositories: []RepositoryState{{Repository: core.Repository{ID: 1, Name: "Laptop 7"}}, {Repository: core.Repository{ID: 2, Name: "Laptop 8", AllowPull: true}}}}
	p.ShowState(state, state.Sentence(p.host.Now()))
	test.Tap(uitest.Button(w.Canvas(), "Accept…"))
	if opened != 1 {
		t.Errorf("opened %d times", opened)
	}
	state.Repositories = state.Repositories[1:]
	p.ShowState(state, state.Sentence(p.host.Now()))
	if uitest.Button(w.Canvas(), "Accept…") != nil {
		t.Error("one that is accepted is to be accepted")
	}
}

// Whoever reads that a password was refused can enter it there and then.
func TestAProblemLeadsOnAsThePageDoes(t *testing.T) {
	p, w := newPage(t)
	asked := 0
	p.host.Password = func(core.Repository) { asked++ }
	refused := &core.Problem{Kind: core.Unauthorized, Subject: "HQ"}
	p.presenter.show(State{Repositories: []RepositoryState{{Repository: core.Repository{ID: 1, Name: "HQ", URL: "https://hq.example.org", Stopped: refused.Sentence()}}}})
	for _, tt := range []struct {
		problem *core.Problem
		leads   bool
	}{{refused, true}, {&core.Problem{Kind: core.Unauthorized, Subject: "Other"}, false}, {&core.Problem{Kind: core.DiskFull}, false}} {
		p.ShowProblem(tt.problem)
		on := uitest.Button(w.Canvas(), "Enter the password…")
		if (on != nil) != tt.leads {
			t.Errorf("%v: leads on: %v", tt.problem, on != nil)
		}
		if on != nil {
			test.Tap(on)
			continue
		}
		test.Tap(uitest.Button(w.Canvas(), "Close"))
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}
