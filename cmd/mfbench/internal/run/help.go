package run

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

// untilHelp is what the help of every solve command says of when a run ends.
const untilHelp = `

With --iters and without --tol a run makes exactly so many iterations. Without --iters it
ends where the gradient is as small as rounding lets it become ("converged to rounding"),
at the latest after 10⁶: the relative gradient is at most 4ε√n·(‖Σ‖‖X‖/‖ΣX‖), n the length
of the longest sums, and has fallen by less than a tenth in the last ninth of all
iterations. The error beside it says what X leaves of the data; the best possible error of
that rank is printed where the leading values are known or found at little cost.`

// mostIterations are made without --iters, where the gradient does not come to rounding.
const mostIterations = 1_000_000

// autoStep is the name of the step that the run finds out itself.
const autoStep = "auto"

// autoHelp is what the help of every solve command says of it.
const autoHelp = `

--step auto chooses η from an estimate of the spectral norm of the data, which takes up to
12 passes, and from the size of the start: 1/(4·max(σ_1, ‖start‖²)), for deep
factorization 1/(2N·max(σ_1^(2−2/N), …)). Where the run diverges all the same it begins
again with half of the step: stderr says so, and --json has step_halvings.`
