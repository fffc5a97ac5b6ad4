package native

// A tile of a symmetric matrix on its diagonal is multiplied in bands of bandUnit rows, as
// wide as they reach: whole groups of rows and whole vectors of every row of kernels.
const bandUnit = 48

// columnUnit is a multiple of every row's Lanes.
const columnUnit = 48

func roundUp(n, unit int) int { return (n + unit - 1) / unit * unit }

// grow returns s with length n, with a new array when the old is too short.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
