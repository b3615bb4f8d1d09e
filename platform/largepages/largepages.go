// Package largepages has the program's memory come 2 MB at a time where Linux gives that on
// request ("madvise" in /sys/kernel/mm/transparent_hugepage/enabled): Go's heap, and that of
// the C library. Where the system does so by itself, or not at all, it changes nothing.
//
// A page of 4 KB that is touched for the first time is a call of the system. A sync without
// news has 1,300 of them, and one of 1,000 changes 7,300; each takes half a microsecond on a
// laptop and up to fourteen in a virtual machine. Go's runtime no longer asks for large pages,
// because heaps of gigabytes kept what they had given back; ours has some ten megabytes.
//
// To import it is enough.
package largepages
