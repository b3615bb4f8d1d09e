//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/storage"
)

// editedRecords is how many records are edited, one after the other.
const editedRecords = 20

// editRecords is a program of its own: it changes the first records of a data
// folder as a person does, and prints how long each took until it was stored, in
// milliseconds.
func editRecords(ctx context.Context, dir string) error {
	db, err := storage.Open(ctx, storage.Options{Dir: dir})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // every edit has said how it went
	page, err := db.List(ctx, storage.Query{Resource: masterTable, Limit: editedRecords})
	if err != nil {
		return err
	}
	took := make([]float64, 0, editedRecords)
	for i := range page.Rows {
		start := time.Now()
		if err := change(ctx, db, page.Rows[i].Record); err != nil {
			return err
		}
		took = append(took, float64(time.Since(start).Microseconds())/1000)
	}
	return json.NewEncoder(os.Stdout).Encode(took)
}

// change changes the record as a person does.
func change(ctx context.Context, db *storage.DB, rec core.Record) error {
	rec.Set(core.Field{Name: "comments", Value: core.Text(fmt.Sprint("Seen at ", time.Now().UnixNano()))})
	_, changed, err := db.Edit(ctx, storage.EditRequest{Record: rec, By: peerUser})
	if err == nil && !changed {
		err = fmt.Errorf("%s was not changed", rec.UUID)
	}
	return err
}
