package operator

import (
	"math/big"

	"lowrank/blas"
	"lowrank/blas/parallel"
	"lowrank/internal/exact"
)

// exactly is the distance with all sums exact but for the final root.
func (d *sparseDistance[T]) exactly() float64 {
	e := &exactElements[T]{sparseDistance: d}
	parallel.Run(d.threads, sparseParts, e)
	p := &exactGrams[T]{sparseDistance: d, sums: make([]*big.Float, d.x.Cols)}
	parallel.Run(d.threads, d.x.Cols, p)
	var terms exact.Sum
	for part := range e.sums {
		terms.AddSum(&e.sums[part])
	}
	square := wide().Set(terms.Float())
	for _, s := range p.sums {
		square.Add(square, s)
	}
	if square.Sign() <= 0 { // below 0 only where products of elements underflow
		return 0
	}
	root, _ := new(big.Float).SetPrec(64).Sqrt(new(big.Float).SetPrec(128).Set(square)).Float64()
	return root
}

// wide is a number that holds products of two sums.
func wide() *big.Float { return new(big.Float).SetPrec(2*exact.Precision + 64) }

// exactElements are the terms a² − 2a·(x·y).
type exactElements[T blas.Float] struct {
	*sparseDistance[T]
	sums [sparseParts]exact.Sum
}

func (e *exactElements[T]) Part(part int) {
	sum := &e.sums[part]
	for i := e.a.cut(part); i < e.a.cut(part+1); i++ {
		x := e.x.Row(i)
		for at := e.a.start[i]; at < e.a.start[i+1]; at++ {
			a := float64(e.a.value[at])
			sum.AddProduct(a, a)
			for j, v := range e.y.Row(int(e.a.index[at])) {
				sum.AddTriple(x[j], v, -2*a)
			}
		}
	}
}

// exactGrams is ⟨XᵀX, YᵀY⟩.
type exactGrams[T blas.Float] struct {
	*sparseDistance[T]
	sums []*big.Float
}

func (p *exactGrams[T]) Part(a int) {
	ofX := exactGramColumn(p.x, a)
	ofY := ofX
	if !same(p.x, p.y) {
		ofY = exactGramColumn(p.y, a)
	}
	sum, two := wide(), big.NewFloat(2)
	for b := range ofX {
		t := wide().Mul(ofX[b].Float(), ofY[b].Float())
		if b != a {
			t.Mul(t, two)
		}
		sum.Add(sum, t)
	}
	p.sums[a] = sum
}

// exactGramColumn is column a of XᵀX down to the diagonal.
func exactGramColumn(x blas.General[float64], a int) []exact.Sum {
	sums := make([]exact.Sum, a+1)
	for i := range x.Rows {
		row := x.Row(i)[:a+1]
		for b, v := range row {
			sums[b].AddProduct(row[a], v)
		}
	}
	return sums
}
