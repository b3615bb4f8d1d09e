package home

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// tryField is the field that practising changes.
const tryField = "phone1"

// guideCard shows the guided practice while there is a practice repository.
type guideCard struct {
	host     *frame.Host
	practice Practice
	record   func(context.Context, core.Link) (core.Record, error)
	sync     func()
	changed  func() // the repositories are others now
	start    *startPage
	guide    guide
	repo     int64
	content  *fyne.Container
	settle   func() // lays the page out anew: what the guide says may need another line
}

func newGuideCard(host *frame.Host, practice Practice, store StartStore, start *startPage, sync, changed func()) *guideCard {
	g := &guideCard{host: host, practice: practice, record: store.Record, sync: sync, changed: changed, start: start, content: container.NewStack(), settle: func() {}}
	g.content.Hide()
	return g
}

// follow shows the guide as the state wants it.
func (g *guideCard) follow(s State) {
	if g.practice == nil || len(s.Repositories) == 0 || !g.practice.Is(s.Repositories[0].Repository) {
		g.content.Hide()
		return
	}
	g.repo = s.Repositories[0].Repository.ID
	g.content.Show()
	if !g.practice.Running() {
		g.show(g.makeEnded())
		return
	}
	conflicts := s.Repositories[0].Conflicts
	g.guide.failed = s.Repositories[0].Failed() != "" && !s.Working
	g.guide.fetched, g.guide.sent = !s.Repositories[0].Success.IsZero(), s.Repositories[0].Unsent == 0
	office := g.guide.office
	g.host.Lanes.Run(func() func() {
		phone := ""
		if office != (core.Link{}) {
			if rec, err := g.record(g.host.Context, office); err == nil {
				phone = rec.Value(tryField).Str
			}
		}
		return func() {
			g.guide.seen(conflicts, phone)
			g.show(g.makeLesson())
		}
	})
}

// synced tells that a run came through.
func (g *guideCard) synced() { g.guide.synced() }

func (g *guideCard) show(o fyne.CanvasObject) {
	g.content.Objects = []fyne.CanvasObject{o}
	g.content.Refresh()
	g.settle()
}

func (g *guideCard) makeLesson() fyne.CanvasObject {
	l := g.guide.lesson()
	forward := widgets.Primary(widgets.NewButton(l.Action, g.act))
	switch {
	case g.guide.now == lessonDone:
		forward = widgets.NewButtonWithIcon(tr.L("Connect to my organisation's server"), theme.ComputerIcon(), func() { g.end(g.repo, func() { g.start.ShowStep(stepAddress); g.changed() }) })
	case l.Action == "":
		forward.Hide()
	}
	end := widgets.Quiet(widgets.NewButton(tr.L("End practising"), func() { g.end(g.repo, g.changed) }))
	step := widgets.Caption(tr.L("Practising: step {{.Step}} of {{.Steps}}", tr.D{"Step": tr.Number(l.Step), "Steps": tr.Number(l.Steps)}))
	return widgets.Surface(widgets.Actions(widgets.Column(-10, step, bold(l.Title), widgets.Text(l.Text)), forward, end), widgets.Info.Ground(), 10)
}

func (g *guideCard) makeEnded() fyne.CanvasObject {
	again := widgets.Primary(widgets.NewButton(tr.L("Practise again"), func() { g.forget(g.repo, g.start.presenter.practise) }))
	end := widgets.NewButton(tr.L("End practising"), func() { g.end(g.repo, g.changed) })
	return widgets.Surface(widgets.Actions(widgets.Column(-10, bold(tr.L("You were practising")),
		widgets.Text(tr.L("The practice server ended with the program. Begin anew, or end practising and remove the invented records."))), again, end), widgets.Info.Ground(), 10)
}

// bold is a heading that goes on in a second line where there is no room.
func bold(text string) *widgets.Label {
	l := widgets.Text(text)
	l.TextStyle.Bold = true
	return l
}

// act does what the lesson's button says.
func (g *guideCard) act() {
	switch g.guide.now {
	case lessonFetch:
		g.let(lessonArrive, func(ctx context.Context) (core.Saying, error) { return g.practice.Colleague(ctx) })
	case lessonArrive, lessonCollide:
		g.sync()
	case lessonEdit:
		g.open()
	case lessonClash:
		g.let(lessonCollide, func(ctx context.Context) (core.Saying, error) { return g.practice.Clash(ctx, g.guide.office, tryField) })
	case lessonDecide:
		g.host.OpenPage(frame.NeedsYou)
	}
}

// let somebody at headquarters do something, and goes on to the next lesson.
func (g *guideCard) let(next lesson, do func(context.Context) (core.Saying, error)) {
	g.host.Lanes.Run(func() func() {
		what, err := do(g.host.Context)
		office, pickErr := g.practice.Office()
		rec := core.Record{}
		if pickErr == nil {
			rec, pickErr = g.record(g.host.Context, office)
		}
		return func() {
			g.host.Problem(errors.Join(err, pickErr))
			if err != nil || pickErr != nil {
				return
			}
			if next == lessonArrive {
				g.guide.office, g.guide.title, g.guide.phone = office, rec.Title(), rec.Value(tryField).Str
			}
			g.guide.now, g.guide.what = next, words.Said(what)
			g.show(g.makeLesson())
		}
	})
}

// open shows the office to change; its number may have changed by the last sync.
func (g *guideCard) open() {
	g.host.Lanes.Run(func() func() {
		rec, err := g.record(g.host.Context, g.guide.office)
		return func() {
			g.host.Problem(err)
			if err == nil {
				g.guide.phone = rec.Value(tryField).Str
				g.host.OpenRecord(g.guide.office)
			}
		}
	})
}

// end asks, and removes the practice repository with its records.
func (g *guideCard) end(repo int64, then func()) {
	g.host.Ask(tr.L("End practising?"), tr.L("The practice repository and all its invented records are removed from this laptop, with what you changed in them. So they can never reach a real server."),
		tr.L("Remove the practice data"), true, func() { g.forget(repo, then) })
}

func (g *guideCard) forget(repo int64, then func()) {
	g.host.Lanes.Run(func() func() {
		err := g.practice.End(g.host.Context, repo)
		return func() {
			g.host.Problem(err)
			if err == nil {
				g.guide = guide{}
				then()
			}
		}
	})
}
