package replicate

import (
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// places is the table whose records have a geometry.
const places core.Resource = "gis_location"

// leaveGeometry leaves out of a place what nobody changed here of where it lies. An Eden shows
// no outline (wkt) to anybody, and makes a point of a place that comes with its latitude and
// longitude and without one (Eden's S3GIS.wkt_centroid): an edit of the name would cost a
// district its outline. What is left out stays there as it is. Latitude and longitude go
// together: it refuses one without the other.
func leaveGeometry(r, base *core.Record) {
	if r.Resource != places || r.Deleted || base.Deleted {
		return
	}
	same := func(name string) bool { return core.SameValue(r.Value(name), base.Value(name)) }
	moved := !same("lat") || !same("lon")
	fields := slices.Clone(r.Fields) // ours are shared
	r.Fields = slices.DeleteFunc(fields, func(f core.Field) bool {
		switch f.Name {
		case "lat", "lon":
			return !moved
		case "wkt", "gis_feature_type":
			return same(f.Name)
		}
		return false
	})
}
