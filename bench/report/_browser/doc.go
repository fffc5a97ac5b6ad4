// Package browser tests the page of package report in a headless Chromium. It
// is a module of its own, so that what it depends on reaches no user.
//
//	go test -count=1 ./...                       a page of made-up figures
//	REPORT_DIR=/path/of/out go test -count=1 ./... one that mfbench reproduce wrote
//
// CHROMIUM names the browser where it is not called chromium. SCREENSHOTS names
// a directory for pictures of the page in light, dark and narrow.
package browser
