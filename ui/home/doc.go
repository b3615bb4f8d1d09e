// Package home is the first page: one honest sentence on the state, "Sync now"
// with its steps, a card per repository; and the first start.
package home
