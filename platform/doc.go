// Package platform asks and tells the operating system what has nothing to do
// with records: which networks there are, whether they cost, whether the battery
// is to be saved, whether the laptop woke, and whether Fieldsync starts at login.
// It stands outside core because it does input and output of its own, over D-Bus,
// the registry and files in the home folder. Everything works without it, by
// looking from time to time.
package platform
