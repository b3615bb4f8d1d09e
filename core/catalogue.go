package core

import (
	"maps"
	"slices"
)

// Trouble is the kind of a Problem; it decides what is said and done.
type Trouble int

// The kinds of trouble.
const (
	Internal Trouble = iota
	Cancelled
	Unreachable      // no connection: offline, wrong host, peer down
	Timeout          // connected, but no answer in time
	Portal           // a login page of the network in between
	WrongPath        // 404: something answers, but not at this path
	NotEden          // answers, but is no Sahana Eden and no Fieldsync
	Unauthorized     // 401: user name or password refused
	Forbidden        // 403: logged in, but no right to do this
	NotRegistered    // 403 to a push: the peer does not know us
	NoReadRight      // answers with nothing because we may not read the table
	UnknownResource  // 400: the peer does not have this table
	ServerFault      // 5xx
	Busy             // 429 or 503 with a time to wait
	Malformed        // not well-formed XML or JSON
	Truncated        // the answer broke off
	Dangerous        // DOCTYPE, entities, depth or size beyond the limits
	CertificateWrong // TLS could not be verified
	ProxyWrong       // the proxy refused or could not be reached
	PeerRefused      // the peer refused a request, as a whole: what we sent, or to send something
	RecordRefused    // the peer refused one record
	RecordInvalid    // one record cannot be applied here
	IdentityChanged  // another node answers at this address
	WentBack         // the peer has older versions than it once had
	ClockWrong       // clocks differ by more than a day
	Brake            // a run would delete or overwrite suspiciously much
	DiskFull
	StoreLocked
	StoreDamaged
	StoreTooNew // written by a newer Fieldsync
	AlreadyRunning
	InvalidSetting
	NoPassword
	FileUnreadable
	NotAccepted        // the peer has registered us but not accepted pushes
	NodeCopied         // the data folder was made on another computer
	NodeWentBack       // the store is older than what was seen of this node
	NoWriteRight       // 403 to the push of one table, which may be read
	NotEncrypted       // answers, but not with https
	CertificateExpired // or not valid yet
	CertificateOther   // it is made out to another name
	EncryptionOld      // no version of TLS, or way of agreeing on keys, that is used here
	Barred             // something in front of the peer does not let a push through
	Practising         // a real server is to be added beside invented records

	lastTrouble = Practising
)

// EncryptionTroubles are the kinds with which no encrypted connection to who was meant
// came about.
func EncryptionTroubles() []Trouble {
	return []Trouble{CertificateWrong, CertificateExpired, CertificateOther, EncryptionOld, NotEncrypted}
}

type entry struct {
	message, safe, hint string
	retry, remote       bool
	// terminal stands in place of hint where there is no window; "" for the same.
	terminal string
}

const (
	nothingLost = "Nothing is lost: your changes stay on this laptop."
	nothingSent = "Nothing was sent, nothing is lost."
	triesAgain  = "Fieldsync tries again by itself."
	nextTries   = "The next sync tries again." // at a terminal it may be that nothing runs by itself
	sayWhich    = "Press “How to go on…” and say which it is."
)

