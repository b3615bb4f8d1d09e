//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/memory"
	"github.com/fieldsync/fieldsync/core/responder"
)

// keptRecords is how many records the peer keeps in memory at most: 100,000 take
// about 400 MB.
const keptRecords = 200_000

// The login at the bench's own peer.
const (
	peerUser     = "bench"
	peerPassword = "bench-password"
)

// A peerStore is the responder's store with a dataset in place of records:
// nothing is searched or sorted, so that the program that calls it is what is
// measured.
type peerStore struct {
	*memory.Store
	data *dataset
}

var _ responder.Store = (*peerStore)(nil)

// Export hands over records as they are selected, oldest change first.
func (s *peerStore) Export(ctx context.Context, q responder.ExportQuery, yield func(rec *core.Record) error) (masters int, err error) {
	table := slices.Index(s.data.tables, q.Resource)
	if table < 0 {
		return 0, nil
	}
	send := func(i int) bool {
		rec := s.data.record(table, i)
		if q.NoComponents {
			rec.Components = nil
		}
		if q.Bare {
			rec.Fields = nil
		}
		rec.Components = slices.Clone(rec.Components) // the responder dresses them for the way
		masters++
		err = yield(&rec)
		return err == nil && ctx.Err() == nil && (q.Limit <= 0 || masters < q.Limit)
	}
	if len(q.UUIDs) > 0 {
		for _, u := range q.UUIDs {
			if i := numberOf(u); i >= 0 && i < s.data.size() && uuid(kindMaster+table, i) == u && !send(i) {
				break
			}
		}
		return masters, err
	}
	skip := q.Start
	s.data.order(func(i int) bool {
		switch {
		case s.data.modified(i) < q.Since:
			return true
		case skip > 0:
			skip--
			return true
		}
		return send(i)
	})
	return masters, err
}

// newPeer answers as a Fieldsync with that dataset, exports that were asked for before
// from memory. POST /change?every=100&time=2 changes every hundredth record for the
// second time.
func newPeer(records, tables int) (http.Handler, error) {
	data := newDataset(records, tables)
	if records <= keptRecords {
		data.keep()
	}
	store := &peerStore{memory.New(core.Node{UUID: core.NewUUID(), Name: "Bench"}, time.Now), data}
	hash, err := responder.HashPassword(peerPassword)
	if err != nil {
		return nil, err
	}
	store.SaveAccount(core.Account{Name: peerUser, Hash: hash})
	store.Share(append([]core.Resource{"org_office", "pr_contact"}, data.tables...)...)
	for table := range data.tables { // so that it knows the fields, and is not asked for them every time
		if err := store.Fill(context.Background(), []core.Record{data.record(table, 0)}); err != nil {
			return nil, err
		}
	}
	exports := newAnswers(responder.New(store, responder.Options{Prefix: "/eden", Welcome: true, Rate: 1e6, Burst: 1e6}), func(repository string) bool {
		_, err := store.PeerByUUID(context.Background(), repository)
		return err == nil
	})
	mux := http.NewServeMux()
	mux.Handle("/eden/", exports)
	mux.HandleFunc("POST /change", func(w http.ResponseWriter, r *http.Request) {
		every, err1 := strconv.Atoi(r.URL.Query().Get("every"))
		times, err2 := strconv.Atoi(r.URL.Query().Get("time"))
		if err := errors.Join(err1, err2); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		data.every, data.times = every, times // the harness asks for it between two runs
		exports.forget()
	})
	return mux, nil
}

// servePeer is such a peer until it is ended. It prints its address.
func servePeer(ctx context.Context, records, tables int) error {
	peer, err := newPeer(records, tables)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/eden\n", listener.Addr())
	server := &http.Server{Handler: peer, ReadHeaderTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // it ends by being told
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
