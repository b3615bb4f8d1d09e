package repositories

import (
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// makeTasks is the tab "Resources".
func (p *Page) makeTasks(d Details) fyne.CanvasObject {
	r, tasks := d.Repository, d.Tasks
	p.adds[1] = func() { p.editTask(r, core.NewTask(r.ID, ""), tasks) }
	add := widgets.Primary(widgets.NewButtonWithIcon(tr.L("Add a resource"), theme.ContentAddIcon(), p.adds[1]))
	preview := widgets.NewButtonWithIcon(tr.L("What would a sync do?"), theme.SearchIcon(), func() {
		p.presenter.preview(r, func(text string) { p.host.Tell(tr.L("Preview"), tr.L("Close"), 480, widgets.Text(text)) })
	})
	if !r.Active() || len(tasks) == 0 {
		preview.Disable()
	}
	head := widgets.Column(0, widgets.Muted(tr.L("Which kinds of record are exchanged, in which direction, and who wins.")), widgets.Flow(add, preview))
	if len(tasks) == 0 {
		return container.NewBorder(head, nil, nil, nil, widgets.Empty(theme.ListIcon(), tr.L("No resources yet"), tr.L("Choose the kinds of record that this laptop and the server exchange.")))
	}
	column := widgets.Column(8)
	for _, t := range tasks {
		column.Add(p.makeTask(r, t, tasks, d.Troubles[t.Resource]))
	}
	return container.NewBorder(head, nil, nil, nil, container.NewVScroll(widgets.BesideBar(8, 8, 10, column)))
}

func (p *Page) makeTask(r core.Repository, t core.Task, all []core.Task, trouble string) fyne.CanvasObject {
	text := words.Mode(t.Mode).Label + "  ·  " + tr.L("updates: {{.Update}}, conflicts: {{.Conflict}}", tr.D{"Update": string(t.Update), "Conflict": string(t.Conflict)})
	if len(t.Filters) > 0 {
		text += "  ·  " + tr.N("{{.N}} filters", len(t.Filters))
	}
	name := container.NewHBox(widgets.Strong(words.Many(t.Resource, nil)), widgets.Caption(string(t.Resource)))
	edit := widgets.NewButtonWithIcon(tr.L("Edit"), theme.DocumentCreateIcon(), func() { p.editTask(r, t, all) })
	remove := widgets.Quiet(widgets.NewButtonWithIcon("", theme.DeleteIcon(), func() {
		p.host.Ask(tr.L("Stop exchanging {{.Kind}}?", tr.D{"Kind": words.Many(t.Resource, nil)}), tr.L("The records stay on this laptop."), tr.L("Stop exchanging them"), true, func() { p.presenter.deleteTask(t) })
	}))
	lines := widgets.Column(-12, name, widgets.Line(text), widgets.Note(lastWords(t, p.host.Now())))
	if trouble != "" {
		said := widgets.Note(words.FirstSentence(trouble))
		said.Importance = widget.DangerImportance
		lines.Add(said)
	}
	card := widgets.Card(container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(edit, remove)), lines))
	card.Padding = 8
	return card
}

// lastWords says how far the exchange of a table has got. Of one without records nothing
// came, though it was asked for; nor need anything have been there to send.
func lastWords(t core.Task, now time.Time) string {
	switch {
	case t.LastPull.IsZero() && t.LastPush.IsZero():
		return tr.L("nothing exchanged yet")
	case t.LastPull.IsZero():
		return tr.L("nothing received yet, sent up to {{.Push}}", tr.D{"Push": words.When(t.LastPush, now)})
	case t.LastPush.IsZero():
		return tr.L("received up to {{.Pull}}, nothing sent yet", tr.D{"Pull": words.When(t.LastPull, now)})
	}
	return tr.L("received up to {{.Pull}}, sent up to {{.Push}}", tr.D{"Pull": words.When(t.LastPull, now), "Push": words.When(t.LastPush, now)})
}

// The fields of a resource, as its problems name them.
const (
	fieldResource = "resource"
	fieldUpdate   = "update policy"
	fieldStrategy = "strategy"
	fieldFilter   = "filter"
)

