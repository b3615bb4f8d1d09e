// Package translations holds every text of the window, by language, and gives
// them out. A text's key is its English wording.
package translations

import (
	"embed"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
)

//go:embed *.json
var files embed.FS

// D are the values that fill a text's {{.Name}} places.
type D map[string]any

// The texts must be there before the first widget is made, in the program and in
// every test, so they are loaded with the package.
func init() {
	names, err := files.ReadDir(".")
	for _, n := range names {
		var data []byte
		if data, err = files.ReadFile(n.Name()); err == nil {
			err = lang.AddTranslations(fyne.NewStaticResource(n.Name(), data))
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		panic("bug: the embedded translations cannot be read: " + err.Error())
	}
}

// L returns the text in the person's language.
func L(text string, data ...D) string {
	if len(data) == 0 {
		return lang.L(text)
	}
	return lang.L(text, map[string]any(data[0]))
}

// N returns the text in the form that fits n. {{.N}} in it is n as a person
// writes it; more values may be given.
func N(text string, n int, data ...D) string {
	values := map[string]any{"N": Number(n)}
	for _, d := range data {
		for k, v := range d {
			values[k] = v
		}
	}
	return lang.N(text, n, values)
}
