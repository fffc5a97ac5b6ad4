package krylov

import "errors"

// Tolerance is the default part of an iterate that keeping to a basis may change it
// by.
const Tolerance = 1e-12

// Reserve is the part of the tolerance that a basis may use up at a time: what leaves
// it early may be amplified later, where the trajectory leaves a saddle.
const Reserve = 1e-3

// ErrNotSaved is the error of Save and Restore.
var ErrNotSaved = errors.New("a trajectory in a Krylov basis is not saved")
