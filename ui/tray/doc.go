// Package tray is the icon beside the clock: what it shows follows from the state
// of the home page, and its menu does what the window does.
package tray
