package packrow_test

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

// Rows of any length, in whatever order SQLite packs and gives them, are in a room what
// they are by themselves, and stay so when the room has long gone on.
func TestARoomHasTheRowsAsTheyAre(t *testing.T) {
	db := open(t)
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE x (id INTEGER PRIMARY KEY, a, b)`); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 3000), rapid.IntRange(60_000, 70_000)), 0, 60).Draw(t, "lengths")
		if _, err := db.ExecContext(t.Context(), `DELETE FROM x`); err != nil {
			t.Fatal(err)
		}
		for i, n := range lengths {
			if _, err := db.ExecContext(t.Context(), `INSERT INTO x VALUES (?, ?, ?)`, i, bytes.Repeat([]byte{byte(i)}, n), strings.Repeat(string(rune('a'+i%26)), n/2)); err != nil {
				t.Fatal(err)
			}
		}
		order := rapid.SampledFrom([]string{"id", "id DESC", "+id", "length(a)", "b DESC, id"}).Draw(t, "order")
		room := packrow.NewRoom()
		defer room.Close()
		columns := []string{"id", "a", "b"}
		var rows, copies [][]byte
		again := 0
		for turn := range 5 {
			query := "SELECT " + packrow.Into(columns)[0] + ", " + packrow.Columns(columns)[0] + " FROM x ORDER BY " + order
			found, err := db.QueryContext(t.Context(), query, room.Argument())
			if err != nil {
				t.Fatal(err)
			}
			for found.Next() {
				var in any
				var alone []byte
				if err := found.Scan(&in, &alone); err != nil {
					t.Fatal(err)
				}
				row, err := room.Row(in)
				if err != nil || !bytes.Equal(row, alone) {
					t.Fatalf("%d bytes instead of %d, %v", len(row), len(alone), err)
				}
				rows, copies = append(rows, row), append(copies, alone)
			}
			if err := found.Err(); err != nil {
				t.Fatal(err)
			}
			same(t, rows, copies)
			if len(rows) != (turn+1-again)*len(lengths) {
				t.Fatalf("%d rows of %d", len(rows), (turn+1-again)*len(lengths))
			}
			switch rapid.IntRange(0, 2).Draw(t, "then") {
			case 1:
				room.Leave()
			case 2:
				room.Again() // what was read is over
				rows, copies, again = nil, nil, turn+1
			}
		}
		same(t, rows, copies)
	})
}

func same(t *rapid.T, rows, copies [][]byte) {
	for i := range rows {
		if !bytes.Equal(rows[i], copies[i]) {
			t.Errorf("row %d is another one by now", i)
		}
	}
}

// A place that the room does not have, or not any more, is an error.
func TestARoomKnowsItsPlaces(t *testing.T) {
	db := open(t)
	room := packrow.NewRoom()
	defer room.Close()
	var first any
	for i := range 100 {
		var in any
		if err := db.QueryRowContext(t.Context(), "SELECT "+packrow.Into([]string{"?2"})[0], room.Argument(), strings.Repeat("x", 5000)).Scan(&in); err != nil {
			t.Fatal(err)
		}
		if _, err := room.Row(in); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = in
		}
	}
	if _, err := room.Row(first); err != nil {
		t.Error(err)
	}
	room.Leave()
	room.Again()
	for _, v := range []driver.Value{first, int64(-1), int64(1) << 60, first.(int64) | 0xfffff} {
		if row, err := room.Row(v); err == nil {
			t.Errorf("%x gives %d bytes", v, len(row))
		}
	}
}

// There are as many rooms as there are; whoever gets none has each row by itself.
func TestWithoutARoomEachRowComesByItself(t *testing.T) {
	db := open(t)
	var rooms []*packrow.Room
	for room := packrow.NewRoom(); room != nil; room = packrow.NewRoom() {
		rooms = append(rooms, room)
	}
	var none *packrow.Room
	for _, room := range append(rooms, none) {
		var in any
		if err := db.QueryRowContext(t.Context(), "SELECT "+packrow.Into([]string{"1", "?2"})[0], room.Argument(), "two").Scan(&in); err != nil {
			t.Fatal(err)
		}
		row, err := room.Row(in)
		values, broken := packrow.Unpack(nil, row)
		if err != nil || broken != nil || len(values) != 2 || values[0].Int() != 1 || values[1].Str() != "two" {
			t.Fatal(fmt.Sprint(values, err, broken))
		}
	}
	none.Leave()
	none.Close()
	for _, room := range rooms {
		room.Close()
	}
	again := packrow.NewRoom()
	if again == nil {
		t.Fatal("a room that was closed is lost")
	}
	again.Close()
}
