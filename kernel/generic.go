package kernel

// The generic row: plain Go that runs everywhere, is what every other row is
// compared with, and says in which order sums are formed. A row with fused
// multiply-add rounds once where these functions round twice.
var genericRow = Row{
	Name:  "generic",
	F64:   genericKernels[float64](),
	F32:   genericKernels[float32](),
	Widen: widenGeneric,
	Rounded: [MaxColumns]func(m, n int, a []float32, lda, next int, xi, yi []float64, ldi int, xj, yj []float64, ldj int){
		roundedGeneric(1), roundedGeneric(2), roundedGeneric(3), roundedGeneric(4),
	},
	F32in64:  genericNarrow[float32, float64](),
	BF16in64: genericNarrow[uint16, float64](),
	BF16in32: genericNarrow[uint16, float32](),
}

func genericNarrow[S Stored, T Float]() Narrow[S, T] {
	return Narrow[S, T]{dotsGeneric[S, T], combineGeneric[S, T], normalGeneric[S, T]}
}

func genericKernels[T Float]() Kernels[T] {
	return Kernels[T]{
		Numbers: Numbers{MR: 4, NR: 4, KC: 256, Tile: 120, Lanes: 4},
		Gemm: []func(k int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int){
			gemm1Generic[T], gemm2Generic[T], gemm3Generic[T], gemm4Generic[T],
		},
		Edge: []func(k, w int, a []T, rs, cs int, b []T, ldb int, c []T, ldc int){
			edgeGeneric[T](1), edgeGeneric[T](2), edgeGeneric[T](3), edgeGeneric[T](4),
		},
		Strips:     stripsGeneric[T],
		Interleave: [2]func(k int, a []T, rs int, to []T, width int){interleaveGeneric[T](2), interleaveGeneric[T](4)},
		Gather:     [2]func(k int, a []T, lda int, to []T){gatherGeneric[T](4), gatherGeneric[T](4)},
		Columns: [MaxColumns]func(m, n int, a []T, lda, next int, xi, yi []T, ldi int, xj, yj []T, ldj int){
			columns1Generic[T], columns2Generic[T], columns3Generic[T], columns4Generic[T],
		},
		Forward: [MaxColumns]func(m, n int, a []T, lda, next int, yi []T, ldi int, xj []T, ldj int){
			forwardGeneric[T](1), forwardGeneric[T](2), forwardGeneric[T](3), forwardGeneric[T](4),
		},
		Adjoint: [MaxColumns]func(m, n int, a []T, lda, next int, xi []T, ldi int, yj []T, ldj int){
			adjointGeneric[T](1), adjointGeneric[T](2), adjointGeneric[T](3), adjointGeneric[T](4),
		},
		// NR is Lanes.
		Panel:        [2]func(m, n int, a []T, lda, next int, xi, yi, xj, yj []T){panelGeneric[T], panelGeneric[T]},
		PanelForward: [2]func(m, n int, a []T, lda, next int, yi, xj []T){panelForwardGeneric[T], panelForwardGeneric[T]},
		PanelAdjoint: [2]func(m, n int, a []T, lda, next int, xi, yj []T){panelAdjointGeneric[T], panelAdjointGeneric[T]},
		Update:       [2]func(groups int, eta T, lambda, x, y, g, sums []T){update1Generic[T], update2Generic[T]},
		Diagonal:     [2]func(groups int, eta T, lambda, x, y, g, sums []T){diagonal1Generic[T], diagonal2Generic[T]},
		Finish:       finishGeneric[T],
		ScaleRows:    scaleRowsGeneric[T],
		Dot:          dotGeneric[T],
		Asum:         asumGeneric[T],
		Axpy:         axpyGeneric[T],
		Scal:         scalGeneric[T],
		Dots:         dotsGeneric[T, T],
		Combine:      combineGeneric[T, T],
		Normal:       normalGeneric[T, T],
		Peak:         peakGeneric[T],
		Read:         []func(a []T) T{readGeneric[T]},
	}
}
