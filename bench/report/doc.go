// Package report writes the figures of a directory as one page, index.html,
// that opens from disk in any browser: it holds its style, its script and all
// data, and loads nothing.
//
// It may import the standard library, lowrank/bench/figure and
// lowrank/data/matio. Start reading at figure.go, then document.go, which is
// the form of the data in the files and in the page, then index.go. The page
// itself is in assets.
//
//	Save          a figure    → <name>.json    document.go, convert.go, check.go
//	WriteIndex    <name>.json → index.html     load.go, page.go, assets/
//	WriteSummary  the same    → index.md       summary.go
//
// # The charts
//
// The script draws SVG and depends on no library. A library such as uPlot has the
// plain curves and the zoom, in a canvas; curves that turn back, fields, error
// bars, marks, reading by keyboard, print and dark mode would be ours to write
// around it, which is most of the script. A curve is thinned to what the pixels
// can show, so that 100 000 points stay fast.
//
// # Tests
//
// The tests here read the files. _browser is a module of its own, so that its
// dependencies reach no user: it opens a page in a headless Chromium and uses
// it with mouse and keyboard. To run it on the figures of a directory:
//
//	cd bench/report/_browser && REPORT_DIR=/path/of/directory go test -count=1 ./...
package report
