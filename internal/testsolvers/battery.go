package testsolvers

import "testing"

// Battery is what a kind of method is tested on. A part of the battery that has no
// problems fails, unless it is among Without.
type Battery[M Method] struct {
	// Iterate is that of a method. It may share storage.
	Iterate func(m M) Iterate
	// Says is what a method knows beside its iterate, such as a Gram matrix or a loss: it
	// must have the same bits where the iterates have. May be nil.
	Says func(m M) [][]float64
	// Use is a use of a method that a Restore must undo. May be nil.
	Use func(m M)

	// Trajectories are compared with plain loops, on every backend.
	Trajectories []Trajectory[M]
	// Gradients are compared with finite differences.
	Gradients []Gradient[M]
	// Restored are saved, and go on from there, on every backend.
	Restored []Problem[M]
	// Splits are the iterates at which they are, and where the runs end; nil for a few.
	Splits []int
	// Fresh: a state is restored by a method that has made no steps, from the same start.
	Fresh bool
	// Foreign are states that a method must refuse.
	Foreign []Foreign[M]
	// Identities are problems that fingerprints must tell apart.
	Identities []Identity[M]
	// Threaded are large enough that threads share their steps.
	Threaded []Problem[M]
	// Allocations are of steps that allocate nothing.
	Allocations []Problem[M]
	// Divergent grow without bound, on every backend.
	Divergent []Problem[M]
	// StepsSay is why what a method says may change in a step that fails; empty: it does not.
	StepsSay string
	// Ensembles are runs together, each as it is alone.
	Ensembles []Ensemble[M]

	// Without are parts that the method has not, and why.
	Without map[string]string
}

// Run runs the battery.
func Run[M Method](t *testing.T, b Battery[M]) {
	part := func(name string, problems int, test func(t *testing.T)) {
		why, without := b.Without[name]
		switch {
		case without == (problems > 0):
			t.Errorf("%s: %d problems, and left out: %q", name, problems, why)
		case !without:
			t.Run(name, test)
		}
	}
	s := system[M]{b.Iterate, b.Says, b.Use}
	part("trajectories", len(b.Trajectories), func(t *testing.T) { s.trajectories(t, b.Trajectories) })
	part("gradients", len(b.Gradients), func(t *testing.T) { s.gradients(t, b.Gradients) })
	part("restore", len(b.Restored), func(t *testing.T) { s.restore(t, b.Restored, b.Splits, b.Fresh) })
	part("foreign", len(b.Foreign), func(t *testing.T) { s.foreign(t, b.Foreign) })
	part("fingerprints", len(b.Identities), func(t *testing.T) { s.fingerprints(t, b.Identities) })
	part("threads", len(b.Threaded), func(t *testing.T) { s.threads(t, b.Threaded) })
	part("allocations", len(b.Allocations), func(t *testing.T) { s.allocations(t, b.Allocations) })
	part("divergence", len(b.Divergent), func(t *testing.T) { s.divergence(t, b.Divergent, b.StepsSay != "") })
	part("ensemble", len(b.Ensembles), func(t *testing.T) { s.ensembles(t, b.Ensembles) })
}
