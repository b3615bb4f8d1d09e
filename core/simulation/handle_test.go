package simulation

import (
	"context"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/transfer"
	"github.com/fieldsync/fieldsync/storage"
)

// handling is how many worlds there are to one in which people do more with a laptop's records
// than to edit them, also in the middle of a run: they read tables that somebody sent them,
// merge what means the same, and take whole runs back.
const handling = 16

func (s *simulation) handles() bool { return s.seed%handling == 14 }

// A desk is where a person reads files. The tables of these stories name records by uuid.
type desk struct{ *storage.DB }

func (desk) Named(context.Context, core.Resource, string, int) ([]core.Record, error) {
	return nil, nil
}

func (desk) ResourcesHere(context.Context) ([]core.Resource, error) { return nil, nil }

// handleAt is one such thing.
func (s *simulation) handleAt(l *laptop) {
	switch s.rand.IntN(4) {
	case 0:
		s.mergeAt(l)
	case 1:
		s.takeBackAt(l)
	default:
		s.importAt(l)
	}
}

// importAt is a person who reads a table: the file counts, for what is here and for what was
// deleted here, and it may have a record more.
func (s *simulation) importAt(l *laptop) {
	r := pick(s, s.tasks)
	name := fields[r][0]
	lines, words := []string{"uuid," + name}, []string{}
	for range 1 + s.rand.IntN(3) {
		link, ok := s.some(r)
		rec, err := l.db.Record(s.ctx, link)
		if !ok || err != nil || strings.Contains(strings.Join(lines, " "), link.UUID) {
			continue
		}
		s.supersede(rec, name)
		v := s.newValue(link, name)
		lines, words = append(lines, link.UUID+","+v), append(words, short(link)+"="+v)
	}
	if s.chance(30) && r != "pr_contact" {
		link := s.newLink(r, l)
		v := s.newValue(link, name)
		lines, words = append(lines, link.UUID+","+v), append(words, "new "+short(link)+"="+v)
	}
	s.tell("%s reads a table of %s: %s", l.name, r, strings.Join(words, ", "))
	file := transfer.Content("table.csv", []byte(strings.Join(lines, "\n")+"\n"))
	_, err := transfer.Read(s.ctx, desk{l.db}, file, transfer.Order{Resource: r, By: l.name, Now: core.MTimeOf(l.now())})
	s.must(err)
	l.look()
}

// mergeAt is a person who has two records before their eyes that mean the same.
func (s *simulation) mergeAt(l *laptop) {
	r := pick(s, s.tasks)
	from, _ := s.some(r)
	into, _ := s.some(r)
	goes, ok := l.record(from)
	if _, stays := l.record(into); !ok || !stays || from == into {
		return
	}
	s.tell("%s merges %s into %s", l.name, short(from), short(into))
	s.supersede(goes, "")
	l.gone[from] = true
	s.must(l.db.Merge(s.ctx, from, into, l.name))
	l.look()
}

// takeBackAt is a person who takes one of the last runs back.
func (s *simulation) takeBackAt(l *laptop) {
	k := pick(s, l.links)
	runs, err := l.db.Runs(s.ctx, k.repo, 3)
	s.must(err)
	if len(runs) == 0 {
		return
	}
	before := recordsOf(s, l.db)
	undo, err := l.db.UndoRun(s.ctx, pick(s, runs).ID, l.name, 0)
	s.must(err)
	s.tell("%s takes a run with %s back: %d restored, %d removed, %d left", l.name, k.hub.name(), undo.Restored, undo.Removed, undo.Left)
	after := byLink(recordsOf(s, l.db))
	for _, was := range before {
		is := after[was.Link()]
		if is.Deleted && !was.Deleted {
			l.gone[was.Link()] = true
		}
		if !core.SameContent(&was, &is) {
			s.supersede(was, "")
		}
	}
	l.look()
}
