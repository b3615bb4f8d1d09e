package core

import (
	"fmt"
	"slices"
	"testing"
)

func partLink(i int) Link { return Link{"pr_contact", fmt.Sprint(i)} }

func partLinks(p Parts) (links []Link) {
	for l := range p.All() {
		links = append(links, l)
	}
	return links
}

func TestPartsAreFoundHoweverManyThereAre(t *testing.T) {
	for _, n := range []int{0, 1, fewParts, fewParts + 1, 1000} {
		var p Parts
		p.Grow(n / 2)
		var want []Link
		for i := range n {
			p.Set(partLink(i), Part{Seq: int64(i)})
			want = append(want, partLink(i))
		}
		for i := range n {
			if part, ok := p.Get(partLink(i)); !ok || part.Seq != int64(i) {
				t.Fatalf("%d parts: number %d is %+v, %v", n, i, part, ok)
			}
		}
		if _, ok := p.Get(partLink(n)); ok || p.Len() != n || !slices.Equal(partLinks(p), want) {
			t.Errorf("%d parts: %d, %v", n, p.Len(), partLinks(p))
		}
	}
}

func TestASecondPartOfARecordTakesTheFirstOnesPlace(t *testing.T) {
	for _, n := range []int{2, fewParts + 2} {
		var p Parts
		for i := range n {
			p.Set(partLink(i), Part{})
		}
		p.Set(partLink(1), Part{Seq: 7})
		if part, _ := p.Get(partLink(1)); part.Seq != 7 || p.Len() != n {
			t.Errorf("%+v, %d parts", part, p.Len())
		}
	}
}

func TestPartsThatAreLeftOutAreNotMissedByTheOthers(t *testing.T) {
	for _, n := range []int{3, fewParts + 1, 100} {
		var p Parts
		for i := range n {
			p.Set(partLink(i), Part{Seq: int64(i)})
		}
		before := p
		p.DeleteFunc(func(l Link) bool { return l == partLink(0) || l == partLink(2) })
		if _, ok := p.Get(partLink(2)); ok || p.Len() != n-2 {
			t.Errorf("%d parts: %d are left", n, p.Len())
		}
		if part, ok := p.Get(partLink(n - 1)); n > 3 && (!ok || part.Seq != int64(n-1)) {
			t.Errorf("%d parts: the last is %+v", n, part)
		}
		if !slices.Contains(partLinks(before), partLink(2)) || before.Len() != n {
			t.Error("a copy lost its parts")
		}
	}
}
