package core

import "slices"

// Complete returns theirs with the fields that the document left out because
// they are untouched, so that two versions can be compared field by field. known
// is what the peer had before (the base), or our own version if there is no
// base.
//
// Absent means untouched in S3XML. But Eden's export leaves out what is null, so
// in a full export of a record that has a new stamp, a field that was there
// before and is gone was cleared (spec eden-sync-protocol W9). It is not if the
// stamp did not move (then only the view changed: another controller, other
// rights), nor if it is the component's own link to its master, which nesting
// implies. cleared says that theirs is such an export.
//
// Where some records of a table are asked for, Eden does not say into which other one of it a
// record was merged: the tombstone of a stamp that did not move is the same.
func Complete(theirs, known *Record, cleared bool) Record {
	full := theirs.Clone()
	full.Components = nil
	if full.Deleted || known == nil || known.Deleted {
		if full.Deleted && known != nil && known.Deleted && full.ReplacedBy == "" && full.ModifiedOn == known.ModifiedOn {
			full.ReplacedBy = known.ReplacedBy
		}
		full.dropNulls()
		return full
	}
	moved := theirs.ModifiedOn != known.ModifiedOn
	if !known.Master.IsZero() { // once known it stays: Eden nests some records under several masters
		full.Master, full.Alias = known.Master, known.Alias
		if cleared && moved {
			full.Master = MasterOf(theirs, known)
		}
	}
	full.Fields = slices.DeleteFunc(full.Fields, unresolved)
	for _, f := range known.Fields {
		if _, there := full.Field(f.Name); there {
			continue
		}
		if f.Links(known.Master) && full.Master != known.Master && full.Master == theirs.Master {
			f.Value, f.Text = RefTo(full.Master.Resource, full.Master.UUID), ""
		}
		linksMaster := f.Links(theirs.Master) || f.Links(full.Master)
		if !cleared || !moved || linksMaster {
			full.Fields = append(full.Fields, f)
		}
	}
	full.dropNulls()
	return full
}

// FillIn gives a version the references of known into some tables that it lacks. An Eden that
// is asked for some records of a table only leaves out what points to others of that table:
// that says nothing about it.
func (r *Record) FillIn(known *Record, into map[Resource]bool) {
	if r.Deleted || known == nil || known.Deleted {
		return
	}
	for i := range known.Fields {
		f := &known.Fields[i]
		if f.Value.Kind != Reference && f.Value.Kind != References || !into[Resource(f.Value.Aux)] {
			continue
		}
		if _, is := r.Field(f.Name); !is {
			r.Fields = append(r.Fields, *f)
		}
	}
}

// MasterOf returns what theirs is a component of, which was that of known: another record of
// the same table only if theirs stands below that one by the same name, or if the field by
// which known pointed to its master points there now; where that is not known, as it was
// only seen below it, a super-key. A super-key by which known pointed to its master leads to
// records of other tables, too; what stands below another one is believed only of sites, as an
// Eden nests what belongs to persons below several masters. A merge at an Eden moves the
// components of the record that goes.
func MasterOf(theirs, known *Record) Link {
	if !theirs.Master.IsZero() {
		same := theirs.Master.Resource == known.Master.Resource || slices.ContainsFunc(known.Fields, func(f Field) bool {
			return f.Name == siteKey && f.Links(known.Master) && alike(f.Name, theirs.Master.Resource, known.Master.Resource)
		})
		if same && theirs.Alias == known.Alias {
			return theirs.Master
		}
		return known.Master
	}
	to, keyed := known.Master, false
	for i := range known.Fields {
		f := &known.Fields[i]
		if !f.Links(known.Master) {
			continue
		}
		keyed = true
		now := theirs.Value(f.Name)
		target := Resource(now.Aux)
		if now.Kind != Reference || now.Str == "" || now.Str == known.Master.UUID || target != known.Master.Resource && !alike(f.Name, target, known.Master.Resource) {
			return known.Master
		}
		to = Link{Resource: target, UUID: now.Str}
	}
	for i := range theirs.Fields {
		f := &theirs.Fields[i]
		if _, had := known.Field(f.Name); !keyed && !had && superKeys[f.Name] != "" && f.Value.Str != "" && Resource(f.Value.Aux) == known.Master.Resource {
			to.UUID = f.Value.Str
		}
	}
	return to
}

