package matio

import (
	"math"
	"testing"
)

// stored is an array of this shape in either order, whose elements in C order
// are data.
func stored[T float32 | float64](t *testing.T, fortran bool, shape []int, data []T) *Array {
	t.Helper()
	dtype := F8
	if _, ok := any(data).([]float32); ok {
		dtype = F4
	}
	if fortran {
		data = fortranOrder(shape, data)
	}
	return parsed(t, "S.npy", npy(1, dict(dtype.String(), fortran, tuple(shape)), data))
}

func TestCheckFinite(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	type at struct {
		k int // in C order
		x float64
	}
	for _, c := range []struct {
		name  string
		shape []int
		bad   []at
		want  string
	}{
		{"none", []int{100, 90}, nil, ""},
		{"none, empty", []int{0, 3}, nil, ""},
		{"one", []int{100, 90}, []at{{3*90 + 17, nan}}, "S.npy: element (3, 17) is NaN; every element must be finite"},
		{"first by rows", []int{100, 90}, []at{{3*90 + 17, inf}, {50 * 90, nan}}, "S.npy: element (3, 17) is +Inf; every element must be finite"},
		{"two in a row", []int{100, 90}, []at{{99*90 + 88, -inf}, {99*90 + 89, nan}}, "S.npy: element (99, 88) is -Inf; every element must be finite"},
		{"vector", []int{9000}, []at{{8999, nan}}, "S.npy: element (8999,) is NaN; every element must be finite"},
		{"scalar", nil, []at{{0, nan}}, "S.npy: element () is NaN; every element must be finite"},
		{"three dimensions", []int{3, 4, 5}, []at{{1*20 + 2*5 + 3, nan}, {2 * 20, inf}}, "S.npy: element (1, 2, 3) is NaN; every element must be finite"},
	} {
		for _, fortran := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				wide, narrow := ramp[float64](product(c.shape)), ramp[float32](product(c.shape))
				for k := range wide { // the largest magnitude is negative
					wide[k], narrow[k] = -wide[k], -narrow[k]
				}
				for _, b := range c.bad {
					wide[b.k], narrow[b.k] = b.x, float32(b.x)
				}
				for _, a := range []*Array{stored(t, fortran, c.shape, wide), stored(t, fortran, c.shape, narrow)} {
					got, err := CheckFinite(a)
					if c.want != "" {
						wantSentence(t, err, c.want)
						continue
					}
					if want := max(0, float64(a.Len())-0.5); got != want || err != nil {
						t.Errorf("%v, %v, want %v", got, err, want)
					}
				}
			})
		}
	}
}

