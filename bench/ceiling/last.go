package ceiling

// usualL3 stands for the L3 cache where the system does not say its size.
const usualL3 = 32 << 20

// Last is the size of the L3 caches that so many threads have together, in bytes,
// and whether it is known: without it is usualL3. A step whose data is several times
// as large reads it from memory.
func (c Caches) Last(threads int) (bytes float64, known bool) {
	if c.L3 <= 0 {
		return usualL3, false
	}
	s := c.sharers(threads)
	return float64(c.L3) * float64((threads+s-1)/s), true
}
