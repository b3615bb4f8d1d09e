// Package core holds Fieldsync's nouns and the rules between them: records and
// their versions, repositories, tasks, policies, the decision about a received
// record, the merge, problems as a person reads them. It is pure: no file, no
// database, no network, no clock and no goroutine. Words are those of Sahana
// Eden's Synchronization module.
package core
