//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// edenUUID is who asks as an Eden does.
const edenUUID = "urn:uuid:6f0d6e0a-7d0c-4a55-9d1f-0d6f1f3b7e11"

// asked has the hub send all masters to an Eden that pulls: in one document, which is not
// packed, because an Eden does not say that it could unpack it. What is read is thrown
// away, so that the one who asks keeps nobody waiting.
func (h *hub) asked(ctx context.Context, records int) (usage, error) {
	if err := h.register(ctx); err != nil {
		return usage{}, err
	}
	_, answering, err := h.during(func() (u usage, err error) {
		began, count := time.Now(), &occurrences{of: []byte(`<resource name="` + masterTable + `"`)}
		err = h.get(ctx, "/sync/sync.xml", url.Values{"resource": {string(masterTable)}, "repository": {edenUUID}}, count)
		u.wall = time.Since(began)
		if err == nil && count.n != records {
			err = fmt.Errorf("an Eden would have got %d records instead of %d", count.n, records)
		}
		return u, err
	})
	return answering, err
}

// register makes the Eden known to the hub, in the way of old ones, and accepted there.
func (h *hub) register(ctx context.Context) error {
	if err := h.get(ctx, "/sync/repository/register.xml", url.Values{"repository": {edenUUID}}, io.Discard); err != nil {
		return err
	}
	return h.do(ctx, []string{"peer", "accept", edenUUID})
}

// get writes what the hub answers to an Eden.
func (h *hub) get(ctx context.Context, path string, query url.Values, to io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(peerUser, peerPassword)
	req.Header.Set("User-Agent", "Python-urllib/3.12") // as an Eden's program says
	req.Header.Set("Accept-Encoding", "identity")
	client := http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	answer, err := client.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Encoding") != "" {
		return fmt.Errorf("%s: the hub: %s, packed as %q", path, answer.Status, answer.Header.Get("Content-Encoding"))
	}
	_, err = io.CopyBuffer(to, answer.Body, make([]byte, 256<<10))
	return err
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
