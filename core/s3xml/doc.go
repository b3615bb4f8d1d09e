// Package s3xml turns S3XML, the format in which Sahana Eden exchanges records,
// into core.Record and back, one record at a time: memory is bounded by the
// largest top-level record, however long the document. It also reads and
// writes S3JSON and the JSON message with which Eden answers a push.
//
// What comes in is a stranger's: the decoder checks that the document is well
// formed, refuses DOCTYPE and entities, bounds depth and sizes, and hands out a
// single bad record as a *RecordError without ending the stream. What it does
// not know (elements, attributes, values that are no JSON) it keeps to the
// letter, so that the record can be sent back whole.
package s3xml
