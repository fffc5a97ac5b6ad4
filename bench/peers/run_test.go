package peers

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lowrank/bench"
	"lowrank/kernel"
)

func config(dir string) Config {
	return Config{
		D: []int{30}, R: []int{1, 3}, DType: "f64", Seed: 1, Threads: 1, Rounds: 3,
		Visit: 2 * time.Millisecond, Trial: 2 * time.Millisecond, Timeout: 20 * time.Second, Dir: dir,
		Limits: func() bench.Limits {
			return bench.Limits{Threads: 1, Bandwidth: 1e10, PeakF64: 1e10, PeakF32: 2e10}
		},
		Progress: func(string, int, int) {}, Done: func(*Result) {},
	}
}

func TestRun(t *testing.T) {
	dir := t.TempDir()
	found := look(t, dir, fake(Base, "native"), fake("good", "ok"), fake("wrong", "wrong"), fake("short", "short"),
		fake("crash", "crash"), fake("later", "crash after the check"), fake("ways", "ways"))
	cfg := config(dir)
	cfg.R = []int{1}
	var done int
	cfg.Done = func(*Result) { done++ }
	res, err := Run(t.Context(), cfg, found)
	if err != nil {
		t.Fatal(err)
	}
	if done != 1 || len(res.Cells) != 1 {
		t.Fatalf("%d cells, %d told", len(res.Cells), done)
	}
	rows := res.Cells[0].Rows
	if got := names(rows, func(r *Row) bool { return r.Failure == "" && !r.Wrong }); !slices.Equal(got, []string{Base, "good", "ways"}) {
		t.Errorf("right are %q", got)
	}
	if got := names(rows, func(r *Row) bool { return r.Wrong }); !slices.Equal(got, []string{"wrong"}) {
		t.Errorf("wrong are %q", got)
	}
	failures := map[string]string{
		"short": "bytes; expected 240, a 30×1 matrix",
		"crash": "crash ended (exit status 3): last words",
		"later": "later ended (exit status 3): tired",
	}
	for _, row := range rows {
		if want := failures[row.Peer]; want == "" && row.Failure != "" || !strings.Contains(row.Failure, want) {
			t.Errorf("%s: failure %q; want %q", row.Peer, row.Failure, want)
		}
		if row.Failure == "" && len(row.Milliseconds) != cfg.Rounds {
			t.Errorf("%s: %d rounds of %d", row.Peer, len(row.Milliseconds), cfg.Rounds)
		}
		if row.Peer == "ways" && (row.Variant == "slow" || len(row.Trials) != 3) {
			t.Errorf("of slow, fast and single it took %s of %d", row.Variant, len(row.Trials))
		}
	}
	if failed := res.Failed(); len(failed) != 4 {
		t.Errorf("failed: %q", failed)
	}
	if _, err := os.Stat(filepath.Join(dir, sigmaFile)); !os.IsNotExist(err) {
		t.Errorf("Σ is left behind: %v", err)
	}
	checkWritten(t, res)
}

// checkWritten looks at the files of a result with failed and wrong rows.
func checkWritten(t *testing.T, res *Result) {
	machine := bench.Machine{CPU: "Test CPU", Version: "0"}
	data, err := res.CSV()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(data)).ReadAll() // as many fields in each
	if err != nil || len(lines) != 1+len(res.Cells[0].Rows) {
		t.Errorf("%d lines of CSV, %v", len(lines), err)
	}
	text := string(res.Markdown(machine))
	for _, want := range []string{"| wrong: Fake 1.0 | wrong by ", "| crash: Fake 1.0 | failed |", "| " + Base + ": lowrank", "| ways | ", "Test CPU"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var table bytes.Buffer
	if err := res.Cells[0].Print(&table); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(table.String(), "\n  "); got < 1+len(res.Cells[0].Rows) || !strings.Contains(table.String(), " WRONG") {
		t.Errorf("the table has %d lines:\n%s", got, table.String())
	}
	object, err := json.Marshal(res.Object(machine))
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Cells []struct {
			Rows []struct {
				Peer, Failure string
				Rounds        []float64 `json:"rounds_ms"`
				Ratio         struct{ Median float64 }
			}
		}
	}
	if err := json.Unmarshal(object, &back); err != nil {
		t.Fatal(err)
	}
	for i, row := range back.Cells[0].Rows {
		if want := res.Cells[0].Rows[i]; row.Peer != want.Peer || row.Failure != want.Failure || row.Failure == "" && row.Ratio.Median != want.Ratio.Median {
			t.Errorf("JSON has %+v for %+v", row, want)
		}
	}
	page := res.Page(machine)
	svg, err := page.SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range res.Cells[0].Rows {
		if drawn := strings.Contains(string(svg), ">"+row.Peer+"<"); drawn != (row.Failure == "") {
			t.Errorf("%s drawn: %v, failure %q", row.Peer, drawn, row.Failure)
		}
	}
}

