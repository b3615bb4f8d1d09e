package repositories

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
	"github.com/fieldsync/fieldsync/ui/words"
)

// makeJobs is the tab "Schedule".
func (p *Page) makeJobs(r core.Repository, jobs []core.Job) fyne.CanvasObject {
	add := widgets.Primary(widget.NewButtonWithIcon(tr.L("Add a time"), theme.ContentAddIcon(), func() {
		p.editJob(core.Job{RepositoryID: r.ID, Enabled: true, Every: time.Hour})
	}))
	head := container.NewBorder(nil, nil, nil, add, widgets.Muted(tr.L("When this laptop syncs by itself. Times that were missed while it was off are made up once.")))
	if len(jobs) == 0 {
		return container.NewBorder(head, nil, nil, nil, widgets.Empty(theme.CalendarIcon(), tr.L("No planned times"), tr.L("Changes are still sent a few minutes after you make them, and “Sync now” always works.")))
	}
	column := widgets.Column(8)
	for _, j := range jobs {
		column.Add(p.makeJob(j))
	}
	return container.New(layout.NewCustomPaddedLayout(10, 0, 0, 0), container.NewBorder(head, nil, nil, nil, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(8, 8, 0, 10), column))))
}

func (p *Page) makeJob(j core.Job) fyne.CanvasObject {
	on := widget.NewCheck("", nil)
	on.Checked = j.Enabled
	on.OnChanged = func(v bool) {
		j.Enabled = v
		p.presenter.saveJob(j, func(err error) { p.host.Problem(err) })
	}
	now := p.host.Now()
	below := tr.L("last run {{.Last}}", tr.D{"Last": words.When(j.LastRun, now)})
	if next, ok := schedule.Next(j, now, now.Location()); ok {
		below += "  ·  " + tr.L("next {{.Next}}", tr.D{"Next": words.When(core.MTimeOf(next), now)})
	}
	edit := widget.NewButtonWithIcon(tr.L("Edit"), theme.DocumentCreateIcon(), func() { p.editJob(j) })
	remove := widgets.Quiet(widget.NewButtonWithIcon("", theme.DeleteIcon(), func() { p.presenter.deleteJob(j) }))
	card := widgets.Card(container.NewBorder(nil, nil, container.NewCenter(on), container.NewCenter(container.NewHBox(edit, remove)),
		widgets.Column(-12, widgets.Strong(words.Sentence(words.Schedule(j, now))), widgets.Caption(below))))
	card.Padding = 8
	return card
}

// rhythms are the usual intervals; the zero one is a cron expression.
var rhythms = []time.Duration{15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

const byCron = "cron"

func (p *Page) editJob(j core.Job) {
	var labels, values []string
	known := j.Cron != ""
	for _, d := range rhythms {
		labels, values = append(labels, words.Schedule(core.Job{Every: d}, p.host.Now())), append(values, d.String())
		known = known || d == j.Every
	}
	if !known {
		labels, values = append(labels, words.Schedule(core.Job{Every: j.Every}, p.host.Now())), append(values, j.Every.String())
	}
	labels, values = append(labels, tr.L("At fixed times (cron expression)")), append(values, byCron)
	cron := widget.NewEntry()
	cron.SetText(j.Cron)
	cron.SetPlaceHolder("30 6 * * 1-5")
	expression := widgets.NewField(tr.L("Cron expression"), true, cron, tr.L("Minute, hour, day of the month, month, day of the week."))
	cron.OnChanged = func(s string) {
		j.Cron = s
		expression.SetTrouble("")
		if err := schedule.Validate(s); err != nil {
			expression.SetTrouble(words.Message(err))
			return
		}
		expression.SetHint(words.Sentence(words.Cron(s)))
	}
	often := widgets.NewChoice(labels, values, func(v string) {
		j.Every, j.Cron = 0, cron.Text
		if d, err := time.ParseDuration(v); err == nil {
			j.Every, j.Cron = d, ""
		}
		widgets.Show(expression, v == byCron)
	})
	often.SetValue(j.Every.String())
	if j.Cron != "" {
		often.SetValue(byCron)
	}
	widgets.Show(expression, j.Cron != "")
	repeats := widget.NewEntry()
	repeats.SetText(strconv.Itoa(j.Repeats))
	times := widgets.NewField(tr.L("How many times (repeats)"), false, repeats, tr.L("0 is for ever."))
	repeats.OnChanged = func(s string) {
		n, err := strconv.Atoi(s)
		times.SetTrouble("")
		if err != nil || n < 0 {
			times.SetTrouble(tr.L("Enter a whole number, for example 12."))
			return
		}
		j.Repeats = n
	}
	trouble := widgets.Text("")
	trouble.Importance = widget.DangerImportance
	trouble.Hide()
	var d *dialog.CustomDialog
	save := func() {
		p.presenter.saveJob(j, func(err error) {
			if err == nil {
				d.Hide()
				return
			}
			trouble.SetText(words.Message(err))
			trouble.Show()
		})
	}
	body := widgets.Wide(460, widgets.Tall(280, widgets.Column(6, widgets.NewField(tr.L("How often"), true, often, ""), expression, times, trouble)))
	d = dialog.NewCustomWithoutButtons(tr.L("Planned time"), body, p.host.Window)
	d.SetButtons([]fyne.CanvasObject{widget.NewButton(tr.L("Cancel"), func() { d.Hide() }), widgets.Primary(widget.NewButton(tr.L("Save"), save))})
	d.Show()
}
