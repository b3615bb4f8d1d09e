// Package presence is how Fieldsync shows itself outside its window: the tray
// icon with its menu, whether there is a place for it, and notifications.
package presence
