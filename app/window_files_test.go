//go:build !headless

package app

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/ui/frame"
	tr "github.com/fieldsync/fieldsync/ui/translations"
	"github.com/fieldsync/fieldsync/ui/uitest"
)

// Whatever the window writes into a file, a person chooses where in the toolkit's
// dialog, presses its button, and finds what was promised there.
func TestAPersonSavesEverythingThatGoesIntoFiles(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home) // where the dialogs begin
	t.Setenv("USERPROFILE", home)
	g := newGuide(t)
	g.tap("Start practising")
	newLearner(g.node).learn(t.Context(), 1)

	g.window.Open(frame.Log)
	g.tap("Export")
	g.tap("Save")
	g.holds(home, "fieldsync-log.csv", "Practice repository")

	g.window.Open(frame.Records)
	g.choose("Offices")
	for item, file := range map[string]string{"Export for a spreadsheet (XLSX)…": "offices.xlsx", "Export as plain table (CSV)…": "offices.csv", "Export for another Sahana (S3XML)…": "offices.xml"} {
		g.tap("Import and export")
		g.pressMenu(item)
		g.tap("Save")
		text := g.school.running.Records("org_office")[0].Title()
		if strings.HasSuffix(file, ".xlsx") {
			text = "PK" // it is packed
		}
		g.holds(home, file, text)
	}

	g.window.Open(frame.Repositories)
	g.tap("Save as a setup file…")
	g.tap("Save")
	g.sees("no server is set up here, or only the one to practise with")
	if _, err := os.Stat(filepath.Join(home, "fieldsync-setup.json")); err == nil {
		t.Error("there was nothing to save, and an empty file was left")
	}
	g.tap("Close")

	g.window.Open(frame.Settings)
	g.tab("Storage")
	g.tap("Back up now…")
	g.tap("Save here")
	g.sees("Passwords are not in it.")
	g.holds(home, "fieldsync-2*.db", "SQLite format 3")

	g.tab("Diagnostics")
	g.tap("Make the report")
	g.tap("Save as text…")
	g.tap("Save here")
	g.holds(home, "fieldsync-diagnostics*.txt", "Fieldsync")
	g.tap("Save as archive (zip)…")
	g.tap("Save here")
	archive, err := zip.OpenReader(g.holds(home, "fieldsync-diagnostics*.zip", "PK"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	if len(archive.File) < 3 {
		t.Errorf("the archive holds %d files", len(archive.File))
	}
}

// The toolkit's dialog for files speaks the window's language also where its translations
// do not reach.
func TestTheDialogForFilesHasNoEnglishOfItsOwn(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	tr.Use("fr", "fr")
	t.Cleanup(func() { tr.Use("en", "en") })
	g := newGuide(t)
	export := func() {
		g.window.Open(frame.Log)
		g.tap("Exporter")
	}
	export()
	g.sees("Dossier personnel")
	if texts := uitest.Texts(g.window.Fyne().Canvas()); slices.Contains(texts, "Home") || slices.Contains(texts, "Computer") {
		t.Errorf("places have their English names: %q", texts)
	}
	g.tap("Enregistrer")
	g.closeToast()
	g.holds(home, "fieldsync-log.csv", "")

	export()
	g.tap("Enregistrer")
	g.sees("Remplacer le fichier\u00a0?")
	g.sees("Un fichier de ce nom existe déjà. Son contenu sera perdu\u00a0:\nfieldsync-log.csv")
}

// A title says in the person's language what the file is for: the toolkit's own is made of
// single words.
func TestTheDialogForFilesHasATitleOfOurs(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	tr.Use("fr", "fr")
	t.Cleanup(func() { tr.Use("en", "en") })
	g := newGuide(t)
	asks := func(button, title string) {
		t.Helper()
		g.tap(button)
		g.sees(title)
		for _, text := range uitest.Texts(g.window.Fyne().Canvas()) {
			if strings.HasSuffix(text, " Fichier") || strings.HasSuffix(text, " Dossier") {
				t.Errorf("%q asks with the toolkit's words: %q", button, text)
			}
		}
		g.closeToast()
	}
	asks("J'ai un fichier de configuration de mon administrateur…", "Choisir le fichier de configuration")
	g.tap("Commencer l'exercice")
	g.window.Open(frame.Repositories)
	asks("Ouvrir un fichier de configuration…", "Choisir le fichier de configuration")
	asks("Enregistrer comme fichier de configuration…", "Enregistrer le fichier de configuration")
	g.window.Open(frame.Settings)
	g.tab("Stockage")
	asks("Sauvegarder maintenant…", "Choisir un dossier")
}

// The setup file of a laptop that syncs with a server opens on the next laptop.
func TestAnAdministratorSavesASetupFile(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	g := newGuide(t)
	g.connect(edentest.New(t))
	g.window.Open(frame.Repositories)
	g.tap("Save as a setup file…")
	g.tap("Save")
	g.sees("without passwords")
	file := g.holds(home, "fieldsync-setup.json", "org_office")

	next := newGuide(t)
	next.window.OpenSetup(file)
	next.sees("This will be set up")
	next.sees("HQ")
}

// holds fails unless there is one file of that pattern with the text in it, and
// returns its path.
func (g *guide) holds(folder, pattern, text string) string {
	g.Helper()
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(found) != 1 {
		g.Fatalf("%d files %s, %v", len(found), pattern, err)
	}
	content, err := os.ReadFile(found[0])
	if err != nil || !strings.Contains(string(content), text) {
		g.Errorf("%s has no %q in %d bytes, %v", found[0], text, len(content), err)
	}
	return found[0]
}
