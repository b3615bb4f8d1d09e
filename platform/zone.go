package platform

import (
	"os"
	"sync"
	"time"
)

// A Zone is the laptop's time zone, which may change while the program runs:
// laptops travel, and the standard library reads it once. The zero Zone is ready
// to use.
type Zone struct {
	mu    sync.Mutex // guards the rest
	seen  string
	zone  *time.Location
	asked time.Time
}

// zoneFile holds the zone on Unix.
const zoneFile = "/etc/localtime"

// zoneEvery is how often the file is looked at.
const zoneEvery = time.Minute

// Location returns the present zone; time.Local where it cannot be told.
func (z *Zone) Location() *time.Location {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.zone != nil && time.Since(z.asked) < zoneEvery {
		return z.zone
	}
	z.asked = time.Now()
	if z.zone == nil {
		z.zone = time.Local
	}
	if _, set := os.LookupEnv("TZ"); set {
		return z.zone
	}
	content, err := os.ReadFile(zoneFile)
	if err != nil || string(content) == z.seen {
		return z.zone
	}
	if loc, err := time.LoadLocationFromTZData("Local", content); err == nil {
		z.seen, z.zone = string(content), loc
	}
	return z.zone
}