// FollowKey lets what a person edited go below the record to which its key to the master leads
// now: the field that led to the master before, or one that bears the name of the master's
// table, as the key is implied in what only came below it. By a super-key it goes below a
// record of another table, too: a stock that a shelter had below an office. An Eden goes by
// what a component stands below.
func (r *Record) FollowKey(before *Record) {
	if r.Deleted || before.Master.IsZero() || r.Master != before.Master {
		return
	}
	for i := range r.Fields {
		f := &r.Fields[i]
		was, had := before.Field(f.Name)
		to := Link{Resource: Resource(f.Value.Aux), UUID: f.Value.Str}
		leads := f.Value.Kind == Reference && to.UUID != "" && (to.Resource == before.Master.Resource || alike(f.Name, to.Resource, before.Master.Resource))
		if leads && !f.Links(before.Master) && IsKeyTo(before.Master.Resource, f.Name) && (!had || was.Links(before.Master)) {
			if r.Master = to; to.Resource != before.Master.Resource {
				r.Alias = ""
			}
			return
		}
	}
}

// Follow gives a component the master that theirs, another version of it, has got, and has it
// point there.
func (r *Record) Follow(theirs *Record) {
	for i := range r.Fields {
		f := &r.Fields[i]
		if now, is := theirs.Field(f.Name); f.Links(r.Master) && !(is && now.Links(r.Master)) {
			f.Value, f.Text = RefTo(theirs.Master.Resource, theirs.Master.UUID), ""
		}
	}
	r.Master = theirs.Master
}

// IsKeyTo reports whether a field has the name of a component's key to its master. Below the
// master the key is implied, and not given (spec s3xml-format §7).
func IsKeyTo(master Resource, field string) bool {
	_, name := master.Split()
	return field == name+"_id" || superKeys[field] != ""
}

// alike reports whether a super-key of that name can lead to records of both tables.
func alike(field string, a, b Resource) bool {
	tables := superKeys[field].Instances()
	return slices.Contains(tables, a) && slices.Contains(tables, b)
}

// Links reports whether the field is a reference to that record.
func (f *Field) Links(to Link) bool {
	return f.Value.Kind == Reference && f.Value.Str != "" && f.Value.Str == to.UUID
}

// LinksBy reports whether the named field of the record is a reference to another one.
func (r *Record) LinksBy(name string, to Link) bool {
	f, is := r.Field(name)
	return is && f.Links(to)
}

// unresolved reports whether a reference names no target that means anything
// outside its document (a tuid): such a field says nothing about ours.
func unresolved(f Field) bool { return f.Value.Kind == Reference && f.Value.Str == "" }

// dropNulls removes the fields that are explicitly null: in the store, absent
// is null.
func (r *Record) dropNulls() {
	r.Fields = slices.DeleteFunc(r.Fields, func(f Field) bool { return f.Value.Kind == Null })
}

// Merge combines two versions that grew from base. A field that one side left as
// it was takes the other side's value. clashes names the fields that both sides
// changed to different values, sorted; in the result they have our value.
func Merge(base, ours, theirs *Record) (merged Record, clashes []string) {
	merged = ours.Clone()
	for _, name := range fieldNames(base, ours, theirs) {
		b, o, t := base.Value(name), ours.Value(name), theirs.Value(name)
		switch {
		case SameValue(o, t), SameValue(b, o):
			merged.adopt(theirs, name)
		case SameValue(b, t):
		default:
			clashes = append(clashes, name)
		}
	}
	if ours.Unknown == base.Unknown {
		merged.Unknown = theirs.Unknown
	}
	if slices.Equal(ours.Attrs, base.Attrs) {
		merged.Attrs = slices.Clone(theirs.Attrs)
	}
	return merged, clashes
}

// Echo returns base with the fields in which theirs holds what one of our own
// versions held that came after base, oldest first in sent: the peer has that from
// us, though we never heard that it arrived. Whatever we made of it since is then a
// change of ours alone, and no older text of our own wins over a newer one.
func Echo(base, theirs *Record, sent []Record) Record {
	moved := base.Clone()
	for i := range sent {
		for _, name := range fieldNames(&sent[i]) {
			ours := sent[i].Value(name)
			if SameValue(ours, theirs.Value(name)) && !SameValue(ours, base.Value(name)) {
				moved.adopt(theirs, name)
			}
		}
	}
	return moved
}

