package main

import "github.com/spf13/cobra"

func newSolve() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "solve",
		Short: "Run gradient descent on a problem",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown system %q; expected symmetric, asymmetric, sensing or deep", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSolveSymmetric(), newSolveAsymmetric(), newSolveSensing(), newSolveDeep())
	return cmd
}
