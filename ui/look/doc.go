// Package look is how Fieldsync looks: its theme, its palette for light and dark,
// and the drawn icons.
package look
