package roofline

import "lowrank/bench/suite"

// Placed is an operation on the roofline.
type Placed struct {
	Name         string
	Family       string
	Bytes, Flops float64 // that a step needs
	Seconds      float64 // median of a step
}

// intensity is the number of operations for a byte needed from memory.
func (p Placed) intensity() float64 { return p.Flops / p.Bytes }

// rate is in floating point operations a second.
func (p Placed) rate() float64 { return p.Flops / p.Seconds }

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
