package replicate_test

import "testing"

// An Eden shows a contact below its person, and then by itself with the field that points
// there: to the laptop it was new, and nobody has changed it since.
func TestWhatIsShownBelowItsMasterAndByItselfIsNewOnce(t *testing.T) {
	w := newWorld(t, "pr_person", "pr_contact")
	person, contact := link("pr_person", 1), link("pr_contact", 2)
	p := rec(person, "first_name", "Ann")
	p.Components = append(p.Components, rec(contact, "value", "a@example.org"))
	w.eden.Put(p)
	run := w.sync()
	if run.Created != 2 || run.Changed() != 2 {
		t.Errorf("got %s\n%s", run.Counts, w.logs())
	}
	if here := w.here(contact); !here.LinksBy("pe_id", person) {
		t.Error("the field that points to the person is not here")
	}
	w.quiet()
}
