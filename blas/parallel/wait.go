package parallel

import "runtime"

// WaitFor looks until ready says true. It spins for some hundred
// microseconds, longer than parts of a pass take; then it lets other processes
// have the processor, because what it waits for may not be running.
func WaitFor(ready func() bool) {
	for n := 1; !ready(); n++ {
		if n > 1000 {
			runtime.Gosched()
		}
		if n > 3000 {
			yield()
		}
	}
}
