package peers

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// startBound starts a process that the kernel ends when this program ends, however
// that ends. The kernel goes by the thread that started it, so one thread that
// stays starts all.
func startBound(c *exec.Cmd) error {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	done := make(chan error)
	starter() <- func() { done <- c.Start() }
	return <-done
}

var starter = sync.OnceValue(func() chan<- func() {
	jobs := make(chan func())
	go func() {
		runtime.LockOSThread()
		for job := range jobs {
			job()
		}
	}()
	return jobs
})
