package run

import (
	"strings"

	"github.com/spf13/cobra"
)

// Request is what a command line asks for: the flags that every solve command has, as
// one run takes them. It is a value: Parse makes one for each run, and nothing changes
// it once Parse has returned.
type Request struct {
	Common
	Cmd        *cobra.Command
	Rank       int
	Step       string
	StepValue  float64 // of --step, 0 for a step by its name
	Iters      int
	Tol        float64
	Trace      string
	Every      int
	Checkpoint checkpointFlags
	ofProblem  uint64 // --problem-seed
	profiles   Profiles
	Vary       []string
	Runs       [][]Setting // of --vary, what each run has of its own; none without it
	Run        int         // which of them this request is for
	Planning   bool        // nothing is run or written
	Probe      *Probe      // of a run that plan learns from, else nil

	flags []parsed // all flags, as the resolved configuration has them
}

// runHelp is what the help of every solve command says of its runs.
const runHelp = `

Beside each result FILE stands FILE.toml, the resolved configuration, which
--config reads back; flags override it, and a source or a start on the command line
replaces the file's with all that belongs to it. --checkpoint FILE --resume goes on
after any kill, with the bits of an unbroken run.

--vary makes several runs of one problem, all combinations where it is repeated. Each
has the bits that it has alone, --method krylov and auto excepted; on the backend native they
share each reading of a dense Σ or A and of the matrices of sensing. Results are numbered: x-1.npy, x-2.npy,
and so on; --json has a list, runs, and as error the largest of theirs. The problem
stays that of the first seed, or of --problem-seed.`

// AddRun adds the flags, and what help says of them; steps are the steps that have
// a name.
func (f *Request) AddRun(cmd *cobra.Command, stepHelp string, steps ...string) {
	f.Cmd = cmd
	cmd.Long = strings.TrimRight(cmd.Long, "\n") + runHelp
	f.Add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.Step, "step", "", stepHelp)
	fl.IntVar(&f.Iters, "iters", 1000, "number of iterations")
	fl.Float64Var(&f.Tol, "tol", 0, "stop at this relative gradient norm")
	fl.StringVar(&f.Trace, "trace", "", "write the recorded iterates here, .csv")
	fl.IntVar(&f.Every, "every", 1, "record every K-th iterate in the trace")
	fl.Uint64Var(&f.ofProblem, "problem-seed", 0, "seed of a generated problem, and of its eigenpairs (default: --seed)")
	fl.StringArrayVar(&f.Vary, "vary", nil, "several runs from one reading of the data: seed=1:10, step=0.1,0.05, or scale=0.5,0.1 where there is a --scale")
	f.Checkpoint.add(cmd)
	f.profiles.Add(cmd)
	if len(steps) > 0 {
		Complete(cmd, "step", steps...)
	}
}

// ProblemSeed is the seed of what is not the start.
func (f *Request) ProblemSeed() uint64 {
	if f.Changed("problem-seed") {
		return f.ofProblem
	}
	return f.Seed
}

// notParsed: flags are asked of a request that is not made yet.
const notParsed = "run: a request knows what was given once it is parsed"

// Setting is the value of a flag in one run of --vary.
type Setting struct{ Flag, Value string }
