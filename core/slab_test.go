package core

import "testing"

// What was taken from a Slab is nobody else's until it is emptied, however much there is;
// then the same room is given out again, as far as it is kept.
func TestWhatIsTakenFromASlabIsNobodyElses(t *testing.T) {
	for _, rounds := range []int{1, 10, slabBlocks * 2} {
		var s Slab[int]
		var taken [][]int
		for i := range rounds {
			for _, n := range []int{1, 3, 0, 9} { // of 4 in a block
				one := s.Take(n, 4)
				if len(one) != n || cap(one) != n {
					t.Fatalf("room for %d of %d", len(one), n)
				}
				for j := range one {
					one[j] = 10*i + n
				}
				taken = append(taken, one)
			}
		}
		for i, one := range taken {
			for _, v := range one {
				if v != 10*(i/4)+len(one) {
					t.Fatalf("what was taken as number %d is another's by now: %v", i, one)
				}
			}
		}
		if s.Large() != (rounds > slabBlocks) {
			t.Errorf("large: %v with %d blocks", s.Large(), len(s.blocks))
		}
		s.Empty()
		if len(s.blocks) > slabBlocks {
			t.Errorf("%d blocks are kept", len(s.blocks))
		}
		if again := s.Take(1, 4); &again[0] != &taken[0][0] {
			t.Error("the room is not used again")
		}
		s.Leave()
		if again := s.Take(1, 4); &again[0] == &taken[0][0] {
			t.Error("the room that was left is used again")
		}
	}
}

// Parts that lie beside others do not grow into them.
func TestPartsInARoomKeepToThemselves(t *testing.T) {
	var r PartsRoom
	a, b := r.Parts(2), r.Parts(1)
	for i := range 5 {
		a.Set(partLink(i), Part{Seq: int64(i)})
		b.Set(partLink(10+i), Part{Seq: int64(10 + i)})
	}
	for i := range 5 {
		one, isA := a.Get(partLink(i))
		other, isB := b.Get(partLink(10 + i))
		if !isA || !isB || one.Seq != int64(i) || other.Seq != int64(10+i) || a.Len() != 5 || b.Len() != 5 {
			t.Fatalf("%+v and %+v", a, b)
		}
	}
}
