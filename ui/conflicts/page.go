package conflicts

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/event"
	"github.com/fieldsync/fieldsync/ui/frame"
	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// A Page shows what needs a person.
type Page struct {
	host      *frame.Host
	presenter *presenter
	events    *event.Bus
	deaf      func()
	changed   func() // the state of everything may be another one now

	content *fyne.Container
	body    fyne.CanvasObject
	list    *widgets.List
	cases   []Case
	at      *widgets.Label     // which of them is shown, where there is no room for the list
	turn    [2]*widgets.Button // to the one before, and to the next
	shown   Case               // what detail shows; zero is nothing
	detail  *fyne.Container
	empty   fyne.CanvasObject
}

// New returns the page; changed is called when something was decided.
func New(host *frame.Host, store Store, engine Engine, events *event.Bus, changed func()) *Page {
	p := &Page{host: host, events: events, deaf: func() {}, changed: changed}
	p.presenter = newPresenter(host.Context, store, engine, host.Lanes, host.Now, host.Person, host.Pause, p)
	p.content = container.NewStack(p.make())
	return p
}

// Content is the page's place in the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Shown loads what waits, and follows.
func (p *Page) Shown() {
	p.deaf = p.events.Subscribe(p.presenter.happened)
	p.presenter.load()
}

// Hidden stops following.
func (p *Page) Hidden() { p.deaf() }

func (p *Page) make() fyne.CanvasObject {
	p.list = widgets.NewList(func() int { return len(p.cases) }, func() fyne.CanvasObject { return widgets.NewItem(0) },
		func(i widget.ListItemID, o fyne.CanvasObject) { fillItem(o.(*widgets.Item), p.cases[i]) })
	p.list.OnSelected = func(i widget.ListItemID) { p.show(p.cases[i]); p.tellAt(i) }
	p.detail = container.NewStack()
	p.empty = widgets.Empty(look.Icon("good"), tr.L("Nothing needs you"), tr.L("Records that were changed on both sides, or that a server refused, are shown here."))
	steps := p.makeSteps()
	both := widgets.Listed(0.34, p.list, widgets.Floor(14, p.detail), steps)
	p.body = widgets.Framed(widgets.Below(widgets.Actions(widgets.Title(tr.L("Needs you")), steps), container.New(layout.NewCustomPaddedLayout(4, 0, 0, 0), both)))
	p.body.Hide()
	return container.NewStack(p.body, p.empty)
}

// makeSteps leads from one case to the next where there is no room for the list.
func (p *Page) makeSteps() fyne.CanvasObject {
	step := func(icon fyne.Resource, by int) *widgets.Button {
		return widgets.NewButtonWithIcon("", icon, func() {
			p.list.Select(slices.IndexFunc(p.cases, p.shown.same) + by)
		})
	}
	p.at, p.turn = widgets.Caption(""), [2]*widgets.Button{step(widgets.BackIcon(), -1), step(widgets.ForwardIcon(), 1)}
	return container.NewHBox(p.turn[0], container.NewCenter(p.at), p.turn[1])
}

// tellAt says which case is shown.
func (p *Page) tellAt(i int) {
	for _, o := range []fyne.CanvasObject{p.at, p.turn[0], p.turn[1]} {
		widgets.Show(o, len(p.cases) > 1)
	}
	p.at.SetText(tr.L("{{.At}} of {{.All}}", tr.D{"At": tr.Number(i + 1), "All": tr.Number(len(p.cases))}))
	widgets.Enable(p.turn[0], i > 0)
	widgets.Enable(p.turn[1], i < len(p.cases)-1)
}

