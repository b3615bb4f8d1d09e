package repositories

import (
	"context"
	"strings"

	"github.com/fieldsync/fieldsync/core"
	tr "github.com/fieldsync/fieldsync/ui/translations"
)

// A WayStore carries out what a person says of who is who: that a server was
// replaced or restored, that this laptop's data was restored, moved or copied. None of
// it deletes or overwrites a record.
type WayStore interface {
	Unsent(ctx context.Context, repo int64) (int, error)
	// Agreed counts the records of which a version is known that the repository had.
	Agreed(ctx context.Context, repo int64) (int, error)
	// Relink compares everything with another server at the same address, SendBack
	// with the same one that lost something.
	Relink(ctx context.Context, repo int64) error
	SendBack(ctx context.Context, repo int64) error
	// TakeOlder lets the next sync take over what a repository that went back has.
	TakeOlder(ctx context.Context, repo int64) error
	ConfirmMoved(ctx context.Context) error
	ConfirmRestored(ctx context.Context) error
	NewIdentity(ctx context.Context) (core.Node, error)
}

// A WayEngine finds out what a way would do, without doing it.
type WayEngine interface {
	OlderState(ctx context.Context, repo core.Repository) (core.OlderState, error)
}

// A way is one way on from a stop.
type way struct {
	label   string
	explain string
	done    string // what is said then
	do      func(ctx context.Context, s WayStore, repo int64) error
	// numbers, if not nil, says what it would do; a person sees that first.
	numbers func(ctx context.Context, e WayEngine, r core.Repository) (string, error)
}

// waysOn are the ways on from a trouble about who is who.
func waysOn(kind core.Trouble) []way {
	switch kind {
	case core.IdentityChanged:
		return []way{relinked()}
	case core.WentBack:
		return []way{sentBack(), takenOlder()}
	case core.NodeCopied:
		return []way{moved(), identityOfItsOwn()}
	case core.NodeWentBack:
		return []way{restored(), identityOfItsOwn()}
	}
	return nil
}

// waitingIsSafe is what else can be done.
func waitingIsSafe(kind core.Trouble) string {
	switch kind {
	case core.IdentityChanged:
		return tr.L("If nobody told you of another server, close this and check the address first. Until then nothing is exchanged and nothing is lost.")
	case core.WentBack:
		return tr.L("Ask the administrator of the server first: perhaps it was restored for a reason. Until then nothing is exchanged and nothing is lost.")
	}
	return tr.L("If you do not know, close this and ask. Until then nothing is exchanged and nothing is lost.")
}

func relinked() way {
	return way{
		label:   tr.L("It is the new server: link it anew"),
		explain: tr.L("For a server that was set up anew or replaced at the same address. Everything is compared with the next sync: what it lacks is sent to it, what differs is decided by your policies. Nothing here is deleted."),
		done:    tr.L("The next sync compares everything with the new server."),
		do:      func(ctx context.Context, s WayStore, repo int64) error { return s.Relink(ctx, repo) },
	}
}

func sentBack() way {
	return way{
		label:   tr.L("It was restored: send it what it lost"),
		explain: tr.L("Everything is compared with the next sync: where the server has a former version of yours, yours is sent; what it lacks is sent; what is new there is taken. Nothing here is deleted."),
		done:    tr.L("The next sync sends back what the server lost."),
		do:      func(ctx context.Context, s WayStore, repo int64) error { return s.SendBack(ctx, repo) },
	}
}

func takenOlder() way {
	return way{
		label:   tr.L("It is right as it is: take the server's older state…"),
		explain: tr.L("What the server has now replaces what is here. Your versions stay in the history and can be restored one by one. What the server lost stays here and is not sent; changes that were never sent are kept. First you see the numbers."),
		done:    tr.L("The next sync takes over what the server has."),
		do:      func(ctx context.Context, s WayStore, repo int64) error { return s.TakeOlder(ctx, repo) },
		numbers: func(ctx context.Context, e WayEngine, r core.Repository) (string, error) {
			found, err := e.OlderState(ctx, r)
			return olderWords(found), err
		},
	}
}

// olderWords says what would become of how many records; what none would is not said.
func olderWords(found core.OlderState) string {
	var parts []string
	for _, p := range []struct {
		n    int
		text func(int) string
	}{
		{found.Replaced, func(n int) string { return tr.N("{{.N}} records here would become older versions.", n) }},
		{found.Deleted, func(n int) string { return tr.N("{{.N}} records here would be deleted, as they are there.", n) }},
		{found.Lacking, func(n int) string { return tr.N("{{.N}} records that the server lost would stay here only.", n) }},
	} {
		if p.n > 0 {
			parts = append(parts, p.text(p.n))
		}
	}
	if len(parts) == 0 {
		return tr.L("No record here would change.")
	}
	return strings.Join(parts, " ")
}

func moved() way {
	return way{
		label:   tr.L("This computer takes the place of the other one"),
		explain: tr.L("If the other computer is no longer used. Everything stays as it is, and syncing goes on."),
		done:    tr.L("This computer has taken the place of the other one."),
		do:      func(ctx context.Context, s WayStore, _ int64) error { return s.ConfirmMoved(ctx) },
	}
}

func restored() way {
	return way{
		label:   tr.L("The data was restored, and that is right"),
		explain: tr.L("If a backup was put back on this laptop. The next sync reads and compares everything: what was sent before comes back, what a server lacks is sent."),
		done:    tr.L("The next sync reads and compares everything."),
		do:      func(ctx context.Context, s WayStore, _ int64) error { return s.ConfirmRestored(ctx) },
	}
}

func identityOfItsOwn() way {
	return way{
		label:   tr.L("Both are used: an identity of its own for this one"),
		explain: tr.L("If a copy of this data is used on another computer too. Records and unsent changes stay; the servers are told of a new laptop. A server that accepts laptops one by one has to accept it."),
		done:    tr.L("This laptop has an identity of its own now."),
		do: func(ctx context.Context, s WayStore, _ int64) error {
			_, err := s.NewIdentity(ctx)
			return err
		},
	}
}

// stake says in numbers what the ways on are about.
func stake(ctx context.Context, s WayStore, repo int64) (string, error) {
	agreed, err := s.Agreed(ctx, repo)
	if err != nil {
		return "", err
	}
	text := tr.N("{{.N}} records are known to be at the server.", agreed)
	unsent, err := s.Unsent(ctx, repo)
	if unsent > 0 {
		text += " " + tr.N("{{.N}} changes here wait to be sent.", unsent)
	}
	return text, err
}
