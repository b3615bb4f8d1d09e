package ui

import (
	"context"
	"log/slog"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/async"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// Mended says how a damaged database was replaced.
type Mended struct {
	From     core.MTime // when the copy was made that it was rebuilt from; zero: there was none
	Rescued  int        // records changed here since, read from the damaged one
	Lost     int        // rows that could not be read
	SetAside string     // where the damaged one lies
}

// A Mender replaces a damaged database.
type Mender func(ctx context.Context) (Mended, error)

// Mend says in a window of its own that the database is damaged, and mends it when
// somebody wants that. It returns when that window is closed or ctx ended, with open
// set if the database is whole and the program is to be opened, and must be called on
// the main goroutine. prefs is what is known of how the person likes the window.
func Mend(ctx context.Context, app fyne.App, prefs core.Preferences, damaged error, mend Mender) (open bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := tr.UsePerson(prefs.Language); err != nil {
		return false, err // only a broken build
	}
	app.Settings().SetTheme(themeOf(prefs))
	work := &works{log: slog.Default(), tell: func(error) {}} // there is no log yet, and start tells
	m := newMending(ctx, app, damaged, mend, work.lanes())
	stop := context.AfterFunc(ctx, func() { fyne.Do(app.Quit) })
	defer stop()
	m.window.Show()
	app.Run()
	cancel()
	return m.open, work.wait(leaveTime)
}

// A mending is the window in which a damaged database is mended.
type mending struct {
	ctx    context.Context // the window's life
	window fyne.Window
	lanes  async.Lanes
	mend   Mender

	body    *fyne.Container
	close   *widgets.Button
	do      *widgets.Button // mends, then opens
	working *widget.Activity
	busy    bool
	open    bool
}

func newMending(ctx context.Context, app fyne.App, damaged error, mend Mender, lanes async.Lanes) *mending {
	m := &mending{ctx: ctx, window: newWindow(app), lanes: lanes, mend: mend, working: widget.NewActivity()}
	m.window.SetIcon(look.WindowIcon())
	m.window.SetMaster()
	m.window.SetCloseIntercept(func() {
		if !m.busy {
			m.window.Close()
		}
	})
	m.working.Hide()
	m.close = widgets.NewButton(tr.L("Close"), m.window.Close)
	m.do = widgets.Primary(widgets.NewButtonWithIcon(tr.L("Mend it"), theme.ConfirmIcon(), m.start))
	m.body = widgets.Column(8)
	m.say(tr.L("The database on this laptop is damaged"),
		widgets.Text(tr.L("Perhaps the power failed, or the disk has a fault. Nothing was overwritten, and nothing that was sent is lost.")),
		widgets.Text(tr.L("“Mend it” keeps the damaged database aside, takes the last good copy, and adds what you changed since, as far as it can be read. The next sync brings the rest. It takes some minutes at most.")),
		frame.ProblemDetails(core.AsProblem(damaged)))
	row := container.NewBorder(nil, nil, nil, container.NewHBox(m.working, m.close, m.do))
	m.window.SetContent(widgets.Turned(container.New(layout.NewCustomPaddedLayout(16, 16, 20, 20), container.NewBorder(nil, row, nil, nil, widgets.Scrolled(m.body)))))
	m.window.Resize(fyne.NewSize(600, 420))
	return m
}

func (m *mending) say(title string, objects ...fyne.CanvasObject) {
	m.body.Objects = append([]fyne.CanvasObject{widgets.Heading(title)}, objects...)
	m.body.Refresh()
}

// start mends.
func (m *mending) start() {
	m.busy = true
	m.close.Disable()
	m.do.Disable()
	m.working.Show()
	m.working.Start()
	m.lanes.Run(func() func() {
		var mended Mended
		err := core.Careful(slog.Default(), "mending", func() (err error) {
			mended, err = m.mend(m.ctx)
			return err
		})
		return func() { m.ended(mended, err) }
	})
}

func (m *mending) ended(mended Mended, err error) {
	m.busy = false
	m.working.Stop()
	m.working.Hide()
	m.close.Enable()
	m.do.Enable()
	if err != nil {
		m.do.SetText(tr.L("Try again"))
		m.say(tr.L("That did not work"), frame.ProblemText(core.AsProblem(err)))
		return
	}
	var lines []fyne.CanvasObject
	for _, text := range mendedSentences(mended, time.Now()) {
		lines = append(lines, widgets.NewReadable(text))
	}
	m.say(tr.L("The database is whole again"), lines...)
	m.do.SetText(tr.L("Open Fieldsync"))
	m.do.OnTapped = func() {
		m.open = true
		m.window.Close()
	}
}

// mendedSentences say what was mended.
func mendedSentences(m Mended, now time.Time) []string {
	out := []string{tr.L("It was rebuilt from what could be read of it: there was no copy.")}
	if !m.From.IsZero() {
		out[0] = tr.L("It was rebuilt from the copy of {{.When}}.", tr.D{"When": words.When(m.From, now)})
	}
	if m.Rescued > 0 {
		out = append(out, tr.N("{{.N}} records that you changed since were rescued.", m.Rescued))
	}
	if m.Lost > 0 {
		out = append(out, tr.N("{{.N}} entries could not be read. Of them only changes that no server had are missing.", m.Lost))
	}
	return append(out, tr.L("The next sync brings the rest from your repositories."), tr.L("The damaged one is kept in {{.Path}}.", tr.D{"Path": m.SetAside}))
}