func fillItem(item *widgets.Item, c Case) {
	switch {
	case c.Question != nil:
		item.Fill(widgets.Warning.Icon(), c.Question.Title, tr.L("{{.Kind}}  ·  changed on both sides", tr.D{"Kind": c.Question.Kind}), "")
	case c.Held != nil:
		item.Fill(widgets.Warning.Icon(), tr.N("{{.N}} deletions wait", c.Held.Count), c.Held.Kind, "")
	case c.Refusal.Quarantine.KeptBack():
		item.Fill(widgets.Warning.Icon(), c.Refusal.Title, tr.L("{{.Kind}}  ·  not sent", tr.D{"Kind": c.Refusal.Kind}), "")
	case c.Refusal.Quarantine.Outgoing:
		item.Fill(widgets.Danger.Icon(), c.Refusal.Title, tr.L("{{.Kind}}  ·  refused", tr.D{"Kind": c.Refusal.Kind}), "")
	default:
		item.Fill(widgets.Info.Icon(), c.Refusal.Title, tr.L("{{.Kind}}  ·  set aside", tr.D{"Kind": c.Refusal.Kind}), "")
	}
}

// ShowCases shows the list. Whoever looks at one of them goes on doing so, with what was
// chosen in it, whatever comes or goes meanwhile; after one that is done comes the next.
func (p *Page) ShowCases(cases []Case) {
	at := max(0, slices.IndexFunc(p.cases, p.shown.same))
	if i := slices.IndexFunc(cases, p.shown.same); i >= 0 {
		at = i
	}
	p.cases = cases
	widgets.Show(p.empty, len(cases) == 0)
	widgets.Show(p.body, len(cases) > 0)
	p.list.UnselectAll()
	p.list.Refresh()
	p.changed()
	if len(cases) == 0 {
		p.shown = Case{}
		return
	}
	p.list.Select(min(at, len(cases)-1))
	widgets.Settle(p.body) // the list is as high as its rows, where it stands above
}

// ShowDone says what was done.
func (p *Page) ShowDone(words string) { p.host.Toast(words, "", nil) }

// ShowDecided says what was decided, which may be taken back.
func (p *Page) ShowDecided(words string, undo func()) { p.host.Toast(words, tr.L("Undo"), undo) }

// ShowProblem shows trouble in a dialog.
func (p *Page) ShowProblem(err error) { p.host.Problem(err) }

func (p *Page) show(c Case) {
	if p.shown.unchanged(c) {
		return
	}
	p.shown = c
	var o fyne.CanvasObject
	switch {
	case c.Question != nil:
		o = p.makeQuestion(*c.Question)
	case c.Held != nil:
		o = p.makeHeld(*c.Held)
	default:
		o = p.makeRefusal(*c.Refusal)
	}
	p.detail.Objects = []fyne.CanvasObject{widgets.Card(o)}
	widgets.Settle(p.content)
}

func (p *Page) makeHeld(h Held) fyne.CanvasObject {
	let := widgets.NewButtonWithIcon(tr.N("Delete {{.N}} records here too", h.Count), theme.DeleteIcon(), func() {
		p.host.Ask(tr.L("Delete them?"), tr.L("They can be restored one by one from their history."), tr.N("Delete {{.N}} records", h.Count), true, func() { p.presenter.confirm(h) })
	})
	let.Importance = widget.DangerImportance
	keep := widgets.Primary(widgets.NewButtonWithIcon(tr.N("Keep these {{.N}} records", h.Count), theme.ConfirmIcon(), func() { p.presenter.refuse(h) }))
	see := widgets.Quiet(widgets.NewButtonWithIcon(tr.L("Look at them"), theme.ListIcon(), func() { p.host.OpenList(h.Resource) }))
	return widgets.Footed(widgets.Column(6, bold(tr.N("{{.N}} deletions wait for your word", h.Count)),
		widgets.Text(tr.N("At {{.Where}}, {{.N}} of your {{.All}} records of the kind “{{.Kind}}” were deleted at once. That can be right, or somebody made a mistake there.", h.Count,
			tr.D{"Where": h.Repository.Name, "Kind": h.Kind, "All": tr.Number(h.All)})),
		widgets.Text(tr.L("Nothing was deleted on this laptop. Everything else was synchronised. Ask the people at the server before you go on; as long as you do nothing, the records stay here.")),
		widgets.Muted(tr.L("Your answer counts for these deletions only. The next time unusually many are deleted, you are asked again."))),
		widgets.Flow(keep, let, see))
}

