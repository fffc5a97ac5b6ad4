# Targets: all dist notices asm test test-purego test-purego-long test-openblas test-arm64 race layers lint bench bench-save bench-diff count count-save shapes figures figures-all peers browser check ci

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Keys of results that may differ between two runs on one machine.
VARYING = bandwidth-gbs,peak-f64-gfs,peak-f32-gfs,cache-gbs,go,lowrank
BENCHSTAT = golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

# The ladder, lowest step first. A package may import those above its line here,
# and none on its own line or below.
LADDER = \
	lowrank/internal/exact lowrank/internal/twofold \
	lowrank/kernel \
	lowrank/blas/parallel \
	lowrank/blas \
	lowrank/blas/native,lowrank/blas/reference,lowrank/blas/openblas,lowrank/blas/testblas \
	lowrank/blas/backends \
	lowrank/solvers \
	lowrank/solvers/operator,lowrank/internal/testsolvers \
	lowrank/solvers/eigen \
	lowrank/solvers/krylov \
	lowrank/solvers/stepsize \
	lowrank/solvers/symmetric,lowrank/solvers/asymmetric,lowrank/solvers/sensing,lowrank/solvers/deep \
	lowrank/data,lowrank/data/memory,lowrank/data/matio \
	lowrank/data/problem \
	lowrank \
	lowrank/bench/ceiling \
	lowrank/bench,lowrank/bench/figure \
	lowrank/bench/report,lowrank/bench/count \
	lowrank/bench/suite,lowrank/bench/plan \
	lowrank/bench/paper,lowrank/bench/roofline,lowrank/bench/scale,lowrank/bench/peers \
	lowrank/cmd/mfbench/internal/run \
	lowrank/cmd/mfbench/internal/testsources \
	lowrank/cmd/mfbench/internal/systems/symmetric,lowrank/cmd/mfbench/internal/systems/asymmetric,lowrank/cmd/mfbench/internal/systems/sensing,lowrank/cmd/mfbench/internal/systems/deep \
	lowrank/cmd/mfbench

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: all dist notices asm test test-purego test-purego-long test-openblas openblas test-arm64 qemu race layers lint bench bench-save bench-diff count count-save valgrind shapes figures figures-all peers browser chromium check ci

all: ; go build ./... && go build -o mfbench ./cmd/mfbench

# Archives of the command for people without Go, in dist/: Linux, macOS and Windows, amd64
# and arm64, with SHA256SUMS. The same source and release of Go give the same bytes.
dist: ; cd _dist && go run . archives

# THIRD_PARTY_NOTICES, of the modules that the command is linked from.
notices: ; cd _dist && go run . notices

# Writes the assembly of package kernel.
asm: ; cd kernel/_asm && go run .

test: ; go test ./...

# No assembly of this module, and without it the verdicts on images of 28×28 take ten minutes:
# they are left to test-purego-long.
test-purego: ; go test -tags purego -skip '^TestMNISTVerdicts$$' ./...
test-purego-long: ; go test -tags purego -run '^TestMNISTVerdicts$$' -timeout 60m ./bench/paper

test-openblas: openblas ; go test -tags openblas ./...

# Installs OpenBLAS where a program cannot be linked with it (Debian, Ubuntu).
openblas:
	@echo 'int main(void){return 0;}' | $${CC:-cc} -x c -o /dev/null - -lopenblas 2>/dev/null || \
	  { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q libopenblas-dev; }

# What depends on the processor, on an emulated arm64.
test-arm64: qemu
	GOARCH=arm64 CGO_ENABLED=0 go test -short -timeout 30m -exec "qemu-aarch64" \
	  ./kernel ./blas/native ./blas/parallel ./blas/backends ./solvers/eigen ./data/problem

# Installs qemu-user where it is missing (Debian, Ubuntu).
qemu:
	@command -v qemu-aarch64 >/dev/null || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q qemu-user; }

# Long runs of one goroutine are left to the tests without the detector.
race: ; go test -race -short ./solvers/... ./blas/parallel/... ./blas/native/... ./data/matio/...

# Proves from go list -deps that imports only go down the ladder, then that no circle of
# more than three files leans on itself inside a package; _layers is a module of its own.
layers:
	@go list -deps -f '{{if .Module}}{{if .Module.Main}}{{.ImportPath}} {{join .Imports " "}}{{end}}{{end}}' ./... | \
	awk -v ladder='$(LADDER)' ' \
	BEGIN { n = split(ladder, steps, " "); for (i = 1; i <= n; i++) { m = split(steps[i], names, ","); for (j = 1; j <= m; j++) level[names[j]] = i } } \
	{ seen++; if (!($$1 in level)) { print $$1 " is not on the ladder in the Makefile"; bad = 1; next } \
	  for (i = 2; i <= NF; i++) if ($$i ~ /^lowrank\// && !($$i in level && level[$$i] < level[$$1])) { print $$1 " imports " $$i ", which is not below it"; bad = 1 } } \
	END { if (!seen) { print "go list found no packages"; bad = 1 } if (!bad) print "layers: " seen " packages, imports only go down"; exit bad }'
	@cd _layers && go run .

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "gofmt would change these files"; exit 1; }
	go mod tidy -diff
	go vet ./...
	GOOS=linux GOARCH=arm64 go vet ./...
	GOOS=darwin GOARCH=arm64 go vet ./...
	go run $(STATICCHECK) ./...

