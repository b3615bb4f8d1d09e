package settings

import (
	"runtime/debug"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/fieldsync/fieldsync/ui/look"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/widgets"
)

// aboutSection says what the program is and what it is made of.
type aboutSection struct{ content fyne.CanvasObject }

func newAboutSection(p *Page) *aboutSection {
	logo := canvas.NewImageFromResource(look.Logo())
	logo.FillMode = canvas.ImageFillContain
	logo.SetMinSize(fyne.NewSize(64, 64))
	version := widgets.NewReadable(tr.L("Version {{.Version}}", tr.D{"Version": p.presenter.around.Version}))
	head := container.NewBorder(nil, nil, logo, nil, widgets.Column(-8, widgets.Heading("Fieldsync"), version))
	licence := widgets.NewLabel(paragraphs.Replace(p.presenter.around.Licence))
	licence.SizeName = theme.SizeNameCaptionText
	licence.Wrapping = fyne.TextWrapWord
	libraries := widgets.NewLabel(madeOf())
	libraries.SizeName = theme.SizeNameCaptionText
	libraries.Wrapping = fyne.TextWrapBreak
	left := widgets.Column(12, card(tr.L("About"), head, widgets.Muted(tr.L("Keeps a laptop's working copy of a Sahana Eden server's records in step with that server."))),
		card(tr.L("Licence"), widgets.Tall(200, container.NewVScroll(licence))))
	return &aboutSection{widgets.Columns(16, left, card(tr.L("Made with these libraries"), widgets.Tall(330, container.NewVScroll(libraries))))}
}

// paragraphs lets lines that were broken for a terminal fill the room.
var paragraphs = strings.NewReplacer("\n\n", "\n\n", "\n", " ")

// madeOf lists what was built into this very program.
func madeOf() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	text := info.GoVersion + "\n"
	for _, d := range info.Deps {
		text += d.Path + " " + d.Version + "\n"
	}
	return text
}

// Content is the tab.
func (s *aboutSection) Content() fyne.CanvasObject { return s.content }

func (s *aboutSection) show(State) {}
