package testsolvers

import (
	"bytes"
	"fmt"
	"testing"

	"lowrank/blas"
)

// few are the splits of a battery that names none.
var few = []int{0, 1, 23, 53}

// restore: a run that goes on from a saved state has the bits of one that was not
// interrupted, whatever the method that takes the state had done before.
func (s system[M]) restore(t *testing.T, problems []Problem[M], splits []int, fresh bool) {
	if splits == nil {
		splits = few
	}
	end := splits[len(splits)-1]
	for _, backend := range Backends() {
		on := Open(t, backend, 1)
		for _, p := range problems {
			whole := s.make(t, p, on, 1)
			for _, split := range splits[:len(splits)-1] {
				Advance(t, whole, split-whole.Iteration())
				data := save(t, whole)
				var resumed M
				if fresh {
					resumed = s.make(t, p, on, 1)
				} else {
					resumed = s.make(t, p, on, 2)
					Advance(t, resumed, 3)
				}
				if s.use != nil {
					s.use(resumed)
				}
				where := fmt.Sprintf("%s %s at %d", backend, p.Name, split)
				if err := resumed.Restore(data); err != nil {
					t.Fatalf("%s: %v", where, err)
				}
				unbroken := s.make(t, p, on, 1)
				Advance(t, unbroken, split)
				s.same(t, where+", restored", resumed, unbroken)
				Advance(t, resumed, end-split)
				Advance(t, unbroken, end-split)
				s.same(t, where+", at the end", resumed, unbroken)
				if !bytes.Equal(save(t, resumed), save(t, unbroken)) {
					t.Errorf("%s: the states at the end differ", where)
				}
			}
		}
	}
}

func save(t testing.TB, m Method) []byte {
	t.Helper()
	data, err := m.Save()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Foreign is a problem, and others whose states do not fit it: of other shapes, some of as
// many elements.
type Foreign[M Method] struct {
	Problem[M]
	States map[string]func(t testing.TB, on *blas.Backend) Method
}

// foreign: states of another shape, and damaged ones, are refused and change nothing.
func (s system[M]) foreign(t *testing.T, problems []Foreign[M]) {
	for _, backend := range Backends() {
		on := Open(t, backend, 1)
		for _, p := range problems {
			m, same := s.make(t, p.Problem, on, 1), s.make(t, p.Problem, on, 1)
			Advance(t, m, 5)
			Advance(t, same, 5)
			refuse := func(name string, data []byte) {
				t.Helper()
				where := fmt.Sprintf("%s %s, %s", backend, p.Name, name)
				if err := m.Restore(data); err == nil {
					t.Errorf("%s: %d bytes of the state were taken", where, len(data))
				}
				s.same(t, where, m, same)
			}
			refuse("nothing", nil)
			refuse("no state", []byte("hello"))
			own := save(t, m)
			refuse("half of its own", own[:len(own)/2])
			for name, other := range p.States {
				data := save(t, other(t, on))
				refuse(name, data)
				refuse("half of "+name, data[:len(data)/2])
			}
			Advance(t, m, 5)
			Advance(t, same, 5)
			s.same(t, backend+" "+p.Name+" after all of them", m, same)
		}
	}
}

// Identity is a problem, and others that differ from it in one thing each, by its name.
type Identity[M Method] struct {
	Name   string
	Of     func(t testing.TB, on *blas.Backend) M
	Others map[string]func(t testing.TB, on *blas.Backend) Method
}

// fingerprints: a problem has one, another has another, and to take it changes nothing.
func (s system[M]) fingerprints(t *testing.T, problems []Identity[M]) {
	on := Open(t, "native", 1)
	of := func(m Method, extra ...any) string {
		t.Helper()
		f, err := m.Fingerprint(extra...)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, p := range problems {
		m, untouched := p.Of(t, on), p.Of(t, on)
		first := of(m)
		Advance(t, m, 2)
		Advance(t, untouched, 2)
		s.same(t, p.Name+" after its fingerprint", m, untouched)
		if again := of(p.Of(t, on)); again != first {
			t.Errorf("%s: the same problem has the fingerprints %s and %s", p.Name, first, again)
		}
		seen := map[string]string{first: "the first", of(p.Of(t, on), "native"): "extra"}
		if len(seen) != 2 {
			t.Errorf("%s: what is extra does not count", p.Name)
		}
		for name, other := range p.Others {
			h := of(other(t, on))
			if before, ok := seen[h]; ok {
				t.Errorf("%s: another %s has the fingerprint of %s", p.Name, name, before)
			}
			seen[h] = name
		}
	}
}
