package ceiling

// Level is a level of the memory of the machine.
type Level struct {
	Name    string // L1, L2, L3, memory
	Threads int
	Bytes   int     // the working set of each thread that it was measured with
	Rate    float64 // bytes a second, of all threads
}

// Point is the best bandwidth with a working set.
type Point struct {
	Threads int
	Bytes   int     // of each thread
	Rate    float64 // bytes a second, of all threads
}

// levels picks those of the caches from the sweep of so many threads: the best rate
// of the working sets that are clearly in one. A cache is left out where its size is
// not known, or where no working set is clearly in it.
//
//	L1  up to half of it
//	L2  from twice L1 to half of L2
//	L3  from twice L2 to half of a thread's share of L3; where nothing is there,
//	    because the share is hardly larger than L2, from 1.25·L2 to three quarters
func levels(points []Point, c Caches, threads int) []Level {
	var list []Level
	pick := func(name string, from, to int) bool {
		best := Level{Name: name, Threads: threads}
		for _, p := range points {
			if p.Bytes >= from && p.Bytes <= to && p.Rate > best.Rate {
				best.Bytes, best.Rate = p.Bytes, p.Rate
			}
		}
		if best.Bytes > 0 {
			list = append(list, best)
		}
		return best.Bytes > 0
	}
	l1, l2, l3 := max(c.L1D, 0), max(c.L2, 0), c.ShareOfL3(threads)
	pick("L1", 0, l1/2)
	if l1 > 0 { // else nothing says where L1 ends
		pick("L2", 2*l1, l2/2)
	}
	if l2 > 0 && !pick("L3", 2*l2, l3/2) {
		pick("L3", l2+l2/4, l3-l3/4)
	}
	return list
}
