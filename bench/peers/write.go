package peers

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"lowrank/bench"
	"lowrank/bench/figure"
)

// how is the library and the way that was the best.
func (row *Row) how() string {
	text := row.About + "; " + row.Variant
	if row.Setting.CoreType != "" {
		text += ", " + row.Setting.CoreType
	}
	return text
}

// Print writes the table of a cell for a terminal.
func (c *Cell) Print(w io.Writer) error {
	one, brackets := "", "[low – high]"
	if c.Rounds == 1 {
		one, brackets = "; one round, no spread", ""
	}
	fmt.Fprintf(w, "d = %d, r = %d, %s: at least %s ms by the bound%s\n", c.D, c.R, c.DType, digits(c.Bound), one)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  peer\tms\titer/s\t× %s\t%s\tGB/s\tbound\tdifference\thow\n", Base, brackets)
	for _, row := range c.Rows {
		if row.Failure != "" {
			fmt.Fprintf(t, "  %s\tfailed\t\t\t\t\t\t\t%s\n", row.Peer, row.Failure)
			continue
		}
		spread := fmt.Sprintf("[%.2f – %.2f]", row.Ratio.Low, row.Ratio.High)
		apart := fmt.Sprintf("%.1e", row.Difference)
		if row.Wrong {
			apart += " WRONG"
		}
		if row.Peer == Base {
			spread, apart = "", ""
		}
		if c.Rounds == 1 {
			spread = ""
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%.2f\t%s\t%.1f\t%.0f %%\t%s\t%s\n", row.Peer, digits(row.Time.Median), digits(1e3/row.Time.Median),
			row.Ratio.Median, spread, row.GBs, 100*row.Share, apart, row.how())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	var err error
	for _, row := range c.Rows {
		if row.Failure != "" {
			continue // it names the first
		}
		for _, text := range row.leftOut() {
			_, err = fmt.Fprintf(w, "  left out of %s: %s\n", row.Peer, text)
		}
	}
	if signs := c.restless(); len(signs) > 0 {
		_, err = fmt.Fprintf(w, "  not a quiet machine: %s\n", strings.Join(signs, "; "))
	}
	if note := nodesNote(c.Nodes); note != "" {
		_, err = fmt.Fprintf(w, "  %s\n", note)
	}
	return err
}

// leftOut are the variants that crashed and those that were wrong.
func (row *Row) leftOut() []string {
	wrong := row.WrongWays
	if row.Wrong { // the first has the row
		wrong = wrong[1:]
	}
	return slices.Concat(row.Crashed, wrong)
}

// digits writes a positive number with three significant ones.
func digits(x float64) string {
	if x <= 0 || math.IsInf(x, 0) || math.IsNaN(x) {
		return fmt.Sprint(x)
	}
	return strconv.FormatFloat(x, 'f', max(0, 2-int(math.Floor(math.Log10(x)))), 64)
}

// CSV is a line for each peer in each cell.
func (r *Result) CSV() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	lines := [][]string{{"d", "r", "dtype", "peer", "about", "variant", "threads", "core_type", "rounds",
		"ms_median", "ms_q1", "ms_q3", "ms_min", "ms_max", "ratio_median", "ratio_q1", "ratio_q3", "ratio_min", "ratio_max",
		"iterations_per_second", "gb_per_second", "share_of_bound", "difference", "wrong", "failure", "library", "left_out"}}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', 6, 64) }
	for _, c := range r.Cells {
		for _, row := range c.Rows {
			line := []string{strconv.Itoa(c.D), strconv.Itoa(c.R), c.DType, row.Peer, row.About, row.Variant,
				strconv.Itoa(row.Setting.Threads), row.Setting.CoreType, strconv.Itoa(len(row.Milliseconds))}
			if row.Failure != "" {
				line = append(line, slices.Repeat([]string{""}, 15)...)
			} else {
				for _, x := range append(append(row.Time.values(), row.Ratio.values()...), 1e3/row.Time.Median, row.GBs, row.Share, row.Difference) {
					line = append(line, number(x))
				}
				line = append(line, strconv.FormatBool(row.Wrong))
			}
			lines = append(lines, append(line, row.Failure, row.Library, strings.Join(row.leftOut(), "; ")))
		}
	}
	err := w.WriteAll(lines)
	return out.Bytes(), err
}

