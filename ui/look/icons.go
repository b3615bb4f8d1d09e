package look

import (
	"embed"
	"path"

	"fyne.io/fyne/v2"
)

//go:embed icons/*.svg
var drawn embed.FS

// Icon returns one of Fieldsync's own drawings by its name without ".svg".
func Icon(name string) fyne.Resource {
	file := path.Join("icons", name+".svg")
	data, err := drawn.ReadFile(file)
	if err != nil {
		panic("bug: there is no drawing " + file)
	}
	return fyne.NewStaticResource("fieldsync-"+name+".svg", data)
}

// windowPicture is Icon.png in the size that window managers show.
//
//go:embed icons/app.png
var windowPicture []byte

// WindowIcon returns the program's icon for a window: already drawn, because
// drawing it large took a tenth of the time to the first page.
func WindowIcon() fyne.Resource { return fyne.NewStaticResource("fieldsync-app.png", windowPicture) }

// logoPicture is Icon.png for the places where the program shows itself large.
//
//go:embed icons/logo.png
var logoPicture []byte

// Logo returns the program's icon in the size that pages show.
func Logo() fyne.Resource { return fyne.NewStaticResource("fieldsync-logo.png", logoPicture) }

// moods are the drawings of package home's moods, in their order: told apart by
// shape as well as colour, on light and dark panels alike.
var moods = []string{"new", "good", "waiting", "needsyou", "offline", "working"}

// MoodIcon returns the drawing of a mood.
func MoodIcon(mood int) fyne.Resource { return Icon(moods[mood]) }
