/* What the compiled peers share: the protocol (see protocol.go) and reading files. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#ifdef F32
typedef float element;
#else
typedef double element;
#endif

static const char *folder;
static int d, threads, lds;
static element eta;
static element *sigma;  /* d×d, lds from row to row */
static FILE *answers;

static void fail(const char *what, const char *which) {
	fprintf(answers, "error %s %s\n", what, which);
	fflush(answers);
	exit(1);
}

/* allocate returns memory on whole huge pages where the system gives them. */
static element *allocate(size_t n) {
	const size_t page = (size_t)2 << 20;
	size_t bytes = (n * sizeof(element) + page - 1) / page * page;
	void *p = NULL;
	if (posix_memalign(&p, page, bytes)) fail("no memory for", "a matrix");
#ifdef MADV_HUGEPAGE
	madvise(p, bytes, MADV_HUGEPAGE);
#endif
	memset(p, 0, bytes);
	return (element *)p;
}

/* load reads rows of so many columns to places that are apart by ld. */
static void load(const char *name, element *to, int rows, int columns, int ld) {
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "rb");
	if (!f) fail("cannot read", path);
	for (size_t i = 0; i < (size_t)rows; i++)
		if (fread(to + i * ld, sizeof(element), columns, f) != (size_t)columns) fail("cannot read", path);
	fclose(f);
}

static void start(char **argv) {
	/* What a library prints is no answer. */
	answers = fdopen(dup(1), "w");
	dup2(2, 1);
	folder = argv[1];
	d = atoi(argv[2]);
	eta = (element)atof(argv[3]);
	threads = atoi(argv[5]);
	/* Rows begin with a line of the cache, and not apart by a multiple of 1 KiB, or
	   they fall into few sets. */
	const int line = 64 / (int)sizeof(element);
	lds = (d + line - 1) / line * line;
	if (lds * sizeof(element) % 1024 == 0) lds += line;
	sigma = allocate((size_t)d * lds);
	load("sigma.bin", sigma, d, d, lds);
}

/* serve answers commands until quit. use prepares a variant from the row-major
   x0 and returns NULL, or why the variant is not for this r; get copies the
   iterate out, row-major. library is a path, or empty. */
static int serve(const char *variants, const char *library, const char *about, const char *(*use)(const char *variant, int r, const element *x0),
                 void (*step)(void), void (*get)(element *x)) {
	char line[8192], variant[64] = "";
	int r = 0;
	element *x0 = NULL;
	fprintf(answers, "variants %s\n", variants);
	if (*library) fprintf(answers, "library %s\n", library);
	fprintf(answers, "ready %s\n", about);
	fflush(answers);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "quit")) return 0;
		if (sscanf(line, "use %d %63s", &r, variant) == 2) {
			char name[64];
			snprintf(name, sizeof name, "x0-%d.bin", r);
			free(x0);
			x0 = allocate((size_t)d * r);
			load(name, x0, d, r, r);
			const char *no = use(variant, r, x0);
			fprintf(answers, no ? "no %s\n" : "ok\n", no);
			if (no) r = 0;
		} else if (r == 0) {
			fprintf(answers, "error expected use R VARIANT first\n");
		} else if (!strncmp(line, "steps ", 6)) {
			struct timespec from, to;
			long n = atol(line + 6);
			clock_gettime(CLOCK_MONOTONIC, &from);
			for (long i = 0; i < n; i++) step();
			clock_gettime(CLOCK_MONOTONIC, &to);
			fprintf(answers, "%.9f\n", (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec));
		} else if (!strcmp(line, "reset")) {
			use(variant, r, x0);
			fprintf(answers, "ok\n");
		} else if (!strncmp(line, "save ", 5)) {
			size_t n = (size_t)d * r;
			element *x = allocate(n);
			get(x);
			FILE *f = fopen(line + 5, "wb");
			if (!f || fwrite(x, sizeof(element), n, f) != n || fclose(f)) fail("cannot write", line + 5);
			free(x);
			fprintf(answers, "ok\n");
		} else {
			fprintf(answers, "error unknown command %s\n", line);
		}
		fflush(answers);
	}
	return 0;
}
