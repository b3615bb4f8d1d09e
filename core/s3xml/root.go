package s3xml

// Root is the document element's attributes. In the zero Root they say 0; NewRoot
// has a Root in which they are absent.
type Root struct {
	Success bool
	Results int // number of master records in this document; -1 if absent
	Start   int // as requested; -1 if absent
	Limit   int // as requested; -1 if absent
	Domain  string
	URL     string
}

// NewRoot returns a Root in which everything is absent.
func NewRoot() Root { return Root{Results: -1, Start: -1, Limit: -1} }

// Limits bound what a decoder accepts; the zero value of each means the default.
type Limits struct {
	Depth  int   // element nesting, the root counts 1; default 32
	Field  int   // bytes in one text or attribute; default 16 MiB
	Record int   // bytes in one top-level element; default 64 MiB
	Bytes  int64 // the whole document after transcoding to UTF-8; default unlimited
}

const (
	defaultDepth  = 32
	defaultField  = 16 << 20
	defaultRecord = 64 << 20
)

// filled returns l with the defaults in place of zeros.
func (l Limits) filled() Limits {
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Field <= 0 {
		l.Field = defaultField
	}
	if l.Record <= 0 {
		l.Record = defaultRecord
	}
	return l
}
