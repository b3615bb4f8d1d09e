package core

// Preferences are how a person likes the window. They may be changed without the
// administrator's passcode.
type Preferences struct {
	Language string // "ar"; "" is the operating system's
	Look     string // "light", "dark"; "" is the operating system's
	// TextSize is in per cent of the usual size; 0 is 100.
	TextSize int
}

// TextSizes are what may be chosen, in per cent.
func TextSizes() []int { return []int{85, 100, 115, 130, 150, 175, 200} }

// Scale is what text sizes are multiplied with.
func (p Preferences) Scale() float32 {
	if p.TextSize < TextSizes()[0] || p.TextSize > 200 {
		return 1
	}
	return float32(p.TextSize) / 100
}

// A Serving says whether and where this laptop answers peers.
type Serving struct {
	On bool
	// Address is where to listen, "host:port" or ":port" for every network.
	Address string
	// Hosts are names and addresses for the certificate, besides the laptop's own.
	Hosts []string
}

// DefaultServing is that of a new data folder: off, and if switched on for every
// network, with a certificate.
func DefaultServing() Serving { return Serving{Address: ":8443"} }
