package twofold

import "math"

// Sum is a sum of about twice the digits of float64: High is the rounded sum of what was
// added, Low the sum of the roundings (Ogita, Rump and Oishi, "Accurate sum and dot product",
// 2005). The zero value is the sum of nothing.
type Sum struct{ High, Low float64 }

// AddProduct adds ab.
func (s *Sum) AddProduct(a, b float64) {
	p := a * b
	e := math.FMA(a, b, -p)
	t := s.High + p
	v := t - s.High
	s.Low += ((s.High - (t - v)) + (p - v)) + e
	s.High = t
}

// AddSum adds another sum.
func (s *Sum) AddSum(o Sum) {
	t := s.High + o.High
	v := t - s.High
	s.Low += ((s.High - (t - v)) + (o.High - v)) + o.Low
	s.High = t
}

// Value is the sum as one number.
func (s Sum) Value() float64 { return s.High + s.Low }
