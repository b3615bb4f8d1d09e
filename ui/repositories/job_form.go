package repositories

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// makeJobs is the tab "Schedule".
func (p *Page) makeJobs(r core.Repository, jobs []core.Job, ended map[int64]schedule.JobMemory) fyne.CanvasObject {
	p.adds[2] = func() { p.editJob(core.Job{RepositoryID: r.ID, Enabled: true, Every: time.Hour}) }
	add := widgets.Primary(widgets.NewButtonWithIcon(tr.L("Add a time"), theme.ContentAddIcon(), p.adds[2]))
	head := widgets.Actions(widgets.Muted(tr.L("When this laptop syncs by itself. Times that were missed while it was off are made up once.")), add)
	if len(jobs) == 0 && r.Active() {
		return container.NewBorder(head, nil, nil, nil, widgets.Empty(theme.CalendarIcon(), tr.L("Every hour, as long as nothing is planned here"), tr.L("Changes are also sent a few minutes after you make them, and “Sync now” always works.")))
	}
	if len(jobs) == 0 {
		return container.NewBorder(head, nil, nil, nil, widgets.Empty(theme.CalendarIcon(), tr.L("No planned times"), tr.L("It calls us; we do not call it.")))
	}
	column := widgets.Column(8)
	for _, j := range jobs {
		column.Add(p.makeJob(j, ended[j.ID]))
	}
	return container.NewBorder(head, nil, nil, nil, container.NewVScroll(widgets.BesideBar(8, 8, 10, column)))
}

func (p *Page) makeJob(j core.Job, ended schedule.JobMemory) fyne.CanvasObject {
	on := widgets.NewCheck("", nil)
	on.Checked = j.Enabled
	on.OnChanged = func(v bool) {
		j.Enabled = v
		p.presenter.saveJob(j, func(err error) { p.host.Problem(err) })
	}
	now := p.host.Now()
	below := tr.L("last run {{.Last}}", tr.D{"Last": words.When(j.LastRun, now)})
	next, comes := schedule.Next(j, now, now.Location())
	if comes {
		below += "  ·  " + tr.L("next {{.Next}}", tr.D{"Next": words.When(core.MTimeOf(next), now)})
	}
	name := container.NewHBox(widgets.Strong(words.Sentence(words.Schedule(j, now))))
	switch {
	case !j.Enabled:
		name.Add(widgets.NewChip(tr.L("switched off"), widgets.Neutral))
	case !comes:
		name.Add(widgets.NewChip(tr.L("over, does not come again"), widgets.Warning))
	case ended.Result != "":
		name.Add(widgets.NewChip(words.Result(ended.Result), toneOf(ended.Result)))
	}
	lines := widgets.Column(-12, name, widgets.Caption(below))
	if ended.Result == core.ResultError || ended.Result == core.ResultFatal {
		lines.Add(widgets.Note(words.FirstSentence(ended.Message)))
	}
	edit := widgets.NewButtonWithIcon(tr.L("Edit"), theme.DocumentCreateIcon(), func() { p.editJob(j) })
	remove := widgets.Quiet(widgets.NewButtonWithIcon("", theme.DeleteIcon(), func() { p.presenter.deleteJob(j) }))
	card := widgets.Card(container.NewBorder(nil, nil, container.NewCenter(on), container.NewCenter(container.NewHBox(edit, remove)), lines))
	card.Padding = 8
	return card
}

func toneOf(r core.Result) widgets.Tone {
	switch r {
	case core.ResultSuccess:
		return widgets.Success
	case core.ResultWarning, core.ResultError:
		return widgets.Warning
	}
	return widgets.Danger
}

// rhythms are the usual intervals; the zero one is a cron expression.
var rhythms = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

const byCron = "cron"

// dateLayout is how a start or an end is typed, in the laptop's time zone.
const dateLayout = "2006-01-02 15:04"

// maxNumber is the largest number that may be entered: so many minutes are 19 years,
// and far more are no length of time that can be held.
const maxNumber = 10_000_000

// A jobForm edits one planned time in a dialog.
type jobForm struct {
	page       *Page
	job        core.Job
	was        core.Job
	wrong      map[string]bool           // fields that cannot be read
	fields     map[string]*widgets.Field // as problems name them
	expression *widgets.Field
	trouble    *widgets.Label
}

func (p *Page) editJob(j core.Job) {
	f := &jobForm{page: p, job: j, wrong: map[string]bool{}, fields: map[string]*widgets.Field{}, trouble: widgets.Text("")}
	f.trouble.Importance = widget.DangerImportance
	f.trouble.Hide()
	often := f.makeRhythm()
	from := f.date("start", tr.L("Start time"), tr.L("Empty: at once."), &f.job.Start)
	until := f.date("end", tr.L("End"), tr.L("Empty: for ever."), &f.job.End)
	times := f.number("repeats", tr.L("How many times (repeats)"), tr.L("0 is for ever."), j.Repeats, func(n int) { f.job.Repeats = n })
	timeout := f.number("timeout", tr.L("Time-out, in minutes"), tr.L("After it a run is broken off and goes on at the next time; 0 is 10 minutes."), int(j.Timeout/time.Minute), func(n int) { f.job.Timeout = time.Duration(n) * time.Minute })
	body := widgets.Column(6, often, f.expression, widgets.Columns(12, from, until), widgets.Columns(12, times, timeout))
	f.was = f.job
	p.showForm(tr.L("Planned time"), 580, body, f.trouble, f)
}