func (s Spread) values() []float64 { return []float64{s.Median, s.Q1, s.Q3, s.Low, s.High} }

// machine is a line about where the comparison was made.
func (r *Result) machine(m bench.Machine) string {
	cpu := m.CPU
	if cpu == "" {
		cpu = m.Arch
	}
	text := fmt.Sprintf("%s, %s, %s, lowrank %s", cpu, Setting{Threads: r.Config.Threads}, r.Time.Format("2006-01-02"), m.Version)
	if l := r.Limits; l.Bandwidth > 0 {
		text += fmt.Sprintf(", %.0f GB/s and %.0f GF/s", l.Bandwidth/1e9, l.Peak(r.Config.DType)/1e9)
	}
	return text
}

// peers are the names that stand in the cells, in their order.
func (r *Result) peers() []string {
	var names []string
	for _, c := range r.Cells {
		for _, row := range c.Rows {
			if !slices.Contains(names, row.Peer) {
				names = append(names, row.Peer)
			}
		}
	}
	return names
}

// row is that of a peer in a cell; nil when it has none.
func (r *Result) row(d, columns int, peer string) *Row {
	for _, c := range r.Cells {
		if c.D != d || c.R != columns {
			continue
		}
		for _, row := range c.Rows {
			if row.Peer == peer {
				return row
			}
		}
	}
	return nil
}

// Markdown is a table for each d, and what was the best way for each peer.
func (r *Result) Markdown(m bench.Machine) []byte {
	var b bytes.Buffer
	if r.Config.Rounds == 1 {
		fmt.Fprintf(&b, "Milliseconds an iteration, %s, one round, no spread; in brackets the ratio to %s.\n%s.\n",
			r.Config.DType, Base, r.machine(m))
	} else {
		fmt.Fprintf(&b, "Milliseconds an iteration, %s, medians of %d rounds; in brackets the median of the "+
			"ratio to\n%s in the same round, and its least and greatest. %s.\n",
			r.Config.DType, r.Config.Rounds, Base, r.machine(m))
	}
	head := func(first string, d int) {
		fmt.Fprintf(&b, "\n| %s, d = %d |", first, d)
		for _, columns := range r.Config.R {
			fmt.Fprintf(&b, " r = %d |", columns)
		}
		fmt.Fprintf(&b, "\n|---|%s\n", strings.Repeat("---|", len(r.Config.R)))
	}
	for _, d := range r.orders() {
		head("peer", d)
		for _, peer := range r.peers() {
			fmt.Fprintf(&b, "| %s |", r.title(d, peer))
			for _, columns := range r.Config.R {
				switch row := r.row(d, columns, peer); {
				case row == nil:
					fmt.Fprint(&b, " |")
				case row.Failure != "":
					fmt.Fprint(&b, " failed |")
				case row.Wrong:
					fmt.Fprintf(&b, " wrong by %.0e |", row.Difference)
				case peer == Base:
					fmt.Fprintf(&b, " %s |", digits(row.Time.Median))
				case r.Config.Rounds == 1:
					fmt.Fprintf(&b, " %s (%.1f) |", digits(row.Time.Median), row.Ratio.Median)
				default:
					fmt.Fprintf(&b, " %s (%.1f, %.1f – %.1f) |", digits(row.Time.Median), row.Ratio.Median, row.Ratio.Low, row.Ratio.High)
				}
			}
			fmt.Fprintln(&b)
		}
		head("best way", d)
		for _, peer := range r.peers() {
			fmt.Fprintf(&b, "| %s |", peer)
			for _, columns := range r.Config.R {
				text := ""
				if row := r.row(d, columns, peer); row != nil && row.Variant != "" {
					text = fmt.Sprintf("%s, %s", row.Variant, row.Setting)
				}
				fmt.Fprintf(&b, " %s |", withoutVariable.ReplaceAllString(text, ""))
			}
			fmt.Fprintln(&b)
		}
		r.notes(&b, d)
	}
	return b.Bytes()
}