func TestCheckFiniteAtTheLimits(t *testing.T) {
	a := stored(t, false, []int{2}, []float64{5e-324, -math.MaxFloat64})
	if got, err := CheckFinite(a); got != math.MaxFloat64 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func symmetric(n int) []float64 {
	s := make([]float64, n*n)
	for i := range n {
		for j := range n {
			s[i*n+j] = float64(1 + (i+j)*(i*j+3)%101)
		}
	}
	return s
}

func TestCheckSymmetric(t *testing.T) {
	nan := math.NaN()
	type at struct {
		i, j int
		x    float64
	}
	for _, c := range []struct {
		name string
		n    int
		set  []at
		tol  float64
		want string
	}{
		{"empty", 0, nil, 0, ""},
		{"one element", 1, nil, 0, ""},
		{"one tile", 64, nil, 0, ""},
		{"several tiles", 150, nil, 0, ""},
		{"one pair", 6, []at{{0, 5, 1}, {5, 0, 2}}, 1e-12,
			"S.npy is not symmetric: element (0, 5) is 1 but (5, 0) is 2, 1·max|a| apart; at most 1e-12·max|a| was expected"},
		{"within the tolerance", 150, []at{{0, 140, 1}, {140, 0, 1.5}}, 0.5, ""},
		{"over the tolerance", 150, []at{{0, 140, 1}, {140, 0, 1.75}}, 0.5,
			"S.npy is not symmetric: element (0, 140) is 1 but (140, 0) is 1.75, 0.75·max|a| apart; at most 0.5·max|a| was expected"},
		{"exact", 3, []at{{1, 2, 1}, {2, 1, math.Nextafter(1, 2)}}, 0,
			"S.npy is not symmetric: element (1, 2) is 1 but (2, 1) is 1.0000000000000002, 2.22e-16·max|a| apart; at most 0·max|a| was expected"},
		{"a later tile has the first of two that differ alike", 150, []at{{3, 4, 0}, {4, 3, 14}, {2, 149, -7}, {149, 2, 7}}, 0,
			"S.npy is not symmetric: element (2, 149) is -7 but (149, 2) is 7, 14·max|a| apart; at most 0·max|a| was expected"},
		{"first within a row", 150, []at{{2, 10, -1}, {2, 149, 0}, {149, 2, 2}, {10, 2, 1}}, 0,
			"S.npy is not symmetric: element (2, 10) is -1 but (10, 2) is 1, 2·max|a| apart; at most 0·max|a| was expected"},
		{"first among several rows", 150, []at{{70, 71, -1}, {71, 70, 3}, {149, 148, 1}, {148, 149, 5}}, 0,
			"S.npy is not symmetric: element (70, 71) is -1 but (71, 70) is 3, 4·max|a| apart; at most 0·max|a| was expected"},
		{"last pair", 130, []at{{128, 129, 0}, {129, 128, 4}}, 0,
			"S.npy is not symmetric: element (128, 129) is 0 but (129, 128) is 4, 4·max|a| apart; at most 0·max|a| was expected"},
		{"the one that differs most", 150, []at{{0, 1, 0}, {1, 0, 1}, {100, 3, 0}, {3, 100, 2}, {148, 149, 0}, {149, 148, -1}}, 0.5,
			"S.npy is not symmetric: element (3, 100) is 2 but (100, 3) is 0, 2·max|a| apart; at most 0.5·max|a| was expected"},
		{"NaN before what differs more", 150, []at{{70, 71, nan}, {0, 149, 5}, {149, 0, -5}, {3, 4, nan}}, 0.5,
			"S.npy is not symmetric: element (3, 4) is NaN but (4, 3) is 5, NaN·max|a| apart; at most 0.5·max|a| was expected"},
		{"NaN on both sides", 3, []at{{0, 1, nan}, {1, 0, nan}}, 1,
			"S.npy is not symmetric: element (0, 1) is NaN but (1, 0) is NaN, NaN·max|a| apart; at most 1·max|a| was expected"},
		{"difference that overflows", 2, []at{{0, 1, math.MaxFloat64}, {1, 0, -math.MaxFloat64}}, 1,
			"S.npy is not symmetric: element (0, 1) is 1.7976931348623157e+308 but (1, 0) is -1.7976931348623157e+308, +Inf·max|a| apart; at most 1·max|a| was expected"},
	} {
		for _, fortran := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				s := symmetric(c.n)
				for _, e := range c.set {
					s[e.i*c.n+e.j] = e.x
				}
				err := CheckSymmetric(stored(t, fortran, []int{c.n, c.n}, s), c.tol, 1)
				if c.want != "" {
					wantSentence(t, err, c.want)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestCheckSymmetricInSinglePrecision(t *testing.T) {
	err := CheckSymmetric(stored(t, false, []int{2, 2}, []float32{1, 0.1, 0.2, 1}), 1e-6, 20)
	wantSentence(t, err, "S.npy is not symmetric: element (0, 1) is 0.1 but (1, 0) is 0.2, 0.005·max|a| apart; at most 1e-06·max|a| was expected")
}

func TestCheckSymmetricShape(t *testing.T) {
	err := CheckSymmetric(stored(t, false, []int{2, 3}, ramp[float64](6)), 0, 1)
	wantSentence(t, err, "S.npy: the matrix has the shape (2, 3); as many rows as columns were expected")
	err = CheckSymmetric(stored(t, false, []int{6}, ramp[float64](6)), 0, 1)
	wantSentence(t, err, "S.npy: the array has the shape (6,); a matrix with two dimensions was expected")
}
