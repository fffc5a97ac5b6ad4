package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"lowrank/bench"
	"lowrank/bench/paper"
)

func newReproduce() *cobra.Command {
	var c common
	var quick, dense bool
	var d, iters int
	cmd := &cobra.Command{
		Use:   "reproduce NAME...|all",
		Short: "Reproduce figures of the papers, with verdicts",
		Long: `Run the experiment of a figure with the paper's parameters and write its data
(CSV), picture (SVG and PNG) and resolved configuration (TOML) to
DIR/<system>/<figure>.*, DIR being --out. Each verdict is a line: PASS or FAIL,
what the figure must show, and the number it rests on. A failing verdict makes
the exit code 1.

--config reads the [parameters] of such a TOML file; the flags --seed, --d,
--iters and --dense override it.`,
		Example: `  mfbench reproduce symmetric/fig1
  mfbench reproduce symmetric/fig1 --dense --seed 7 --out results
  mfbench reproduce all --quick`,
		ValidArgs: figureNames(),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("reproduce needs the name of a figure, or all; mfbench list shows them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			figures, err := paper.Find(args...)
			if err != nil {
				return usageError{err}
			}
			flags := map[string]any{}
			for name, set := range map[string]func(){
				"seed":  func() { flags["seed"] = c.seed },
				"d":     func() { flags["d"] = d },
				"iters": func() { flags["iterations"] = iters },
				"dense": func() {
					flags["sigma"] = "diagonal"
					if dense {
						flags["sigma"] = "dense"
					}
				},
			} {
				if cmd.Flags().Changed(name) {
					set()
				}
			}
			parameters, err := figureParameters(c.config)
			if err != nil {
				return err
			}
			b, err := c.open(cmd)
			if err != nil {
				return err
			}
			if c.dtype != "f64" {
				return usagef("--dtype is %s; the verdicts of the figures hold in f64", c.dtype)
			}
			if err := makeDir(c.out); err != nil {
				return err
			}
			failed := false
			var objects []map[string]any
			for _, fig := range figures {
				began := time.Now()
				var bar *progress
				rep, err := fig.Run(cmd.Context(), paper.Request{
					Backend: b, Quick: quick,
					Configure: func(config any) error {
						if err := setParameters(config, parameters, c.config); err != nil {
							return err
						}
						return setParameters(config, flags, "flags")
					},
					Progress: func(done, total int) {
						if bar == nil {
							bar = startProgress(cmd.ErrOrStderr(), c.quiet, fig.Name, total)
						}
						bar.done.Store(int64(done))
					},
				})
				if bar != nil {
					bar.stop()
				}
				var config paper.ConfigError
				if errors.As(err, &config) {
					return usageError{err}
				}
				if err != nil {
					return err
				}
				paths, err := rep.Write(c.out, b)
				if err != nil {
					return err
				}
				w := cmd.OutOrStdout()
				var verdicts []string
				for _, v := range rep.Verdicts {
					verdicts = append(verdicts, v.String())
					fmt.Fprintf(w, "%s  %s\n", fig.Name, v)
				}
				for _, p := range paths {
					fmt.Fprintf(w, "%s  wrote %s\n", fig.Name, p)
				}
				fmt.Fprintf(w, "%s  cost: %s\n", fig.Name, rep.Cost)
				failed = failed || !rep.Passed()
				if c.json {
					status := "passed"
					if !rep.Passed() {
						status = "failed"
					}
					objects = append(objects, map[string]any{
						"figure": fig.Name, "quick": quick, "status": status, "verdicts": verdicts, "files": paths,
						"iterations": rep.Cost.Iterations, "passes": rep.Cost.Passes,
						"error": rep.Error, "distance": rep.Distance,
						"seconds": rep.Cost.Time.Seconds(), "total_seconds": time.Since(began).Seconds(),
						"iterations_per_second": rep.Cost.IterationsPerSecond(),
						"backend":               b.Name, "kernel": bench.RowName(b), "threads": b.Threads, "dtype": "f64",
					})
				}
			}
			if c.json {
				object := map[string]any{"status": "passed", "figures": objects}
				if failed {
					object["status"] = "failed"
				}
				if len(objects) == 1 {
					object = objects[0]
				}
				if err := printJSON(cmd.OutOrStdout(), object); err != nil {
					return err
				}
			}
			if failed {
				return errSaid // the verdict lines say what
			}
			return nil
		},
	}
	c.add(cmd)
	f := cmd.Flags()
	f.Lookup("out").DefValue, c.out = "out", "out"
	f.BoolVar(&quick, "quick", false, "a size that takes seconds; the picture says so")
	f.BoolVar(&dense, "dense", false, "symmetric: a dense Σ = QΛQᵀ instead of the diagonal Λ")
	f.IntVar(&d, "d", 0, "another dimension (default: the paper's)")
	f.IntVar(&iters, "iters", 0, "another number of iterations (default: as configured)")
	return cmd
}

func figureNames() []string {
	names := []string{"all"}
	for _, f := range paper.Figures() {
		names = append(names, f.Name)
	}
	return names
}

// figureParameters reads the table parameters of a figure's TOML file.
func figureParameters(path string) (map[string]any, error) {
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
	return file.Parameters, nil
}

// setParameters sets fields of a figure's configuration; every name must exist
// there.
func setParameters(config any, values map[string]any, from string) error {
	if len(values) == 0 {
		return nil
	}
	data, err := toml.Marshal(values)
	if err != nil {
		return err
	}
	dec := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	err = dec.Decode(config)
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		return usagef("%s: the figure has no parameter %v", from, strings.Join(strict.Errors[0].Key(), "."))
	}
	if err != nil {
		return usagef("%s: %v", from, err)
	}
	return nil
}
