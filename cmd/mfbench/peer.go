package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"lowrank/bench/peers"
	"lowrank/cmd/mfbench/internal/run"
)

// selfAsPeer is the command that starts this program as a peer; the name of a
// backend follows.
func selfAsPeer() ([]string, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("this program cannot find itself to start its backends: %w", err)
	}
	return []string{path, "peer", "--backend"}, nil
}

// newPeer is the command that compare starts for each backend.
func newPeer() *cobra.Command {
	var c run.Common
	cmd := &cobra.Command{
		Use:    "peer DIR D ETA DTYPE THREADS",
		Short:  "Speak the protocol of bench/peers on the standard streams",
		Hidden: true,
		Args: func(_ *cobra.Command, args []string) error {
			if _, err := peers.ParseJob(args); err != nil {
				return run.UsageOf(err)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			job, err := peers.ParseJob(args)
			if err != nil {
				return run.UsageOf(err)
			}
			c.Threads = job.Threads
			b, err := c.Open(cmd)
			if err != nil {
				return err
			}
			return peers.Serve(b, job, cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&c.Backend, "backend", peers.Base, "the backend to run")
	run.Complete(cmd, "backend", run.BackendNames()...)
	return cmd
}
