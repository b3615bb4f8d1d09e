//go:build !race

package schedule_test

const hurry = false
