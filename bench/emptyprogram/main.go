//go:build linux

// Command emptyprogram does nothing: the least that a program of Go with C in it can be. What
// it takes is what a process costs on this machine in this hour.
package main

import "C" // as SQLite is

func main() {}
