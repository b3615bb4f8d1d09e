package eden

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"

	"github.com/fieldsync/fieldsync/core"
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
	body := newPushDocument(req)
	reply, problem := p.pushOnce(ctx, call{op: op, method: http.MethodPost, url: url, stream: body, header: asAttachment, long: true, once: true})
	body.end()
	return reply, orNil(problem)
}

// A pushDocument is the body of a push, written as far as it is read: its memory is
// that of one batch.
type pushDocument struct {
	mu      sync.Mutex // the transport may still read when the answer is there
	records []core.Record
	related []core.Record
	more    func() (records, related []core.Record, err error)
	encoder *s3xml.Encoder
	written bytes.Buffer // and not read yet
	err     error        // io.EOF behind the last record
}

func newPushDocument(req replicate.PushRequest) *pushDocument {
	d := &pushDocument{records: req.Records, related: req.Related, more: req.More}
	root := s3xml.NewRoot() // how many they will be is not known
	root.Success = true
	d.encoder = s3xml.NewEncoder(&d.written, root)
	return d
}

// Read returns what is written, and if that is nothing writes a batch more.
func (d *pushDocument) Read(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.grow(); err != nil {
		return 0, err
	}
	return d.written.Read(b)
}

// WriteTo writes the document to w, a batch at a time.
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

// grow writes a batch if nothing that was written is left.
func (d *pushDocument) grow() error {
	for d.written.Len() == 0 && d.err == nil {
		d.err = core.Caught(d.write) // the transport's goroutine would end the program
	}
	if d.written.Len() > 0 {
		return nil
	}
	return d.err
}

// write writes the next records.
func (d *pushDocument) write() (err error) {
	if len(d.records)+len(d.related) == 0 {
		if d.records, d.related, err = d.more(); err != nil {
			return err
		}
		if len(d.records)+len(d.related) == 0 {
			if err := d.encoder.Close(); err != nil {
				return err
			}
			return io.EOF
		}
	}
	for _, recs := range [][]core.Record{d.records, d.related} {
		for i := range recs {
			if err := d.encoder.Encode(&recs[i]); err != nil {
				return err
			}
		}
	}
	d.records, d.related = nil, nil
	return d.encoder.Flush()
}

// errAnswered ends a document that the peer has answered before its end.
var errAnswered = errors.New("the answer came before the end of the document")

// end waits for a Read that is under way; those that follow fail.
func (d *pushDocument) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.err = errAnswered
}
