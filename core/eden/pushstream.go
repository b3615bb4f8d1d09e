package eden

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/packing"
	"github.com/fieldsync/fieldsync/core/replicate"
	"github.com/fieldsync/fieldsync/core/s3xml"
)

// pushStream posts a document that is written while it is sent. It has one label and one
// address: what a Fieldsync does not take this way is sent another way.
func (p *Peer) pushStream(ctx context.Context, op string, req replicate.PushRequest) (replicate.PushReply, error) {
	url := p.at("/sync/sync.xml", p.pushQuery(req, false))
	if req.Enforce {
		url = p.at(nativePath(req.Resource)+"/sync.xml", p.pushQuery(req, true))
	}
	c := call{op: op, method: http.MethodPost, url: url, header: asAttachment, long: true, once: true}
	var with *packing.Coding
	if !core.ThisComputer(p.base.Hostname()) { // to pack thousands of records takes longer than to hand them over here
		with = p.packsWith()
	}
	if with != nil {
		c.packed = with.Name
	}
	body := newPushDocument(req, with)
	c.stream = body
	reply, problem := p.pushOnce(ctx, c)
	body.end()
	p.cannotUnpack(problem)
	return reply, orNil(problem)
}

// A pushDocument is the body of a push, written as far as it is read: its memory is
// that of one batch, and of a piece of the document.
type pushDocument struct {
	mu      sync.Mutex // the transport may still read when the answer is there
	records []core.Record
	related []core.Record
	more    func() (records, related []core.Record, err error)
	encoder *s3xml.Encoder
	packer  *packing.Packer // behind it; nil: the document is not packed
	written bytes.Buffer    // and not read yet
	err     error           // io.EOF behind the last record
}

// newPushDocument begins a document that is packed with a coding; nil: with none.
func newPushDocument(req replicate.PushRequest, with *packing.Coding) *pushDocument {
	d := &pushDocument{records: req.Records, related: req.Related, more: req.More}
	var to io.Writer = &d.written
	if with != nil {
		d.packer = with.Pack(to)
		to = d.packer
	}
	root := s3xml.NewRoot() // how many they will be is not known
	root.Success = true
	d.encoder = s3xml.NewEncoder(to, root)
	return d
}

// Read returns what is written, and if that is nothing writes a piece more.
func (d *pushDocument) Read(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.grow(); err != nil {
		return 0, err
	}
	return d.written.Read(b)
}

// WriteTo writes the document to w, a piece at a time.
func (d *pushDocument) WriteTo(w io.Writer) (n int64, err error) {
	for {
		d.mu.Lock()
		err := d.grow()
		piece := d.written.Bytes()
		d.mu.Unlock()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		m, err := w.Write(piece)
		n += int64(m)
		if err != nil {
			return n, err
		}
		d.mu.Lock()
		d.written.Reset()
		d.mu.Unlock()
	}
}

// grow writes a piece if nothing that was written is left.
func (d *pushDocument) grow() error {
	for d.written.Len() == 0 && d.err == nil {
		d.err = core.Caught(d.write) // the transport's goroutine would end the program
	}
	if d.written.Len() > 0 {
		return nil
	}
	return d.err
}

// pieceSize is about how much is written before it is read.
const pieceSize = 256 << 10

// write writes the next records.
func (d *pushDocument) write() (err error) {
	if len(d.records)+len(d.related) == 0 {
		if d.records, d.related, err = d.more(); err != nil {
			return err
		}
		if len(d.records)+len(d.related) == 0 {
			return d.close()
		}
	}
	for _, recs := range []*[]core.Record{&d.records, &d.related} {
		for ; len(*recs) > 0; *recs = (*recs)[1:] {
			if d.written.Len() >= pieceSize {
				return nil
			}
			if err := d.encoder.Encode(&(*recs)[0]); err != nil {
				return err
			}
		}
	}
	return d.encoder.Flush()
}

// close writes the end. The error is io.EOF, or what went wrong.
func (d *pushDocument) close() error {
	err := d.encoder.Close()
	if err == nil && d.packer != nil {
		err = d.packer.Close()
	}
	if err != nil {
		return err
	}
	return io.EOF
}

// errAnswered ends a document that the peer has answered before its end.
var errAnswered = errors.New("the answer came before the end of the document")

// end waits for a Read that is under way; those that follow fail.
func (d *pushDocument) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = errAnswered
}