// Every peer works once in a round, in an order that follows from the seed.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	found := look(t, dir, fake(Base, "native"), fake("a", "logs a"), fake("b", "logs b"), fake("c", "logs c"))
	cfg := config(dir)
	cfg.R, cfg.Rounds = []int{2}, 5
	work := func(seed uint64) string {
		cfg.Seed = seed
		_ = os.Remove(filepath.Join(dir, "log"))
		if _, err := Run(t.Context(), cfg, found); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(dir, "log"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(strings.Fields(string(data)), "")
	}
	one := work(1)
	if len(one) != 3*6 { // the check and five rounds
		t.Fatalf("worked in the order %s", one)
	}
	rounds := map[string]bool{}
	for i := 0; i < len(one); i += 3 {
		round := []byte(one[i : i+3])
		rounds[string(round)] = true
		if slices.Sort(round); string(round) != "abc" {
			t.Errorf("a round of %s", one[i:i+3])
		}
	}
	if len(rounds) == 1 {
		t.Errorf("all rounds are in one order: %s", one)
	}
	if again, other := work(1), work(2); again != one || other == one {
		t.Errorf("with one seed %s and %s, with another %s", one, again, other)
	}
}

// A variant whose X is wrong is named, and the next one measured.
func TestWrongWays(t *testing.T) {
	dir := t.TempDir()
	cfg := config(dir)
	res, err := Run(t.Context(), cfg, look(t, dir, fake(Base, "native"), fake("partly", "partly wrong"), fake("wrong", "wrong")))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range res.Cells {
		if row := c.Rows[2]; !row.Wrong || row.Failure != "" || len(row.WrongWays) != 2 || len(row.leftOut()) != 1 ||
			!strings.Contains(row.WrongWays[0], row.Variant) || len(row.Milliseconds) != cfg.Rounds {
			t.Errorf("%+v", row)
		}
		row := c.Rows[1]
		if row.Wrong || row.Failure != "" || row.Variant != "slow" || len(row.Milliseconds) != cfg.Rounds || !(row.Difference <= tolerance("f64")) {
			t.Errorf("%+v", row)
		}
	}
	if failed, ways := res.Failed(), res.WrongWays(); len(failed) != 1 || len(ways) != 3*len(cfg.R) || !strings.HasPrefix(ways[0], "partly, d = 30: 1 thread, fast, r = 1: its X differs from that of native by ") {
		t.Errorf("failed %q, wrong %q", failed, ways)
	}
	if text := string(res.Markdown(bench.Machine{})); !strings.Contains(text, "Left out of partly: 1 thread, fast, r = 3: its X differs") {
		t.Errorf("%s", text)
	}
}

// A disturbance of the first glance does not decide.
func TestSecondGlance(t *testing.T) {
	dir := t.TempDir()
	cfg := config(dir)
	cfg.R = []int{1}
	res, err := Run(t.Context(), cfg, look(t, dir, fake(Base, "native"), fake("disturbed", "disturbed")))
	if err != nil {
		t.Fatal(err)
	}
	if row := res.Cells[0].Rows[1]; row.Variant != "late" {
		t.Errorf("%+v", row)
	}
}

// Variants that hang or crash are left out, the others measured.
func TestVariantsThatFail(t *testing.T) {
	dir := t.TempDir()
	cfg := config(dir)
	cfg.R = []int{1}
	cfg.Timeout = 2 * time.Second
	res, err := Run(t.Context(), cfg, look(t, dir, fake(Base, "native"), fake("mixed", "mixed"), fake("stuck", "stuck")))
	if err != nil {
		t.Fatal(err)
	}
	row := res.Cells[0].Rows[1]
	if row.Failure != "" || row.Variant != "last" || len(row.Crashed) != 2 ||
		!strings.Contains(row.Crashed[0], "crashes, r = 1: mixed ended (exit status 3): oh") || !strings.Contains(row.Crashed[1], "hangs, r = 1: mixed gave no answer") {
		t.Errorf("%+v", row)
	}
	if stuck := res.Cells[0].Rows[2]; stuck.Failure == "" || len(stuck.Unavailable) != patience {
		t.Errorf("of a peer that hangs in all variants: %+v", stuck)
	}
	var table bytes.Buffer
	if err := res.Cells[0].Print(&table); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{table.String(), string(res.Markdown(bench.Machine{}))} {
		if !strings.Contains(text, "eft out of mixed: 1 thread, crashes") || !strings.Contains(text, "eft out of mixed: 1 thread, hangs") {
			t.Errorf("not said in\n%s", text)
		}
	}
}