// A taskForm edits one resource in a dialog.
type taskForm struct {
	page    *Page
	task    core.Task
	was     core.Task
	trouble *widgets.Label
	fields  map[string]*widgets.Field // as problems name them
}

func (p *Page) editTask(r core.Repository, t core.Task, all []core.Task) {
	f := &taskForm{page: p, task: t, trouble: widgets.Text(""), fields: map[string]*widgets.Field{}}
	f.trouble.Importance = widget.DangerImportance
	f.trouble.Hide()
	column := widgets.Column(8)
	if t.ID == 0 {
		column.Add(f.makeResource(r, all))
	}
	column.Add(f.makeMode())
	f.fields[fieldUpdate] = f.policy(tr.L("When the server changed a record"), words.UpdatePolicies(), words.UpdatePolicy, &f.task.Update)
	column.Add(f.fields[fieldUpdate])
	column.Add(f.policy(tr.L("When both sides changed it (conflict)"), words.ConflictPolicies(), words.ConflictPolicy, &f.task.Conflict))
	column.Add(f.makeMerge())
	column.Add(f.makeStrategy())
	column.Add(f.makeFilters())
	column.Add(f.makeForecast(r))
	title := tr.L("Add a resource")
	if t.ID != 0 {
		title = words.Many(t.Resource, nil) + " (" + string(t.Resource) + ")"
	}
	f.was = f.task
	p.showForm(title, 640, column, f.trouble, f)
}

func (f *taskForm) changed() bool { return !reflect.DeepEqual(f.task, f.was) }

func (f *taskForm) unsavedSentence() string {
	return tr.L("What you changed about this resource is not saved yet.")
}

func (f *taskForm) save(then func()) {
	if f.page.showFaults(f.fields, f.task.Faults()) {
		return
	}
	f.page.presenter.saveTask(f.task, func(err error) { f.page.saved(err, f.fields, f.trouble, then) })
}

func (f *taskForm) makeResource(r core.Repository, all []core.Task) fyne.CanvasObject {
	entry := widgets.NewSelectEntry()
	byName := map[string]core.Resource{}
	var list []core.Resource
	offer := func(resources []core.Resource) {
		var names []string
		for _, r := range resources {
			name := words.Many(r, nil) + " (" + string(r) + ")"
			names, byName[name] = append(names, name), r
		}
		entry.SetOptions(names)
	}
	entry.SetPlaceHolder("org_organisation")
	entry.OnSubmitted = func(string) { f.save(func() {}) }
	f.page.presenter.known(all, func(known []core.Resource) { list = known; offer(known) })
	asking := widget.NewActivity()
	asking.Hide()
	var field *widgets.Field
	ask := widgets.NewButtonWithIcon(tr.L("Ask the server"), theme.SearchIcon(), func() {
		asking.Show()
		asking.Start()
		f.page.presenter.offered(r, list, func(has []core.Resource, said string) {
			asking.Stop()
			asking.Hide()
			field.SetHint(said)
			offer(has)
		})
	})
	if !r.Active() {
		ask.Hide()
	}
	field = widgets.NewField(tr.L("Kind of record"), true, container.NewBorder(nil, nil, nil, container.NewHBox(asking, ask), entry), tr.L("Choose one, or type the server's name of a table."))
	entry.OnChanged = func(s string) {
		r, ok := byName[s]
		if !ok {
			r = core.Resource(strings.TrimSpace(s))
		}
		f.task.Resource = r
		field.SetTrouble("")
		if err := f.task.Validate(); err != nil && s != "" && core.AsProblem(err).Subject == fieldResource {
			field.SetTrouble(words.Message(err))
		}
	}
	f.fields[fieldResource] = field
	return field
}

