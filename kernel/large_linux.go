package kernel

import "syscall"

// adviseHuge is advice: where it is refused, pages stay small.
func adviseHuge(pages []byte) { _ = syscall.Madvise(pages, syscall.MADV_HUGEPAGE) }
