package kernel

import (
	"math"
	"unsafe"
)

// laneSum adds the sums of lanes, a power of two of them: those of neighbours,
// then those of neighbouring pairs, and so on. The first is sum(first).
func laneSum[T Float](first, lanes int, sum func(lane int) T) T {
	if lanes == 1 {
		return sum(first)
	}
	half := lanes / 2
	return laneSum(first, half, sum) + laneSum(first+half, half, sum)
}

// dotGeneric sums over lanes, as genericKernels says.
func dotGeneric[T Float](lanes int) func(n int, x, y []T) T {
	if lanes == 4 {
		return dotOf4[T]
	}
	return func(n int, x, y []T) T {
		return laneSum(0, lanes, func(lane int) (s T) {
			for i := lane; i < n; i += lanes {
				s += x[i] * y[i]
			}
			return s
		})
	}
}

// dotOf4 keeps the sums of four lanes in registers.
func dotOf4[T Float](n int, x, y []T) T {
	var s0, s1, s2, s3 T
	x, y = x[:n], y[:n]
	for ; len(x) >= 4 && len(y) >= 4; x, y = x[4:], y[4:] {
		s0 += x[0] * y[0]
		s1 += x[1] * y[1]
		s2 += x[2] * y[2]
		s3 += x[3] * y[3]
	}
	return (s0 + s1) + (s2 + s3)
}

func asumGeneric[T Float](lanes int) func(n int, x []T) T {
	if lanes == 4 {
		return asumOf4[T]
	}
	return func(n int, x []T) T {
		return laneSum(0, lanes, func(lane int) (s T) {
			for i := lane; i < n; i += lanes {
				s += T(math.Abs(float64(x[i])))
			}
			return s
		})
	}
}

func asumOf4[T Float](n int, x []T) T {
	var s0, s1, s2, s3 T
	for x = x[:n]; len(x) >= 4; x = x[4:] {
		s0 += T(math.Abs(float64(x[0])))
		s1 += T(math.Abs(float64(x[1])))
		s2 += T(math.Abs(float64(x[2])))
		s3 += T(math.Abs(float64(x[3])))
	}
	return (s0 + s1) + (s2 + s3)
}

func axpyGeneric[T Float](n int, alpha T, x, y []T) {
	y = y[:n]
	for i, v := range x[:n] {
		y[i] += alpha * v
	}
}

func scalGeneric[T Float](n int, alpha T, x []T) {
	x = x[:n]
	for i := range x {
		x[i] *= alpha
	}
}

// widened is an element in the type of the arithmetic, exactly.
func widened[S Stored, T Float](v S) T {
	if unsafe.Sizeof(v) == 2 { // the compiler knows
		return T(BF16(uint16(v)))
	}
	return T(v)
}

func dotsGeneric[S Stored, T Float](n int, a []S, lda int, x, out []T) {
	var s0, s1, s2, s3 T
	a0, a1, a2, a3 := a[:n], a[lda:][:n], a[2*lda:][:n], a[3*lda:][:n]
	for j, v := range x[:n] {
		s0 += widened[S, T](a0[j]) * v
		s1 += widened[S, T](a1[j]) * v
		s2 += widened[S, T](a2[j]) * v
		s3 += widened[S, T](a3[j]) * v
	}
	out[0] += s0
	out[1] += s1
	out[2] += s2
	out[3] += s3
}

func combineGeneric[S Stored, T Float](n int, a []S, lda int, c, y []T) {
	c0, c1, c2, c3 := c[0], c[1], c[2], c[3]
	a0, a1, a2, a3 := a[:n], a[lda:][:n], a[2*lda:][:n], a[3*lda:][:n]
	y = y[:n]
	for j := range y {
		y[j] += (c0*widened[S, T](a0[j]) + c1*widened[S, T](a1[j])) + (c2*widened[S, T](a2[j]) + c3*widened[S, T](a3[j]))
	}
}

func normalGeneric[S Stored, T Float](n int, a []S, lda int, x, out []T, b []S, ldb int, c, y []T) {
	dotsGeneric(n, a, lda, x, out)
	combineGeneric(n, b, ldb, c, y)
}

func normal2Generic[S Stored, T Float](n int, a []S, lda int, b []S, ldb int, x1, out1, c1, y1, x2, out2, c2, y2 []T) {
	normalGeneric(n, a, lda, x1, out1, b, ldb, c1, y1)
	normalGeneric(n, a, lda, x2, out2, b, ldb, c2, y2)
}

func widenGeneric(n int, x []float32, to []float64) {
	to = to[:n]
	for i, v := range x[:n] {
		to[i] = float64(v)
	}
}

// peakGeneric counts multiply-adds on vectors as the others do: lanes of them, of
// which eight go by together.
func peakGeneric[T Float](lanes int) func(rounds int) {
	return func(rounds int) {
		var s0, s1, s2, s3, s4, s5, s6, s7 T
		x := T(rounds)
		for range rounds * PeakChains * lanes / 8 {
			s0 += x * s0
			s1 += x * s1
			s2 += x * s2
			s3 += x * s3
			s4 += x * s4
			s5 += x * s5
			s6 += x * s6
			s7 += x * s7
		}
		if s0+s1+s2+s3+s4+s5+s6+s7 != 0 {
			panic("kernel: the sum of zeros is not zero") // keeps the loop alive
		}
	}
}

func readGeneric[T Float](lanes int) func(a []T) T {
	if lanes == 4 {
		return readOf4[T]
	}
	return func(a []T) T {
		return laneSum(0, lanes, func(lane int) (s T) {
			for i := lane; i < len(a); i += lanes {
				s += a[i]
			}
			return s
		})
	}
}

func readOf4[T Float](a []T) T {
	var s0, s1, s2, s3 T
	for ; len(a) >= 4; a = a[4:] {
		s0 += a[0]
		s1 += a[1]
		s2 += a[2]
		s3 += a[3]
	}
	return (s0 + s1) + (s2 + s3)
}
