//go:build !linux && !darwin

package testblas

// behind is the border behind an operand: no page can be protected here.
const behind = border

func mapFenced(size int) (mem []byte, free func(), err error) {
	return make([]byte, size), func() {}, nil
}
