package core

import "slices"

// places is the table whose records have a geometry.
const places Resource = "gis_location"

// outline is the field with their shape.
const outline = "wkt"

// Unshown reports whether an Eden takes a field and shows it to nobody: the outline of a place,
// for its size (S3Resource.get_fields_to_load), unless it is set up to show it. That it is not there
// says nothing.
func Unshown(resource Resource, field string) bool {
	return resource == places && field == outline
}

// FillInUnshown gives a version the fields of known that an Eden shows to nobody.
func (r *Record) FillInUnshown(known *Record) {
	if r.Deleted || known == nil || known.Deleted {
		return
	}
	for i := range known.Fields {
		if f := &known.Fields[i]; Unshown(r.Resource, f.Name) && r.Value(f.Name).Kind == Null {
			r.Set(*f)
		}
	}
}

// LeaveGeometry leaves out of a place what nobody changed here of where it lies. An Eden shows
// no outline (wkt) to anybody, and makes a point of a place that comes with its latitude and
// longitude and without one (Eden's S3GIS.wkt_centroid): an edit of the name would cost a
// district its outline. What is left out stays there as it is. Latitude and longitude go
// together: it refuses one without the other.
func (r *Record) LeaveGeometry(base *Record) {
	if r.Resource != places || r.Deleted || base.Deleted {
		return
	}
	same := func(name string) bool { return SameValue(r.Value(name), base.Value(name)) }
	moved := !same("lat") || !same("lon")
	fields := slices.Clone(r.Fields) // ours are shared
	r.Fields = slices.DeleteFunc(fields, func(f Field) bool {
		switch f.Name {
		case "lat", "lon":
			return !moved
		case outline, "gis_feature_type":
			return same(f.Name)
		}
		return false
	})
}
