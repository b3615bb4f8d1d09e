// Package settings is the page for what concerns this laptop as a whole: how the
// window looks and speaks, the laptop's identity and way out, answering peers, the
// administrator's passcode, the data folder, and what helps if something is wrong.
package settings
