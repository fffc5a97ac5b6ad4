package ceiling

import (
	"runtime/debug"
	"time"

	"lowrank/kernel"
)

// meter measures on threads that it keeps, and on memory that each of them
// touched first.
type meter struct {
	team   *team
	memory [][]float64
}

// newMeter starts the threads.
func newMeter(threads int) *meter {
	return &meter{team: newTeam(threads), memory: make([][]float64, threads)}
}

// close ends them.
func (m *meter) close() { m.team.stop() }

// hold gives the threads so much memory, in bytes, that any number of them can
// share total among themselves: thread i has total/(i+1), which is what teams have
// for each that it is in. With alone set, only all threads together can.
func (m *meter) hold(total int, alone bool) {
	m.team.round(len(m.memory), func(i int) {
		sharers := i + 1
		if alone {
			sharers = len(m.memory)
		}
		a := kernel.Large[float64](max(total/8/sharers/unit, 1) * unit)
		for k := 0; k < len(a); k += 512 {
			a[k] = 0 // every page is there
		}
		m.memory[i] = a
	})
}

// drop gives the memory back to the system.
func (m *meter) drop() {
	clear(m.memory)
	debug.FreeOSMemory()
}

// A thread goes through so many bytes in a round, where it has more: all threads
// together leastRound, and each of them leastPart. That takes some 10 ms.
const (
	leastRound = 512 << 20
	leastPart  = 64 << 20
)

// bandwidth is the best rate in bytes a second, counted as the stream counts, of
// threads that each go through so many bytes again and again, for about d. Rounds
// that take longer are three, or as many as 4d has room for, one at least.
func (m *meter) bandwidth(s Stream, threads, bytes int, d time.Duration) float64 {
	n := max(bytes/8/(s.Arrays*unit), 1) * s.Arrays * unit // elements of a thread
	// Large sets go by in pieces, one a round.
	pieces := max(1, n*8/max(leastRound/threads, leastPart))
	piece := n / pieces / (s.Arrays * unit) * s.Arrays * unit
	repeat, best := 1, 0.0
	for round, began := 0, time.Now(); best == 0 || time.Since(began) < d || round < 3 && time.Since(began) < 4*d; round++ {
		at := round % pieces * piece
		took := m.team.round(threads, func(i int) {
			part := m.memory[i][at : at+piece]
			for range repeat {
				s.run(part)
			}
		})
		best = max(best, s.Counted*float64(repeat)*float64(piece)*8*float64(threads)/took.Seconds())
		if pieces == 1 && took < shortest/2 {
			repeat = max(repeat+1, int(float64(repeat)*float64(shortest)/float64(took)))
		}
	}
	return best
}

// shortest is how long a round should take at least: starts and ends are apart by
// less than a thousandth of it.
const shortest = 400 * time.Microsecond

// peak is the best rate of floating point operations a second of independent
// multiply-adds on registers. A row keeps kernel.PeakChains = 12 of them under
// way; two units with a latency of 4 or 5 cycles need 8 or 10.
func peak[T kernel.Float](m *meter, k kernel.Kernels[T], threads int, d time.Duration) float64 {
	const rounds = 1000 // a call of microseconds: assembly is not interrupted
	calls, best := 1, 0.0
	for began := time.Now(); best == 0 || time.Since(began) < d; {
		took := m.team.round(threads, func(int) {
			for range calls {
				k.Peak(rounds)
			}
		})
		flops := 2 * kernel.PeakChains * float64(k.Lanes) * rounds * float64(calls) * float64(threads)
		best = max(best, flops/took.Seconds())
		if took < shortest {
			calls = max(calls+1, int(float64(calls)*1.5*float64(shortest)/float64(took)))
		}
	}
	return best
}
