package setup

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/schedule"
)

// maxSize bounds a file, in bytes; maxFaults how much of it is complained about.
const (
	maxSize   = 1 << 20
	maxFaults = 20
)

// Faults are everything that is wrong with a file, each a sentence that names its
// place.
type Faults []*core.Problem

// Error joins the sentences.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, p := range f {
		lines[i] = p.Message()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single faults.
func (f Faults) Unwrap() []error {
	out := make([]error, len(f))
	for i, p := range f {
		out[i] = p
	}
	return out
}

// Parse reads a file. The error is Faults.
func Parse(data []byte) (Setup, error) {
	p := &parser{}
	s := p.setup(data)
	if len(p.faults) > 0 {
		return Setup{}, p.faults
	}
	return s, nil
}

type parser struct{ faults Faults }

func (p *parser) wrong(words string, values ...any) {
	if len(p.faults) < maxFaults {
		p.faults = append(p.faults, core.Invalid("setup", words, values...))
	}
}

// object reads the keys of an object and names those that are not known.
func (p *parser) object(where core.Saying, data []byte, known ...string) map[string]json.RawMessage {
	keys := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &keys); err != nil || keys == nil {
		p.wrong("%s is not of the form { … }.", where)
		return map[string]json.RawMessage{}
	}
	var strange []string
	for key := range keys {
		if !slices.Contains(known, key) {
			strange = append(strange, key)
		}
	}
	slices.Sort(strange)
	for _, key := range strange {
		if secret(key) {
			p.wrong("%s holds %q. A setup file never holds a password: take it out; everybody enters their own.", where, key)
			continue
		}
		p.wrong("%s holds %q, which is not known. Known are: %s.", where, key, strings.Join(known, ", "))
	}
	return keys
}

func secret(key string) bool {
	key = strings.ToLower(key)
	return strings.Contains(key, "password") || strings.Contains(key, "passwd") || strings.Contains(key, "secret") || strings.Contains(key, "passcode")
}

// read reads one value of an object; what is absent leaves to as it is.
func read[T any](p *parser, where core.Saying, key string, keys map[string]json.RawMessage, to *T) {
	raw, ok := keys[key]
	if !ok {
		return
	}
	if err := json.Unmarshal(raw, to); err != nil || string(raw) == "null" {
		p.wrong("%s: %q has a value of the wrong kind.", where, key)
	}
}

// list reads a list of objects.
func (p *parser) list(where core.Saying, key string, keys map[string]json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	read(p, where, key, keys, &list)
	return list
}

// take notes what is wrong with a value at its place.
func (p *parser) take(where core.Saying, err error) {
	if err == nil {
		return
	}
	problem := core.AsProblem(err)
	words, values := problem.Words, problem.Values
	if problem.Kind != core.InvalidSetting || words == "" {
		words, values = "%s.", []any{err.Error()}
	}
	p.wrong("%s: %s", where, core.Say(words, values...))
}

func (p *parser) setup(data []byte) (s Setup) {
	if len(data) > maxSize {
		p.wrong("The file is too large for a setup file.")
		return s
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !json.Valid(data) {
		p.wrong("This is not a setup file: it cannot be read as JSON (line %d).", badLine(data))
		return s
	}
	where := core.Say("The file")
	var probe struct{ Fieldsync *int }
	if err := json.Unmarshal(data, &probe); err != nil || probe.Fieldsync == nil {
		p.wrong("This is not a setup file of Fieldsync: it does not begin with \"fieldsync\" and a version.")
		return s
	}
	switch v := *probe.Fieldsync; {
	case v > Version:
		p.wrong("The file was written for a newer Fieldsync (version %d). Install that one.", v)
		return s
	case v < 1:
		p.wrong("%d is not a version of a setup file.", v)
		return s
	}
	keys := p.object(where, data, "fieldsync", "proxy", "language", "repositories")
	read(p, where, "proxy", keys, &s.Proxy)
	p.proxy(where, s.Proxy)
	read(p, where, "language", keys, &s.Language)
	list := p.list(where, "repositories", keys)
	if len(list) == 0 {
		p.wrong("The file names no repository.")
	}
	names := map[string]bool{}
	for i, raw := range list {
		r := p.repository(core.Say("Repository %d", i+1), raw)
		if key := strings.ToLower(r.Name); names[key] && key != "" {
			p.wrong("Two repositories have the name %q.", r.Name)
		} else {
			names[key] = true
		}
		s.Repositories = append(s.Repositories, r)
	}
	return s
}

// badLine finds the line of the first fault in a text that is not JSON.
func badLine(data []byte) int {
	var v any
	var syntax *json.SyntaxError
	if err := json.Unmarshal(data, &v); errors.As(err, &syntax) {
		return 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
	}
	return 1
}

// proxy checks an address of a proxy, which holds no password.
func (p *parser) proxy(where core.Saying, proxy string) {
	if proxy == "" || proxy == "none" || proxy == "system" {
		return
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" && u.Scheme != "socks5" {
		p.wrong("%s: %q is no proxy. Write none, system, or an address such as http://proxy.example.org:3128.", where, proxy)
		return
	}
	if _, has := u.User.Password(); has {
		p.wrong("%s: take the password out of the proxy's address. A setup file never holds one.", where)
	}
}

func (p *parser) repository(where core.Saying, data []byte) (r Repository) {
	keys := p.object(where, data, "name", "url", "username", "proxy", "authority", "resources", "schedule")
	read(p, where, "name", keys, &r.Name)
	r.Name = strings.TrimSpace(r.Name)
	if r.Name == "" {
		p.wrong("%s has no name.", where)
	} else {
		where = core.Say("%s (%s)", where, r.Name)
	}
	read(p, where, "url", keys, &r.URL)
	address, err := core.NormalizeURL(r.URL)
	p.take(where, err)
	r.URL = address
	read(p, where, "username", keys, &r.Username)
	read(p, where, "proxy", keys, &r.Proxy)
	p.proxy(where, r.Proxy)
	read(p, where, "authority", keys, &r.Authority)
	p.authority(where, r.Authority)
	tables := map[core.Resource]bool{}
	for i, raw := range p.list(where, "resources", keys) {
		t := p.task(core.Say("%s, resource %d", where, i+1), raw)
		if tables[t.Resource] && t.Resource != "" {
			p.wrong("%s names %q twice.", where, string(t.Resource))
		}
		tables[t.Resource] = true
		r.Tasks = append(r.Tasks, t)
	}
	for i, raw := range p.list(where, "schedule", keys) {
		r.Jobs = append(r.Jobs, p.job(core.Say("%s, time %d", where, i+1), raw))
	}
	return r
}

// authority checks that the text holds certificates, and no key.
func (p *parser) authority(where core.Saying, text string) {
	rest, found := []byte(text), false
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			p.wrong("%s: the authority holds something that is not a certificate. Take it out.", where)
			return
		}
		found = true
	}
	if text != "" && !found {
		p.wrong("%s: the authority is not a certificate in PEM form.", where)
	}
}

