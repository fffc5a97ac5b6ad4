package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// parameter is a value for a figure's configuration.
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
			return nil, usagef("--set %s: expected NAME=VALUE", s)
		}
		out = append(out, parameter{name, text, nil})
	}
	changed := r.cmd.Flags().Changed
	if changed("seed") {
		out = append(out, parameter{"seed", fmt.Sprint(r.seed), r.seed})
	}
	if changed("d") {
		out = append(out, parameter{"d", fmt.Sprint(r.d), r.d})
	}
	if changed("iters") {
		out = append(out, parameter{"iterations", fmt.Sprint(r.iters), r.iters})
	}
	if changed("dense") {
		sigma := "diagonal"
		if r.dense {
			sigma = "dense"
		}
		out = append(out, parameter{"sigma", sigma, sigma})
	}
	return out, nil
}

// configure sets parameters of a figure: those of --config, then the flags.
func (r *reproduction) configure(config any) error {
	for _, p := range r.files {
		if err := p.set(config, r.config); err != nil {
			return err
		}
	}
	for _, p := range r.flags {
		if err := p.set(config, "flags"); err != nil {
			return err
		}
	}
	return nil
}

// set gives the field of that name the value. A text without a value is tried
// as TOML, as a list, and as a word.
func (p parameter) set(config any, from string) error {
	if p.value != nil {
		return decode(config, p.name, p.value, from)
	}
	var first error
	for _, text := range []string{p.text, "[" + p.text + "]", fmt.Sprintf("%q", p.text)} {
		var file map[string]any
		if err := toml.Unmarshal([]byte("v = "+text), &file); err != nil {
			continue
		}
		values := []any{file["v"]}
		if n, ok := file["v"].(int64); ok {
			values = append(values, float64(n)) // 1 for a parameter that may be 0.5
		}
		for _, v := range values {
			err := decode(config, p.name, v, from)
			if err == nil {
				return nil
			}
			if first == nil {
				first = err
			}
		}
	}
	if first == nil {
		first = usagef("%s: %s=%s is not a value", from, p.name, p.text)
	}
	return first
}

// decode sets one field, which must exist.
func decode(config any, name string, value any, from string) error {
	data, err := toml.Marshal(map[string]any{name: value})
	if err != nil {
		return err
	}
	dec := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	err = dec.Decode(config)
	var strict *toml.StrictMissingError
	switch {
	case errors.As(err, &strict):
		return usagef("%s: the figure has no parameter %s", from, name)
	case err != nil:
		return usagef("%s: parameter %s: %v", from, name, err)
	}
	return nil
}

// figureParameters reads the table parameters of a figure's TOML file.
func figureParameters(path string) (parameters, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError{fileError(path, err)}
	}
	var file struct {
		Parameters map[string]any `toml:"parameters"`
	}
	if err := toml.Unmarshal(data, &file); err != nil {
		return nil, usagef("%s: not valid TOML: %v", path, err)
	}
	if file.Parameters == nil {
		return nil, usagef("%s: no table [parameters]; expected the TOML file of a figure", path)
	}
	var out parameters
	for name, value := range file.Parameters {
		out = append(out, parameter{name: name, value: value})
	}
	return out, nil
}
