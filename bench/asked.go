//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/fieldsync/fieldsync/core/packing"
)

const (
	// askerUUID is who asks for records and keeps none.
	askerUUID = "urn:uuid:6f0d6e0a-7d0c-4a55-9d1f-0d6f1f3b7e11"
	// masterPath is where a table's own controller has pages, and pageOfMasters how many
	// masters a Fieldsync asks for where they come quickly.
	masterPath    = "/org/organisation/sync.xml"
	pageOfMasters = 1400
)

// An asker fetches from the hub what a program of another kind would, and throws it away,
// so that nobody who writes it down keeps the hub waiting.
type asker struct {
	*hub
	client  http.Client
	program string // what it says that it is
	accepts string // how answers may be packed
}

// newAsker makes an asker known to the hub, in the way of old Edens, and accepted there.
func (h *hub) newAsker(ctx context.Context, program, accepts string) (*asker, error) {
	a := &asker{hub: h, client: http.Client{Transport: &http.Transport{DisableCompression: true}}, program: program, accepts: accepts}
	if err := a.get(ctx, "/sync/repository/register.xml", url.Values{"repository": {askerUUID}}, io.Discard); err != nil {
		return nil, err
	}
	return a, h.do(ctx, []string{"peer", "accept", askerUUID})
}

// close ends its connections.
func (a *asker) close() { a.client.CloseIdleConnections() }

// exportPlain has the hub send all masters to an Eden that pulls: in one document, which
// is not packed, because an Eden does not say that it could unpack it.
func (h *hub) exportPlain(ctx context.Context, records int) (usage, error) {
	a, err := h.newAsker(ctx, "Python-urllib/3.12", "identity") // as an Eden's program says
	if err != nil {
		return usage{}, err
	}
	defer a.close()
	count := newMasterCount()
	_, answering, err := h.during(func() (u usage, err error) {
		began := time.Now()
		err = a.get(ctx, "/sync/sync.xml", url.Values{"resource": {string(masterTable)}}, count)
		u.wall = time.Since(began)
		return u, err
	})
	return answering, errors.Join(err, count.differs(records))
}

// exportPacked has the hub send all masters as it sends them to a Fieldsync: page by page,
// packed. They are counted when the clock stands.
func (h *hub) exportPacked(ctx context.Context, records int) (usage, error) {
	a, err := h.newAsker(ctx, "fieldsync", packing.Accepted)
	if err != nil {
		return usage{}, err
	}
	defer a.close()
	var pages []*bytes.Buffer
	_, answering, err := h.during(func() (u usage, err error) {
		began := time.Now()
		for start := 0; start < records && err == nil; start += pageOfMasters {
			page := new(bytes.Buffer)
			pages = append(pages, page)
			err = a.get(ctx, masterPath, url.Values{"include_deleted": {"True"}, "start": {strconv.Itoa(start)}, "limit": {strconv.Itoa(pageOfMasters)}}, page)
		}
		u.wall = time.Since(began)
		return u, err
	})
	if err != nil {
		return answering, err
	}
	count := newMasterCount()
	for _, page := range pages {
		if err := unpackTo(count, page); err != nil {
			return answering, err
		}
	}
	return answering, count.differs(records)
}

// unpackTo writes what was packed with zstd.
func unpackTo(w io.Writer, packed io.Reader) error {
	unpacked, err := packing.Unpack("zstd", packed)
	if err != nil {
		return err
	}
	defer unpacked.Close()
	_, err = io.Copy(w, unpacked)
	return err
}

// get writes what the hub answers.
func (a *asker) get(ctx context.Context, path string, query url.Values, to io.Writer) error {
	query.Set("repository", askerUUID)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(peerUser, peerPassword)
	req.Header.Set("User-Agent", a.program)
	req.Header.Set("Accept-Encoding", a.accepts)
	answer, err := a.client.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: the hub: %s", path, answer.Status)
	}
	if packed := answer.Header.Get("Content-Encoding"); packed != "" && packed != "zstd" || packed != "" && a.accepts == "identity" {
		return fmt.Errorf("%s: the hub: packed as %q", path, packed)
	}
	_, err = io.CopyBuffer(to, answer.Body, make([]byte, 256<<10))
	return err
}

// newMasterCount counts the masters in documents.
func newMasterCount() *occurrences {
	return &occurrences{of: []byte(`<resource name="` + masterTable + `"`)}
}

// differs is an error if there were not so many.
func (o *occurrences) differs(records int) error {
	if o.n != records {
		return fmt.Errorf("the hub sent %d records instead of %d", o.n, records)
	}
	return nil
}

// Occurrences counts how often something comes in what is written.
type occurrences struct {
	of   []byte
	n    int
	rest []byte // the end of what came last, in which one may have begun
}

func (o *occurrences) Write(p []byte) (int, error) {
	begun := append(o.rest, p[:min(len(p), len(o.of)-1)]...) // a whole one within it is at its border
	o.n += bytes.Count(begun, o.of) + bytes.Count(p, o.of)
	if len(p) < len(o.of) {
		o.rest = append(o.rest[:0], begun[max(0, len(begun)-len(o.of)+1):]...)
	} else {
		o.rest = append(o.rest[:0], p[len(p)-len(o.of)+1:]...)
	}
	return len(p), nil
}
