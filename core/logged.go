package core

import "slices"

// logged are the sentences of the log, which stores them in English, as those who
// write them word them: by them a person reads the log in another language. The
// longer of two that begin alike stands first. logged_test.go finds those that lack.
var logged = []string{
	"Set aside: %d; everything else was imported (%s)",
	"No records yet. If there should be some: perhaps your account may not read this table",
	"No data to import (already up-to-date)",
	"Data imported successfully (%s)",
	"No data to send",
	"Records delivered: %d of %d; refused: %d",
	"Records delivered: %d of %d; the others could not be checked and stay marked as unsent",
	"Data sent successfully (records sent and found there: %d)",
	"Records that the filter of this table excludes were not sent and are on this laptop only: %d",
	"Deletions that were held are confirmed (%s)",
	"Held deletions refused: %d; records that stay and are sent again: %d",
	"Compared: %d of %d records are the same; %d fetched again; %d records that are here are no longer at %s. They were kept.",
	"Compared: %d of %d records are the same; %d fetched again",
	"Compared record by record: %s",
	"%d records were deleted at %s before they came here; their deletions were fetched again (%s)",
	"The older state was taken over (%s); %d records that are not there any more were kept and are not sent",
	"%s has no place any more for %d fields of this table. What stands in them is kept on this laptop, and sent when there is a place again.",
	"%d of %d files could not be fetched. The records are here; the files are asked for again with the next sync.",
	"The counts of this run do not add up: please report this. %s",
	RegistrationRequired,
	AcceptanceRequired,
	"Registration update successful",
	"Registration successful",
	"Broke off with the program; the next run went on from there.",
	"Fieldsync ended unexpectedly. Your records are safe. Please send the file %s to whoever looks after this program.",
	"A run was taken back by %s. Records that are as before it: %d; made by it and deleted: %d; changed since and left: %d",
	"Broken off after %d records",
	"Data sent to peer (records: %d)",
	"%d of %d records were not taken over; the first: %s",
	"%s is not shared",
	"%s (the %d records before it were received)",
	"The request is too large; send smaller batches",
	"Stopped; nothing of this was stored",
	"%s %d of %d records.", // the brake's sentence and its numbers

	// The parts of a comparison.
	"%d of %d records are the same, %s.",
	"%d of %d records are the same.",
	"waiting to be sent or decided: %d",
	"excluded by the settings: %d",
	"different: %d",
	"mended: %d",
}

// LogSentences returns every sentence of the log, every reason of our own to set a
// record aside, and what names the tables of a trouble, for translators.
func LogSentences() []string { return slices.Concat(unsentReasons, asideReasons, namings(), logged) }
