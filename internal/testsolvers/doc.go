// Package testsolvers tests methods of the solvers, all alike, as testblas tests backends.
// Only tests import it.
//
// The test of a system fills a Battery with problems of its own and calls Run. What the
// battery asks of a method is what the rest of the program relies on: its steps are those
// of plain loops and of finite differences, have the same bits for any number of threads,
// alone and in an ensemble, and after Save and Restore; they allocate nothing; a divergence
// leaves the last finite iterate; a fingerprint tells problems apart.
//
// Start at Battery; solvers/asymmetric/battery_test.go is an example.
package testsolvers
