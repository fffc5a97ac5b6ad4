package exact

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// naive is a big.Float that holds what the tests add.
func naive() *big.Float { return new(big.Float).SetPrec(8000) }

func TestSum(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for trial := range 200 {
		var whole, backwards, front, back Sum
		want := naive()
		var all []float64
		spread := []int{1, 60, 500, 2000}[trial%4]
		for range 300 {
			x := math.Ldexp(rnd.NormFloat64(), rnd.IntN(spread)-spread/2)
			all = append(all, x)
			if rnd.IntN(3) == 0 { // cancels but for one bit
				all = append(all, -math.Nextafter(x, 0))
			}
		}
		all = append(all, 0, math.Copysign(0, -1), math.SmallestNonzeroFloat64, -math.MaxFloat64, math.MaxFloat64, math.MaxFloat64)
		for i, x := range all {
			want.Add(want, naive().SetFloat64(x))
			whole.Add(x)
			backwards.Add(all[len(all)-1-i])
			if i%2 == 0 {
				front.Add(x)
			} else {
				back.Add(x)
			}
		}
		front.AddSum(&back)
		for name, s := range map[string]*Sum{"the sum": &whole, "the sum backwards": &backwards, "the sum of two parts": &front} {
			if got := s.Float(); got.Cmp(want) != 0 {
				t.Fatalf("trial %d: %s is %v, want %v", trial, name, got, want)
			}
		}
		whole.carry()
		if got := whole.Float(); got.Cmp(want) != 0 {
			t.Fatalf("trial %d: carried it is %v, want %v", trial, got, want)
		}
		for _, x := range all {
			whole.Add(-x)
		}
		if whole.Float().Sign() != 0 {
			t.Fatalf("trial %d: less all terms %v is left", trial, whole.Float())
		}
	}
}

func TestProducts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		var s Sum
		want := naive()
		for range 200 {
			var v [3]float64
			for i := range v {
				v[i] = math.Ldexp(rnd.NormFloat64(), rnd.IntN(200)-100)
			}
			p := naive().SetFloat64(v[0])
			p.Mul(p, naive().SetFloat64(v[1]))
			s.AddProduct(v[0], v[1])
			want.Add(want, p)
			p.Mul(p, naive().SetFloat64(v[2]))
			s.AddTriple(v[0], v[1], v[2])
			want.Add(want, p)
		}
		if got := s.Float(); got.Cmp(want) != 0 {
			t.Fatalf("the sum is %v, want %v", got, want)
		}
	}
}

// Carries that wait for long lose nothing.
func TestWaiting(t *testing.T) {
	var s Sum
	for range 5 {
		s.Add(math.MaxFloat64)
		s.Add(-0x1p-1000)
		s.waiting = mostWaiting - 1
	}
	want := naive().SetFloat64(math.MaxFloat64)
	want.Sub(want, naive().SetFloat64(0x1p-1000))
	want.Mul(want, big.NewFloat(5))
	if got := s.Float(); got.Cmp(want) != 0 {
		t.Errorf("the sum is %v, want %v", got, want)
	}
}
