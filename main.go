// Fieldsync keeps a laptop's copy of a Sahana Eden server's records in step with
// the server.
package main

import (
	_ "embed"
	"os"
	_ "time/tzdata" // Windows has no time zones of its own

	"github.com/fieldsync/fieldsync/app"
)

// version is set when the program is built.
var version = "unknown"

//go:embed LICENSE
var licence string

func main() { os.Exit(app.Main(app.Build{Version: version, Licence: licence})) }
