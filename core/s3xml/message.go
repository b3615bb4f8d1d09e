package s3xml

import (
	"encoding/base64"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/fieldsync/fieldsync/core"
)

// A Message is Eden's JSON answer to a request (spec eden-sync-protocol §15.4).
type Message struct {
	Status     string // "success" or "failed"
	StatusCode string // need not equal the HTTP status
	Message    string // the peer's own words, translated there; never match on them
	Sender     string // uuid of the answering node, in answers to a registration
	Records    int    // error-free master records
	Created    []int  // the peer's local ids: of no use but their number
	Updated    []int
	Deleted    []int
	Tree       []Refusal
	Seals      []core.Seal // a Fieldsync's: of the records that stand there as they came
}

// A Refusal is one record that the peer did not accept, with its reasons.
type Refusal struct {
	Link   core.Link
	Error  string
	Fields map[string]string // field -> error
}

// OK reports whether the request as a whole succeeded; single records may still
// have been refused.
func (m Message) OK() bool { return m.Status == "success" }

// Sentence joins the reasons for a person: the record's, then those of fields
// by name, "Validation error: website: Enter a valid URL".
func (r Refusal) Sentence() string {
	var fields []string
	for name, reason := range r.Fields {
		if !strings.HasPrefix(reason, name+":") && !strings.HasPrefix(reason, "["+name+"]") {
			reason = name + ": " + reason
		}
		if reason != r.Error {
			fields = append(fields, reason)
		}
	}
	sort.Strings(fields)
	all := strings.Join(fields, "; ")
	if r.Error != "" && all != "" {
		return r.Error + ": " + all
	}
	return r.Error + all
}

// messageDepth is how deep the JSON of a message may be nested: an error tree
// repeats the records with their components.
const messageDepth = 4 * defaultDepth

// ParseMessage reads a message, whatever content type it came with. It expects
// one JSON object and takes numbers for texts and texts for numbers; what it
// does not know it passes over. It returns a *SyntaxError for what is no JSON
// object, or the reader's error.
func ParseMessage(r io.Reader) (Message, error) {
	n, err := parseNode(r, messageDepth, 0)
	if err != nil {
		return Message{}, err
	}
	if n.kind != '{' {
		return Message{}, &SyntaxError{Line: 1, Reason: "no message: not a JSON object", Kind: core.Malformed}
	}
	var m Message
	for i, key := range n.keys {
		v := &n.list[i]
		switch key {
		case "status":
			m.Status = v.text
		case "statuscode":
			m.StatusCode = v.text
		case "message":
			m.Message = v.text
		case "sender":
			m.Sender = v.text
		case "records":
			m.Records = v.number()
		case "created":
			m.Created = v.numbers()
		case "updated":
			m.Updated = v.numbers()
		case "deleted":
			m.Deleted = v.numbers()
		case "tree":
			m.Tree = v.refusals()
		case "seals":
			m.Seals = v.seals()
		}
	}
	return m, nil
}

func (n *node) number() int {
	i, err := strconv.Atoi(strings.TrimSpace(n.text))
	if err != nil {
		return 0
	}
	return i
}

func (n *node) numbers() []int {
	var ids []int
	for i := range n.list {
		ids = append(ids, n.list[i].number())
	}
	return ids
}

// seals reads one text in base64. Of one that is none there are no seals.
func (n *node) seals() []core.Seal {
	all, err := base64.StdEncoding.DecodeString(n.text)
	if err != nil {
		return nil
	}
	seals := make([]core.Seal, 0, len(all)/len(core.Seal{}))
	for one := range slices.Chunk(all, len(core.Seal{})) {
		if len(one) == len(core.Seal{}) {
			seals = append(seals, core.Seal(one))
		}
	}
	return seals
}

// refusals reads an error tree. Eden sends it as a JSON object; a text that
// holds one is understood too.
func (n *node) refusals() []Refusal {
	if n.kind == '"' {
		inner, err := parseNode(strings.NewReader(n.text), messageDepth, 0)
		if err != nil {
			return nil
		}
		n = &inner
	}
	return n.appendRefusals(nil)
}

// appendRefusals appends the records under the keys "$_table" of n, and those
// nested in them.
func (n *node) appendRefusals(all []Refusal) []Refusal {
	for i, key := range n.keys {
		if table, ok := strings.CutPrefix(key, "$_"); ok {
			for _, record := range n.list[i].each() {
				all = record.appendRefusal(all, core.Resource(table))
			}
		}
	}
	return all
}