# All benchmarks of native: about an hour.
bench: ; go test -run '^$$' -bench './backend=native' -timeout 0 ./bench

# A change against the code before it, on one machine: make bench-save before, make
# bench-diff after. bench-diff runs the saved program and the new one in turn, so
# that both meet the same phases of a shared machine, and shows the results of bench-save beside them:
# their change is the machine's. BENCH chooses, as mfbench bench does:
# BENCH="Level3 --d 512".
BENCHED = bench --benchtime 0.3s $(BENCH)
bench-save:
	go build -o bench-saved ./cmd/mfbench
	./bench-saved $(BENCHED) --count 6 >bench-saved.next && mv bench-saved.next bench-saved.txt || { rm -f bench-saved.next; exit 1; }

bench-diff:
	@test -f bench-saved.txt && test -x bench-saved || { echo "bench-saved or bench-saved.txt is missing; make bench-save writes them, before the change"; exit 1; }
	go build -o bench-new ./cmd/mfbench
	./bench-new $(BENCHED) --benchtime 1x >bench-new.txt
	@for key in cpu threads row; do \
	  [ "$$(grep -m 1 "^$$key:" bench-saved.txt)" = "$$(grep -m 1 "^$$key:" bench-new.txt)" ] || \
	  { echo "bench-saved.txt has $$(grep -m 1 "^$$key:" bench-saved.txt), this run $$(grep -m 1 "^$$key:" bench-new.txt): times of different machines are not compared"; exit 1; }; done
	@rm -f bench-old.txt bench-new.txt
	for i in 1 2 3 4 5 6; do ./bench-saved $(BENCHED) >>bench-old.txt && ./bench-new $(BENCHED) >>bench-new.txt || exit 1; done
	go run $(BENCHSTAT) -ignore $(VARYING) -filter '.unit:(sec/op OR allocs/op)' old=bench-old.txt new=bench-new.txt saved=bench-saved.txt

# Instructions of the kernels and passes under valgrind, compared with
# bench/count/counts.txt; count-save writes the file. linux/amd64, half a minute.
count: valgrind ; go run ./bench/count

count-save: valgrind ; go run ./bench/count --save

# Installs valgrind where it is missing (Debian, Ubuntu).
valgrind:
	@command -v valgrind >/dev/null || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q valgrind; }

# docs/shapes.md: the backends beside each other, shape by shape; each in a
# process of its own, because idle threads of OpenBLAS look for work a while.
shapes: openblas
	go test -tags openblas -c -o shapes.test ./bench
	: >shapes.txt
	for i in 1 2 3 4 5; do for b in native openblas gonum; do cd bench && \
	  ../shapes.test -test.run '^$$' -test.bench "Shapes/backend=$$b$$" -test.benchtime 20ms >>../shapes.txt && cd .. || exit 1; done; done
	go run $(BENCHSTAT) -format csv -ignore $(VARYING) -filter .unit:sec/op -col /backend -row /routine,/m,/n,/k shapes.txt 2>/dev/null | \
	  awk -v threads=$$(nproc) -v date=$$(date +%F) -f bench/shapes.awk >docs/shapes.md

# The pictures of the README, at the papers' size: about two minutes.
figures:
	go run ./cmd/mfbench reproduce symmetric/fig1 sensing/fig3 deep/fig6 asymmetric/fig2 --out docs/figures

# docs/figures at the papers' size: hours, most of them for sensing/fig5. It goes
# on where it was broken off.
figures-all:
	go run ./cmd/mfbench reproduce all --resume --out docs/figures

# Installs what mfbench compare runs beside this program where it is missing
# (Debian, Ubuntu).
PEERS = python3-numpy python3-scipy python3-torch octave libeigen3-dev libopenblas-dev libblis-openmp-dev g++ gcc
peers:
	@missing=; for p in $(PEERS); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends $$missing; }

# The page of the figures in a headless Chromium: made-up figures, or those of DIR.
browser: chromium
	cd bench/report/_browser && REPORT_DIR=$(if $(DIR),$(abspath $(DIR))) go test -count=1 ./...

# Installs Chromium where it is missing (Debian, Ubuntu).
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q chromium; }

check: lint layers test

# What .ci/run adds to the tests.
ci: lint layers test-purego test-openblas race count browser
	go vet -tags openblas ./...
	cd kernel/_asm && go mod tidy -diff && go vet ./... && go run $(STATICCHECK) ./... && go test -count=1 ./... # files outside a module do not count for cached results
	go test -run '^$$' -short -bench . -benchtime 1x ./bench
	cd _layers && go mod tidy -diff && go vet ./... && go run $(STATICCHECK) ./... && go test -count=1 ./...
	cd _dist && go mod tidy -diff && go vet ./... && go run $(STATICCHECK) ./... && go test -count=1 ./...
	cd bench/report/_browser && go mod tidy -diff && go vet ./... && go run $(STATICCHECK) ./...
	out="$$(mktemp -d)" && go run ./cmd/mfbench reproduce all --quick --quiet --out "$$out" && $(MAKE) browser DIR="$$out"
