package core

// An Attachment is the content of an upload field: where the peer has it and,
// once fetched or chosen here, the file in the data folder.
type Attachment struct {
	Record   Link
	Field    string
	URL      string // at the peer; "" if it was added here and not sent yet
	Name     string // as the person knows it
	Path     string // relative to the data folder; "" until it is fetched
	Size     int64
	SHA256   string
	Attempts int
	Failed   string // why the last attempt to fetch failed
}
