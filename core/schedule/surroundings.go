package schedule

// A Connectivity is what the operating system says of the network.
type Connectivity int

// What it may say. A hint only: the repository's own address is what counts.
const (
	ConnectivityUnknown Connectivity = iota
	ConnectivityNone
	ConnectivityPortal
	ConnectivityLimited
	ConnectivityFull
)

// Surroundings are what the operating system tells of the laptop. The zero value
// is a system that tells nothing.
type Surroundings struct {
	// Networks names the networks this laptop is in, sorted; it changes when the
	// laptop moves. Empty: none, or not known.
	Networks     []string
	Connectivity Connectivity
	Metered      bool
	Saver        bool // the battery saver is on
	// Wakes counts how often the laptop is known to have woken.
	Wakes int
}

// moved reports whether a network appeared since before; lost, whether one is
// gone, so that connections over it are dead.
func (s Surroundings) moved(before Surroundings) (moved, lost bool) {
	has := func(list []string, name string) bool {
		for _, n := range list {
			if n == name {
				return true
			}
		}
		return false
	}
	for _, n := range s.Networks {
		moved = moved || !has(before.Networks, n)
	}
	for _, n := range before.Networks {
		lost = lost || !has(s.Networks, n)
	}
	if s.Connectivity == ConnectivityFull && before.Connectivity != ConnectivityFull && before.Connectivity != ConnectivityUnknown {
		moved = true
	}
	return moved, lost
}
