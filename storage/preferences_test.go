package storage_test

import (
	"reflect"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage/storagetest"
)

func TestWhatIsChosenInTheWindowIsKept(t *testing.T) {
	db, _ := storagetest.New(t)
	if p, err := db.Preferences(ctx); err != nil || p != (core.Preferences{}) {
		t.Errorf("at first %+v, %v", p, err)
	}
	if s, err := db.Serving(ctx); err != nil || !reflect.DeepEqual(s, core.DefaultServing()) {
		t.Errorf("at first %+v, %v", s, err)
	}
	want := core.Preferences{Language: "ar", Look: "dark", TextSize: 150}
	serving := core.Serving{On: true, Address: "127.0.0.1:9000", Hosts: []string{"a.example", "10.0.0.7"}}
	for _, err := range []error{db.SavePreferences(ctx, want), db.SaveServing(ctx, serving), db.SetPasscode(ctx, "hash")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if p, err := db.Preferences(ctx); err != nil || p != want {
		t.Errorf("%+v, %v", p, err)
	}
	if s, err := db.Serving(ctx); err != nil || !reflect.DeepEqual(s, serving) {
		t.Errorf("%+v, %v", s, err)
	}
	if hash, err := db.Passcode(ctx); err != nil || hash != "hash" {
		t.Errorf("%q, %v", hash, err)
	}
	if size, err := db.Size(); err != nil || size <= 0 {
		t.Errorf("size %d, %v", size, err)
	}
}
