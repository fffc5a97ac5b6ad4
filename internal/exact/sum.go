// Package exact sums float64 numbers and their products without rounding, whatever their
// order: sums of which nearly everything cancels keep all their digits, and parts that
// several threads sum add up to the same bits.
package exact

import (
	"math"
	"math/big"
)

// Sum is a sum of float64 numbers: a fixed-point number that spans all of them, in digits of
// 32 bits with their own signs, so that carries can wait (Malcolm, "On accurate
// floating-point summation", 1971). The zero value is the sum of nothing.
type Sum struct {
	digit   [digits]int64
	waiting int // additions since digits were last carried
}

const (
	digitBits = 32
	// lowest is the exponent of the last bit of the least float64.
	lowest = -1074
	// digits reach from 2^lowest beyond 2^1024 by 64 bits, room for 2⁶⁴ of the largest.
	digits = (1024 - lowest + 64 + digitBits - 1) / digitBits
	// mostWaiting additions change a digit by less than 2⁶².
	mostWaiting = 1 << 29
	// Precision holds a Sum, in bits, without rounding.
	Precision = digits * digitBits
)

// Add adds x, which must be finite.
func (s *Sum) Add(x float64) {
	bits := math.Float64bits(x)
	exponent, mantissa := int(bits>>52)&0x7ff, bits&(1<<52-1)
	if exponent == 0 {
		exponent = 1
	} else {
		mantissa |= 1 << 52
	}
	at := exponent - 1 // x is ±mantissa·2^(at + lowest)
	shift := uint(at % digitBits)
	low := mantissa << shift
	high := mantissa >> (64 - shift) // 0 for shift 0
	d := s.digit[at/digitBits:][:3]
	if int64(bits) < 0 {
		d[0] -= int64(low & (1<<digitBits - 1))
		d[1] -= int64(low >> digitBits)
		d[2] -= int64(high)
	} else {
		d[0] += int64(low & (1<<digitBits - 1))
		d[1] += int64(low >> digitBits)
		d[2] += int64(high)
	}
	if s.waiting++; s.waiting == mostWaiting {
		s.carry()
	}
}

// carry leaves less than 2³² in every digit but the last.
func (s *Sum) carry() {
	for i := range digits - 1 {
		c := s.digit[i] >> digitBits
		s.digit[i] -= c << digitBits
		s.digit[i+1] += c
	}
	s.waiting = 1
}

// AddProduct adds ab. It is exact where ab is 0 or at least 2⁻⁹⁶⁰ in size, and finite.
func (s *Sum) AddProduct(a, b float64) {
	p := a * b
	s.Add(p)
	s.Add(math.FMA(a, b, -p))
}

// AddTriple adds abc. It is exact where ab and abc are 0 or at least 2⁻⁹⁰⁰ in size, and
// finite.
func (s *Sum) AddTriple(a, b, c float64) {
	p := a * b
	s.AddProduct(p, c)
	s.AddProduct(math.FMA(a, b, -p), c)
}

// AddSum adds another sum.
func (s *Sum) AddSum(o *Sum) {
	s.carry()
	p := *o
	p.carry()
	for i, d := range p.digit {
		s.digit[i] += d
	}
	s.waiting += p.waiting
}

// Float is the sum, with a precision that holds all of it.
func (s *Sum) Float() *big.Float {
	var z, d big.Int
	for i := digits - 1; i >= 0; i-- {
		z.Lsh(&z, digitBits)
		z.Add(&z, d.SetInt64(s.digit[i]))
	}
	f := new(big.Float).SetPrec(Precision).SetInt(&z)
	return f.SetMantExp(f, lowest)
}
