package widgets

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func TestALineIsDrawnInTheOrderOfItsScript(t *testing.T) {
	for _, tt := range []struct{ name, line, want string }{
		{"Latin stays", "Last sync today 14:03.", "Last sync today 14:03."},
		{"nothing stays", "", ""},
		{"numbers alone stay", "١٨", "١٨"},
		{"Arabic words alone stay", "كل شيء هنا", "كل شيء هنا"},
		{"a Latin name with Arabic in it stays", "Mãos – تل القمح", "Mãos – تل القمح"},
		{"a number comes left of the words before it, the blank between them", "اليوم ٠١:١١", "|٠١:١١| |اليوم"},
		{"what follows a number comes left of it", "آخر ٥، والقادمة ٧.", "|.|٧| |والقادمة| ،|٥| |آخر"},
		{"a full stop stands at the left end", "كل شيء هنا.", "|.|كل شيء هنا"},
		{"brackets turn round", "المفاتيح (F1)", "|(|F1|) |المفاتيح"},
		{"so do quotation marks", "اضغط «زامن الآن»: فيصل", "|فيصل| :«|زامن الآن|» |اضغط"},
		{"a Latin name in the middle", "لدى HQ الآن", "|الآن| |HQ| |لدى"},
		{"a telephone number between marks keeps its order", "الهاتف \u200f\u200e+999 3 115\u200e\u200f الجديد", "|الجديد| |+999 3 115| |الهاتف"},
		{"two names between marks stay apart", "(\u200f\u200eNö\u200e\u200f): \u200f\u200efly\u200e\u200f ليس", "|ليس| |fly| :(|Nö|)"},
		{"a number first", "٦٩٦ جديدا هنا.", "|.|جديدا هنا| |٦٩٦"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.ReplaceAll(Visual(tt.line), leftToRight, "|"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhereTheWindowIsWrittenFromTheRightANameFirstTurnsNothing(t *testing.T) {
	SetRightToLeft(true)
	t.Cleanup(func() { SetRightToLeft(false) })
	for line, want := range map[string]string{"HQ غير متاح.": "|.|غير متاح| |HQ", "Practice repository": "Practice repository", "14:03": "14:03"} {
		if got := strings.ReplaceAll(Visual(line), leftToRight, "|"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestARightToLeftTextIsBrokenBeforeItIsTurnedRound(t *testing.T) {
	w := test.NewTempWindow(t, NewLabel(""))
	text := strings.Repeat("آخر مزامنة اليوم ٠١:١١، والقادمة اليوم ٠٢:١١. ", 3)
	l := Text(text)
	w.SetContent(container.NewWithoutLayout(l))
	l.Resize(fyne.NewSize(220, 400))
	r := test.WidgetRenderer(l)
	lines := r.Objects()
	if len(lines) < 3 {
		t.Fatalf("%d lines", len(lines))
	}
	if first := lines[0].(*canvas.Text).Text; !strings.HasSuffix(first, "آخر مزامنة") && !strings.HasSuffix(first, "آخر مزامنة اليوم") {
		t.Errorf("the first line does not begin, at its right end, with the first words: %q", first)
	}
	below := float32(-1)
	for _, o := range lines {
		line := o.(*canvas.Text)
		if line.MinSize().Width > 220 || line.Position().Y <= below {
			t.Errorf("%q has %v at %v", line.Text, line.MinSize(), line.Position())
		}
		below = line.Position().Y
	}
	if need := l.MinSize().Height; need < below {
		t.Errorf("the text asks for %v, its last line stands at %v", need, below)
	}
	if l.Text != text {
		t.Error("what is copied and found is not the text itself")
	}
	l.SetText("Latin letters")
	if _, ours := r.Objects()[0].(*canvas.Text); ours {
		t.Error("another text is not given back to the toolkit")
	}
}

// A name that is written from the right, at the beginning of a line, turns the rest of a text
// round that is not.
func TestANameFromTheRightTurnsNoLineRound(t *testing.T) {
	for _, tt := range []struct{ name, line, want string }{
		{"without one", "du bureau « Night Shift »", "du bureau « Night Shift »"},
		{"within the line", "bureau « تل القمح » ici", "bureau « تل القمح » ici"},
		{"first in it", "تل القمح ». Appuyez", "|تل القمح| ». Appuyez"},
		{"two", "تل القمح – نيل: ici", "|تل القمح – نيل|: ici"},
	} {
		if got := strings.ReplaceAll(fromLeft(tt.line), leftToRight, "|"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	w := test.NewTempWindow(t, NewLabel(""))
	l := Text("Bureau « تل القمح ». Appuyez sur « Synchroniser maintenant ».")
	w.SetContent(container.NewWithoutLayout(l))
	l.Resize(fyne.NewSize(60, 400))
	for _, o := range test.WidgetRenderer(l).Objects() {
		line, ours := o.(*canvas.Text)
		if !ours {
			t.Fatal("the toolkit draws it")
		}
		if isRightToLeft(line.Text) && !strings.HasPrefix(line.Text, leftToRight) {
			t.Errorf("the line %q is turned round", line.Text)
		}
	}
}

func TestALineThatIsTooLongIsCutAtItsEnd(t *testing.T) {
	w := test.NewTempWindow(t, NewLabel(""))
	l := Line("كل شيء موجود لدى المقر الرئيسي للمنظمة في المدينة")
	w.SetContent(container.NewWithoutLayout(l))
	l.Resize(fyne.NewSize(120, 40))
	text := test.WidgetRenderer(l).Objects()[0].(*canvas.Text)
	if !strings.Contains(text.Text, "…") || !strings.Contains(text.Text, "كل شيء") || text.MinSize().Width > 120 {
		t.Errorf("%q has %v", text.Text, text.MinSize())
	}
}