func (p *Page) makeRefusal(r Refusal) fyne.CanvasObject {
	sentence := tr.L("{{.Where}} refused this record {{.When}}. Your version is safe on this laptop.", tr.D{"Where": r.Where, "When": r.When})
	advice := tr.L("Correct the record and save it; it is then sent again by itself.")
	switch {
	case r.Quarantine.Namesake():
		sentence = tr.L("It was kept back {{.When}}. Your version is safe on this laptop.", tr.D{"When": r.When})
		advice = namesakeAdvice(r)
	case r.Quarantine.KeptBack():
		sentence = tr.L("Not everything of this record was sent to {{.Where}} {{.When}}. Your version is safe on this laptop.", tr.D{"Where": r.Where, "When": r.When})
		advice = tr.L("It is tried again by itself. Your administrator can say whether it is right that it stays here.")
	case r.Quarantine.Outgoing && r.Deleted:
		sentence = tr.L("{{.Where}} did not delete this record {{.When}}. It is still there, and deleted on this laptop.", tr.D{"Where": r.Where, "When": r.When})
		advice = tr.L("Delete first what points to it, then try again. Or open the record and restore it.")
	case !r.Quarantine.Outgoing:
		sentence = tr.L("A record that {{.Where}} sent {{.When}} could not be taken over. It is kept aside; nothing else is affected.", tr.D{"Where": r.Where, "When": r.When})
		advice = tr.L("It is tried again by itself when it changes there, and at growing intervals.")
	}
	reason := widgets.NewReadable(words.Reason(r.Quarantine))
	buttons := widgets.Flow()
	if r.Quarantine.Outgoing {
		buttons.Add(widgets.Primary(widgets.NewButtonWithIcon(tr.L("Open the record"), theme.DocumentCreateIcon(), func() { p.host.OpenRecord(r.Quarantine.Record) })))
	}
	for _, b := range p.mergeButtons(r) {
		buttons.Add(b)
	}
	buttons.Add(widgets.NewButtonWithIcon(tr.L("Try again"), theme.ViewRefreshIcon(), func() { p.presenter.retry(r) }))
	if n := len(p.presenter.alike(r)); n > 1 && !r.Quarantine.Namesake() {
		buttons.Add(widgets.Quiet(widgets.NewButton(tr.N("Try all {{.N}} of this kind again", n), func() { p.presenter.retry(p.presenter.alike(r)...) })))
	}
	head := widgets.Column(-12, widgets.Heading(r.Title), widgets.Caption(r.Kind))
	body := widgets.Column(6, widgets.Column(-4, head, widgets.Text(sentence)), widgets.Surface(reason, look.ColorErrorSoft, 6), widgets.Muted(advice))
	if d := r.Quarantine.Details; d != "" && d != r.Quarantine.Reason {
		details := widgets.NewReadable(d)
		details.Importance = widget.LowImportance
		fold := widgets.NewFold(tr.L("Details"), details)
		fold.OnTurned = func() { widgets.Settle(p.detail) }
		body.Add(fold)
	}
	return widgets.Footed(body, buttons)
}

