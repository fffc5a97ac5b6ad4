package main

import (
	"maps"
	"strings"
	"testing"
)

// madeUp is a profile of two parts, in the ways that callgrind has of saying things
// shortly: numbers for names, positions relative to the line before, lines without a
// cost, costs of calls that the callee has too.
const madeUp = `# callgrind format
version: 1
creator: callgrind-3.19.0
cmd:  ./count workload
part: 1

desc: Trigger: --dump-before=main.end

positions: line
events: Ir
summary: 1150

ob=(1) /tmp/count
fl=(3) /src/avx2_amd64.s
fn=(12) lowrank/kernel.dotAVX2F64.abi0
10 1000
+2 30
* 1

fl=(4) /src/proc.go
fn=(7) runtime.schedule
5
fi=(5) /src/lock.go
-3 4
fe=(4)
9 2
cfi=(6) /src/workload.go
cfn=(8) main.workload'2
calls=2 +15
* 5000
+1 3

fn=(8)
60 100
cob=(1)
cfi=(3)
cfn=(12)
calls=0 10
60 1031
fn=(13) main.workload
61 10
totals: 1150

part: 2

desc: Timerange: Basic block 1 - 2
desc: Trigger: Program termination

positions: line
events: Ir
summary: 6

fn=(12)
10 4
fn=plain.name
1 2
totals: 6
`

func TestParseProfile(t *testing.T) {
	dumps, err := parseProfile(strings.NewReader(madeUp))
	if err != nil {
		t.Fatal(err)
	}
	want := []dump{
		{"--dump-before=main.end", map[string]uint64{
			"lowrank/kernel.dotAVX2F64.abi0": 1031, "runtime.schedule": 9, "main.workload": 110,
		}},
		{"Program termination", map[string]uint64{"lowrank/kernel.dotAVX2F64.abi0": 4, "plain.name": 2}},
	}
	if len(dumps) != len(want) {
		t.Fatalf("%d parts, want %d", len(dumps), len(want))
	}
	for i, w := range want {
		if dumps[i].Trigger != w.Trigger || !maps.Equal(dumps[i].Self, w.Self) {
			t.Errorf("part %d is %v, want %v", i+1, dumps[i], w)
		}
	}
}

func TestParseProfileWithSeveralPositionsAndEvents(t *testing.T) {
	dumps, err := parseProfile(strings.NewReader(`part: 1
positions: instr line
events: Dr Ir
fn=a
0x10 5 7 11
+4 +1 1 2
+4 +1 9
totals: 17 13
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := dumps[0].Self["a"]; got != 13 {
		t.Errorf("a has %d instructions, want 13", got)
	}
}

func TestParseProfileRefuses(t *testing.T) {
	const begin = "part: 1\npositions: line\nevents: Ir\n"
	for _, c := range []struct{ name, text, want string }{
		{"a total that is not the sum", begin + "fn=a\n1 5\ntotals: 6\n", `line 6: totals are "6"; the functions of the part add up to 5`},
		{"a call's cost as the caller's", begin + "fn=a\ncfn=b\n1 5\ntotals: 0\n", "add up to 5"},
		{"a number without a name", begin + "fn=(3)\n", "line 4: function (3) has no name so far"},
		{"a profile that was cut off", begin + "fn=a\n1 5\n", "the profile was cut off"},
		{"a part within a part", begin + "part: 2\n", "part 2 begins before the totals"},
		{"other events", "part: 1\nevents: Cy\n", `events are "Cy"; expected Ir among them`},
		{"jumps", begin + "fn=a\njump=3 17\n", "is no record"},
		{"a cost outside of functions", begin + "1 5\n", "belongs to no function"},
		{"a cost outside of parts", "positions: line\nevents: Ir\nfn=a\n1 5\n", "neither a header"},
		{"words", begin + "fn=a\nhello there\n", "neither a header"},
		{"a cost that is no number", begin + "fn=a\n1 many\n", "is not a number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dumps, err := parseProfile(strings.NewReader(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v and error %v; want %q", dumps, err, c.want)
			}
		})
	}
}
