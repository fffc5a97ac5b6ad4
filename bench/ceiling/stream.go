package ceiling

import (
	"math"

	"lowrank/kernel"
)

// Stream is a way to go through memory: through arrays of equal length that lie
// behind each other, float64.
type Stream struct {
	Name   string
	About  string
	Arrays int
	// Counted is the number of bytes that are counted for a byte of the arrays: one
	// for each time that it is read or written.
	Counted float64
	// Moved is the number that goes over the bus, where a line is fetched before it
	// is overwritten (write-allocate); 0 where that is not known.
	Moved float64

	reads bool // it writes nothing
	run   func(a []float64)
}

// block is how many elements several streams share: they lie near each other, as
// those of the tiles of a matrix do, so that few addresses are translated at a time.
const block = 1 << 17

// reads are the loops of a row that read alone: as one stream a thread through the
// whole array, and as several through one block of 1 MiB after another.
func reads(row kernel.Row) []Stream {
	var list []Stream
	for i, read := range row.F64.Read {
		s := Stream{Name: "read", About: "the sum of an array, in one stream a thread", Arrays: 1, Counted: 1, Moved: 1, reads: true}
		length := math.MaxInt
		if i > 0 {
			s.Name, s.About, length = "read-streams", "the sum of an array, in several streams a thread", block
		}
		s.run = func(a []float64) {
			sum := 0.0
			for ; len(a) > length; a = a[length:] {
				sum += read(a[:length])
			}
			if sum+read(a) != 0 {
				panic("ceiling: the sum of zeros is not zero") // keeps the result alive
			}
		}
		list = append(list, s)
	}
	return list
}

// writes are loops that write too, as STREAM has them.
func writes(row kernel.Row) []Stream {
	k := row.F64
	one := []float64{1}
	return []Stream{
		{"copy", "y = x by ordinary stores", 2, 1, 1.5, false, func(a []float64) {
			n := len(a) / 2
			for i := 0; i < n; i += unit {
				k.ScaleRows(1, unit, one, a[i:i+unit], a[n+i:n+i+unit])
			}
		}},
		{"copy-past-caches", "y = x by Go's copy, which may store past the caches", 2, 1, 0, false, func(a []float64) {
			n := len(a) / 2
			copy(a[n:], a[:n])
		}},
		{"triad", "z = x + αy", 3, 1, 4.0 / 3, false, func(a []float64) {
			n := len(a) / 3
			k.Finish(n, 1, a[:n], a[n:2*n], a[2*n:])
		}},
		{"axpy", "y += αx", 2, 1.5, 1.5, false, func(a []float64) {
			n := len(a) / 2
			k.Axpy(n, 1, a[:n], a[n:])
		}},
	}
}

// unit divides the number of elements that streams are given, an array each.
const unit = 1024
