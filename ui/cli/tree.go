package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// makers are what makes the commands below the first, by group and name.
func (c *commands) makers() map[string]map[string]func() *cobra.Command {
	return map[string]map[string]func() *cobra.Command{
		"daily": {
			"sync": c.syncCommand, "status": c.statusCommand, "records": c.recordsCommand, "conflicts": c.conflictsCommand, "quarantine": c.quarantineCommand,
			"brakes": c.brakesCommand, "runs": c.runsCommand, "compare": c.compareCommand, "receipt": c.receiptCommand, "log": c.logCommand,
			"export": c.exportCommand, "import": c.importCommand, "pause": c.pauseCommand, "resume": c.resumeCommand,
		},
		"setup": {
			"init": c.initCommand, "setup": c.setupCommand, "settings": c.settingsCommand, "identity": c.identityCommand, "repository": c.repositoryCommand,
			"resource": c.resourceCommand, "schedule": c.scheduleCommand, "background": c.backgroundCommand, "worker": c.workerCommand, "autostart": c.autostartCommand,
		},
		"peers": {"serve": c.serveCommand, "peer": c.peerCommand, "account": c.accountCommand, "share": c.shareCommand},
		"help":  {"demo": c.demoCommand, "practice": c.practiceCommand, "doctor": c.doctorCommand, "backup": c.backupCommand},
	}
}

// wanted returns the names of the commands that a command line may be about: those that
// it has as a word. To make them all takes as long as several questions to the database.
// Where there is none, and where a shell asks what could follow, it is all of them.
func wanted(args []string, all map[string]map[string]func() *cobra.Command) func(name string) bool {
	asks := slices.ContainsFunc(args, func(word string) bool { return strings.HasPrefix(word, "__") })
	is := func(name string) bool { return slices.Contains(args, name) }
	for _, group := range all {
		for name := range group {
			if !asks && is(name) {
				return is
			}
		}
	}
	return func(string) bool { return true }
}