// What was measured before an error is in the result; what can be known before is
// checked before.
func TestPartial(t *testing.T) {
	dir := t.TempDir()
	cfg := config(dir)
	cfg.D, cfg.R = []int{30, 20}, []int{1}
	found := look(t, dir, fake(Base, "native"))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	cfg.Done = func(*Result) { stop() }
	res, err := Run(ctx, cfg, found)
	if !errors.Is(err, context.Canceled) || len(res.Cells) != 1 || res.Cells[0].Bound <= 0 {
		t.Fatalf("%v, %+v", err, res.Cells)
	}
	text := string(res.Markdown(bench.Machine{}))
	if !strings.Contains(text, "d = 30") || strings.Contains(text, "d = 20") {
		t.Errorf("%s", text)
	}
	if _, err := res.Page(bench.Machine{}).SVG(); err != nil {
		t.Error(err)
	}
	cfg.D = []int{30, 50_000_000}
	cfg.Progress = func(stage string, _, _ int) { t.Errorf("it began with %s", stage) }
	if res, err := Run(t.Context(), cfg, found); err == nil || len(res.Cells) != 0 {
		t.Errorf("%v", err)
	}
}

// Where not all fit in memory each is started for its turn, with the same result.
func TestOneByOne(t *testing.T) {
	dir := t.TempDir()
	found := look(t, dir, fake(Base, "native"), fake("good", "ok"), fake("wrong", "wrong"))
	cfg := config(dir)
	cfg.oneByOne = true
	res, err := Run(t.Context(), cfg, found)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range res.Cells {
		for _, row := range c.Rows {
			if row.Failure != "" || len(row.Milliseconds) != cfg.Rounds || row.Wrong != (row.Peer == "wrong") {
				t.Errorf("r = %d: %+v", c.R, row)
			}
		}
	}
}

// Without its base a comparison has no result; without the others it has.
func TestRunWithoutBase(t *testing.T) {
	dir := t.TempDir()
	_, err := Run(t.Context(), config(dir), look(t, dir, fake(Base, "crash"), fake("a", "ok")))
	if err == nil || !strings.Contains(err.Error(), "native, with which all are compared, failed: 1 thread, plain, r = 1: native ended (exit status 3): last words") {
		t.Errorf("%v", err)
	}
}

func TestRunIsCancelled(t *testing.T) {
	dir := t.TempDir()
	found := look(t, dir, fake(Base, "native"), fake("hang", "hang"))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	time.AfterFunc(300*time.Millisecond, stop)
	start := time.Now()
	if _, err := Run(ctx, config(dir), found); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if time.Since(start) > 20*time.Second {
		t.Error("it waited for the peer that hangs")
	}
}

func TestRunMemory(t *testing.T) {
	cfg := config(t.TempDir())
	cfg.D = []int{30, 50_000_000}
	if err := cfg.CheckMemory(Peer{}); err == nil || !strings.Contains(err.Error(), "a peer with a Σ of order 50000000 needs") {
		t.Errorf("%v", err)
	}
}

// A core of OpenBLAS that the processor cannot run is a setting less.
func TestCoreTypes(t *testing.T) {
	types := coreTypes(kernel.Detect(), "OpenBLAS 0.0 Fake")
	dir := t.TempDir()
	t.Setenv("OPENBLAS_CORETYPE", "USERS")
	t.Setenv("OPENBLAS_L2_SIZE", "1")
	cfg := config(dir)
	cfg.R = []int{1}
	res, err := Run(t.Context(), cfg, look(t, dir, fake(Base, "native"), fake("core", "core")))
	if err != nil {
		t.Fatal(err)
	}
	row := res.Cells[0].Rows[1]
	if row.Failure != "" || row.Setting.CoreType != "" {
		t.Errorf("%+v", row)
	}
	if len(row.Unavailable) != len(types) {
		t.Errorf("unavailable are %q of %q", row.Unavailable, types)
	}
	for i, text := range row.Unavailable {
		if want := "1 thread, " + types[i] + ": core ended (exit status 1): illegal instruction"; text != want {
			t.Errorf("%q; want %q", text, want)
		}
	}
}

