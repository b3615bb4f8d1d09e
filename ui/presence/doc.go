// Package presence is how Fieldsync shows itself outside its window: whether
// there is a place for a tray icon, and notifications.
package presence
