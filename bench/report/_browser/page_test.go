package browser

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestPage opens a page and uses it as a reader would.
func TestPage(t *testing.T) {
	dir := os.Getenv("REPORT_DIR")
	if dir == "" {
		dir = t.TempDir()
		if err := write(dir, figures()); err != nil {
			t.Fatal(err)
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := newTab(t)
	b.scheme("light")
	start := time.Now()
	b.run(chromedp.Navigate("file://" + filepath.Join(dir, "index.html")))
	b.Logf("the page opened in %v", time.Since(start).Round(time.Millisecond))
	b.picture("report-light.png")

	for _, part := range []struct {
		name string
		test func(b *tab, dir string)
	}{
		{"sections", testSections},
		{"drawn", testDrawn},
		{"values", testValues},
		{"heat maps", testHeatMaps},
		{"keyboard", testKeyboard},
		{"drag", testDrag},
		{"legend", testLegend},
		{"buttons", testButtons},
		{"dark", testDark},
		{"narrow", testNarrow},
		{"print", testPrint},
		{"links", testLinks},
	} {
		t.Run(part.name, func(t *testing.T) {
			b := &tab{T: t, ctx: b.ctx}
			part.test(b, dir)
		})
	}
	b.quiet()
}

func testSections(b *tab, dir string) {
	var have []string
	b.eval(`[...document.querySelectorAll("main > section h2 .name")].map(a => a.textContent)`, &have)
	slices.Sort(have)
	if want := names(b.T, dir); !slices.Equal(have, want) || len(want) == 0 {
		b.Errorf("the page shows %q; the directory has %q", have, want)
	}
	var broken []string
	b.eval(`[...document.querySelectorAll("nav a, .name")].map(a => a.getAttribute("href")).filter(h => !document.getElementById(h.slice(1)))`, &broken)
	if len(broken) > 0 {
		b.Errorf("links lead nowhere: %q", broken)
	}
}

func testDrawn(b *tab, _ string) {
	var sections int
	b.eval(`document.querySelectorAll("main > section").length`, &sections)
	for i := range sections {
		b.eval(fmt.Sprintf(`document.querySelectorAll("main > section")[%d].scrollIntoView({behavior: "instant"})`, i), nil)
		b.until(fmt.Sprintf(`document.querySelectorAll("main > section")[%d].querySelector(".charts").dataset.drawn === "true"`, i), fmt.Sprintf("section %d is drawn", i+1))
	}
	var empty []string
	b.eval(`[...document.querySelectorAll(".panel")].filter(p => {
		const box = (p.querySelector(".plot, .body, svg")).getBoundingClientRect();
		if (box.width < 20 || box.height < 20) return true;
		if (p.classList.contains("heat")) {
			const c = p.querySelector("canvas");
			return !c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(v => v > 0);
		}
		if (p.classList.contains("bar")) return p.querySelectorAll("rect").length < 10;
		const field = p.querySelector("canvas.field");
		if (field && field.getContext("2d").getImageData(0, 0, field.width, field.height).data.some(v => v > 0)) return false;
		return ![...p.querySelectorAll(".plot .line, .plot .marker, .plot .lone")].some(l => l.getAttribute("d"));
	}).map(p => p.closest("section").id + ": " + p.textContent.slice(0, 60))`, &empty)
	for _, p := range empty {
		b.Errorf("nothing is drawn in %s", p)
	}
}

// readout is a row below a chart.
type readout struct {
	Line, Point int
	Numbers     []string
}

// panels counts the panels of a kind.
func (b *tab) panels(kind string) (n int) {
	b.eval(fmt.Sprintf(`document.querySelectorAll(%q).length`, kind), &n)
	return n
}

// over moves the mouse to a place in the frame of a panel, in fractions.
func (b *tab) over(kind string, panel int, x, y float64) {
	b.Helper()
	b.mouse(input.DispatchMouseEventTypeMouseMoved, kind, panel, x, y)
}

func (b *tab) mouse(event input.DispatchMouseEventType, kind string, panel int, x, y float64) {
	b.Helper()
	var at [2]float64
	b.eval(fmt.Sprintf(`(() => {
		const p = document.querySelectorAll(%q)[%d], plot = p.querySelector(".plot, .body");
		const r0 = plot.getBoundingClientRect();
		if (r0.top < 0 || r0.bottom > innerHeight) plot.scrollIntoView({block: "center", behavior: "instant"});
		const r = plot.getBoundingClientRect(), f = JSON.parse(p.querySelector(".chart").dataset.frame ?? "[0,0,1,1]");
		return [r.left + r.width * (f[0] + %g * f[2]), r.top + r.height * (f[1] + %g * f[3])];
	})()`, kind, panel, x, y), &at)
	button := chromedp.ButtonNone
	if event != input.DispatchMouseEventTypeMouseMoved {
		button = chromedp.ButtonLeft
	}
	b.run(chromedp.MouseEvent(event, at[0], at[1], button, chromedp.ClickCount(1)))
	b.eval(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`, nil)
}

func (b *tab) readout(panel int) (rows []readout) {
	b.eval(fmt.Sprintf(`[...document.querySelectorAll(".panel.axes")[%d].querySelectorAll("output .row.line")].map(r => ({
		Line: Number(r.dataset.line), Point: Number(r.dataset.point), Numbers: [...r.querySelectorAll(".num")].map(n => n.textContent)}))`, panel), &rows)
	return rows
}

// colour is the value of the field behind the curves at the cursor.
func (b *tab) colour(panel int) (s string) {
	b.eval(fmt.Sprintf(`document.querySelectorAll(".panel.axes")[%d].querySelector("output .row.field .num")?.textContent ?? ""`, panel), &s)
	return s
}

// section returns the name of the figure of a panel, and which row and cell it is.
func (b *tab) section(kind string, panel int) (name string, row, cell int) {
	var at struct {
		Name      string
		Row, Cell int
	}
	b.eval(fmt.Sprintf(`(() => {
		const p = document.querySelectorAll(%q)[%d], row = p.parentElement;
		return {Name: p.closest("section").querySelector(".name").textContent, Row: [...row.parentElement.children].indexOf(row), Cell: [...row.children].indexOf(p)};
	})()`, kind, panel), &at)
	return at.Name, at.Row, at.Cell
}

// testValues reads at several places: the digits are those of the CSV file, or
// of the data that the test made up.
func testValues(b *tab, dir string) {
	const kind = ".panel.axes"
	made := os.Getenv("REPORT_DIR") == ""
	for i := range b.panels(kind) {
		name, row, cell := b.section(kind, i)
		var known map[string]bool
		if !made {
			known = fieldsOf(b, dir, i)
		}
		seen := 0
		for _, at := range [][2]float64{{0.02, 0.5}, {0.31, 0.2}, {0.5, 0.5}, {0.77, 0.9}, {0.99, 0.1}} {
			b.over(kind, i, at[0], at[1])
			for _, r := range b.readout(i) {
				seen += len(r.Numbers)
				if made {
					if want := madeNumbers(name, row, cell, r); !slices.Equal(r.Numbers, want) {
						b.Errorf("%s, row %d, cell %d, line %d, point %d reads %q, want %q", name, row+1, cell+1, r.Line, r.Point, r.Numbers, want)
					}
					continue
				}
				for _, n := range r.Numbers {
					if !known[n] {
						b.Errorf("%s, row %d, cell %d, line %d, point %d reads %s, which no CSV file of the figure has", name, row+1, cell+1, r.Line, r.Point, n)
					}
				}
			}
			colour := b.colour(i)
			if colour != "" && !made && !known[colour] {
				b.Errorf("%s, row %d, cell %d: the colour reads %s, which no CSV file of the figure has", name, row+1, cell+1, colour)
			}
			seen += len(colour)
		}
		if seen == 0 {
			b.Errorf("%s, row %d, cell %d: nothing can be read", name, row+1, cell+1)
		}
	}
}

// fieldsOf collects what stands in the CSV files that the section links to.
func fieldsOf(b *tab, dir string, panel int) map[string]bool {
	var files []string
	b.eval(fmt.Sprintf(`[...document.querySelectorAll(".panel.axes")[%d].closest("section").querySelectorAll(".facts a")].map(a => decodeURIComponent(a.getAttribute("href"))).filter(h => h.endsWith(".csv"))`, panel), &files)
	if len(files) == 0 {
		b.Error("a figure has no CSV file")
	}
	known := map[string]bool{}
	for _, name := range files {
		f, err := os.Open(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			b.Fatal(err)
		}
		records, err := csv.NewReader(f).ReadAll()
		f.Close()
		if err != nil {
			b.Fatal(err)
		}
		for _, record := range records {
			for _, field := range record {
				known[field] = true
			}
		}
	}
	return known
}

func testHeatMaps(b *tab, _ string) {
	const kind = ".panel.heat"
	for i := range b.panels(kind) {
		b.over(kind, i, 0.99, 0.01)
		var at struct {
			Text string
			Want string
		}
		b.eval(fmt.Sprintf(`(() => {
			const p = document.querySelectorAll(%q)[%d], row = p.parentElement, s = p.closest("section");
			const spec = JSON.parse(s.querySelector("script").textContent).rows[[...row.parentElement.children].indexOf(row)][[...row.children].indexOf(p)];
			const v = spec.values[0].at(-1);
			return {Text: p.querySelector("output .num")?.textContent ?? "nothing", Want: v === null ? "nan" : String(v)};
		})()`, kind, i), &at)
		if !sameNumber(at.Text, at.Want) {
			name, row, cell := b.section(kind, i)
			b.Errorf("%s, row %d, cell %d reads %s, want %s", name, row+1, cell+1, at.Text, at.Want)
		}
	}
	if b.panels(kind) > 0 {
		cellByKeys(b)
	}
}

// cellByKeys reads a heat map with the arrow keys.
func cellByKeys(b *tab) {
	b.eval(`document.querySelector(".panel.heat .chart").focus()`, nil)
	read := func() (s string) {
		b.eval(`document.querySelector(".panel.heat output").textContent`, &s)
		return s
	}
	b.run(chromedp.KeyEvent(kb.Home))
	first := read()
	if b.run(chromedp.KeyEvent(kb.End)); read() == first {
		b.Errorf("the End key leaves the cursor at %q", first)
	}
}

func (b *tab) view(panel int) (v [4]float64) {
	b.eval(fmt.Sprintf(`JSON.parse(document.querySelectorAll(".panel.axes .chart")[%d].dataset.view)`, panel), &v)
	return v
}

func testKeyboard(b *tab, _ string) {
	if b.panels(".panel.axes") == 0 {
		b.Skip("no curves")
	}
	b.eval(`scrollTo({top: 0, behavior: "instant"}); document.activeElement.blur()`, nil)
	at := -1
	for range 400 {
		b.run(chromedp.KeyEvent(kb.Tab))
		if b.eval(`[...document.querySelectorAll(".panel.axes .chart")].indexOf(document.activeElement)`, &at); at >= 0 {
			break
		}
	}
	if at < 0 {
		b.Fatal("the Tab key reaches no chart")
	}
	var outline string
	if b.eval(`getComputedStyle(document.activeElement).outlineStyle`, &outline); outline == "none" {
		b.Error("a chart that has the focus does not show it")
	}
	b.run(chromedp.KeyEvent(kb.Home))
	first := b.readout(at)
	b.run(chromedp.KeyEvent(kb.ArrowRight))
	second := b.readout(at)
	if len(first) == 0 || fmt.Sprint(first) == fmt.Sprint(second) {
		b.Errorf("the right arrow does not move the cursor: %v, then %v", first, second)
	}
	b.run(chromedp.KeyEvent(kb.ArrowLeft))
	if back := b.readout(at); !sameValues(back, first) {
		b.Errorf("the left arrow does not lead back: %v, then %v", first, back)
	}
	b.run(chromedp.KeyEvent(kb.End))
	if end := b.readout(at); fmt.Sprint(end) == fmt.Sprint(first) {
		b.Error("the End key does not move the cursor")
	}
	home := b.view(at)
	b.run(chromedp.KeyEvent("+"))
	if v := b.view(at); v[1]-v[0] >= home[1]-home[0] {
		b.Errorf("the + key does not zoom: %v, then %v", home, v)
	}
	b.run(chromedp.KeyEvent("0"))
	if v := b.view(at); v != home {
		b.Errorf("the 0 key leads from %v to %v", home, v)
	}
}

func testDrag(b *tab, _ string) {
	const kind = ".panel.axes"
	for i := range b.panels(kind) {
		home := b.view(i)
		b.over(kind, i, 0.3, 0.3)
		b.mouse(input.DispatchMouseEventTypeMousePressed, kind, i, 0.3, 0.3)
		b.over(kind, i, 0.6, 0.7)
		b.mouse(input.DispatchMouseEventTypeMouseReleased, kind, i, 0.6, 0.7)
		if v := b.view(i); !(v[0] > home[0] && v[1] < home[1] && v[2] > home[2] && v[3] < home[3]) {
			b.Errorf("panel %d: a drag leads from %v to %v", i, home, v)
		}
		b.eval(fmt.Sprintf(`document.querySelectorAll(%q)[%d].querySelector(".plot").dispatchEvent(new MouseEvent("dblclick", {bubbles: true}))`, kind, i), nil)
		if v := b.view(i); v != home {
			b.Errorf("panel %d: a double click leads from %v to %v", i, home, v)
		}
	}
}

func testLegend(b *tab, _ string) {
	var counts [3]int
	b.eval(`(() => {
		const button = document.querySelector(".panel.axes button.entry");
		if (!button) return [1, 0, 1];
		const lines = () => button.closest(".panel").querySelectorAll(".plot svg svg > path.line, .plot svg svg > path.marker").length;
		const out = [lines()];
		button.focus();
		button.click();
		out.push(button.getAttribute("aria-pressed") === "false" ? lines() : -1);
		button.click();
		out.push(button.getAttribute("aria-pressed") === "true" ? lines() : -1);
		return out;
	})()`, &counts)
	if !(counts[1] >= 0 && counts[1] < counts[0] && counts[2] == counts[0]) {
		b.Errorf("with, without and with a line again there are %v", counts)
	}
}

// testButtons presses those of the first chart, and copies a command.
func testButtons(b *tab, _ string) {
	if b.panels(".panel.axes") > 0 {
		home := b.view(0)
		press := func(n int) [4]float64 {
			b.eval(fmt.Sprintf(`document.querySelector(".panel.axes .tools").children[%d].click()`, n), nil)
			return b.view(0)
		}
		if v := press(0); v[1]-v[0] >= home[1]-home[0] {
			b.Errorf("zooming in leads from %v to %v", home, v)
		}
		if v := press(1); v != home {
			b.Errorf("zooming out again leads to %v, want %v", v, home)
		}
		press(0)
		if v := press(2); v != home {
			b.Errorf("showing all leads to %v, want %v", v, home)
		}
	}
	if b.panels("button.copy") > 0 {
		b.eval(`document.querySelector("button.copy").click()`, nil)
		b.until(`["Copied", "Selected"].includes(document.querySelector("button.copy").firstChild.textContent)`, "a command is copied")
	}
}

// scheme asks for light or dark, and for no smooth scrolling, which would move
// what the mouse points at.
func (b *tab) scheme(value string) {
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: value}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

func testDark(b *tab, _ string) {
	background := func() (c string) { b.eval(`getComputedStyle(document.body).backgroundColor`, &c); return c }
	b.scheme("light")
	light := background()
	b.scheme("dark")
	dark := background()
	if light == dark {
		b.Errorf("the background is %s in light and dark", light)
	}
	b.eval(`scrollTo({top: 0, behavior: "instant"})`, nil)
	b.picture("report-dark.png")
	b.eval(`document.getElementById("theme").click()`, nil)
	if c := background(); c != light {
		b.Errorf("the button leads from %s to %s, want %s", dark, c, light)
	}
	b.scheme("light")
	b.eval(`localStorage.clear(); delete document.documentElement.dataset.theme`, nil)
}

func testNarrow(b *tab, _ string) {
	b.run(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateScale(2)))
	defer b.run(chromedp.EmulateViewport(1400, 1000))
	b.eval(`new Promise(done => setTimeout(() => done(true), 300))`, nil)
	var size struct{ Scroll, Inner float64 }
	b.eval(`({Scroll: document.scrollingElement.scrollWidth, Inner: innerWidth})`, &size)
	if size.Scroll > size.Inner || size.Inner != 360 {
		b.Errorf("the page is %g wide in a window of %g", size.Scroll, size.Inner)
	}
	var wide []string
	b.eval(`[...document.querySelectorAll(".panel, .plot, .body, output, .caption, .verdicts, nav")].filter(e => e.getBoundingClientRect().right > 361).map(e => e.className + " in " + e.closest("section")?.id)`, &wide)
	if len(wide) > 0 {
		b.Errorf("these reach out of the window: %q", wide)
	}
	b.eval(`document.querySelector(".panel")?.scrollIntoView({block: "start", behavior: "instant"})`, nil)
	b.picture("report-phone.png")
}

// testPrint loads the page afresh, so that no chart is drawn yet but the first.
func testPrint(b *tab, _ string) {
	b.run(chromedp.Reload())
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err != nil {
		b.Fatal(err)
	}
	var missing int
	if b.eval(`[...document.querySelectorAll(".charts")].filter(c => c.dataset.drawn !== "true").length`, &missing); missing > 0 {
		b.Errorf("%d figures are not drawn on paper", missing)
	}
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "report.pdf"), pdf, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

func testLinks(b *tab, dir string) {
	if os.Getenv("REPORT_DIR") == "" {
		b.Skip("the made-up figures have no files")
	}
	var files []string
	b.eval(`[...document.querySelectorAll(".facts a")].map(a => decodeURIComponent(a.getAttribute("href")))`, &files)
	for _, name := range files {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil || strings.Contains(name, "..") {
			b.Errorf("the link to %s: %v", name, err)
		}
	}
}

// sameValues tells whether two read-outs show the same numbers; points of a
// line that share a place may stand for one another.
func sameValues(a, b []readout) bool {
	return slices.EqualFunc(a, b, func(p, q readout) bool { return p.Line == q.Line && slices.Equal(p.Numbers, q.Numbers) })
}
