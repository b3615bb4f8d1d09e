// Package widgets holds the building blocks of Fieldsync's pages. They know no
// noun of synchronisation: they take texts and callbacks.
package widgets