func TestEnvironment(t *testing.T) {
	for _, name := range []string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS", "OMP_SCHEDULE", "GOMP_CPU_AFFINITY", "KMP_BLOCKTIME", "OPENBLAS_MAIN_FREE", "GOTOBLAS_MAIN_FREE", "BLIS_JC_NT", "MKL_DYNAMIC", "GOMAXPROCS",
		"AOCL_ENABLE_INSTRUCTIONS", "DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "NPY_DISABLE_CPU_FEATURES", "PYTHONSAFEPATH"} {
		t.Setenv(name, "7")
	}
	for _, name := range needed {
		t.Setenv(name, "8")
	}
	count := func(env []string, prefix string) (n int) {
		for _, e := range env {
			if strings.HasPrefix(e, prefix) {
				n++
			}
		}
		return n
	}
	env := Setting{Threads: 3}.environment()
	if count(env, "OPENBLAS_CORETYPE=") != 0 || count(env, "OPENBLAS_L2_SIZE=") != 0 || count(env, "OMP_NUM_THREADS=") != 1 || !slices.Contains(env, "OMP_NUM_THREADS=3") || slices.ContainsFunc(env, func(e string) bool { return strings.HasSuffix(e, "=7") && !strings.HasPrefix(e, "SHLVL") }) {
		t.Errorf("%q", env)
	}
	for _, name := range needed {
		if count(env, name+"=8") != 1 {
			t.Errorf("%s is not kept", name)
		}
	}
	if env := (Setting{Threads: 3, CoreType: "OPENBLAS_CORETYPE=ZEN"}).environment(); !slices.Contains(env, "OPENBLAS_CORETYPE=ZEN") {
		t.Errorf("%q", env)
	}
}

func TestCoreTypesOf(t *testing.T) {
	zen4 := kernel.CPU{Name: "AMD", AVX2FMA: true, AVX512: true}
	intel := kernel.CPU{Name: "Intel", AVX2FMA: true}
	for _, c := range []struct {
		cpu   kernel.CPU
		about string
		want  string
	}{
		{zen4, "OpenBLAS 0.3 Prescott", "OPENBLAS_CORETYPE=SKYLAKEX OPENBLAS_CORETYPE=ZEN OPENBLAS_CORETYPE=HASWELL"},
		{zen4, "NumPy 1, OpenBLAS 0.3 Zen", "OPENBLAS_CORETYPE=SKYLAKEX OPENBLAS_CORETYPE=HASWELL"},
		{zen4, "BLIS 0.9 zen3", "BLIS_ARCH_TYPE=skx BLIS_ARCH_TYPE=zen BLIS_ARCH_TYPE=haswell"},
		{intel, "BLIS 0.9 generic", "BLIS_ARCH_TYPE=haswell"},
		{zen4, "Eigen 3", ""},
		{kernel.CPU{}, "OpenBLAS 0.3 Prescott", ""},
	} {
		if got := strings.Join(coreTypes(c.cpu, c.about), " "); got != c.want {
			t.Errorf("%+v, %s: %s; want %s", c.cpu, c.about, got, c.want)
		}
	}
}

func TestThreadCounts(t *testing.T) {
	for all, want := range map[int]string{1: "[1]", 2: "[2 1]", 3: "[3 2 1]", 4: "[4 2 1]", 6: "[6 4 3 2 1]", 64: "[64 32 16 8 4 2 1]"} {
		if got := fmt.Sprint(threadCounts(all)); got != want {
			t.Errorf("%d: %s; want %s", all, got, want)
		}
	}
}

// All cells have the limits that were measured before the first.
func TestLimits(t *testing.T) {
	dir := t.TempDir()
	cfg := config(dir)
	cfg.D = []int{20, 30}
	var measured, before float64
	cfg.Limits = func() bench.Limits {
		measured++
		return bench.Limits{Bandwidth: measured * 1e6, PeakF64: 1e15}
	}
	var bounds []float64
	cfg.Done = func(res *Result) {
		if before == 0 {
			before = measured
		}
		bounds = append(bounds, res.Cells[len(res.Cells)-1].Bound)
	}
	res, err := Run(t.Context(), cfg, look(t, dir, fake(Base, "native")))
	if err != nil {
		t.Fatal(err)
	}
	if before < 2 || measured != before || res.Limits.Bandwidth != before*1e6 {
		t.Errorf("measured %g times before the first cell, %g in all; %+v", before, measured, res.Limits)
	}
	for i, c := range res.Cells {
		if c.Bound != bounds[i] {
			t.Errorf("the bound of a cell was %g, and is %g", bounds[i], c.Bound)
		}
	}
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   Spread
	}{
		{[]float64{5}, Spread{5, 5, 5, 5, 5}},
		{[]float64{4, 1, 3, 2}, Spread{2.5, 1.75, 3.25, 1, 4}},
		{[]float64{9, 1, 5, 3, 7}, Spread{5, 3, 7, 1, 9}},
	} {
		if got := spreadOf(c.values); got != c.want {
			t.Errorf("%v: %+v; want %+v", c.values, got, c.want)
		}
	}
}