// catalogue holds every sentence about trouble that a person may read. %s is the
// Problem's Subject. Each has: what happened, is my data safe, what to do.
var catalogue = map[Trouble]entry{
	Internal:     {"something went wrong inside Fieldsync.", nothingLost, "Try again. If it happens again, send the log to your administrator.", true, false, ""},
	Cancelled:    {"stopped at your request.", nothingLost, "What was already done is kept; the next sync goes on from there.", true, false, ""},
	Unreachable:  {"%s does not answer.", nothingLost, triesAgain + " If this lasts, check the network connection.", true, true, nextTries + " If this lasts, check the network connection."},
	Timeout:      {"%s takes too long to answer.", nothingLost, triesAgain, true, true, nextTries},
	Portal:       {"this network wants you to log in first.", nothingLost, "Open a web page in your browser, log in to the network, then sync again. If nothing asks you to log in, the server may be under maintenance: sync later.", true, true, ""},
	WrongPath:    {"something answers at the address of %s, but not under this path.", nothingLost, "Check the end of the address; it is often /eden. If it was right before, the server may be under maintenance: sync later.", false, true, ""},
	NotEden:      {"what answers at the address of %s is not a Sahana Eden server.", nothingLost, "Check the address.", false, true, ""},
	NotEncrypted: {"what answers at the address of %s does not speak https: the connection would not be encrypted.", nothingSent, "Check the address. Ask the administrator of the server whether it begins with http:// there, or has another number after the colon.", false, true, ""},
	Unauthorized: {"%s refused the user name or password.", nothingLost, "Enter the password again. Fieldsync does not try again by itself, so that the account is not locked.", false, true,
		"Enter the password again: fieldsync repository edit NAME --password; another user name with --username. Fieldsync does not try again by itself, so that the account is not locked."},
	Forbidden:     {"your account at %s may not do this.", nothingLost, "Ask the administrator of the server for the right to synchronise.", false, true, ""},
	NotRegistered: {"%s does not know this laptop yet.", nothingLost, "Register the repository again.", false, true, "Register with it again: fieldsync repository register NAME."},
	NoReadRight:   {"%s does not show one of the kinds of record to your account.", nothingLost, "Everything else was exchanged. Ask the administrator of the server whether your account may read such records.", false, true, ""},
	NoWriteRight:  {"%s takes no changes of one of the kinds of record from this laptop.", nothingLost, "Everything else was exchanged. Ask the administrator of the server whether your account may create and update such records, and whether this laptop is still registered there and may send (Accept Push).", false, true, ""},
	UnknownResource: {"%s does not have one of the kinds of record that this laptop asks for.", nothingLost, "Everything else was exchanged. Your administrator can remove such a kind under Repositories, Resources.", false, true,
		"Everything else was exchanged. To ask for such a kind no more: fieldsync resource remove NAME TABLE."},
	ServerFault: {"%s reports an error of its own.", nothingLost, triesAgain + " If this lasts, tell the administrator of the server.", true, true, nextTries + " If this lasts, tell the administrator of the server."},
	Busy:        {"%s is busy.", nothingLost, triesAgain, true, true, nextTries},
	Malformed:   {"%s sent something that cannot be read.", "Nothing was changed, nothing is lost.", "Tell the administrator of the server; the log has the exact place.", false, true, ""},
	Truncated:   {"the answer of %s broke off.", "What arrived before is kept, nothing is lost.", triesAgain, true, true, nextTries},
	Dangerous:   {"%s sent something that is not safe to read.", "It was refused; nothing was changed, nothing is lost.", "Tell the administrator of the server; the log has the exact place.", false, true, ""},
	CertificateWrong: {"the security certificate of %s cannot be verified.", nothingSent, "Check date and time of this laptop. If the server has a certificate of its own, ask its administrator for the file, and choose it under Repositories, Certificate authority.", false, true,
		"Check date and time of this laptop. If the server has a certificate of its own, ask its administrator for the file: fieldsync repository edit NAME --ca-file FILE."},
	CertificateExpired: {"the security certificate of %s has run out, or is not valid yet.", nothingSent, "Check date and time of this laptop. If they are right, tell the administrator of the server: the certificate has to be renewed there.", false, true, ""},
	CertificateOther: {"the security certificate at the address of %s is for another name.", nothingSent, "Check the address: write it as in your web browser. If the server has a certificate of its own, ask its administrator for the file, and choose it under Repositories, Certificate authority.", false, true,
		"Check the address: write it as in your web browser. If the server has a certificate of its own, ask its administrator for the file: fieldsync repository edit NAME --ca-file FILE."},
	EncryptionOld: {"the encryption of %s is too old to be safe.", nothingSent, "Tell the administrator of the server: it has to offer TLS 1.2 or later.", false, true, ""},
	ProxyWrong:    {"the proxy server refused the connection to %s.", nothingLost, "Check the proxy's address, user name and password in the settings.", false, true, ""},
	PeerRefused:   {"%s refused what this laptop asked of it.", nothingLost, "See the log for what the server said.", false, true, ""},
	Barred:        {"something in front of %s, a firewall perhaps, did not let this through.", nothingLost, "Tell the administrator of the server; the log has the answer.", true, true, ""},
	RecordRefused: {"%s refused this record.", "Your version stays on this laptop, marked as refused.", "Correct the record; it is then sent again.", false, true, ""},
	RecordInvalid: {"a record could not be read.", "It is set aside, nothing else is affected.", "It is tried again when it changes; the log has the reason.", true, true, ""},
	IdentityChanged: {"another server answers at the address of %s than before.", "Nothing was exchanged, nothing is lost.", "If this is right, press “How to go on…”: everything is then compared first. Otherwise check the address.", false, true,
		"If this is right, link it anew: fieldsync repository relink NAME. Everything is then compared first. Otherwise check the address."},
	WentBack: {"%s has older records than it had before; perhaps it was restored from a backup.", "Your newer versions are kept.", "Ask the administrator of the server, then press “How to go on…”.", false, true,
		"Ask the administrator of the server which state is right. To send it what it lost: fieldsync repository send-back NAME. To take its older state: fieldsync repository take-older NAME."},
	ClockWrong:  {"the clocks of this laptop and of %s differ by more than a day.", nothingLost, "Set date and time of this laptop.", false, false, ""},
	Brake:       {"unusually many records would be deleted by this sync with %s.", "Nothing was deleted; everything else was done.", "Check with your administrator, then confirm or refuse.", false, false, ""},
	DiskFull:    {"there is too little room on the disk.", "What was stored before is safe. What did not fit is not stored; nothing is half-written.", "Make room on the disk, then try again.", true, false, ""},
	StoreLocked: {"the data folder is in use by another program.", nothingLost, "Close the other program, then try again.", true, false, ""},
	StoreDamaged: {"the database on this laptop is damaged.", "It was left as it is, nothing was overwritten.", "It can be rebuilt from the last copy, with your changes.", false, false,
		"Run “fieldsync doctor --mend”: it is rebuilt from the last copy, with your changes."},
	StoreTooNew:    {"this database was written by a newer Fieldsync.", "It was not touched.", "Install the newer Fieldsync.", false, false, ""},
	AlreadyRunning: {"a sync with %s is already running.", nothingLost, "Wait until it is done.", true, false, ""},
	InvalidSetting: {"the setting %s is not valid.", "", "", false, false, ""},
	NoPassword:     {"there is no password for %s.", nothingLost, "Enter it in the repository's settings.", false, false, "Enter it: fieldsync repository edit NAME --password."},
	FileUnreadable: {"the file %s cannot be read.", "Nothing was changed.", "Check that it exists and is of the right kind.", false, false, ""},
	NotAccepted:    {"%s has not accepted this laptop yet.", nothingLost, "Ask the administrator there to accept this laptop. Fieldsync then goes on by itself.", true, true, "Ask the administrator there to accept this laptop. Then sync again."},
	Practising: {"this is a place to practise: its invented records must never reach a real server.", "Nothing was changed.", "End practising first (Home, “End practising”), or use another data folder.", false, false,
		"End practising first: fieldsync practice end. Or name another data folder: --data FOLDER."},
	NodeCopied: {"the data on this computer was copied from another one.", "Nothing was exchanged; all records and changes are kept.", sayWhich, false, false,
		"If the other one is no longer used: fieldsync identity moved. If both are used: fieldsync identity new, on this one."},
	NodeWentBack: {"the data on this laptop is older than what was last seen of it; perhaps it was restored from a backup, or a copy of it is used elsewhere.", "Nothing more is exchanged for now; all records and changes are kept, and what was sent before is still at the server.", sayWhich, false, false,
		"If it was restored: fieldsync identity restored. If another laptop uses a copy: fieldsync identity new."},
}

// Sentences returns every sentence of the catalogue once, for translators, with
// %s where a subject stands.
func Sentences() []string {
	seen := map[string]bool{theServer: true}
	for _, e := range catalogue {
		seen[e.message], seen[e.safe], seen[e.hint] = true, true, true
	}
	for _, s := range logSentences {
		seen[s] = true
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}
