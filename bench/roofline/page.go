package roofline

import (
	"fmt"
	"slices"
	"strings"

	"lowrank/bench/figure"
)

// page is the picture.
func (r *Roofline) page() figure.Page {
	p := figure.Page{
		Title:   fmt.Sprintf("The roofline of %s, %d threads", r.Machine.CPU, r.threads()),
		Caption: r.caption(),
		Rows:    []figure.Row{{Height: 12.5, Cells: []figure.Cell{{Panel: r.roof(), Weight: 1}}}},
	}
	p.Rows = append(p.Rows, figure.Row{Height: 9, Cells: []figure.Cell{{Panel: r.bandwidths(), Weight: 3}, {Panel: r.peaks(), Weight: 2}}})
	return p
}

func (r *Roofline) caption() string {
	var b strings.Builder
	b.WriteString("Top: operations computed a second against those for each byte that a step needs from memory; ")
	fmt.Fprintf(&b, "slanted lines are what each level can deliver, dashed ones the multiply-adds of each row "+
		"of kernels, all with %d threads. ", r.threads())
	b.WriteString("A step whose data stays in a cache may stand above the line of memory. ")
	if len(r.Placed) > 0 {
		b.WriteString("The steps, with the share of the bound that each reaches: ")
	}
	family := ""
	for i, p := range r.Placed {
		name := short(p.Name)
		if p.Family == family { // said before
			name = strings.TrimPrefix(name, family+" ")
		}
		family = p.Family
		fmt.Fprintf(&b, "%d %s (%.0f %%)", i+1, name, 100*r.share(p))
		b.WriteString(map[bool]string{true: ". ", false: ", "}[i == len(r.Placed)-1])
	}
	fmt.Fprintf(&b, "Bottom: the best of loops that read, by the working set of a thread; and the "+
		"multiply-adds of each row. Version %s, %s.", r.Machine.Version, r.Machine.Go)
	return b.String()
}

// roof is the roofline with the operations on it.
func (r *Roofline) roof() figure.Axes {
	n, l := r.threads(), r.limits()
	peak := l.Peak(r.DType) / 1e9
	x0, x1 := 0.1, 2*peak*1e9/l.Bandwidth
	for _, p := range r.Placed {
		x0, x1 = min(x0, p.intensity()/1.5), max(x1, p.intensity()*1.5)
	}
	a := figure.Axes{
		Title:  fmt.Sprintf("Operations on %s, %s", r.Machine.Backend, r.DType),
		XLabel: "operations for a byte needed from memory", YLabel: "GF/s", LogX: true, LogY: true, XMin: &x0, XMax: &x1,
	}
	for i, name := range levelNames {
		at, ok := r.level(name, n)
		if !ok {
			continue
		}
		line := figure.Line{Name: fmt.Sprintf("%s %.3g GB/s", name, at.Rate/1e9), Color: levelColor(i)}
		ridge := peak * 1e9 / at.Rate
		line.X, line.Y = []float64{x0, ridge}, []float64{x0 * at.Rate / 1e9, peak}
		if name == "memory" { // the bound itself goes on along the peak
			line.X, line.Y, line.Width = append(line.X, x1), append(line.Y, peak), 2.5
		}
		a.Lines = append(a.Lines, line)
	}
	for i, p := range r.Survey.Peaks {
		if p.Threads != n {
			continue
		}
		if p.DType == "f32" && p.Rate < 1.03*r.Survey.Peaks[i-1].Rate { // as fast as the f64 before it
			last := &a.Horizontals[len(a.Horizontals)-1]
			last.Label = strings.Replace(last.Label, "f64", "f64, f32", 1)
			continue
		}
		a.Horizontals = append(a.Horizontals, figure.Horizontal{Y: p.Rate / 1e9, Label: fmt.Sprintf("%s %s %.4g GF/s", p.Row, p.DType, p.Rate/1e9)})
	}
	var families []string
	for i, p := range r.Placed {
		k := slices.Index(families, p.Family)
		if k < 0 {
			k, families = len(families), append(families, p.Family)
		}
		shape := shapes[k%len(shapes)]
		a.Lines = append(a.Lines, figure.Line{Name: p.Family, X: []float64{p.intensity()}, Y: []float64{p.rate() / 1e9}, Color: k, Marker: shape, NoLine: true})
		a.Marks = append(a.Marks, figure.Mark{X: p.intensity(), Y: p.rate() / 1e9, Label: fmt.Sprint(i + 1), Shape: shape, Color: k})
	}
	return a
}

var shapes = []figure.Marker{figure.Dot, figure.Square, figure.Triangle, figure.Diamond, figure.Circle, figure.OpenSquare, figure.Cross}

// levelColor keeps black for memory.
func levelColor(i int) int { return []int{3, 2, 1, 5}[i] }

// bandwidths are the sweeps, a line for each number of threads.
func (r *Roofline) bandwidths() figure.Axes {
	a := figure.Axes{
		Title: "Bandwidth by working set", XLabel: "working set of a thread, KiB", YLabel: "GB/s read, all threads",
		LogX: true, LogY: true,
	}
	for i, t := range r.Survey.Plan.Threads {
		line := figure.Line{Name: plural(t), Color: i, Dash: figure.Dash(i / 7 % 3)}
		for _, p := range r.Survey.Curve(t) {
			line.X, line.Y = append(line.X, float64(p.Bytes)/1024), append(line.Y, p.Rate/1e9)
		}
		a.Lines = append(a.Lines, line)
	}
	c := r.Caches
	for _, v := range []struct {
		bytes int
		label string
	}{{c.L1D, "L1"}, {c.L2, "L2"}, {c.ShareOfL3(r.threads()), "share of L3"}} {
		if v.bytes > 0 {
			a.Verticals = append(a.Verticals, figure.Vertical{X: float64(v.bytes) / 1024, Label: v.label})
		}
	}
	return a
}

// peaks are the multiply-adds of each row and element type by threads.
func (r *Roofline) peaks() figure.HeatMap {
	h := figure.HeatMap{Title: "Multiply-adds, GF/s", XLabel: "threads", ShowValues: true}
	counts := r.Survey.Plan.Threads
	for _, t := range counts {
		h.ColNames = append(h.ColNames, fmt.Sprint(t))
	}
	for _, of := range r.Survey.Peaks[:len(r.Survey.Peaks)/len(counts)] {
		h.RowNames = append(h.RowNames, of.Row+" "+of.DType)
		var row []float64
		for _, t := range counts {
			row = append(row, r.Survey.Peak(of.Row, of.DType, t)/1e9)
			h.Max = max(h.Max, row[len(row)-1])
		}
		h.Values = append(h.Values, row)
	}
	return h
}

func plural(threads int) string {
	if threads == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", threads)
}
