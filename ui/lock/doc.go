// Package lock keeps the configuration behind the administrator's passcode: it is
// asked for once, and again after some minutes without a change.
package lock
