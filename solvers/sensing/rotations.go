package sensing

import "math"

// scaledColumn is eˡᵒᵍ times a vector of norm 1.
type scaledColumn struct {
	unit []float64
	log  float64
}

// normalize moves the norm into the scale, and says whether there is one.
func (c *scaledColumn) normalize() bool {
	var top float64
	for _, v := range c.unit {
		top = max(top, math.Abs(v))
	}
	if !(top > 0) {
		return false
	}
	var sum float64
	for _, v := range c.unit {
		sum += v / top * (v / top)
	}
	norm := top * math.Sqrt(sum)
	for i := range c.unit {
		c.unit[i] /= norm
	}
	c.log += math.Log(norm)
	return true
}

// scaledColumns are the columns of a matrix, whose sizes may lie apart by more than the range
// of float64.
type scaledColumns []scaledColumn

const (
	mostSweeps = 60
	orthogonal = 4e-16 // cosines that count as none
)

// rotate makes the first k columns orthogonal to each other and to all others by rotations in
// the plane of two, the larger one first: the singular values of the matrix are then those of
// the two parts.
func (m scaledColumns) rotate(k int) {
	for range mostSweeps {
		largest := 0.
		for i := range k {
			for j := i + 1; j < len(m); j++ {
				largest = max(largest, m.rotatePair(i, j))
			}
		}
		if largest <= orthogonal {
			return
		}
	}
}

// rotatePair returns the cosine of the angle that there was between the columns.
func (m scaledColumns) rotatePair(i, j int) (cosine float64) {
	if m[j].log > m[i].log {
		m[i], m[j] = m[j], m[i]
	}
	x, y := &m[i], &m[j]
	for k, v := range x.unit {
		cosine += v * y.unit[k]
	}
	if math.Abs(cosine) <= orthogonal {
		return math.Abs(cosine)
	}
	// With ρ the ratio of sizes, at most 1, the tangent of the rotation is ρτ:
	// ρτ = sign(ζ)/(|ζ| + √(1 + ζ²)), ζ = (ρ² − 1)/(2ρ·cosine).
	ratio := math.Exp(y.log - x.log)
	z := (ratio*ratio - 1) / (2 * cosine)
	tau := math.Copysign(1, z) / (math.Abs(z) + math.Hypot(ratio, z))
	c := 1 / math.Hypot(1, ratio*tau)
	for k, v := range x.unit {
		w := y.unit[k]
		x.unit[k] = c * (v - ratio*ratio*tau*w)
		y.unit[k] = c * (tau*v + w)
	}
	x.normalize()
	if !y.normalize() {
		y.log = math.Inf(-1)
	}
	return math.Abs(cosine)
}
