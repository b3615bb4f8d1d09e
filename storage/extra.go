package storage

import (
	"github.com/fieldsync/fieldsync/core"
)

// The column _extra keeps everything of a record that fits no column, as entries
// of one tag byte and their content.
const (
	extraAttrs      = 'A' // the record's unknown attributes
	extraUnknown    = 'U' // the record's unknown child elements, as XML
	extraField      = 'F' // a whole field
	extraFieldAttrs = 'f' // a field's unknown attributes; its value has a column
)

func appendExtraField(b []byte, f *core.Field) []byte {
	return appendBlobField(append(b, extraField), f)
}

func appendExtraFieldAttrs(b []byte, f *core.Field) []byte {
	return appendAttrs(appendString(append(b, extraFieldAttrs), f.Name), f.Attrs)
}

func appendExtraRecord(b []byte, rec *core.Record) []byte {
	if len(rec.Attrs) > 0 {
		b = appendAttrs(append(b, extraAttrs), rec.Attrs)
	}
	if rec.Unknown != "" {
		b = appendString(append(b, extraUnknown), rec.Unknown)
	}
	return b
}

// readExtra adds what the column _extra holds to rec, whose other fields have
// been read already.
func readExtra(blob []byte, rec *core.Record) error {
	r := blobReader{b: blob}
	for len(r.b) > 0 {
		switch r.single() {
		case extraAttrs:
			rec.Attrs = r.attrs()
		case extraUnknown:
			rec.Unknown = r.text()
		case extraField:
			rec.Fields = append(rec.Fields, r.field())
		case extraFieldAttrs:
			name, attrs := r.text(), r.attrs()
			for i := range rec.Fields {
				if rec.Fields[i].Name == name {
					rec.Fields[i].Attrs = attrs
				}
			}
		default:
			r.fail()
		}
	}
	if r.bad {
		return errBlob
	}
	return nil
}
