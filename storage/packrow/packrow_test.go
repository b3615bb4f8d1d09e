package packrow_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/fieldsync/fieldsync/storage/packrow"
)

func open(t *testing.T) *sql.DB {
	t.Helper()
	if err := packrow.Register(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// There and back, what a column may hold stays what it is, to the bit.
func TestARowComesBackAsItWas(t *testing.T) {
	db := open(t)
	value := rapid.OneOf(
		rapid.Just[driver.Value](nil),
		rapid.Map(rapid.Int64(), func(n int64) driver.Value { return n }),
		rapid.Map(rapid.Float64(), func(x float64) driver.Value { return x }),
		rapid.Map(rapid.String(), func(s string) driver.Value { return s }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) driver.Value { return string(b) }), // no UTF-8
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) driver.Value { return b }),
		rapid.SampledFrom([]driver.Value{"", "\x00", "a\x00b", "\xff\xfe", []byte{}, []byte{0}, int64(math.MinInt64), int64(math.MaxInt64),
			math.Inf(1), math.Inf(-1), math.Copysign(0, -1), 0.1, math.MaxFloat64, math.SmallestNonzeroFloat64, strings.Repeat("x", 100_000)}),
	)
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(value, 1, 300).Draw(t, "values")
		args, columns := make([]any, len(values)), make([]string, len(values))
		for i, v := range values {
			args[i], columns[i] = v, fmt.Sprintf("?%d", i+1)
		}
		packed := packrow.Columns(columns)
		rows := make([][]byte, len(packed))
		into := make([]any, len(packed))
		for i := range rows {
			into[i] = &rows[i]
		}
		if err := db.QueryRowContext(t.Context(), "SELECT "+strings.Join(packed, ","), args...).Scan(into...); err != nil {
			t.Fatal(err)
		}
		var got []packrow.Value
		for _, row := range rows {
			var err error
			if got, err = packrow.Unpack(got, row); err != nil {
				t.Fatal(err)
			}
		}
		if len(got) != len(values) {
			t.Fatalf("%d values came back of %d", len(got), len(values))
		}
		for i, want := range values {
			if x, ok := want.(float64); ok { // -0 and 0 are two
				if got[i].Type != packrow.Float || math.Float64bits(got[i].Float()) != math.Float64bits(x) {
					t.Errorf("value %d: %#v instead of %v", i, got[i], want)
				}
				continue
			}
			if !reflect.DeepEqual(got[i].Driver(), want) {
				t.Errorf("value %d: %#v instead of %#v", i, got[i].Driver(), want)
			}
		}
	})
}

// What is cut short is an error, and reads nothing beyond its end.
func TestABrokenRowIsAnError(t *testing.T) {
	db := open(t)
	var row []byte
	if err := db.QueryRowContext(t.Context(), `SELECT pack_row(1, 2.5, 'three', x'04')`).Scan(&row); err != nil {
		t.Fatal(err)
	}
	whole := map[int]int{0: 0, 9: 1, 18: 2, 28: 3, 34: 4} // values by length
	for n := range len(row) + 1 {
		values, err := packrow.Unpack(nil, row[:n:n])
		if want, ok := whole[n]; ok != (err == nil) || ok && len(values) != want {
			t.Errorf("%d bytes: %d values, %v", n, len(values), err)
		}
	}
	if _, err := packrow.Unpack(nil, []byte{9}); err == nil {
		t.Error("an unknown type is no error")
	}
}
