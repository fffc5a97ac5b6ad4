package kernel

// The generic row: plain Go that runs everywhere, is what every other row is
// compared with, and says in which order sums are formed. A row with fused
// multiply-add rounds once where these functions round twice.
var genericRow = newRow("generic",
	Numbers{MR: 4, NR: 4, KC: 256, Tile: 120, Lanes: 4},
	Numbers{MR: 4, NR: 4, KC: 256, Tile: 120, Lanes: 4})

// newRow is a row of the given numbers in plain Go, complete. A row in assembly
// starts with it and puts its kernels over the generic ones, one by one.
func newRow(name string, f64, f32 Numbers) Row {
	row := Row{
		Name:     name,
		F64:      genericKernels[float64](f64),
		F32:      genericKernels[float32](f32),
		Widen:    widenGeneric,
		F32in64:  genericNarrow[float32, float64](),
		BF16in64: genericNarrow[uint16, float64](),
		BF16in32: genericNarrow[uint16, float32](),
	}
	for i := range row.Rounded {
		row.Rounded[i] = roundedGeneric(i + 1)
	}
	return row
}

func genericNarrow[S Stored, T Float]() Narrow[S, T] {
	return Narrow[S, T]{dotsGeneric[S, T], combineGeneric[S, T], normalGeneric[S, T], normal2Generic[S, T]}
}

// genericKernels are kernels of the given numbers in plain Go.
//
// The order of sums follows the numbers in three of them: Dot, Asum and Read sum
// over each lane, the i-th element over lane i mod Lanes, in ascending order, and
// add the sums of lanes by laneSum. Every other sum is one chain in ascending
// order, as its function says, whatever the numbers.
func genericKernels[T Float](n Numbers) Kernels[T] {
	k := Kernels[T]{
		Numbers:   n,
		Strips:    stripsGeneric[T](n.MR, n.NR),
		Finish:    finishGeneric[T],
		ScaleRows: scaleRowsGeneric[T],
		Dot:       dotGeneric[T](n.Lanes),
		Asum:      asumGeneric[T](n.Lanes),
		Axpy:      axpyGeneric[T],
		Scal:      scalGeneric[T],
		Dots:      dotsGeneric[T, T],
		Combine:   combineGeneric[T, T],
		Normal:    normalGeneric[T, T],
		Normal2:   normal2Generic[T, T],
		Peak:      peakGeneric[T](n.Lanes),
		Read:      []func(a []T) T{readGeneric[T](n.Lanes)},
	}
	for h := 1; h <= n.MR; h++ {
		k.Gemm = append(k.Gemm, gemmGeneric[T](h, n.NR))
		k.Edge = append(k.Edge, edgeGeneric[T](h))
	}
	for i, rows := range []int{2, 4} {
		k.Interleave[i] = interleaveGeneric[T](rows)
	}
	for i, width := range []int{n.MR, n.NR} {
		k.Gather[i] = gatherGeneric[T](width)
	}
	k.Columns = [MaxColumns]func(m, n int, a []T, lda, next int, xi, yi []T, ldi int, xj, yj []T, ldj int){
		columns1Generic[T], columns2Generic[T], columns3Generic[T], columns4Generic[T],
	}
	for i := range MaxColumns {
		k.Forward[i] = forwardGeneric[T](i + 1)
		k.Adjoint[i] = adjointGeneric[T](i + 1)
	}
	for i, width := range []int{n.Lanes, n.NR} {
		k.Panel[i] = panelGeneric[T](width)
		k.PanelForward[i] = panelForwardGeneric[T](width)
		k.PanelAdjoint[i] = panelAdjointGeneric[T](width)
	}
	for i := range 2 {
		k.Update[i] = updateGeneric[T](i+1, n.Lanes)
		k.Diagonal[i] = diagonalGeneric[T](i+1, n.Lanes)
	}
	return k
}
