package kernel

import "math"

// BF16 is the value of a bfloat16: the upper half of a float32.
func BF16(x uint16) float32 { return math.Float32frombits(uint32(x) << 16) }

// RoundBF16 is the bfloat16 nearest to x, of two the even one, rounded once.
// What is half a step or more beyond the largest becomes ±Inf; NaN stays NaN and
// zeros keep their sign.
func RoundBF16(x float64) uint16 {
	const (
		infinity = 0x7f80
		quietNaN = 0x7fc0
		shift    = 52 - 7                 // bits of a float64's mantissa that go
		bias     = (1023 - 127) << 52     // between the exponents of the two
		normal   = (1023 - 127 + 1) << 52 // 2⁻¹²⁶, where the full mantissa begins
	)
	bits := math.Float64bits(x)
	sign, size := uint16(bits>>48)&0x8000, bits&^(1<<63)
	switch {
	case x != x:
		return sign | quietNaN
	case size < normal:
		// Multiples of 2⁻¹³³: the product is exact, and rounding up to 2⁷ gives the
		// bits of 2⁻¹²⁶.
		return sign | uint16(math.RoundToEven(math.Abs(x)*(1<<126*(1<<7))))
	default:
		half := uint64(1)<<(shift-1) - 1 + size>>shift&1 // what ties to even
		return sign | uint16(min((size-bias+half)>>shift, infinity))
	}
}
