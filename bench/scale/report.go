package scale

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"lowrank/bench/figure"
)

// Columns are those of the table of points.
var Columns = []string{
	"d", "r", "threads", "seconds", "low", "high", "scatter", "visits", "samples", "bytes", "flops",
	"bytes_per_second", "flops_per_second", "bound_seconds", "share", "flops_bind", "large",
}

// Row is a point as a row of the table.
func (p Point) Row() []float64 {
	return []float64{
		float64(p.D), float64(p.R), float64(p.Threads), p.Seconds, p.Low, p.High, p.Scatter, float64(p.Visits), float64(p.Samples),
		p.Bytes, p.Flops, p.Bytes / p.Seconds, p.Flops / p.Seconds, p.Bound, p.Share(), oneIf(p.FlopsBind), oneIf(p.Large),
	}
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// Object is a point as an object of JSON.
func (p Point) Object() map[string]any {
	o := map[string]any{}
	for i, v := range p.Row() {
		o[Columns[i]] = v
	}
	delete(o, "flops_bind")
	o["binds"], o["large"] = p.Binds(), p.Large
	return o
}

// Page draws a study: time against d, share of the bound against d, both with the
// largest number of threads, and where there are several of these the speed-up
// against their number.
func Page(title, caption string, points []Point, fits Fits) *figure.Page {
	threads, largest := 0, 0
	for _, p := range points {
		threads, largest = max(threads, p.Threads), max(largest, p.D)
	}
	time := figure.Axes{Title: fmt.Sprintf("Time of a step, %s", Counted(threads)), XLabel: "d", YLabel: "seconds", LogX: true, LogY: true}
	share := figure.Axes{Title: fmt.Sprintf("Share of the bound, %s", Counted(threads)), XLabel: "d", YLabel: "bound / time", LogX: true, Horizontals: []figure.Horizontal{{Y: 1, Label: "bound"}}, YMin: new(float64)}
	up := figure.Axes{Title: fmt.Sprintf("Speed-up at d = %d", largest), XLabel: "threads", YLabel: "time with the fewest / time", YMin: new(float64)}
	time.Verticals = beyond(points, threads)
	share.Verticals = time.Verticals
	for i, r := range columnsOf(points) {
		line := figure.Line{Name: fmt.Sprintf("r = %d", r), Color: i, Marker: figure.Dot}
		bound := figure.Line{Name: "bound", Color: i, Dash: figure.Dashed, HideInLegend: i > 0}
		of := line
		for _, p := range points {
			if p.R != r || p.Threads != threads {
				continue
			}
			line.X, line.Y = append(line.X, float64(p.D)), append(line.Y, p.Seconds)
			line.Low, line.High = append(line.Low, p.Low), append(line.High, p.High)
			bound.X, bound.Y = append(bound.X, float64(p.D)), append(bound.Y, p.Bound)
			of.X, of.Y = append(of.X, float64(p.D)), append(of.Y, p.Share())
		}
		for _, f := range fits.InD {
			if f.R == r && f.Threads == threads && f.Large && f.Power != nil {
				line.Name = fmt.Sprintf("r = %d: d^{%.2f}", r, f.Power.Exponent)
				if f.Power.narrow() {
					line.Name += fmt.Sprintf(", ± %.2g", (f.Power.High-f.Power.Low)/2)
				}
			}
		}
		of.HideInLegend = true
		time.Lines, share.Lines = append(time.Lines, bound, line), append(share.Lines, of)

		speed := figure.Line{Name: fmt.Sprintf("r = %d", r), Color: i, Marker: figure.Dot, HideInLegend: true}
		first := 0.0
		for _, p := range points {
			if p.R == r && p.D == largest {
				if first == 0 {
					first = p.Seconds
				}
				speed.X, speed.Y = append(speed.X, float64(p.Threads)), append(speed.Y, first/p.Seconds)
			}
		}
		up.Lines = append(up.Lines, speed)
	}
	page := &figure.Page{Title: title, Caption: caption, Rows: []figure.Row{{Height: 9, Cells: []figure.Cell{{Panel: time, Weight: 1}, {Panel: share, Weight: 1}}}}}
	if several := slices.IndexFunc(points, func(p Point) bool { return p.Threads != threads }); several >= 0 {
		page.Rows[0].Cells = append(page.Rows[0].Cells, figure.Cell{Panel: up, Weight: 0.7})
	}
	return page
}

// beyond are lines where the large range of each r begins, as its fit has it: one
// for all r that begin at the same d.
func beyond(points []Point, threads int) []figure.Vertical {
	begin := map[int][]string{} // r by d
	for _, r := range columnsOf(points) {
		first := 0
		for _, p := range points {
			if p.R == r && p.Threads == threads && p.Large && (first == 0 || p.D < first) {
				first = p.D
			}
		}
		begin[first] = append(begin[first], strconv.Itoa(r))
	}
	var lines []figure.Vertical
	for _, d := range slices.Sorted(maps.Keys(begin)) {
		v := figure.Vertical{X: float64(d), Label: "beyond the caches"}
		if len(begin) > 1 {
			v.Label = "r = " + strings.Join(begin[d], ", ")
			if len(lines) == 0 {
				v.Label = "beyond the caches: " + v.Label
			}
		}
		if d > 0 {
			lines = append(lines, v)
		}
	}
	return lines
}

// Counted writes a number of threads.
func Counted(threads int) string {
	if threads == 1 {
		return "one thread"
	}
	return fmt.Sprintf("%d threads", threads)
}

// columnsOf are the r of the points, each once.
func columnsOf(points []Point) []int {
	var r []int
	for _, p := range points {
		if !slices.Contains(r, p.R) {
			r = append(r, p.R)
		}
	}
	return slices.Sorted(slices.Values(r))
}