// makeForecast tries what is typed on the changes that wait at the moment.
func (f *taskForm) makeForecast(r core.Repository) fyne.CanvasObject {
	said := widgets.Muted(tr.L("Tries these settings on what waits to be exchanged at the moment. Nothing is changed."))
	asking := widget.NewActivity()
	asking.Hide()
	var try *widgets.Button
	try = widgets.NewButtonWithIcon(tr.L("What would this do?"), theme.SearchIcon(), func() {
		try.Disable()
		asking.Show()
		asking.Start()
		f.page.presenter.forecast(r, f.task, func(words string) {
			asking.Stop()
			asking.Hide()
			try.Enable()
			said.Importance = widget.MediumImportance
			said.SetText(words)
		})
	})
	if !r.Active() {
		try.Disable()
	}
	return widgets.NewField(tr.L("Preview"), false, widgets.Column(0, container.NewHBox(try, asking), said), "")
}

// choice is a drop-down list with the explanation of what is chosen below.
func choice[T comparable](label string, values []T, explain func(T) words.Choice, value *T) *widgets.Field {
	labels, keys := make([]string, len(values)), make([]string, len(values))
	for i, v := range values {
		labels[i] = explain(v).Label
		keys[i] = labels[i]
	}
	list := widgets.NewChoice(labels, keys, nil)
	list.SetValue(explain(*value).Label)
	field := widgets.NewField(label, false, list, explain(*value).Explain)
	list.OnPick = func(string) {
		if i := list.SelectedIndex(); i >= 0 {
			*value = values[i]
			field.SetHint(explain(*value).Explain)
		}
	}
	return field
}

func (f *taskForm) makeMode() fyne.CanvasObject {
	return choice(tr.L("Direction (mode)"), words.Modes(), words.Mode, &f.task.Mode)
}

func (f *taskForm) policy(label string, values []core.Policy, explain func(core.Policy) words.Choice, value *core.Policy) *widgets.Field {
	if *value == "" {
		*value = core.PolicyNewer
	}
	return choice(label, values, explain, value)
}

func (f *taskForm) makeMerge() fyne.CanvasObject {
	check := widgets.NewCheck(tr.L("Join changes to different fields first"), func(on bool) { f.task.Merge = on })
	check.Checked = f.task.Merge
	return widgets.NewField(tr.L("Merge what does not clash"), false, check, tr.L("If one side changed the phone number and the other the address, both changes count. Fieldsync's own; recommended."))
}

func (f *taskForm) makeStrategy() fyne.CanvasObject {
	grid := container.NewGridWithColumns(2)
	for m := core.MethodCreate; m <= core.MethodMerge; m <<= 1 {
		check := widgets.NewCheck(words.Method(m), func(on bool) {
			f.task.Strategy &^= core.Strategy(m)
			if on {
				f.task.Strategy |= core.Strategy(m)
			}
			f.fields[fieldStrategy].SetTrouble("")
		})
		check.Checked = f.task.Strategy.Allows(m)
		grid.Add(check)
	}
	f.fields[fieldStrategy] = widgets.NewField(tr.L("What each side may do at the other (strategy)"), false, grid, "")
	return f.fields[fieldStrategy]
}

func (f *taskForm) makeFilters() fyne.CanvasObject {
	entry := widgets.NewMultiLineEntry()
	entry.SetMinRowsVisible(2)
	entry.SetPlaceHolder("~.name__like=Red*")
	entry.SetText(filterText(f.task.Filters))
	field := widgets.NewField(tr.L("Only some records (filters)"), false, entry, tr.L("One filter in each line, as in Sahana Eden. For another table, write its name and a colon first."))
	entry.OnChanged = func(s string) {
		f.task.Filters = parseFilters(s)
		field.SetTrouble(saidOf(fieldFilter, f.task.Faults()))
	}
	f.fields[fieldFilter] = field
	return field
}

func filterText(filters []core.Filter) string {
	var lines []string
	for _, f := range filters {
		line := f.Query
		if f.Table != "" {
			line = string(f.Table) + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// parseFilters reads one filter a line, "table: query" or "query".
func parseFilters(text string) (out []core.Filter) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		f := core.Filter{Query: line}
		if table, query, ok := strings.Cut(line, ":"); ok && core.Resource(strings.TrimSpace(table)).Valid() {
			f = core.Filter{Table: core.Resource(strings.TrimSpace(table)), Query: strings.TrimSpace(query)}
		}
		out = append(out, f)
	}
	return out
}
