package replicate

import (
	"context"
	"slices"

	"github.com/fieldsync/fieldsync/core"
)

// usualOrder lists tables that others point to, before any data has been seen.
var usualOrder = []core.Resource{
	"gis_location", "org_sector", "org_organisation_type", "org_organisation", "org_office_type", "org_office", "org_facility",
	"cr_shelter_type", "cr_shelter", "inv_warehouse", "hrm_job_title", "pr_person", "hrm_human_resource", "supply_item",
	"project_project", "event_event", "event_incident", "pr_contact", "pr_address", "doc_document", "pr_image",
}

// tasks returns the run's tasks, referenced resources first.
func (r *run) tasks(ctx context.Context) ([]core.Task, error) {
	all, err := r.Store.Tasks(ctx, r.repo.ID)
	if err != nil {
		return nil, err
	}
	refs, err := r.Store.References(ctx)
	if err != nil {
		return nil, err
	}
	r.leads = refs
	all = r.tried(all)
	r.policies = make(map[core.Resource]core.Rules, len(all))
	var chosen []core.Task
	for _, t := range all {
		if t.Mode.Pulls() {
			r.policies[t.Resource] = r.taskRules(t)
		}
		wanted := len(r.opts.Resources) == 0 || slices.Contains(r.opts.Resources, t.Resource)
		if wanted && t.Mode != core.ModeNone && !t.Resource.Private() {
			chosen = append(chosen, t)
		}
	}
	r.brake.planned = parentsFirst(chosen, refs)
	return r.brake.planned, nil
}

// tried puts the tasks that a dry run is to try in place of the stored ones.
func (r *run) tried(stored []core.Task) []core.Task {
	if !r.opts.DryRun {
		return stored
	}
	all := slices.Clone(stored)
	for _, t := range r.opts.Tasks {
		if i := slices.IndexFunc(all, func(s core.Task) bool { return s.Resource == t.Resource }); i >= 0 {
			all[i] = t
		} else {
			all = append(all, t)
		}
	}
	return all
}

// parentsFirst orders tasks so that what others point to comes first. Cycles are
// broken where they are met: the documents carry referenced records anyway.
func parentsFirst(tasks []core.Task, refs map[core.Resource][]core.Resource) []core.Task {
	slices.SortStableFunc(tasks, func(a, b core.Task) int { return usualRank(a.Resource) - usualRank(b.Resource) })
	byResource := make(map[core.Resource]core.Task, len(tasks))
	for _, t := range tasks {
		byResource[t.Resource] = t
	}
	var ordered []core.Task
	seen := make(map[core.Resource]bool)
	var visit func(core.Resource)
	visit = func(res core.Resource) {
		if seen[res] {
			return
		}
		seen[res] = true
		for _, parent := range refs[res] {
			visit(parent)
		}
		if t, ok := byResource[res]; ok {
			ordered = append(ordered, t)
		}
	}
	for _, t := range tasks {
		visit(t.Resource)
	}
	return ordered
}

func usualRank(res core.Resource) int {
	if i := slices.Index(usualOrder, res); i >= 0 {
		return i
	}
	return len(usualOrder)
}
