package main

import (
	"github.com/spf13/cobra"

	"lowrank/cmd/mfbench/internal/run"
	"lowrank/cmd/mfbench/internal/systems/asymmetric"
	"lowrank/cmd/mfbench/internal/systems/deep"
	"lowrank/cmd/mfbench/internal/systems/sensing"
	"lowrank/cmd/mfbench/internal/systems/symmetric"
)

func newSolve() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "solve",
		Short: "Run gradient descent on a problem",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return run.Usagef("unknown system %q; expected symmetric, asymmetric, sensing or deep", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(symmetric.NewSolve(), asymmetric.NewSolve(), sensing.NewSolve(), deep.NewSolve())
	return cmd
}
