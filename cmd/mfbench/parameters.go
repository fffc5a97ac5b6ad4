package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"lowrank/bench/paper"
	"lowrank/cmd/mfbench/internal/run"
)

// parameter is a value for a figure's configuration, or the text of one.
type parameter struct {
	name, text string
	value      any
}

type parameters []parameter

// overrides are the parameters that flags set.
func (r *reproduction) overrides() (parameters, error) {
	var out parameters
	for _, s := range r.set {
		name, text, ok := strings.Cut(s, "=")
		if !ok || name == "" || text == "" {
			return nil, run.Usagef("--set %s: expected NAME=VALUE", s)
		}
		out = append(out, parameter{name: name, text: text})
	}
	for _, short := range []struct{ flag, name, text string }{
		{"seed", "seed", fmt.Sprint(r.Seed)}, {"d", "d", fmt.Sprint(r.d)}, {"iters", "iterations", fmt.Sprint(r.iters)},
		{"dense", "sigma", map[bool]string{true: "dense", false: "diagonal"}[r.dense]},
	} {
		if r.cmd.Flags().Changed(short.flag) {
			out = append(out, parameter{name: short.name, text: short.text})
		}
	}
	return out, nil
}

// configure sets parameters of a figure: those of --config, then the flags. Of
// several figures one may lack a parameter of the flags, which missing collects.
func (r *reproduction) configure(figure string, several bool) func(config any) error {
	return func(config any) error {
		for _, p := range r.files {
			if err := p.set(config, r.Config); err != nil {
				return err
			}
		}
		for _, p := range r.Base {
			err := p.set(config, figure)
			var unknown unknownParameter
			if several && errors.As(err, &unknown) {
				r.missing[p.name] = append(r.missing[p.name], figure)
				continue
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// check tries the parameters on all figures, before the first is made.
func (r *reproduction) check(figures []paper.Figure) error {
	r.missing = map[string][]string{}
	for _, fig := range figures {
		if err := fig.Check(paper.Request{Backend: r.backend, Quick: r.quick, Configure: r.configure(fig.Name, len(figures) > 1)}); err != nil {
			return run.UsageOf(err)
		}
	}
	for _, p := range r.Base {
		switch without := r.missing[p.name]; {
		case len(without) == 0:
		case len(without) == len(figures):
			return run.Usagef("none of the figures has a parameter %s", p.name)
		case !r.Quiet:
			fmt.Fprintf(r.cmd.ErrOrStderr(), "mfbench: without a parameter %s, made as ever: %s\n", p.name, strings.Join(without, ", "))
		}
	}
	return nil
}

// unknownParameter is the error of a name that a configuration lacks.
type unknownParameter struct{ error }

// set gives the field of that name the value. A text without a value is tried
// as TOML, as a list, and as a word.
func (p parameter) set(config any, of string) error {
	field, ok := fieldOf(config, p.name)
	if !ok {
		return unknownParameter{run.Usagef("%s: there is no parameter %s", of, p.name)}
	}
	values := []any{p.value}
	if p.value == nil {
		values = candidates(p.text)
	}
	for _, v := range values {
		if decode(config, p.name, v) == nil {
			return nil
		}
	}
	text := p.text
	if p.value != nil {
		text = fmt.Sprint(p.value)
	}
	return run.Usagef("%s: %s is %s; expected %s", of, p.name, text, expected(field))
}

// candidates are what a text on the command line may mean.
func candidates(text string) []any {
	var out []any
	for _, s := range []string{text, "[" + text + "]", fmt.Sprintf("%q", text)} {
		var file map[string]any
		if toml.Unmarshal([]byte("v = "+s), &file) != nil {
			continue
		}
		out = append(out, file["v"])
		switch v := file["v"].(type) {
		case int64: // 1 for a parameter that may be 0.5, or for a list
			out = append(out, float64(v))
		case float64: // 1e4 for a count
			if v == math.Trunc(v) && math.Abs(v) < 1e15 {
				out = append(out, int64(v))
			}
		}
	}
	return out
}

// fieldOf is the type of the field that TOML calls by the name.
func fieldOf(config any, name string) (reflect.Type, bool) {
	t := reflect.TypeOf(config).Elem()
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("toml"), ","); tag == name {
			return t.Field(i).Type, true
		}
	}
	return nil, false
}

// expected says in words what a field takes.
func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number from 0 to 9223372036854775807"
	case reflect.Float64:
		return "a number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list with commas, each " + expected(t.Elem())
	}
	return "a word"
}

// decode sets one field, which exists. A value of TOML that the field does not
// take is an error.
func decode(config any, name string, value any) error {
	data, err := toml.Marshal(map[string]any{name: value})
	if err != nil {
		return err
	}
	return toml.Unmarshal(data, config)
}

// readConfig reads --config, the TOML file of a figure: its parameters, and its
// size unless --quick says which.
func (r *reproduction) readConfig(figures []paper.Figure) error {
	if !r.cmd.Flags().Changed("config") {
		return nil
	}
	path := r.Config
	data, err := os.ReadFile(path)
	if err != nil {
		return run.UsageOf(run.FileError(path, err))
	}
	var file struct {
		Figure     string         `toml:"figure"`
		Quick      bool           `toml:"quick"`
		Parameters map[string]any `toml:"parameters"`
	}
	if err := toml.Unmarshal(data, &file); err != nil {
		return run.Usagef("%s: not valid TOML: %v", path, err)
	}
	if file.Parameters == nil {
		return run.Usagef("%s: no table [parameters]; expected the TOML file of a figure", path)
	}
	for _, fig := range figures {
		if file.Figure != "" && file.Figure != fig.Name {
			return run.Usagef("%s: it belongs to %s; %s was asked for", path, file.Figure, fig.Name)
		}
	}
	if !r.cmd.Flags().Changed("quick") {
		r.quick = file.Quick
	}
	for name, value := range file.Parameters {
		r.files = append(r.files, parameter{name: name, value: value})
	}
	return nil
}
