package storage_test

import (
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

// However many runs reached nobody since: what the repository may remember is known.
func TestATokenThatTheRepositoryMayRememberIsKept(t *testing.T) {
	db, _ := storagetest.New(t)
	give := func(repo int64) string {
		h, err := db.Handshake(t.Context(), repo, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Known) > core.MaxKnown {
			t.Fatalf("a greeting names %d", len(h.Known))
		}
		return h.Next
	}
	confirm := func(repo int64, token string) {
		if err := db.Confirmed(t.Context(), repo, token); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, repo int64, token string, want, wantSince bool) {
		t.Helper()
		if gave, since, err := db.Gave(t.Context(), repo, token); gave != want || since != wantSince || err != nil {
			t.Errorf("%s: given %t, since the last confirmed %t, %v; want %t, %t", what, gave, since, err, want, wantSince)
		}
	}
	hub, err := db.AddRepository(t.Context(), core.Repository{Name: "hub", URL: "http://hub.example.org/eden"})
	if err != nil {
		t.Fatal(err)
	}
	server, err := db.AddRepository(t.Context(), core.Repository{Name: "eden", URL: "http://eden.example.org/eden"})
	if err != nil {
		t.Fatal(err)
	}

	first, old := give(hub.ID), give(hub.ID)
	confirm(hub.ID, old)
	lost := give(hub.ID)
	for range 600 {
		give(hub.ID)
	}
	check("before the confirmed one", hub.ID, first, true, false)
	check("the confirmed one", hub.ID, old, true, false)
	check("its answer was lost", hub.ID, lost, true, true)
	confirm(hub.ID, lost)
	check("it is confirmed after all", hub.ID, lost, true, false)
	if h, err := db.Handshake(t.Context(), hub.ID, nil); err != nil || h.Known[0] != lost {
		t.Errorf("the confirmed one is named first: %v, %v", h, err)
	}
	for range 600 {
		confirm(hub.ID, give(hub.ID))
	}
	check("long ago", hub.ID, first, false, false)

	stranger := give(server.ID)
	for range 2100 {
		give(server.ID)
	}
	check("an Eden's, long ago", server.ID, stranger, false, false)
}
