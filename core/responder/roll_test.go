package responder

import "testing"

func TestARollKnowsRecordsByTableAndName(t *testing.T) {
	const uuid, upper = "urn:uuid:3f7af98f-f470-413f-8a53-fb5518e3984f", "urn:uuid:3F7AF98F-f470-413f-8a53-fb5518e3984f"
	for _, first := range []string{uuid, upper, "a name"} {
		r := make(roll)
		if r.written("org_office", first) || !r.want("org_office", first) || r.want("org_office", first) || r.written("org_office", first) {
			t.Errorf("%s is wanted once, and not written", first)
		}
		r.write("org_office", first)
		if !r.written("org_office", first) || r.want("org_office", first) {
			t.Errorf("%s is written, and not wanted any more", first)
		}
		r.write("gis_location", first+"0")
		for _, other := range []string{uuid, upper, "a name"} {
			if is := r.written("org_office", other); is != (other == first) {
				t.Errorf("of %s, %s is written: %v", first, other, is)
			}
			if r.written("gis_location", other) {
				t.Errorf("%s is written in another table", other)
			}
		}
	}
}
