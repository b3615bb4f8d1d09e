// Package words puts Fieldsync's nouns into the words a field worker reads: plain
// names for tables and fields, times, policies with Eden's term beside them. It
// shows nothing itself.
package words
