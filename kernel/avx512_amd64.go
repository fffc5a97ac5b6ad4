//go:build !purego

package kernel

var avx512Row = Row{
	Name:  "avx512",
	Widen: widenAVX512F64,
	Rounded: [MaxColumns]func(m, n int, a []float32, lda, next int, xi, yi []float64, ldi int, xj, yj []float64, ldj int){
		rounded1AVX512F64, rounded2AVX512F64, rounded3AVX512F64, rounded4AVX512F64,
	},
	F32in64:  Narrow[float32, float64]{dotsOfF32AVX512F64, combineOfF32AVX512F64, normalOfF32AVX512F64},
	BF16in64: Narrow[uint16, float64]{dotsOfBF16AVX512F64, combineOfBF16AVX512F64, normalOfBF16AVX512F64},
	BF16in32: Narrow[uint16, float32]{dotsOfBF16AVX512F32, combineOfBF16AVX512F32, normalOfBF16AVX512F32},
	F64: Kernels[float64]{
		Numbers: Numbers{MR: 12, NR: 16, KC: 256, Tile: 120, Lanes: 8},
		Gemm: []func(k int, a []float64, rs, cs int, b []float64, ldb int, c []float64, ldc int){
			gemm1AVX512F64, gemm2AVX512F64, gemm3AVX512F64, gemm4AVX512F64,
			gemm5AVX512F64, gemm6AVX512F64, gemm7AVX512F64, gemm8AVX512F64,
			gemm9AVX512F64, gemm10AVX512F64, gemm11AVX512F64, gemm12AVX512F64,
		},
		Edge: []func(k, w int, a []float64, rs, cs int, b []float64, ldb int, c []float64, ldc int){
			edge1AVX512F64, edge2AVX512F64, edge3AVX512F64, edge4AVX512F64,
			edge5AVX512F64, edge6AVX512F64, edge7AVX512F64, edge8AVX512F64,
			edge9AVX512F64, edge10AVX512F64, edge11AVX512F64, edge12AVX512F64,
		},
		Strips:     stripsAVX512F64,
		Interleave: [2]func(k int, a []float64, rs int, to []float64, width int){interleave2AVX512F64, interleave4AVX512F64},
		Gather:     [2]func(k int, a []float64, lda int, to []float64){gather12AVX512F64, gather16AVX512F64},
		Columns: [MaxColumns]func(m, n int, a []float64, lda, next int, xi, yi []float64, ldi int, xj, yj []float64, ldj int){
			columns1AVX512F64, columns2AVX512F64, columns3AVX512F64, columns4AVX512F64,
		},
		Forward: [MaxColumns]func(m, n int, a []float64, lda, next int, yi []float64, ldi int, xj []float64, ldj int){
			forward1AVX512F64, forward2AVX512F64, forward3AVX512F64, forward4AVX512F64,
		},
		Adjoint: [MaxColumns]func(m, n int, a []float64, lda, next int, xi []float64, ldi int, yj []float64, ldj int){
			adjoint1AVX512F64, adjoint2AVX512F64, adjoint3AVX512F64, adjoint4AVX512F64,
		},
		Panel:        [2]func(m, n int, a []float64, lda, next int, xi, yi, xj, yj []float64){panel1AVX512F64, panel2AVX512F64},
		PanelForward: [2]func(m, n int, a []float64, lda, next int, yi, xj []float64){panelForward1AVX512F64, panelForward2AVX512F64},
		PanelAdjoint: [2]func(m, n int, a []float64, lda, next int, xi, yj []float64){panelAdjoint1AVX512F64, panelAdjoint2AVX512F64},
		Update:       [2]func(groups int, eta float64, lambda, x, y, g, sums []float64){update1AVX512F64, update2AVX512F64},
		Diagonal:     [2]func(groups int, eta float64, lambda, x, y, g, sums []float64){diagonal1AVX512F64, diagonal2AVX512F64},
		Finish:       finishAVX512F64,
		ScaleRows:    scaleRowsAVX512F64,
		Dot:          dotAVX512F64,
		Asum:         asumAVX512F64,
		Axpy:         axpyAVX512F64,
		Scal:         scalAVX512F64,
		Dots:         dotsAVX512F64,
		Combine:      combineAVX512F64,
		Normal:       normalAVX512F64,
		Peak:         peakAVX512F64,
		Read:         []func(a []float64) float64{read1AVX512F64, read4AVX512F64},
	},
	F32: Kernels[float32]{
		Numbers: Numbers{MR: 12, NR: 32, KC: 256, Tile: 144, Lanes: 16},
		Gemm: []func(k int, a []float32, rs, cs int, b []float32, ldb int, c []float32, ldc int){
			gemm1AVX512F32, gemm2AVX512F32, gemm3AVX512F32, gemm4AVX512F32,
			gemm5AVX512F32, gemm6AVX512F32, gemm7AVX512F32, gemm8AVX512F32,
			gemm9AVX512F32, gemm10AVX512F32, gemm11AVX512F32, gemm12AVX512F32,
		},
		Edge: []func(k, w int, a []float32, rs, cs int, b []float32, ldb int, c []float32, ldc int){
			edge1AVX512F32, edge2AVX512F32, edge3AVX512F32, edge4AVX512F32,
			edge5AVX512F32, edge6AVX512F32, edge7AVX512F32, edge8AVX512F32,
			edge9AVX512F32, edge10AVX512F32, edge11AVX512F32, edge12AVX512F32,
		},
		Strips:     stripsAVX512F32,
		Interleave: [2]func(k int, a []float32, rs int, to []float32, width int){interleave2AVX512F32, interleave4AVX512F32},
		Gather:     [2]func(k int, a []float32, lda int, to []float32){gather12AVX512F32, gather32AVX512F32},
		Columns: [MaxColumns]func(m, n int, a []float32, lda, next int, xi, yi []float32, ldi int, xj, yj []float32, ldj int){
			columns1AVX512F32, columns2AVX512F32, columns3AVX512F32, columns4AVX512F32,
		},
		Forward: [MaxColumns]func(m, n int, a []float32, lda, next int, yi []float32, ldi int, xj []float32, ldj int){
			forward1AVX512F32, forward2AVX512F32, forward3AVX512F32, forward4AVX512F32,
		},
		Adjoint: [MaxColumns]func(m, n int, a []float32, lda, next int, xi []float32, ldi int, yj []float32, ldj int){
			adjoint1AVX512F32, adjoint2AVX512F32, adjoint3AVX512F32, adjoint4AVX512F32,
		},
		Panel:        [2]func(m, n int, a []float32, lda, next int, xi, yi, xj, yj []float32){panel1AVX512F32, panel2AVX512F32},
		PanelForward: [2]func(m, n int, a []float32, lda, next int, yi, xj []float32){panelForward1AVX512F32, panelForward2AVX512F32},
		PanelAdjoint: [2]func(m, n int, a []float32, lda, next int, xi, yj []float32){panelAdjoint1AVX512F32, panelAdjoint2AVX512F32},
		Update:       [2]func(groups int, eta float32, lambda, x, y, g, sums []float32){update1AVX512F32, update2AVX512F32},
		Diagonal:     [2]func(groups int, eta float32, lambda, x, y, g, sums []float32){diagonal1AVX512F32, diagonal2AVX512F32},
		Finish:       finishAVX512F32,
		ScaleRows:    scaleRowsAVX512F32,
		Dot:          dotAVX512F32,
		Asum:         asumAVX512F32,
		Axpy:         axpyAVX512F32,
		Scal:         scalAVX512F32,
		Dots:         dotsAVX512F32,
		Combine:      combineAVX512F32,
		Normal:       normalAVX512F32,
		Peak:         peakAVX512F32,
		Read:         []func(a []float32) float32{read1AVX512F32, read4AVX512F32},
	},
}
