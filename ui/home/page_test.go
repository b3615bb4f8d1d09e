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
)

// "Sync now" gives way to "Cancel" while a run goes on. Whatever happens to it meanwhile,
// such as that the mouse leaves it, it comes back with its picture: the toolkit takes the
// picture from a button that is drawn anew while it is hidden.
func TestSyncNowComesBackWithItsPicture(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.Theme{})
	w := a.NewWindow("")
	p := New(frame.NewHost(t.Context(), w), &fakeStore{}, nil, nil, nil, &event.Bus{})
	w.SetContent(p.Content())
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
