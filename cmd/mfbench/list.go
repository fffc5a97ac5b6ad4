package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"lowrank/bench/paper"
	"lowrank/cmd/mfbench/internal/run"
)

func newList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the figures that reproduce can make",
		Example: "  mfbench list",
		Args:    run.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			var figures []map[string]string
			for _, f := range paper.Figures() {
				figures = append(figures, map[string]string{"name": f.Name, "title": f.Title})
				if !asJSON {
					fmt.Fprintf(cmd.OutOrStdout(), "%-22s %s\n", f.Name, f.Title)
				}
			}
			if asJSON {
				return run.PrintJSON(cmd.OutOrStdout(), map[string]any{"figures": figures})
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().Bool("quiet", false, "there is no progress to silence")
	return cmd
}
