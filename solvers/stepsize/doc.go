// Package stepsize chooses the step η of gradient descent from the spectral norm of the data,
// which a few readings estimate, and from the size of the start.
//
// Package lowrank at the root and the command's --step auto both take it from here. Start
// reading at step.go.
package stepsize