// bold is a heading that goes on in a second line where there is no room.
func bold(text string) *widgets.Label {
	l := widgets.Heading(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// makeQuestion shows both versions side by side; a field is chosen by pressing
// the value that shall stand.
func (p *Page) makeQuestion(q Question) fyne.CanvasObject {
	q.Choices = append([]Choice(nil), q.Choices...)
	title := widgets.Heading(q.Title)
	title.Truncation = fyne.TextTruncateEllipsis
	below := widgets.Caption(q.Kind)
	head := widgets.Column(-12, title, below)
	if q.MineDeleted || q.TheirsDeleted {
		return p.makeDeletion(q, head)
	}
	text := widgets.Text(tr.L("You and somebody at {{.Where}} changed this record. Press the value that is right; the other one stays in the history.", tr.D{"Where": q.Where}))
	use := widgets.Primary(widgets.NewButtonWithIcon(tr.L("Use this result"), theme.ConfirmIcon(), func() { p.presenter.decide(q) }))
	var rows []*choiceRow
	update := func() {
		n, said := q.Left(), q.Kind
		if n > 0 {
			said += "  ·  " + tr.N("{{.N}} fields left to choose", n)
		}
		below.SetText(said)
		widgets.Enable(use, n == 0)
	}
	grid := widgets.Column(2, widgets.Columns(10, versionHead(tr.L("Mine"), q.MineBy), versionHead(tr.L("Theirs"), q.TheirsBy), versionHead(tr.L("Result"), Author{Who: tr.L("what will stand")})))
	for i := range q.Choices {
		row := newChoiceRow(&q.Choices[i], update)
		rows = append(rows, row)
		grid.Add(row.content)
	}
	all := func(side Side) func() {
		return func() {
			for _, r := range rows {
				r.pick(side)
			}
		}
	}
	buttons := container.NewHBox(widgets.NewButton(tr.L("All mine"), all(Mine)), widgets.NewButton(tr.L("All theirs"), all(Theirs)))
	if n := len(p.presenter.similar(q)); n > 1 {
		more := widgets.Quiet(widgets.NewButtonWithIcon(tr.N("All {{.N}} of this kind…", n), theme.MoreHorizontalIcon(), nil))
		more.OnTapped = func() { p.askSimilar(more, p.presenter.similar(q)) }
		buttons.Add(more)
	}
	update()
	foot := widgets.Flow(append(buttons.Objects, use)...)
	return widgets.Footed(widgets.Column(-4, head, text, widgets.BesideBar(0, 8, 8, grid)), foot)
}

// askSimilar asks about those that wait now: others may come while somebody thinks.
func (p *Page) askSimilar(more fyne.CanvasObject, all []Question) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(more).AddXY(0, more.Size().Height)
	widgets.ShowMenu(p.host.Window.Canvas(), at,
		fyne.NewMenuItem(tr.N("Mine for all {{.N}}", len(all)), func() { p.askAll(all, Mine) }),
		fyne.NewMenuItem(tr.N("Theirs for all {{.N}}", len(all)), func() { p.askAll(all, Theirs) }))
}

func (p *Page) askAll(all []Question, side Side) {
	text, yes := tr.L("Your version of each of them will stand. The other ones stay in the history."), tr.N("Use mine for {{.N}} records", len(all))
	if side == Theirs {
		text, yes = tr.L("The server's version of each of them will stand. Yours stay in the history."), tr.N("Use theirs for {{.N}} records", len(all))
	}
	p.host.Ask(tr.L("Decide all of this kind?"), text, yes, false, func() { p.presenter.decideWhole(all, side) })
}

func (p *Page) makeDeletion(q Question, head fyne.CanvasObject) fyne.CanvasObject {
	text := tr.L("You changed this record, but it was deleted at {{.Where}}.", tr.D{"Where": q.Where})
	keep, remove := Mine, Theirs
	if q.MineDeleted {
		text = tr.L("You deleted this record, but somebody at {{.Where}} changed it.", tr.D{"Where": q.Where})
		keep, remove = Theirs, Mine
	}
	buttons := widgets.Flow(
		widgets.Primary(widgets.NewButton(tr.L("Keep the record"), func() { p.presenter.decideWhole([]Question{q}, keep) })),
		widgets.NewButtonWithIcon(tr.L("Delete it"), theme.DeleteIcon(), func() { p.presenter.decideWhole([]Question{q}, remove) }))
	body := widgets.Column(6, head, widgets.Text(text))
	kept := &q.Conflict.Ours
	if q.MineDeleted {
		kept = &q.Conflict.Theirs
	}
	for _, f := range lines(kept) {
		body.Add(widgets.Muted(f))
	}
	return widgets.Footed(body, buttons)
}

// versionHead names a version. Its time has a line of its own, which a long address
// cannot push away.
func versionHead(name string, by Author) fyne.CanvasObject {
	head := widgets.Column(-16, widgets.Strong(name))
	for _, text := range []string{by.Who, by.When} {
		if text != "" {
			line := widgets.Caption(text)
			line.Truncation = fyne.TextTruncateEllipsis // it must not push the heads out of their columns
			head.Add(line)
		}
	}
	return head
}

// A choiceRow is a field with both values to press.
type choiceRow struct {
	content      fyne.CanvasObject
	choice       *Choice
	mine, theirs *widgets.Panel
	marks        [2]*widgets.Icon
	result       *widgets.Label
	changed      func()
}

func newChoiceRow(c *Choice, changed func()) *choiceRow {
	r := &choiceRow{choice: c, changed: changed}
	r.mine, r.marks[0] = valuePanel(tr.L("Mine"), c.Mine, c.long(), func() { r.pick(Mine) })
	r.theirs, r.marks[1] = valuePanel(tr.L("Theirs"), c.Theirs, c.long(), func() { r.pick(Theirs) })
	label := container.NewHBox(widgets.Strong(c.Label))
	if !c.Clash {
		label.Add(widgets.NewChip(tr.L("only one side"), widgets.Neutral))
	}
	r.result = widgets.Text("")
	if c.long() { // in a third of the width nobody reads it
		r.content = widgets.Column(4, label, r.mine, r.theirs, r.result)
		r.paint()
		return r
	}
	r.content = widgets.Column(-4, label, widgets.Columns(10, r.mine, r.theirs, container.New(layout.NewCustomPaddedLayout(8, 8, 4, 4), r.result)))
	r.paint()
	return r
}

// valuePanel shows a side's value, to be pressed. A long one says whose it is: it does not
// stand below that side's head.
func valuePanel(side, text string, long bool, pick func()) (*widgets.Panel, *widgets.Icon) {
	mark := widgets.NewIcon(theme.NewPrimaryThemedResource(theme.RadioButtonIcon()))
	var value fyne.CanvasObject = widgets.Text(text)
	if long {
		value = widgets.Column(-12, widgets.Caption(side), value)
	}
	p := widgets.Card(container.NewBorder(nil, nil, container.NewCenter(mark), nil, value))
	p.Padding = 8
	p.OnTapped = pick
	return p, mark
}

func (r *choiceRow) pick(side Side) {
	r.choice.Side = side
	r.paint()
	r.changed()
}

func (r *choiceRow) paint() {
	for i, p := range []*widgets.Panel{r.mine, r.theirs} {
		p.Fill, p.Border = look.ColorCard, look.ColorCardBorder
		icon := theme.NewDisabledResource(theme.RadioButtonIcon())
		if r.choice.Side == Side(i+1) {
			p.Fill, p.Border = look.ColorInfoSoft, theme.ColorNamePrimary
			r.marks[i].SetResource(theme.NewPrimaryThemedResource(theme.RadioButtonCheckedIcon()))
		} else {
			r.marks[i].SetResource(icon)
		}
		p.Refresh()
	}
	text, importance := tr.L("choose one"), widget.WarningImportance
	switch r.choice.Side {
	case Mine:
		text, importance = r.choice.Mine, widget.MediumImportance
	case Theirs:
		text, importance = r.choice.Theirs, widget.MediumImportance
	}
	if r.choice.long() {
		widgets.Show(r.result, r.choice.Side == Open) // else it is marked
		if r.choice.Side != Open {
			text = ""
		}
	}
	r.result.Importance = importance
	r.result.SetText(text)
}

// lines lists a record's fields in words.
func lines(rec *core.Record) (out []string) {
	for _, f := range rec.Fields {
		if text := shown(rec, f.Name); f.Display() != "" && len(out) < 8 && !technical(f) {
			out = append(out, fieldLine(f.Name, text))
		}
	}
	return out
}
