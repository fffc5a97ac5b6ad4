package roofline

import (
	"time"

	"lowrank/bench/suite"
)

// Placed is an operation on the roofline.
type Placed struct {
	Name         string
	Family       string
	Bytes, Flops float64 // that a step needs
	Seconds      float64 // median of a step
}

// Intensity is the number of operations for a byte needed from memory.
func (p Placed) Intensity() float64 { return p.Flops / p.Bytes }

// Rate is in floating point operations a second.
func (p Placed) Rate() float64 { return p.Flops / p.Seconds }

// operations are those on the picture, in an order in which neighbours share data.
func operations(q Request) []suite.Operation {
	if !q.Operations {
		return nil
	}
	grid := func(d, r []int) suite.Grid {
		return suite.Grid{
			Size: suite.Standard, Backends: []string{q.Backend.Name}, DTypes: []string{q.DType},
			D: d, R: r, Threads: q.Backend.Threads,
		}
	}
	var list []suite.Operation
	add := func(family string, d, r []int, key, value string) {
		for _, o := range suite.Find(family).Operations(grid(d, r)) {
			if o.Param(key) == value {
				list = append(list, o)
			}
		}
	}
	dense, diagonal, square, sensing, deep := 4000, 100000, 1024, 200, []int{200, 1000}
	if q.Effort.Small {
		dense, diagonal, square, sensing, deep = 240, 2000, 96, 30, []int{40}
	} else if q.Effort.Operation <= Quick.Operation {
		sensing = 100 // random numbers take longer than all the rest
	}
	add("Product", []int{dense}, []int{2, 8}, "sigma", "dense")
	add("SymmetricStep", []int{dense}, []int{1, 2, 8, 64}, "sigma", "dense")
	add("SymmetricStep", []int{diagonal}, []int{2}, "sigma", "diagonal")
	add("Update", []int{diagonal}, []int{2, 8}, "dtype", q.DType)
	add("AsymmetricStep", []int{dense}, []int{8}, "dtype", q.DType)
	add("SensingStep", []int{sensing}, []int{5}, "storage", "wide")
	add("DeepStep", deep, nil, "depth", "3")
	add("Level3", []int{square}, nil, "dtype", q.DType)
	return list
}

// place times an operation.
func (r *Roofline) place(o suite.Operation, d time.Duration) error {
	w, err := o.Prepare()
	if err != nil {
		return err
	}
	seconds, _, err := w.Time(d)
	if err != nil {
		return err
	}
	r.Placed = append(r.Placed, Placed{Name: o.Name(), Family: o.Family, Bytes: w.Bytes, Flops: w.Flops, Seconds: seconds})
	return nil
}

// Share is the least time that the limits allow, of the time taken. Where data
// stays in cache from step to step it may pass 1.
func (r *Roofline) Share(p Placed) float64 {
	return r.Limits().Bound(p.Bytes, p.Flops, r.DType) / p.Seconds
}

// BoundBy is "memory" or "peak".
func (r *Roofline) BoundBy(p Placed) string {
	l := r.Limits()
	if p.Bytes/l.Bandwidth >= p.Flops/l.Peak(r.DType) {
		return "memory"
	}
	return "peak"
}
