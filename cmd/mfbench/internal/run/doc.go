// Package run is what the solve commands of all systems share: the flags of a run
// and the configuration that repeats it, the loop over its iterates, its checkpoint,
// its progress, and what it saves and reports.
//
// Start at Request, which a command line becomes, and at All, which makes the runs
// that it asks for. It knows no system: packages above it bring a Planner, their flags
// and files, and build a System, a problem that is ready to be run.
package run
