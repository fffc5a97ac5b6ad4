package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// dump is one part of a profile that callgrind wrote: what ran since the part
// before it.
type dump struct {
	Trigger string            // why it was written: the option that asked for it, or "Program termination"
	Self    map[string]uint64 // instructions by function, without those of its callees
}

// parseProfile reads the format of callgrind's profiles, one or more parts of them:
// https://valgrind.org/docs/manual/cl-format.html. It takes the event Ir,
// instructions read, and demands that each part's instructions add up to the total
// that callgrind gives.
func parseProfile(r io.Reader) ([]dump, error) {
	p := profile{names: map[string]string{}}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for line := 1; in.Scan(); line++ {
		if err := p.line(strings.TrimSpace(in.Text())); err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	if p.open {
		return nil, fmt.Errorf("the last part has no totals: the profile was cut off")
	}
	return p.dumps, nil
}

// profile is what a line of a profile is understood by.
type profile struct {
	dumps     []dump
	names     map[string]string // functions by their number, "(12)"
	open      bool              // in a part: its totals have not been read
	sum       uint64            // of the part under way
	fn        string            // whose costs follow
	positions int               // numbers in front of the costs in a line
	event     int               // of Ir among the costs
	inclusive bool              // the next line is the cost of a call, which the callee has too
}

// header is "key: value"; a line of costs begins with a position.
var (
	header    = regexp.MustCompile(`^([a-z]+):\s*(.*)$`)
	recursion = regexp.MustCompile(`'[0-9]+$`) // callgrind numbers the levels of recursion
)

func (p *profile) line(text string) error {
	if text == "" || text[0] == '#' {
		return nil
	}
	if h := header.FindStringSubmatch(text); h != nil {
		return p.head(h[1], h[2])
	}
	if key, value, ok := strings.Cut(text, "="); ok {
		return p.record(key, value)
	}
	return p.cost(text)
}

func (p *profile) head(key, value string) error {
	switch key {
	case "part":
		if p.open {
			return fmt.Errorf("part %s begins before the totals of the one before it", value)
		}
		p.dumps = append(p.dumps, dump{Self: map[string]uint64{}})
		p.open, p.sum, p.fn = true, 0, ""
	case "desc":
		if trigger, ok := strings.CutPrefix(value, "Trigger:"); ok && p.open {
			p.dumps[len(p.dumps)-1].Trigger = strings.TrimSpace(trigger)
		}
	case "positions":
		p.positions = len(strings.Fields(value))
	case "events":
		if p.event = slices.Index(strings.Fields(value), "Ir"); p.event < 0 {
			return fmt.Errorf("events are %q; expected Ir among them", value)
		}
	case "totals":
		costs := strings.Fields(value)
		if !p.open || p.event >= len(costs) || costs[p.event] != strconv.FormatUint(p.sum, 10) {
			return fmt.Errorf("totals are %q; the functions of the part add up to %d", value, p.sum)
		}
		p.open = false
	}
	return nil // others say nothing about costs
}

func (p *profile) record(key, value string) error {
	switch key {
	case "fn":
		var err error
		p.fn, err = p.name(value)
		return err
	case "cfn":
		_, err := p.name(value)
		return err
	case "calls":
		p.inclusive = true
	case "ob", "fl", "fi", "fe", "cob", "cfi", "cfl": // object and source files
	default:
		return fmt.Errorf("%q is no record of a profile without jumps", key+"="+value)
	}
	return nil
}

// name resolves "(12) name", which defines a number, "(12)", and "name".
func (p *profile) name(text string) (string, error) {
	if text == "" || text[0] != '(' {
		return recursion.ReplaceAllString(text, ""), nil
	}
	number, name, defines := strings.Cut(text, " ")
	if defines {
		p.names[number] = recursion.ReplaceAllString(name, "")
	}
	name, ok := p.names[number]
	if !ok {
		return "", fmt.Errorf("function %s has no name so far", number)
	}
	return name, nil
}

// cost is a line of positions and costs; costs left out are 0.
func (p *profile) cost(text string) error {
	fields := strings.Fields(text)
	if !strings.ContainsAny(text[:1], "0123456789+-*") || len(fields) < p.positions || !p.open {
		return fmt.Errorf("%q is neither a header, a record nor a cost in a part", text)
	}
	if p.inclusive {
		p.inclusive = false
		return nil
	}
	at := p.positions + p.event
	if at >= len(fields) {
		return nil
	}
	n, err := strconv.ParseUint(fields[at], 10, 64)
	if err != nil {
		return fmt.Errorf("the cost in %q is not a number", text)
	}
	if p.fn == "" {
		return fmt.Errorf("the cost %q belongs to no function", text)
	}
	p.dumps[len(p.dumps)-1].Self[p.fn] += n
	p.sum += n
	return nil
}
