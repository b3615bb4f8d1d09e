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