// withoutVariable leaves the core of OPENBLAS_CORETYPE=ZEN.
var withoutVariable = regexp.MustCompile(`[A-Z_]+=`)

// notes lists the libraries, what did not run and what disturbed.
func (r *Result) notes(b *bytes.Buffer, d int) {
	var notes []string
	add := func(note string) {
		if note != "" && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	var libraries []string
	for _, f := range r.Found {
		if f.Library != "" {
			libraries = append(libraries, f.Name+" "+f.Library)
		}
	}
	if libraries != nil {
		add(fmt.Sprintf("Libraries: %s.", strings.Join(libraries, ", ")))
	}
	for _, c := range r.sorted(d) {
		for _, row := range c.Rows {
			texts, what := row.leftOut(), "Left out of "+row.Peer
			if row.Failure != "" {
				texts, what = []string{row.Failure}, row.Peer+" failed"
			}
			for _, text := range texts {
				add(fmt.Sprintf("%s: %s.", what, text))
			}
		}
	}
	for _, c := range r.sorted(d) {
		if signs := c.restless(); len(signs) > 0 {
			add(fmt.Sprintf("Not a quiet machine, r = %d: %s.", c.R, strings.Join(signs, "; ")))
		}
		add(nodesNote(c.Nodes))
	}
	for i, note := range notes {
		if i == 0 {
			fmt.Fprintln(b)
		}
		fmt.Fprintf(b, "- %s\n", note)
	}
}

// orders are those of Σ that have a cell.
func (r *Result) orders() []int {
	return slices.DeleteFunc(slices.Clone(r.Config.D), func(d int) bool { return len(r.sorted(d)) == 0 })
}

// title is the name of a peer with its library, as its best ways for an order
// started, without the number of threads. Cores of OpenBLAS that differ stand with /
// between.
func (r *Result) title(d int, peer string) string {
	title := ""
	for _, c := range r.sorted(d) {
		row := r.row(d, c.R, peer)
		if row == nil || row.About == "" {
			continue
		}
		about := withoutThreads(row.About)
		last := strings.LastIndex(about, " ")
		switch core := about[last+1:]; {
		case title == "":
			title = about
		case last > 0 && strings.HasPrefix(title, about[:last+1]) && !slices.Contains(strings.Split(title[last+1:], "/"), core):
			title += "/" + core
		}
	}
	if title == "" { // it failed: how it is without a core that was asked for
		for _, f := range r.Found {
			if f.Name == peer {
				title = withoutThreads(f.About)
			}
		}
	}
	if title == "" {
		return peer
	}
	return peer + ": " + title
}

// Page draws milliseconds against r, a panel for each d.
func (r *Result) Page(m bench.Machine) *figure.Page {
	rounds := fmt.Sprintf("Medians of %d rounds in drawn order, bars from quartile to quartile", r.Config.Rounds)
	if r.Config.Rounds == 1 {
		rounds = "One round, no spread"
	}
	p := &figure.Page{
		Title: "X ← X + η(ΣX − X(XᵀX)), dense Σ",
		Caption: fmt.Sprintf("%s; %s. Each peer in the best of its variants. The bound counts a reading of "+
			"half of Σ from memory: a Σ that stays in cache may pass it. %s.",
			rounds, r.Config.DType, r.machine(m)),
	}
	for i, d := range r.orders() {
		if i%2 == 0 {
			p.Rows = append(p.Rows, figure.Row{Height: 11})
		}
		last := &p.Rows[len(p.Rows)-1]
		last.Cells = append(last.Cells, figure.Cell{Panel: r.panel(d), Weight: 1})
	}
	return p
}

// colours of the palette; further peers have other dashes.
const colours = 7

func (r *Result) panel(d int) *figure.Axes {
	a := &figure.Axes{Title: fmt.Sprintf("d = %d", d), XLabel: "columns r", YLabel: "milliseconds an iteration", LogX: true, LogY: true}
	markers := []figure.Marker{figure.Dot, figure.Square, figure.Triangle, figure.Diamond, figure.Circle, figure.OpenSquare, figure.Cross}
	for i, peer := range r.peers() {
		l := figure.Line{Name: peer, Color: i % colours, Dash: figure.Dash(i / colours % 3), Marker: markers[i%len(markers)]}
		for _, c := range r.sorted(d) {
			if row := r.row(d, c.R, peer); row != nil && row.Failure == "" {
				l.X, l.Y = append(l.X, float64(c.R)), append(l.Y, row.Time.Median)
				l.Low, l.High = append(l.Low, row.Time.Q1), append(l.High, row.Time.Q3)
			}
		}
		if len(l.X) > 0 {
			a.Lines = append(a.Lines, l)
		}
	}
	bound := figure.Line{Name: "bound: memory or multiply-adds", Color: 5, Dash: figure.Dotted}
	for _, c := range r.sorted(d) {
		if c.Bound > 0 {
			bound.X, bound.Y = append(bound.X, float64(c.R)), append(bound.Y, c.Bound)
		}
	}
	if len(bound.X) > 1 {
		a.Lines = append(a.Lines, bound)
	}
	return a
}

// sorted are the cells of a d, r ascending.
func (r *Result) sorted(d int) []*Cell {
	cells := slices.DeleteFunc(slices.Clone(r.Cells), func(c *Cell) bool { return c.D != d })
	slices.SortFunc(cells, func(a, b *Cell) int { return a.R - b.R })
	return cells
}

// Object is the comparison for JSON.
func (r *Result) Object(m bench.Machine) map[string]any {
	var list []map[string]any
	for _, f := range r.Found {
		o := map[string]any{"name": f.Name, "installed": f.Lacking == nil, "about": f.About, "library": f.Library}
		if f.Lacking != nil {
			o["lacking"] = f.Lacking.Error()
		}
		list = append(list, o)
	}
	var cells []map[string]any
	for _, c := range r.Cells {
		var rows []map[string]any
		for _, row := range c.Rows {
			rows = append(rows, row.object())
		}
		signs := append([]string{}, c.restless()...)
		cells = append(cells, map[string]any{"d": c.D, "r": c.R, "bound_ms": c.Bound, "restless": signs, "memory_nodes": c.Nodes, "rows": rows})
	}
	return map[string]any{
		"date": r.Time.Format("2006-01-02"), "cpu": m.CPU, "cores": m.Cores, "os": m.OS, "arch": m.Arch, "version": m.Version,
		"bandwidth": r.Limits.Bandwidth, "peak": r.Limits.Peak(r.Config.DType),
		"dtype": r.Config.DType, "threads": r.Config.Threads, "rounds": r.Config.Rounds, "seed": r.Config.Seed, "eta": eta,
		"base": Base, "checked_steps": checked, "tolerance": tolerance(r.Config.DType), "peers": list, "cells": cells,
	}
}

func (row *Row) object() map[string]any {
	o := map[string]any{"peer": row.Peer, "unavailable": append([]string{}, row.Unavailable...), "library": row.Library,
		"wrong_ways": append([]string{}, row.WrongWays...)}
	if row.Failure != "" {
		o["failure"] = row.Failure
		return o
	}
	spread := func(s Spread) map[string]any {
		return map[string]any{"median": s.Median, "q1": s.Q1, "q3": s.Q3, "min": s.Low, "max": s.High}
	}
	var trials []map[string]any
	for _, t := range row.Trials {
		trials = append(trials, map[string]any{"variant": t.Variant, "threads": t.Threads, "core_type": t.CoreType, "about": t.About, "ms": t.Milliseconds})
	}
	for k, v := range map[string]any{
		"about": row.About, "variant": row.Variant, "threads": row.Setting.Threads, "core_type": row.Setting.CoreType, "trials": trials,
		"rounds_ms": row.Milliseconds, "ms": spread(row.Time), "ratio": spread(row.Ratio), "iterations_per_second": 1e3 / row.Time.Median,
		"gb_per_second": row.GBs, "share_of_bound": row.Share, "difference": finite(row.Difference), "wrong": row.Wrong,
	} {
		o[k] = v
	}
	return o
}

// finite is null in JSON where X diverged.
func finite(x float64) any {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return x
}