func (f *jobForm) changed() bool { return f.job != f.was || f.faulty() }

func (f *jobForm) unsavedSentence() string {
	return tr.L("What you changed about this time is not saved yet.")
}

// faulty reports whether something that was typed cannot be read; its field says so.
func (f *jobForm) faulty() bool {
	for _, wrong := range f.wrong {
		if wrong {
			return true
		}
	}
	return false
}

// line is a field to write in; Enter saves the form.
func (f *jobForm) line() *widgets.Entry {
	e := widgets.NewEntry()
	e.OnSubmitted = func(string) { f.save(func() {}) }
	return e
}

// makeRhythm is the list of usual intervals, and the expression for all others.
func (f *jobForm) makeRhythm() fyne.CanvasObject {
	now := f.page.host.Now()
	var labels, values []string
	known := f.job.Cron != ""
	for _, d := range rhythms {
		labels, values = append(labels, words.Schedule(core.Job{Every: d}, now)), append(values, d.String())
		known = known || d == f.job.Every
	}
	if !known {
		labels, values = append(labels, words.Schedule(core.Job{Every: f.job.Every}, now)), append(values, f.job.Every.String())
	}
	labels, values = append(labels, tr.L("At fixed times (cron expression)")), append(values, byCron)
	cron := f.line()
	cron.SetText(f.job.Cron)
	cron.SetPlaceHolder("30 6 * * 1-5")
	f.expression = widgets.NewField(tr.L("Cron expression"), true, cron, tr.L("Minute, hour, day of the month, month, day of the week."))
	f.fields["every"], f.fields["cron"] = f.expression, f.expression // an interval that is chosen is right
	cron.OnChanged = func(s string) {
		f.job.Cron = s
		f.expression.SetTrouble("")
		if err := schedule.Validate(s); err != nil {
			f.expression.SetTrouble(words.Message(err))
			return
		}
		f.expression.SetHint(words.Sentence(words.Cron(s)))
	}
	often := widgets.NewChoice(labels, values, func(v string) {
		f.job.Every, f.job.Cron = 0, cron.Text
		if d, err := time.ParseDuration(v); err == nil {
			f.job.Every, f.job.Cron = d, ""
		}
		widgets.Show(f.expression, v == byCron)
		f.page.refreshForm()
	})
	often.SetValue(f.job.Every.String())
	if f.job.Cron != "" {
		often.SetValue(byCron)
		f.expression.SetHint(words.Sentence(words.Cron(f.job.Cron)))
	}
	widgets.Show(f.expression, f.job.Cron != "")
	return widgets.NewField(tr.L("How often"), true, often, "")
}

func (f *jobForm) number(name, label, hint string, value int, set func(int)) fyne.CanvasObject {
	entry := f.line()
	entry.SetText(strconv.Itoa(value))
	field := widgets.NewField(label, false, entry, hint)
	f.fields[name] = field
	entry.OnChanged = func(s string) {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		f.wrong[name] = err != nil || n < 0 || n > maxNumber
		field.SetTrouble("")
		switch {
		case n > maxNumber: // also where it is too large to be read
			field.SetTrouble(tr.L("Enter {{.N}} at most.", tr.D{"N": tr.Number(maxNumber)}))
			return
		case f.wrong[name]:
			field.SetTrouble(tr.L("Enter a whole number, for example 12."))
			return
		}
		set(n)
	}
	return field
}

// date is a moment in the laptop's time zone, typed or picked from a calendar.
func (f *jobForm) date(name, label, hint string, value *core.MTime) fyne.CanvasObject {
	zone := f.page.host.Now().Location()
	entry := f.line()
	entry.SetPlaceHolder("2026-06-01 06:00")
	if !value.IsZero() {
		entry.SetText(value.Time().In(zone).Format(dateLayout))
	}
	field := widgets.NewField(label, false, entry, hint)
	f.fields[name] = field
	entry.OnChanged = func(s string) {
		m, err := parseMoment(s, zone)
		f.wrong[name] = err != nil
		field.SetTrouble("")
		if err != nil {
			field.SetTrouble(tr.L("Write it as 2026-06-01 06:00."))
			return
		}
		*value = m
		if !f.wrong["end"] {
			f.fields["end"].SetTrouble(saidOf("end", schedule.Faults(f.job)))
		}
	}
	return field
}

// parseMoment reads a date, with or without a time; "" is none.
func parseMoment(text string, zone *time.Location) (core.MTime, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	t, err := time.ParseInLocation(dateLayout, text, zone)
	if err != nil {
		t, err = time.ParseInLocation(time.DateOnly, text, zone)
	}
	if err != nil {
		return 0, err
	}
	return core.MTimeOf(t), nil
}

func (f *jobForm) save(then func()) {
	faults := slices.DeleteFunc(schedule.Faults(f.job), func(err error) bool { return f.wrong[core.AsProblem(err).Subject] })
	if f.page.showFaults(f.fields, faults) || f.faulty() {
		return
	}
	f.page.presenter.saveJob(f.job, func(err error) { f.page.saved(err, f.fields, f.trouble, then) })
}
