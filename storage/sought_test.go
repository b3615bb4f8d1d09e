package storage_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fieldsync/fieldsync/storage"
)

// scripts are what random texts are made of: words of several scripts, single
// characters that are folded, left out or separate, and what is no UTF-8.
var scripts = []string{
	"Médecins", "Sans", "FRONTIÈRES", "Ñandú", "İstanbul", "Straße", "STRASSE", "œuvre", "Ångström", "ǅ", "Ǆ", "ﬁ", "e\u0301le\u0300ve", "\u0301", "o\u0308", "Việt", "Nguyễn",
	"स्थानीय", "समितिसँग", "काम", "गर्छ", "नेपाल", "ने", "पाल", "ं", "्", "का", "मि", "१२३", "॥", "क्\u200dष", "हिन्दी",
	"مرحبا", "العَرَبِيَّة", "محمد", "مُحَمَّد", "ـ", "لا", "٤٢", "؟", "ا", "أ", "إ", "ي", "ى",
	"Красный", "крест", "ЁЖ", "ёж", "Ελλάδα", "ΣΟΦΟΣ", "σοφος", "ς", "中文", "東京", "とうきょう", "한국어", "ไทย", "שלום", "שָׁלוֹם", "Հայ", "ქართული", "አማርኛ", "ᏣᎳᎩ", "𐐀𐐨", "𝔘𝔫𝔦", "Ⅳ", "½", "²", "①",
	"o'brien@eden.example.org", "O’Brien", "d’Ivoire", "Cox’s", "l'eau", "rock'n'roll", "+254 700", "08:00–16:00", "4×4", "<channel 4>", "A&B", "100%", "x_y", "a-b", "e.g.", "\"quoted\"", "(a)", "#1", "№5", "\n", "\t", "\x00", "\u00a0", "\u200b", "\u200d", "\u00ad", "\ufeff", "\ufffd", "\ue000", "\U000f0000",
	"😀", "👩🏽‍⚕️", "🇳🇵", "❤️", "a😀b", "1️⃣",
	"\xff", "\xc3", "\xe0\xa5", "\xaa", "\xb5x", "\xf8\x88\x80\x80\x80", "\xc0\xaf", "\xed\xa0\x80",
	"a", "b", "o", "O", "z", "ab", "ba", "aba", "abab", "foundation", "Found", "1", "12", "121",
}

// A mix is random, and the same for the same seed.
type mix struct{ *rand.Rand }

func (m mix) text(most int) string {
	var b strings.Builder
	for range m.IntN(most + 1) {
		switch m.IntN(6) {
		case 0:
			b.WriteRune(rune(m.IntN(0x3000))) // whatever character
		case 1:
			b.WriteString(scripts[m.IntN(len(scripts))])
		case 2:
			b.WriteString(" " + strings.ToUpper(scripts[m.IntN(len(scripts))]))
		default:
			b.WriteString(" " + scripts[m.IntN(len(scripts))])
		}
	}
	return b.String()
}

// typed is what somebody types who looks for something of the text, or not.
func (m mix) typed(text string) string {
	var b strings.Builder
	for range 1 + m.IntN(2) {
		from := []rune(text)
		if len(from) == 0 || m.IntN(5) == 0 {
			from = []rune(scripts[m.IntN(len(scripts))])
		}
		first := m.IntN(len(from))
		if space := slices.Index(from[first:], ' '); space >= 0 && m.IntN(2) == 0 {
			first = min(first+space+1, len(from)-1)
		}
		b.WriteString(string(from[first:min(len(from), first+1+m.IntN(8))]))
		b.WriteString(" ")
	}
	return b.String()
}

// A search that looks at a record finds it if, and only if, one that asks the index
// does: what is typed, in whatever script, must not find other records further down
// in a list, or when the list is large.
func TestALookAtATextFindsWhatTheIndexFinds(t *testing.T) {
	const texts, searches = 200, 1000
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE VIRTUAL TABLE search USING fts5 (words, content='', contentless_delete=1, ` + tokenizer + `, prefix='2 3')`); err != nil {
		t.Fatal(err)
	}
	seed := rand.Uint64()
	m := mix{rand.New(rand.NewPCG(seed, 0))}
	t.Logf("seed %d", seed)
	all := make([]string, texts)
	for i := range all {
		all[i] = m.text(30)
		if _, err := db.Exec(`INSERT INTO search (rowid, words) VALUES (?, ?)`, i, all[i]); err != nil {
			t.Fatal(err)
		}
		want := indexedTerms(t, all[i])
		got := storage.Words(all[i])
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, want) {
			t.Fatalf("the words of %q are %q; SQLite: %q", all[i], got, want)
		}
	}
	hits := 0
	for range searches {
		typed := m.typed(all[m.IntN(texts)])
		var want, got []int
		if match := storage.MatchQuery(typed); match != "" {
			rows, err := db.Query(`SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid`, match)
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var i int
				if err := rows.Scan(&i); err != nil {
					t.Fatal(err)
				}
				want = append(want, i)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		}
		for i, text := range all {
			if storage.Finds(typed, text) {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q (%s): a look at the texts finds %v, the index %v", typed, fmt.Sprintf("%+q", typed), got, want)
		}
		hits += len(want)
	}
	if hits < searches {
		t.Errorf("only %d hits: the searches try nothing", hits)
	}
}
