package paper

import "lowrank/bench/figure"

// line draws one column of a table over another, in the rows that have both.
func (t *Table) line(name, x, y string, color int) figure.Line {
	xs, ys := t.points(x, y)
	return figure.Line{Name: name, X: xs, Y: ys, Color: color}
}

// theory is line dashed: what is predicted rather than measured.
func (t *Table) theory(name, x, y string, color int) figure.Line {
	l := t.line(name, x, y, color)
	l.Dash = figure.Dashed
	return l
}

// runs draws several runs as thin lines and their median, a column too, thick.
func (t *Table) runs(name, x, median string, of []string, color int) []figure.Line {
	var lines []figure.Line
	for _, y := range of {
		l := t.line(name+", one run", x, y, color)
		l.Faint, l.HideInLegend = true, true
		lines = append(lines, l)
	}
	l := t.line(name, x, median, color)
	l.Width = 2.2
	return append(lines, l)
}
