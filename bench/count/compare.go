package main

import (
	"fmt"
	"math"
	"slices"
)

// tolerance is the share of instructions by which a count may differ from the
// file. It leaves room for what does not matter, such as one more instruction in
// front of a kernel's loops.
const tolerance = 0.01

// steady is the share by which counts of the same code may differ. Assembly repeats
// to the last instruction. A function in Go begins twice where the scheduler asks it
// to yield, about ten instructions each time: up to two hundred in the longest
// passes, of millions.
const steady = 0.001

// keep puts the numbers of the file in place of those that say the same, so that
// a new file differs in what has changed.
func keep(saved, counted []count) []count {
	old := map[key]count{}
	for _, s := range saved {
		old[s.key] = s
	}
	counted = slices.Clone(counted)
	for i, n := range counted {
		if s, ok := old[n.key]; ok && s.Go == n.Go && math.Abs(n.Each/s.Each-1) <= steady {
			counted[i] = s
		}
	}
	return counted
}

// comparison is what a run has found beside the file.
type comparison struct {
	Wrong    []string // a sentence each
	Fewer    int      // of Wrong: those that need fewer instructions
	Compared int
	Skipped  int // numbers of another release of Go
	Go       string
}

// compare holds the counts against those of the file.
func compare(saved, counted []count) comparison {
	var c comparison
	old := map[key]count{}
	for _, s := range saved {
		old[s.key] = s
	}
	for _, n := range counted {
		s, ok := old[n.key]
		delete(old, n.key)
		switch {
		case !ok:
			c.Wrong = append(c.Wrong, fmt.Sprintf("%s: is counted and not in the file", n.key))
		case s.Go != "" && n.Go != "" && s.Go != n.Go:
			c.Skipped++
			c.Go = s.Go
		default:
			c.Compared++
			c.look(s, n)
		}
	}
	for _, s := range saved {
		if _, left := old[s.key]; left {
			c.Wrong = append(c.Wrong, fmt.Sprintf("%s: is in the file and not counted", s.key))
		}
	}
	return c
}

func (c *comparison) look(s, n count) {
	change := n.Each/s.Each - 1
	if math.Abs(change) <= tolerance {
		return
	}
	word := "more"
	if change < 0 {
		word = "fewer"
		c.Fewer++
	}
	c.Wrong = append(c.Wrong, fmt.Sprintf("%s: %.4f instructions per %s, %.1f %% %s than %.4f in the file",
		n.key, n.Each, n.Unit, 100*math.Abs(change), word, s.Each))
}
