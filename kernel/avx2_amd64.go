//go:build !purego

package kernel

var avx2Row = Row{
	Name:  "avx2",
	Widen: widenAVX2F64,
	Rounded: [MaxColumns]func(m, n int, a []float32, lda, next int, xi, yi []float64, ldi int, xj, yj []float64, ldj int){
		rounded1AVX2F64, rounded2AVX2F64, rounded3AVX2F64, rounded4AVX2F64,
	},
	F32in64:  Narrow[float32, float64]{dotsOfF32AVX2F64, combineOfF32AVX2F64, normalOfF32AVX2F64},
	BF16in64: Narrow[uint16, float64]{dotsOfBF16AVX2F64, combineOfBF16AVX2F64, normalOfBF16AVX2F64},
	BF16in32: Narrow[uint16, float32]{dotsOfBF16AVX2F32, combineOfBF16AVX2F32, normalOfBF16AVX2F32},
	F64: Kernels[float64]{
		Numbers: Numbers{MR: 6, NR: 8, KC: 320, Tile: 120, Lanes: 4},
		Gemm: []func(k int, a []float64, rs, cs int, b []float64, ldb int, c []float64, ldc int){
			gemm1AVX2F64, gemm2AVX2F64, gemm3AVX2F64, gemm4AVX2F64,
			gemm5AVX2F64, gemm6AVX2F64,
		},
		Edge: []func(k, w int, a []float64, rs, cs int, b []float64, ldb int, c []float64, ldc int){
			edge1AVX2F64, edge2AVX2F64, edge3AVX2F64, edge4AVX2F64,
			edge5AVX2F64, edge6AVX2F64,
		},
		Strips:     stripsAVX2F64,
		Interleave: [2]func(k int, a []float64, rs int, to []float64, width int){interleave2AVX2F64, interleave4AVX2F64},
		Gather:     [2]func(k int, a []float64, lda int, to []float64){gather6AVX2F64, gather8AVX2F64},
		Columns: [MaxColumns]func(m, n int, a []float64, lda, next int, xi, yi []float64, ldi int, xj, yj []float64, ldj int){
			columns1AVX2F64, columns2AVX2F64, columns3AVX2F64, columns4AVX2F64,
		},
		Forward: [MaxColumns]func(m, n int, a []float64, lda, next int, yi []float64, ldi int, xj []float64, ldj int){
			forward1AVX2F64, forward2AVX2F64, forward3AVX2F64, forward4AVX2F64,
		},
		Adjoint: [MaxColumns]func(m, n int, a []float64, lda, next int, xi []float64, ldi int, yj []float64, ldj int){
			adjoint1AVX2F64, adjoint2AVX2F64, adjoint3AVX2F64, adjoint4AVX2F64,
		},
		Panel:        [2]func(m, n int, a []float64, lda, next int, xi, yi, xj, yj []float64){panel1AVX2F64, panel2AVX2F64},
		PanelForward: [2]func(m, n int, a []float64, lda, next int, yi, xj []float64){panelForward1AVX2F64, panelForward2AVX2F64},
		PanelAdjoint: [2]func(m, n int, a []float64, lda, next int, xi, yj []float64){panelAdjoint1AVX2F64, panelAdjoint2AVX2F64},
		Update:       [2]func(groups int, eta float64, lambda, x, y, g, sums []float64){update1AVX2F64, update2AVX2F64},
		Diagonal:     [2]func(groups int, eta float64, lambda, x, y, g, sums []float64){diagonal1AVX2F64, diagonal2AVX2F64},
		Finish:       finishAVX2F64,
		ScaleRows:    scaleRowsAVX2F64,
		Dot:          dotAVX2F64,
		Asum:         asumAVX2F64,
		Axpy:         axpyAVX2F64,
		Scal:         scalAVX2F64,
		Dots:         dotsAVX2F64,
		Combine:      combineAVX2F64,
		Normal:       normalAVX2F64,
		Peak:         peakAVX2F64,
		Read:         []func(a []float64) float64{read1AVX2F64, read4AVX2F64},
	},
	F32: Kernels[float32]{
		Numbers: Numbers{MR: 6, NR: 16, KC: 320, Tile: 120, Lanes: 8},
		Gemm: []func(k int, a []float32, rs, cs int, b []float32, ldb int, c []float32, ldc int){
			gemm1AVX2F32, gemm2AVX2F32, gemm3AVX2F32, gemm4AVX2F32,
			gemm5AVX2F32, gemm6AVX2F32,
		},
		Edge: []func(k, w int, a []float32, rs, cs int, b []float32, ldb int, c []float32, ldc int){
			edge1AVX2F32, edge2AVX2F32, edge3AVX2F32, edge4AVX2F32,
			edge5AVX2F32, edge6AVX2F32,
		},
		Strips:     stripsAVX2F32,
		Interleave: [2]func(k int, a []float32, rs int, to []float32, width int){interleave2AVX2F32, interleave4AVX2F32},
		Gather:     [2]func(k int, a []float32, lda int, to []float32){gather6AVX2F32, gather16AVX2F32},
		Columns: [MaxColumns]func(m, n int, a []float32, lda, next int, xi, yi []float32, ldi int, xj, yj []float32, ldj int){
			columns1AVX2F32, columns2AVX2F32, columns3AVX2F32, columns4AVX2F32,
		},
		Forward: [MaxColumns]func(m, n int, a []float32, lda, next int, yi []float32, ldi int, xj []float32, ldj int){
			forward1AVX2F32, forward2AVX2F32, forward3AVX2F32, forward4AVX2F32,
		},
		Adjoint: [MaxColumns]func(m, n int, a []float32, lda, next int, xi []float32, ldi int, yj []float32, ldj int){
			adjoint1AVX2F32, adjoint2AVX2F32, adjoint3AVX2F32, adjoint4AVX2F32,
		},
		Panel:        [2]func(m, n int, a []float32, lda, next int, xi, yi, xj, yj []float32){panel1AVX2F32, panel2AVX2F32},
		PanelForward: [2]func(m, n int, a []float32, lda, next int, yi, xj []float32){panelForward1AVX2F32, panelForward2AVX2F32},
		PanelAdjoint: [2]func(m, n int, a []float32, lda, next int, xi, yj []float32){panelAdjoint1AVX2F32, panelAdjoint2AVX2F32},
		Update:       [2]func(groups int, eta float32, lambda, x, y, g, sums []float32){update1AVX2F32, update2AVX2F32},
		Diagonal:     [2]func(groups int, eta float32, lambda, x, y, g, sums []float32){diagonal1AVX2F32, diagonal2AVX2F32},
		Finish:       finishAVX2F32,
		ScaleRows:    scaleRowsAVX2F32,
		Dot:          dotAVX2F32,
		Asum:         asumAVX2F32,
		Axpy:         axpyAVX2F32,
		Scal:         scalAVX2F32,
		Dots:         dotsAVX2F32,
		Combine:      combineAVX2F32,
		Normal:       normalAVX2F32,
		Peak:         peakAVX2F32,
		Read:         []func(a []float32) float32{read1AVX2F32, read4AVX2F32},
	},
}
