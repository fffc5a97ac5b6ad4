package roofline

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"lowrank/bench/ceiling"
	"lowrank/data/problem"
)

func size(bytes int) string { return problem.HumanBytes(float64(bytes)) }

// short is the name of an operation without backend and dtype.
func short(name string) string {
	parts := strings.Split(name, "/")
	return strings.Join(append(parts[:1:1], parts[3:]...), " ")
}

// levelNames are all that a roofline may have, fastest first.
var levelNames = []string{"L1", "L2", "L3", "memory"}

// Print writes the tables.
func (r *Roofline) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells ...any) {
		last := len(cells) - 1 // to the left, where it is text
		for _, c := range cells[:last] {
			fmt.Fprintf(w, "%v\t", c)
		}
		fmt.Fprintln(w, cells[last])
	}
	counts := r.Survey.Plan.Threads
	head := func(name, unit string) {
		cells := []any{name}
		for _, t := range counts {
			cells = append(cells, fmt.Sprintf("%d thr", t))
		}
		line(append(cells, "  "+unit)...)
	}
	fmt.Fprintf(out, "%s, %d threads, kernels %s; caches L1d %s, L2 %s, L3 %s\n\n", r.Machine.CPU, r.threads(), r.Row,
		known(r.Caches.L1D), known(r.Caches.L2), known(r.Caches.L3))

	head("bandwidth, reading", "GB/s, all threads together; working set of each")
	for _, name := range levelNames {
		cells, least, most := []any{name}, math.MaxInt, 0
		for _, t := range counts {
			l, ok := r.level(name, t)
			if !ok {
				cells = append(cells, "–")
				continue
			}
			cells, least, most = append(cells, gb(l.Rate)), min(least, l.Bytes), max(most, l.Bytes)
		}
		sets := size(most)
		switch {
		case most == 0:
			sets = "not measured"
		case least < most:
			sets = size(least) + " to " + sets
		}
		line(append(cells, "  "+sets)...)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	head("memory", "GB/s; each byte read or written counts once")
	for i, t := range r.Survey.Traffic {
		if t.Threads != counts[0] {
			break
		}
		var plain, moved []any
		for k := range counts {
			at := r.Survey.Traffic[i+k*len(r.Survey.Traffic)/len(counts)]
			plain = append(plain, gb(at.Rate))
			moved = append(moved, gb(at.Rate/at.Stream.Counted*at.Stream.Moved))
		}
		line(append(append([]any{t.Stream.Name}, plain...), "  "+t.Stream.About)...)
		if t.Stream.Moved > t.Stream.Counted {
			line(append(append([]any{t.Stream.Name + " + fetch"}, moved...), "  with the lines that are "+
				"fetched to be overwritten (write-allocate)")...)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	head("multiply-adds", "GF/s")
	for i := range len(r.Survey.Peaks) / len(counts) {
		p := r.Survey.Peaks[i]
		cells := []any{p.Row + " " + p.DType}
		for _, t := range counts {
			cells = append(cells, fmt.Sprintf("%.1f", r.Survey.Peak(p.Row, p.DType, t)/1e9))
		}
		line(append(cells, "")...)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if len(r.Placed)+len(r.Skipped) > 0 {
		fmt.Fprintf(out, "\noperations on %s, %s, %d threads\n", r.Machine.Backend, r.DType, r.threads())
		line("", "flops/byte", "ms", "GB/s", "GF/s", "share of the bound", "by", "  step")
		for i, p := range r.Placed {
			line(i+1, fmt.Sprintf("%.3g", p.intensity()), fmt.Sprintf("%.3g", p.Seconds*1e3), gb(p.Bytes/p.Seconds),
				fmt.Sprintf("%.1f", p.rate()/1e9), fmt.Sprintf("%.0f %%", 100*r.share(p)), r.boundBy(p), "  "+short(p.Name))
		}
		if err := w.Flush(); err != nil {
			return err
		}
		for _, s := range r.Skipped {
			fmt.Fprintf(out, "left out: %s\n", s)
		}
	}
	for _, n := range r.notes() {
		fmt.Fprintf(out, "\nnote: %s\n", n)
	}
	return nil
}

// notes say what the numbers lack.
func (r *Roofline) notes() []string {
	var notes []string
	p := r.Survey.Plan
	if times, ok := r.timesCaches(); ok && times < 4 {
		notes = append(notes, fmt.Sprintf("memory was read with %s, %.1f times the caches, because no more "+
			"was free; part of it may have come from them", size(p.Memory), times))
	}
	n := r.threads()
	best := r.Survey.Bandwidth(n)
	for _, t := range p.Threads {
		if fewer := r.Survey.Bandwidth(t); fewer > 1.05*best {
			notes = append(notes, fmt.Sprintf("not a quiet machine: %d threads read %s GB/s, all of them %s; "+
				"measure again", t, gb(fewer), gb(best)))
		}
	}
	most, mover := 1.1*best, ""
	for _, t := range r.Survey.Traffic {
		if moved := t.Rate / t.Stream.Counted * t.Stream.Moved; t.Threads == n && moved > most {
			most, mover = moved, t.Stream.Name
		}
	}
	if mover != "" {
		notes = append(notes, fmt.Sprintf("%s moved %s GB/s, more than the %s of reading: steps that write "+
			"may pass the bound, or the machine was not quiet", mover, gb(most), gb(best)))
	}
	for _, name := range levelNames {
		if _, ok := r.level(name, n); !ok {
			notes = append(notes, fmt.Sprintf("%s: no working set is clearly in it, or its size is not known", name))
		}
	}
	return notes
}

// timesCaches is the size of what is read to measure memory over that of the
// caches, where that is known.
func (r *Roofline) timesCaches() (float64, bool) {
	all := r.Caches.All(r.threads())
	if r.Caches.L3 <= 0 || all <= 0 {
		return 0, false
	}
	return float64(r.Survey.Plan.Memory) / float64(all), true
}

func (r *Roofline) level(name string, threads int) (ceiling.Level, bool) {
	for _, l := range r.Survey.Levels(threads) {
		if l.Name == name {
			return l, true
		}
	}
	return ceiling.Level{}, false
}

func known(bytes int) string {
	if bytes <= 0 {
		return "unknown"
	}
	return size(bytes)
}

func gb(rate float64) string { return fmt.Sprintf("%.1f", rate/1e9) }
