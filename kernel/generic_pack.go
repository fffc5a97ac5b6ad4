package kernel

func interleaveGeneric[T Float](rows int) func(k int, a []T, rs int, to []T, width int) {
	return func(k int, a []T, rs int, to []T, width int) {
		for i := range rows {
			at := i
			for _, v := range a[i*rs:][:k] {
				to[at] = v
				at += width
			}
		}
	}
}

func gatherGeneric[T Float](width int) func(k int, a []T, lda int, to []T) {
	return func(k int, a []T, lda int, to []T) {
		for i := range k {
			copy(to[i*width:(i+1)*width], a[i*lda:])
		}
	}
}
