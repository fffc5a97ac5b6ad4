package ceiling

import (
	"lowrank/data/memory"
	"lowrank/kernel"
)

// Caches are the sizes of the processor's caches in bytes, 0 or less where they are
// not known: L1D and L2 of a core, L3 as Sharers processors share it.
type Caches struct {
	L1D, L2, L3 int
	Sharers     int // 0 where that is not known: all share it
}

// DetectCaches asks the processor and the system.
func DetectCaches() Caches {
	cpu := kernel.Detect()
	return Caches{L1D: cpu.L1D, L2: cpu.L2, L3: cpu.L3, Sharers: lastLevelSharers()}
}

// sharers is how many of so many threads use one L3 cache.
func (c Caches) sharers(threads int) int {
	if c.Sharers > 0 {
		return min(threads, c.Sharers)
	}
	return threads
}

// ShareOfL3 is what each of so many threads has of it.
func (c Caches) ShareOfL3(threads int) int { return max(c.L3, 0) / c.sharers(threads) }

// All is the size of the caches that can hold data of so many threads.
func (c Caches) All(threads int) int {
	s := c.sharers(threads)
	return max(c.L3, 0)*((threads+s-1)/s) + max(c.L2, 0)*threads
}

// mostMemory bounds what is touched where caches are enormous.
const mostMemory = 16 << 30

// MemoryBytes is how many bytes threads read together to measure the bandwidth of
// memory: 16 times the caches that they use, at least 512 MiB and 64 MiB a thread,
// but no more than half of what is available. Where that is little, it is four times
// the caches or 256 MiB, whichever is less.
func MemoryBytes(c Caches, threads int) int { return memoryBytes(c, threads, 0.5, memory.Available()) }

// briefBytes is MemoryBytes of at most 4 GiB: what is touched for the first time
// takes a second a gibibyte.
func briefBytes(c Caches, threads int) int { return min(MemoryBytes(c, threads), BriefMemory) }

// BriefMemory bounds what is read where caches are large and time is short.
const BriefMemory = 4 << 30

// MemoryToShare is MemoryBytes for a Meter whose threads measure in any number: it
// holds more, and that is no more than half of what is available.
func MemoryToShare(c Caches, threads int) int {
	return memoryBytes(c, threads, 0.5/harmonic(threads), memory.Available())
}

func memoryBytes(c Caches, threads int, share, available float64) int {
	bytes := min(max(16*float64(c.All(threads)), leastPart*float64(threads), leastRound), mostMemory)
	if available > 0 {
		bytes = min(bytes, share*available)
	}
	return int(max(bytes, min(max(4*float64(c.All(threads)), 64<<20), 256<<20)))
}

// harmonic is 1 + 1/2 + … + 1/n: how many times the memory of one thread a Meter
// of n threads holds.
func harmonic(n int) float64 {
	sum := 0.0
	for i := range n {
		sum += 1 / float64(i+1)
	}
	return sum
}