// The ratio is taken round by round: a disturbance of both in one round leaves it.
func TestSummarize(t *testing.T) {
	c := &Cell{D: 1000, R: 2, DType: "f64", Rows: []*Row{
		{Peer: "a", Milliseconds: []float64{2, 4, 30}},
		{Peer: Base, Milliseconds: []float64{1, 2, 10}},
		{Peer: "b", Failure: "gone", Milliseconds: []float64{1}},
	}}
	c.summarize(bench.Limits{Bandwidth: 4e9, PeakF64: 1e12})
	if a := c.Rows[0]; a.Ratio != (Spread{2, 2, 2.5, 2, 3}) || a.Time.Median != 4 || a.GBs != 1 {
		t.Errorf("%+v", a)
	}
	if want := 1e3 * (4e6 + 3*8*2000) / 4e9; c.Bound != want || c.Rows[1].Share != want/2 {
		t.Errorf("bound %g, share %g; want %g", c.Bound, c.Rows[1].Share, want)
	}
	if c.Rows[2].Ratio != (Spread{}) {
		t.Errorf("a failed row has %+v", c.Rows[2].Ratio)
	}
}

func TestRestless(t *testing.T) {
	quiet := []float64{1, 1.01, 1.02, 1.03, 1.04}
	for _, c := range []struct {
		name        string
		base, other []float64
		trial       float64
		want        string
	}{
		{"quiet", quiet, []float64{2, 2, 2.1, 2.1, 2.1}, 2, ""},
		{"spread of the base", []float64{1, 1, 1.3, 1.4, 1.5}, []float64{2, 2, 2.6, 2.8, 3}, 2.5, "the middle half of native's own times"},
		{"ratios", quiet, []float64{2, 2, 2, 2, 3.2}, 2, "the ratios of a differ by 1.6 times"},
		{"trial", quiet, []float64{2, 2, 2, 2, 2}, 1.5, "a is 1.3 times slower than in its trials"},
	} {
		cell := &Cell{D: 10, R: 1, Rounds: 5, Rows: []*Row{
			{Peer: "a", Milliseconds: c.other, Trials: []Trial{{Milliseconds: c.trial}, {Milliseconds: 9}, {Variant: "wrong", Milliseconds: 0.1}}}, {Peer: Base, Milliseconds: c.base}}}
		cell.summarize(bench.Limits{})
		var out bytes.Buffer
		if err := cell.Print(&out); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "not a quiet machine"); got != (c.want != "") || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %s", c.name, out.String())
		}
	}
}

// Of one round nothing says how far its numbers can be trusted.
func TestOneRound(t *testing.T) {
	cell := &Cell{D: 10, R: 1, DType: "f64", Rounds: 1, Rows: []*Row{{Peer: Base, Milliseconds: []float64{1}}, {Peer: "a", Milliseconds: []float64{2}}}}
	cell.summarize(bench.Limits{})
	var out bytes.Buffer
	if err := cell.Print(&out); err != nil {
		t.Fatal(err)
	}
	res := Result{Config: Config{D: []int{10}, R: []int{1}, Rounds: 1}, Cells: []*Cell{cell}}
	for _, text := range []string{out.String(), string(res.Markdown(bench.Machine{}))} {
		if !strings.Contains(text, "one round, no spread") || strings.ContainsAny(text, "[–") {
			t.Errorf("%s", text)
		}
	}
}

func TestTitle(t *testing.T) {
	cell := func(r int, about string) *Cell {
		return &Cell{D: 10, R: r, Rows: []*Row{{Peer: "a", About: about}}}
	}
	res := Result{Cells: []*Cell{cell(1, "Lib 1, OpenBLAS 0.3 Zen, threads=1"), cell(2, "Lib 1, OpenBLAS 0.3 Haswell, threads=2"), cell(3, "Lib 1, OpenBLAS 0.3 Zen, threads=2")}}
	if got, want := res.title(10, "a"), "a: Lib 1, OpenBLAS 0.3 Zen/Haswell"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

func TestDigits(t *testing.T) {
	for x, want := range map[float64]string{0.01234: "0.0123", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 12345: "12345", 0: "0"} {
		if got := digits(x); got != want {
			t.Errorf("%g: %s; want %s", x, got, want)
		}
	}
}