// each returns the elements of a list, or n itself if it is none.
func (n *node) each() []node {
	if n.kind == '[' {
		return n.list
	}
	return []node{*n}
}

// appendRefusal appends the record n if it has an error, then the records in
// it: components, and those inside of references.
func (n *node) appendRefusal(all []Refusal, table core.Resource) []Refusal {
	uuid, reason := n.get("@uuid"), n.get("@error")
	r := Refusal{Link: core.Link{Resource: table, UUID: uuid.text}, Error: reason.text}
	var below []node
	for i, key := range n.keys {
		if strings.HasPrefix(key, "@") || strings.HasPrefix(key, "$_") {
			continue
		}
		for _, field := range n.list[i].each() {
			if e := field.get("@error"); e.text != "" {
				r.set(strings.TrimPrefix(key, "$k_"), e.text)
			}
			below = append(below, field)
		}
	}
	if r.Error != "" || r.Fields != nil {
		all = append(all, r)
	}
	all = n.appendRefusals(all)
	for i := range below {
		all = below[i].appendRefusals(all)
	}
	return all
}

func (r *Refusal) set(field, reason string) {
	if r.Fields == nil {
		r.Fields = make(map[string]string)
	}
	if old := r.Fields[field]; old != "" {
		reason = old + "; " + reason
	}
	r.Fields[field] = reason
}

// Append appends the message as Eden writes it. What is empty is left out;
// records too where the message is no answer to a push.
func (m Message) Append(b []byte) []byte {
	b = append(b, '{')
	b = appendMember(b, "status", m.Status)
	b = appendMember(b, "statuscode", m.StatusCode)
	b = appendMember(b, "message", m.Message)
	b = appendMember(b, "sender", m.Sender)
	if m.Records > 0 || m.Tree != nil || m.OK() && m.Sender == "" {
		b = append(appendKey(b, "records"), strconv.Itoa(m.Records)...)
	}
	b = appendIDs(b, "created", m.Created)
	b = appendIDs(b, "updated", m.Updated)
	b = appendIDs(b, "deleted", m.Deleted)
	b = appendSeals(b, m.Seals)
	if len(m.Tree) > 0 {
		b = appendTree(appendKey(b, "tree"), m.Tree)
	}
	return append(b, '}')
}

func appendSeals(b []byte, seals []core.Seal) []byte {
	if len(seals) == 0 {
		return b
	}
	all := make([]byte, 0, len(seals)*len(core.Seal{}))
	for _, s := range seals {
		all = append(all, s[:]...)
	}
	b = append(appendKey(b, "seals"), '"')
	return append(base64.StdEncoding.AppendEncode(b, all), '"')
}

func appendKey(b []byte, key string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ", "...)
	}
	return append(appendJSONString(b, key), ": "...)
}

func appendMember(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendPair(b, key, value)
}

func appendPair(b []byte, key, value string) []byte {
	return appendJSONString(appendKey(b, key), value)
}

func appendIDs(b []byte, key string, ids []int) []byte {
	if len(ids) == 0 {
		return b
	}
	b = append(appendKey(b, key), '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return append(b, ']')
}

// appendTree appends an error tree: S3JSON of the refused records with nothing
// but their uuids and errors.
func appendTree(b []byte, tree []Refusal) []byte {
	var tables []core.Resource
	for i := range tree {
		if !slices.Contains(tables, tree[i].Link.Resource) {
			tables = append(tables, tree[i].Link.Resource)
		}
	}
	b = append(b, '{')
	for _, table := range tables {
		b = append(appendKey(b, "$_"+string(table)), '[')
		first := true
		for i := range tree {
			if tree[i].Link.Resource != table {
				continue
			}
			if !first {
				b = append(b, ", "...)
			}
			b, first = tree[i].append(b), false
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (r *Refusal) append(b []byte) []byte {
	names := make([]string, 0, len(r.Fields))
	for name := range r.Fields {
		names = append(names, name)
	}
	sort.Strings(names)
	b = append(b, '{')
	for _, name := range names {
		b = append(appendKey(b, name), '{')
		b = append(appendMember(b, "@error", r.Fields[name]), '}')
	}
	b = appendMember(b, "@uuid", r.Link.UUID)
	b = appendMember(b, "@error", r.Error)
	return append(b, '}')
}