func (p *parser) task(where core.Saying, data []byte) core.Task {
	keys := p.object(where, data, "table", "mode", "strategy", "update", "conflict", "merge", "filters")
	var f fileResource
	read(p, where, "table", keys, &f.Table)
	if f.Table != "" {
		where = core.Say("%s (%s)", where, f.Table)
	}
	read(p, where, "mode", keys, &f.Mode)
	read(p, where, "strategy", keys, &f.Strategy)
	read(p, where, "update", keys, &f.Update)
	read(p, where, "conflict", keys, &f.Conflict)
	t := core.NewTask(0, core.Resource(f.Table))
	read(p, where, "merge", keys, &t.Merge)
	var err error
	t.Mode, err = core.ParseMode(f.Mode)
	p.take(where, err)
	t.Strategy, err = core.ParseStrategy(f.Strategy)
	p.take(where, err)
	t.Update, err = core.ParsePolicy(f.Update)
	p.take(where, err)
	t.Conflict, err = core.ParsePolicy(f.Conflict)
	p.take(where, err)
	for i, raw := range p.list(where, "filters", keys) {
		at := core.Say("%s, filter %d", where, i+1)
		filter := p.object(at, raw, "table", "query")
		var x fileFilter
		read(p, at, "table", filter, &x.Table)
		read(p, at, "query", filter, &x.Query)
		t.Filters = append(t.Filters, core.Filter{Table: core.Resource(x.Table), Query: x.Query})
	}
	if len(p.faults) == 0 {
		for _, fault := range t.Faults() {
			p.take(where, fault)
		}
	}
	return t
}

func (p *parser) job(where core.Saying, data []byte) core.Job {
	keys := p.object(where, data, "enabled", "every", "cron", "start", "end", "repeats", "timeout")
	var f fileJob
	read(p, where, "every", keys, &f.Every)
	read(p, where, "start", keys, &f.Start)
	read(p, where, "end", keys, &f.End)
	read(p, where, "timeout", keys, &f.Timeout)
	j := core.Job{Enabled: true, Every: p.span(where, f.Every), Timeout: p.span(where, f.Timeout), Start: p.stamp(where, f.Start), End: p.stamp(where, f.End)}
	read(p, where, "enabled", keys, &j.Enabled)
	read(p, where, "cron", keys, &j.Cron)
	read(p, where, "repeats", keys, &j.Repeats)
	if len(p.faults) == 0 {
		for _, fault := range schedule.Faults(j) {
			p.take(where, fault)
		}
	}
	return j
}

func (p *parser) span(where core.Saying, text string) time.Duration {
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		p.wrong("%s: %q is not an interval. Write it as 30m or 24h.", where, text)
	}
	return d
}

func (p *parser) stamp(where core.Saying, text string) core.MTime {
	if text == "" {
		return 0
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		p.wrong("%s: %q is not a date with time. Write it as 2026-06-01T06:00:00Z.", where, text)
		return 0
	}
	return core.MTimeOf(t)
}
