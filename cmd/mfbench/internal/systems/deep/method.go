package deep

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"lowrank/blas"
	"lowrank/cmd/mfbench/internal/run"
	"lowrank/solvers/deep"
)

// sharedDecomposition is that of Ŵ, which all runs of --vary share.
type sharedDecomposition struct {
	of   *deep.Decomposition // nil before it is needed
	took time.Duration       // to compute it, once for all of them
}

// spectralHelp is what the help of the command says of them.
const spectralHelp = `

--method spectral follows the same trajectory from the identity and the perturbed
start and square factors, of a symmetric Ŵ = VΛVᵀ: there all factors stay diagonal in V,
and after one eigendecomposition an iteration is n scalars (18) or n pairs (40), (41). It
reports the errors of the decomposition, and as rounding_error an estimate of the relative
error of W_N⋯W_1, null where rounding has grown to where that is not predictable.
direct_departs is the iterate from which the direct method is expected to show another
product, because there rounding decides: in floating point it recovers negative
eigenvalues that in exact arithmetic the identity start does not, and from both starts
may leave the matrices that are diagonal in V. It is null where that is not expected, and,
with direct_departs_reason, where it is not predicted: from the step 2/(Nλ^(2−2/N)) on,
λ = ‖Ŵ‖. Of a Ŵ that is symmetric but for rounding the run is that of (Ŵ+Ŵᵀ)/2, and
asymmetry = ‖Ŵ − Ŵᵀ‖/(2‖Ŵ‖) is reported; the direct method keeps to Ŵ, of which it recovers
those eigenvalues in exact arithmetic too, and departs earlier. auto takes the method that
is expected to be faster, and says which; past direct_departs the two show different
products.`

func (m *spectralFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&m.method, "method", "direct", "direct: products of matrices in each iteration; spectral: the eigenvalues of a symmetric Ŵ; auto")
	run.Complete(cmd, "method", "direct", "spectral", "auto")
}

// Called is the method as it was asked for.
func (m *spectralFlags) Called() string { return m.method }

// check validates them as far as Ŵ need not be known.
func (m *spectralFlags) check(f *Flags) error {
	switch m.method {
	case "direct", "auto":
		return nil
	case "spectral":
	default:
		return run.Usagef("--method is %q; expected direct, spectral or auto", m.method)
	}
	switch {
	case f.Dtype == "f32":
		return run.Usagef("--method spectral computes in float64; use --dtype f64")
	case f.w0 != "":
		return run.Usagef("--method spectral needs --init identity or perturbed; --w0 gives the start")
	case f.init == "gaussian":
		return run.Usagef("--method spectral needs --init identity or perturbed; --init is gaussian")
	}
	return nil
}

// choose is the method of a run; auto says what it takes, and why where it has no
// choice.
func (m *spectralFlags) choose(f *Flags, b *blas.Backend, target blas.General[float64]) (string, error) {
	if m.method == "direct" {
		return m.method, nil
	}
	var unfit error
	switch {
	case f.Dtype == "f32":
		unfit = run.Usagef("--method spectral computes in float64")
	case f.w0 != "" || f.init == "gaussian":
		unfit = run.Usagef("--method spectral needs --init identity or perturbed")
	default:
		if err := deep.CheckSymmetric(target); err != nil {
			unfit = fmt.Errorf("--method spectral: %w", err)
		} else if f.width != target.Rows {
			unfit = run.Usagef("--method spectral needs square factors; --width is %d and Ŵ of order %d", f.width, target.Rows)
		}
	}
	if m.method == "spectral" {
		return m.method, unfit
	}
	if unfit == nil {
		if method, err := f.Checkpoint.BegunBy(); method != "" || err != nil {
			return method, err
		}
	}
	method, why := "direct", "is taken: "
	if unfit == nil {
		method, why = m.faster(f, b, target.Rows), "is expected to be faster"
	} else {
		why += unfit.Error()
	}
	if !f.Quiet && f.Run == 0 {
		fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: method %s %s\n", method, why)
	}
	return method, nil
}

// faster is the method that is expected to take less time for a Ŵ of order n, all runs
// of --vary together.
func (m *spectralFlags) faster(f *Flags, b *blas.Backend, n int) string {
	w := deep.Work{
		Order: n, Factors: f.depth, Iterations: f.Expected(), Runs: max(len(f.Runs), 1), Threads: b.Threads,
		Theory: f.theory, Norm: f.Step == "theory",
	}
	if f.Trace != "" || f.Out != "" {
		w.Records = float64(f.Expected())/float64(f.Every) + 1
	}
	if w.Faster() {
		return "spectral"
	}
	return "direct"
}

// longOrder is the order from which on a decomposition is announced: it takes seconds.
const longOrder = 1000

// decompose is the eigenbasis of Ŵ, computed once. The routines cannot be interrupted:
// where ctx ends they are left alone, and the command ends.
func (m *sharedDecomposition) decompose(ctx context.Context, f *Flags, b *blas.Backend, began time.Time, target blas.General[float64]) (*deep.Decomposition, error) {
	if m.of != nil {
		return m.of, nil
	}
	if n := float64(target.Rows); target.Rows > longOrder && !f.Quiet {
		fmt.Fprintf(f.Cmd.ErrOrStderr(), "mfbench: the eigendecomposition of order %d takes long, some %.0f s\n", target.Rows, math.Max(3e-9*n*n*n, 1))
	}
	start := time.Now()
	var of *deep.Decomposition
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		of, err = deep.Decompose(b, target)
	}()
	select {
	case <-ctx.Done():
		return nil, f.CancelledBefore(b, began, "deep", "the eigenvalues of Ŵ were computed")
	case <-done:
	}
	if ctx.Err() != nil { // both were ready
		return nil, f.CancelledBefore(b, began, "deep", "the eigenvalues of Ŵ were computed")
	}
	if err != nil {
		return nil, fmt.Errorf("--method spectral: %w", err)
	}
	m.of, m.took = of, time.Since(start)
	return of, nil
}
