//go:build openblas && cgo

package openblas

/*
#cgo LDFLAGS: -lopenblas
#include <stdlib.h>

// Declared here, not included: the header's place differs between systems.
extern void  openblas_set_num_threads(int n);
extern int   openblas_get_num_threads(void);
extern char *openblas_get_config(void);
extern char *openblas_get_corename(void);
*/
import "C"

import (
	"strconv"

	"gonum.org/v1/netlib/blas/netlib"

	"lowrank/kernel"
)

func init() {
	kernel.Register(kernel.Backend{
		Name:          "openblas",
		Rank:          50,
		ThreadsItself: true,
		// OpenBLAS owns the threads: it is called from one goroutine and
		// splits the work itself. The number is one for the whole process.
		Open: func(threads int) kernel.Implementation {
			C.openblas_set_num_threads(C.int(threads))
			return netlib.Implementation{}
		},
		ThreadsInUse: func() int { return int(C.openblas_get_num_threads()) },
		Facts: func() []kernel.Fact {
			return []kernel.Fact{
				{Name: "core", Value: C.GoString(C.openblas_get_corename())},
				{Name: "configuration", Value: C.GoString(C.openblas_get_config())},
				{Name: "threads", Value: strconv.Itoa(int(C.openblas_get_num_threads())) + ", its own; results may depend on their number"},
			}
		},
	})
}
