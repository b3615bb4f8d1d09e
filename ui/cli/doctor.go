package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden"
)

func (c *commands) doctorCommand() *cobra.Command {
	var offline, mend bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the data folder, the database and the connections",
		Long:  "Looks over the data folder, the database, the passwords and the connection to every server, and says what is wrong in sentences. It changes no record. With --mend it puts right what is safe to put right, after a copy of the database; a damaged database is set aside and rebuilt from the last copy, with the changes made here since.",
		Args:  cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&offline, "offline", false, "do not connect to the servers")
	cmd.Flags().BoolVar(&mend, "mend", false, "put right what is safe to put right")
	look := c.opened(func(ctx context.Context, n *Node, _ []string) error {
		findings := []eden.Finding{checkFolder(n.Dir)}
		examine := n.Store.Examine
		if mend {
			examine = n.Store.Mend
		}
		database, err := examine(ctx)
		if err != nil {
			return err
		}
		findings = append(findings, database...)
		findings = append(findings, eden.Finding{Name: "passwords", OK: true, Message: "Passwords are kept in " + n.Store.SecretsWhere() + "."})
		repos, err := n.Store.Repositories(ctx)
		if err != nil {
			return err
		}
		staying, err := n.Store.Staying(ctx)
		if err != nil {
			return err
		}
		for _, r := range repos {
			more, err := examineRepository(ctx, n, r, staying, offline)
			if err != nil {
				return err
			}
			findings = append(findings, more...)
		}
		return c.showFindings(findings)
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		err := look(cmd, args)
		if !mend || !core.IsKind(err, core.StoreDamaged) {
			return err
		}
		rebuilt, err := c.app.Rebuild(cmd.Context(), c.data)
		if err != nil {
			return err
		}
		return c.showFindings(rebuilt)
	}
	return c.withJSON(cmd)
}

// checkFolder writes a file and removes it again.
func checkFolder(dir string) eden.Finding {
	f := eden.Finding{Name: "data folder", OK: true, Message: dir + " can be written."}
	file, err := os.CreateTemp(dir, ".doctor-*")
	if err == nil {
		_, err = file.WriteString("Fieldsync can write here.\n")
		_ = file.Close() // only whether the text could be written matters
		_ = os.Remove(file.Name())
	}
	if err != nil {
		p := &core.Problem{Kind: core.FileUnreadable, Subject: dir}
		f.OK, f.Message, f.Hint = false, dir+" cannot be written: the disk may be full, or the folder belongs to somebody else.", p.Safe()
	}
	return f
}

// examineRepository looks at one repository: what waits for a person, and the connection.
// staying is how many changes no repository is ever sent.
func examineRepository(ctx context.Context, n *Node, r core.Repository, staying int, offline bool) ([]eden.Finding, error) {
	state, err := stateFor(ctx, n.Store, r)
	if err != nil {
		return nil, err
	}
	waiting := state.Conflicts + state.Refused
	f := eden.Finding{Name: r.Name + ": records", OK: waiting == 0 && r.Stopped == "", Message: state.sentence(staying)}
	if waiting > 0 {
		f.Hint = "See fieldsync conflicts list and fieldsync quarantine list."
	}
	findings := []eden.Finding{f}
	if offline || !r.Active() {
		return findings, nil
	}
	tasks, err := n.Store.Tasks(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	found, err := n.Check(ctx, r, tasks)
	if err != nil {
		p := core.AsProblem(err)
		return append(findings, eden.Finding{Name: r.Name + ": settings", Message: p.Message(), Hint: p.TerminalHint()}), nil
	}
	for _, k := range found {
		k.Name = fmt.Sprintf("%s: %s", r.Name, k.Name)
		findings = append(findings, k)
	}
	return findings, nil
}
