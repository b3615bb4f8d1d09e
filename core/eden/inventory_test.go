package eden

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/fieldsync/fieldsync/core"
	"github.com/fieldsync/fieldsync/core/eden/edentest"
	"github.com/fieldsync/fieldsync/core/replicate"
)

func inventory(p *Peer, task core.Task) (map[core.Link]core.InventoryLine, error) {
	out := map[core.Link]core.InventoryLine{}
	err := p.Inventory(context.Background(), task, func(l core.InventoryLine) error {
		if _, ok := out[l.Link]; ok {
			return fmt.Errorf("%s came twice", l.UUID)
		}
		out[l.Link] = l
		return nil
	})
	return out, err
}

func TestInventoryListsRecordsComponentsAndTombstones(t *testing.T) {
	s, p := connect(t)
	person := core.Record{Resource: "pr_person", UUID: "urn:uuid:p", ModifiedOn: at(1)}
	person.Set(core.Field{Name: "first_name", Value: core.Text("Ann")})
	person.Components = []core.Record{{Resource: "pr_contact", UUID: "urn:uuid:c", ModifiedOn: at(7)}}
	gone := core.Record{Resource: "pr_person", UUID: "urn:uuid:gone", ModifiedOn: at(3), Deleted: true}
	s.Put(person, gone)
	s.AddAccount(person.UUID, "ann@example.org")
	got, err := inventory(p, core.NewTask(1, "pr_person"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []core.InventoryLine{
		{Link: person.Link(), ModifiedOn: at(1)}, {Link: person.Components[0].Link(), ModifiedOn: at(7), Master: person.Link()}, {Link: gone.Link(), ModifiedOn: at(3), Deleted: true},
	} {
		if got[want.Link] != want {
			t.Errorf("%s: %+v, want %+v", want.UUID, got[want.Link], want)
		}
	}
	for l := range got {
		if l.Resource.Private() {
			t.Errorf("%v is listed", l)
		}
	}
	r := s.Requests()[0]
	if r.Path != "/pr/person.xml" || r.RawQuery != "fields=None&references=None&maxdepth=0&show_urls=false&include_deleted=True&msince=1970-01-01T00:00:00&start=0&limit=1000" {
		t.Errorf("asked %s?%s", r.Path, r.RawQuery)
	}
}

func TestInventoryGoesThroughAllPages(t *testing.T) {
	for _, n := range []int{0, 1, inventoryPage - 1, inventoryPage, inventoryPage + 1, 2*inventoryPage + 500} {
		s, p := connect(t)
		for i := range n {
			s.Put(office(fmt.Sprintf("urn:uuid:%d", i), "Office", i%7))
		}
		got, err := inventory(p, core.NewTask(1, "org_office"))
		if err != nil || len(got) != n {
			t.Errorf("%d of %d records, %v", len(got), n, err)
		}
	}
}

func TestInventoryMissesNothingWhenRecordsMoveBetweenPages(t *testing.T) {
	s, p := connect(t)
	for i := range inventoryPage + 200 {
		s.Put(office(fmt.Sprintf("urn:uuid:%d", i), "Office", i))
	}
	hidden := false
	s.NativeHides(func(l core.Link) bool { return hidden && l.UUID >= "urn:uuid:5" })
	seen, n := map[string]bool{}, 0
	err := p.Inventory(context.Background(), core.NewTask(1, "org_office"), func(l core.InventoryLine) error {
		if n++; n == inventoryPage {
			hidden = true // some records leave the list: all others move forward
		}
		if seen[l.UUID] {
			t.Errorf("%s came twice", l.UUID)
		}
		seen[l.UUID] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range inventoryPage + 200 {
		if id := fmt.Sprintf("urn:uuid:%d", i); id < "urn:uuid:5" && !seen[id] {
			t.Errorf("%s was missed", id)
		}
	}
}

func TestInventoryOfAPeerThatIgnoresPagesEnds(t *testing.T) {
	s, p := connect(t)
	s.IgnorePaging()
	for i := range inventoryPage + 5 {
		s.Put(office(fmt.Sprintf("urn:uuid:%d", i), "Office", i))
	}
	got, err := inventory(p, core.NewTask(1, "org_office"))
	if err != nil || len(got) != inventoryPage+5 || len(s.Requests()) != 1 {
		t.Errorf("%d records in %d requests, %v", len(got), len(s.Requests()), err)
	}
}

func TestInventoryThatIsNotPossible(t *testing.T) {
	for _, fault := range []edentest.Fault{edentest.Status(404), edentest.Status(403), edentest.Status(500), edentest.Reply(200, "text/html", "<html></html>"), edentest.Redirect("/eden/default/index")} {
		s, p := connect(t)
		s.Inject(-1, fault)
		_, err := inventory(p, core.NewTask(1, "org_office"))
		wantKind(t, err, core.UnknownResource)
	}
	s, p := connect(t)
	s.SetPassword("other")
	_, err := inventory(p, core.NewTask(1, "org_office"))
	wantKind(t, err, core.Unauthorized)
}

func TestInventoryIsFilteredLikeTheTask(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "Afghan Aid", 1), office("urn:uuid:b", "Bread", 2))
	task := core.NewTask(1, "org_office")
	task.Filters = []core.Filter{{Query: "~.name__like=A*"}, {Table: "gis_location", Query: "~.level=L0"}}
	got, err := inventory(p, task)
	if err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

func TestAnErrorOfTheReceiverEndsTheInventory(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:a", "A", 1))
	stop := errors.New("stop")
	if err := p.Inventory(context.Background(), core.NewTask(1, "org_office"), func(core.InventoryLine) error { return stop }); err != stop {
		t.Errorf("err = %v", err)
	}
}

func TestInventoryOfAPeerWithAWildOrderEnds(t *testing.T) {
	s, p := connect(t)
	for i := range 2 * inventoryPage {
		s.Put(office(fmt.Sprintf("urn:uuid:%d", i), "Office", i))
	}
	n := 0
	s.NativeHides(func(core.Link) bool { n++; return n%3 == 0 }) // others at every request
	if err := p.Inventory(context.Background(), core.NewTask(1, "org_office"), func(core.InventoryLine) error { return nil }); err != nil {
		t.Error(err)
	}
	if n := len(s.Requests()); n > 2*maxSteps+4 {
		t.Errorf("%d requests", n)
	}
}

func TestWhatArrivesLateBelowTheMarkerIsSeenByTheInventoryOnly(t *testing.T) {
	s, p := connect(t)
	s.Put(office("urn:uuid:young", "Young", 1000))
	// A third laptop pushes a record it edited long ago.
	if _, err := p.Push(context.Background(), pushOf(office("urn:uuid:late", "Late", 5))); err != nil {
		t.Fatal(err)
	}
	got, err := pull(p, replicate.PullRequest{Resource: "org_office", Since: at(1000)})
	if err != nil || len(got.masters) != 1 {
		t.Errorf("the pull has %v, %v", uuids(got.masters), err)
	}
	all, err := inventory(p, core.NewTask(1, "org_office"))
	if err != nil || len(all) != 2 {
		t.Errorf("the inventory has %v, %v", all, err)
	}
}

func TestWhetherATableIsLargerIsAskedWithOneLine(t *testing.T) {
	s, p := connect(t)
	for i := range 12 {
		s.Put(office(fmt.Sprintf("urn:uuid:%d", i), "Office", i))
	}
	task := core.NewTask(1, "org_office")
	for n, want := range map[int]bool{0: true, 11: true, 12: false, 1000: false} {
		if got, err := p.Exceeds(context.Background(), task, n); err != nil || got != want {
			t.Errorf("more than %d of 12: %v, %v", n, got, err)
		}
	}
	s.IgnorePaging()
	if _, err := p.Exceeds(context.Background(), task, 11); !core.IsKind(err, core.UnknownResource) {
		t.Errorf("a server without pages cannot tell: %v", err)
	}
	s.NoNative("org_office")
	if _, err := p.Exceeds(context.Background(), task, 11); !core.IsKind(err, core.UnknownResource) {
		t.Errorf("a table without a controller of its own: %v", err)
	}
}
