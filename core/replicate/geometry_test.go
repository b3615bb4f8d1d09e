package replicate_test

import (
	"testing"
	"time"

	"github.com/fieldsync/fieldsync/core"
)

const polygon = "POLYGON ((1 1, 2 1, 2 2, 1 2, 1 1))"

// district is a place with an outline, as a person drew it at an Eden.
func district(w *world) core.Link {
	l, tag := link("gis_location", 1), link("gis_location_tag", 2)
	r := rec(l, "name", "District", "lat", "1.5", "lon", "1.5", "gis_feature_type", "3", "wkt", polygon)
	r.Components = []core.Record{rec(tag, "tag", "ISO2", "value", "XX")}
	w.eden.Outlines()
	w.eden.Put(r)
	w.sync()
	w.pass(time.Hour)
	return l
}

// An Eden shows nobody the outline of a place, and makes a point of what comes with latitude
// and longitude and without one.
func TestAnEditOfAPlaceLeavesItsOutline(t *testing.T) {
	for name, edit := range map[string]func(*world, core.Link){
		"of its name": func(w *world, l core.Link) { w.edit(l, set("name", "changed")) },
		"of a tag, which it carries": func(w *world, _ core.Link) {
			w.edit(link("gis_location_tag", 2), set("value", "changed"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "gis_location")
			l := district(w)
			edit(w, l)
			if run := w.sync(); run.Delivered != 1 || run.Refused != 0 {
				t.Errorf("got %s, want one delivered\n%s", run.Counts, w.logs())
			}
			if got := w.there(l); got.Value("wkt").Str != polygon || got.Value("gis_feature_type").Str != "3" || got.Value("lat").Str != "1.5" {
				t.Errorf("the outline there is %q, of type %s", got.Value("wkt").Str, got.Value("gis_feature_type").Str)
			}
			w.quiet()
		})
	}
}

func TestAPlaceThatIsPutElsewhereIsThere(t *testing.T) {
	w := newWorld(t, "gis_location")
	l := district(w)
	w.edit(l, set("lat", "3.25"))
	w.sync()
	if got := w.there(l); got.Value("lat").Str != "3.25" || got.Value("lon").Str != "1.5" || got.Value("wkt").Str != "POINT (1.5 3.25)" {
		t.Errorf("it lies at %s %s: %q", got.Value("lat").Str, got.Value("lon").Str, got.Value("wkt").Str)
	}
	w.sync() // the server made a point of it
	w.quiet()
}

// What it takes and does not show is not said to be refused, stays here when something else
// is changed there, and is not sent again over what somebody drew there since.
func TestAnOutlineThatIsShownToNobodyIsDelivered(t *testing.T) {
	w := newWorld(t, "gis_location")
	w.eden.Outlines()
	w.sync()
	l := link("gis_location", 1)
	w.edit(l, func(r *core.Record) { set("name", "District")(r); set("wkt", polygon)(r) })
	if run := w.sync(); run.Delivered != 1 || run.Refused != 0 {
		t.Errorf("got %s, want it delivered\n%s", run.Counts, w.logs())
	}
	w.agree(l, "wkt", polygon)
	w.quiet()

	w.pass(time.Hour)
	w.change(l, "name", "changed there")
	w.sync()
	w.agree(l, "name", "changed there")
	w.agree(l, "wkt", polygon)
	w.quiet()

	w.pass(time.Hour)
	drawn := "POLYGON ((0 0, 3 0, 3 3, 0 3, 0 0))"
	w.change(l, "wkt", drawn)
	w.pass(time.Hour)
	w.edit(l, set("name", "changed here"))
	w.sync()
	w.agree(l, "name", "changed here")
	if got := w.there(l); got.Value("wkt").Str != drawn {
		t.Errorf("the outline there is %q, want what was drawn there", got.Value("wkt").Str)
	}
	w.quiet()
}

func TestAnOutlineThatTheServerRefusesIsRefused(t *testing.T) {
	w := newWorld(t, "gis_location")
	w.eden.Outlines()
	w.eden.Reject(func(_ core.Record, field string) string {
		if field == "wkt" {
			return "Invalid WKT"
		}
		return ""
	})
	w.sync()
	w.edit(link("gis_location", 1), func(r *core.Record) { set("name", "District")(r); set("wkt", "POLY (")(r) })
	if run := w.sync(); run.Delivered != 0 || run.Refused != 1 || len(w.quarantine()) != 1 {
		t.Errorf("got %s, want it refused\n%s", run.Counts, w.logs())
	}
}

// A Fieldsync shows all that it has: an outline that is taken out is gone on both sides.
func TestAnOutlineThatIsTakenOutIsGoneAtAFieldsync(t *testing.T) {
	w, _ := newNodes(t, "gis_location")
	l := link("gis_location", 1)
	w.edit(l, func(r *core.Record) { set("name", "District")(r); set("wkt", polygon)(r) })
	w.sync()
	w.agree(l, "wkt", polygon)
	w.pass(time.Hour)
	w.edit(l, func(r *core.Record) { r.Unset("wkt") })
	w.sync()
	w.agree(l, "wkt", "")
	w.quiet()
}