// TakeOwner gives r the owner and the owning role that theirs has got since base.
// They are never edited here, so an edit must not bring former ones back: at an Eden
// they decide who may see and change the record. What theirs does not say stays.
func (r *Record) TakeOwner(base, theirs *Record) {
	if theirs.OwnedBy != "" && theirs.OwnedBy != base.OwnedBy {
		r.OwnedBy = theirs.OwnedBy
	}
	if theirs.OwnedGroup != "" && theirs.OwnedGroup != base.OwnedGroup {
		r.OwnedGroup = theirs.OwnedGroup
	}
}

// SameOwner reports whether a and b belong to the same.
func SameOwner(a, b *Record) bool { return a.OwnedBy == b.OwnedBy && a.OwnedGroup == b.OwnedGroup }

// adopt gives r the field as it stands in from, or removes it if from lacks it.
func (r *Record) adopt(from *Record, name string) {
	if f, ok := from.Field(name); ok {
		r.Set(f)
	} else {
		r.Unset(name)
	}
}

func fieldNames(records ...*Record) []string {
	var names []string
	for _, r := range records {
		for i := range r.Fields {
			names = append(names, r.Fields[i].Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Differences returns the names of the fields whose values differ, sorted.
func Differences(a, b *Record) []string {
	return slices.DeleteFunc(fieldNames(a, b), func(name string) bool {
		return SameValue(a.Value(name), b.Value(name))
	})
}

// A Settlement is how a record that both sides changed is settled.
type Settlement struct {
	State   State
	Winner  string // "ours", "theirs", "both", or "" if a person must decide
	Result  Record // what we shall have; not set while a person must decide
	Send    bool   // the result is not what the peer has
	Clashes []string
	Rule    string
}

// Settle decides about a record that both sides changed. base is nil if it is
// not known. Fields that do not clash are merged first, if the rules say so and
// the update policy would take theirs at all; the conflict policy decides the
// rest (DESIGN §5). theirStamp and ourStamp are the versions' stamps on one
// clock.
func (r Rules) Settle(base, ours, theirs *Record, ourStamp, theirStamp Stamp) Settlement {
	if ours.Deleted != theirs.Deleted || ours.Deleted || base == nil || !r.mayMerge(ourStamp, theirStamp) {
		return r.settleWhole(ours, theirs, ourStamp, theirStamp)
	}
	merged, clashes := Merge(base, ours, theirs)
	if len(clashes) == 0 {
		return settleMerged(merged, theirs)
	}
	s := Settlement{State: StateConflict, Clashes: clashes, Rule: "conflict " + r.Conflict.name()}
	switch {
	case r.Conflict == PolicyAsk:
		return s
	case r.Conflict.Accepts(ourStamp, theirStamp):
		s.Winner = "theirs"
		for _, name := range clashes {
			merged.adopt(theirs, name)
		}
	default:
		s.Winner = "ours"
	}
	s.Result, s.Send = merged, !SameContent(&merged, theirs)
	if !s.Send {
		s.Result = theirs.Clone()
	}
	return s
}

// mayMerge reports whether any of their fields may come in at all: THIS never
// takes theirs, MASTER only the originator's.
func (r Rules) mayMerge(ours, theirs Stamp) bool {
	switch r.Update {
	case PolicyThis:
		return false
	case PolicyMaster:
		return r.Merge && r.Update.Accepts(ours, theirs)
	}
	return r.Merge
}

// settleMerged settles what merged without a clash.
func settleMerged(merged Record, theirs *Record) Settlement {
	if SameContent(&merged, theirs) {
		return Settlement{State: StateUpdated, Winner: "theirs", Result: theirs.Clone(), Rule: "contains our changes"}
	}
	return Settlement{State: StateMerged, Winner: "both", Result: merged, Send: true, Rule: "merge"}
}

// settleWhole settles without looking into the record.
func (r Rules) settleWhole(ours, theirs *Record, ourStamp, theirStamp Stamp) Settlement {
	s := Settlement{State: StateConflict, Rule: "conflict " + r.Conflict.name()}
	if ours.Deleted || theirs.Deleted {
		s.Clashes = []string{""}
	} else {
		s.Clashes = Differences(ours, theirs)
	}
	switch {
	case r.Conflict == PolicyAsk:
	case r.Conflict.Accepts(ourStamp, theirStamp):
		s.Winner, s.Result = "theirs", theirs.Clone()
	default:
		s.Winner, s.Result, s.Send = "ours", ours.Clone(), true
	}
	return s
}
