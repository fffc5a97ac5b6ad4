/* What the compiled peers share: the protocol (see protocol.go) and reading files. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#ifdef F32
typedef float element;
#else
typedef double element;
#endif

static const char *folder;
static int d, threads;
static element eta;
static element *sigma; /* d×d */

static void fail(const char *what, const char *which) {
	printf("error %s %s\n", what, which);
	fflush(stdout);
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

static void load(const char *name, element *to, size_t n) {
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "rb");
	if (!f || fread(to, sizeof(element), n, f) != n) fail("cannot read", path);
	fclose(f);
}

static void start(char **argv) {
	folder = argv[1];
	d = atoi(argv[2]);
	eta = (element)atof(argv[3]);
	threads = atoi(argv[5]);
	sigma = allocate((size_t)d * d);
	load("sigma.bin", sigma, (size_t)d * d);
}

/* serve answers commands until quit. use prepares a variant from the row-major
   x0 and returns NULL, or why the variant is not for this r; get copies the
   iterate out, row-major. */
static int serve(const char *variants, const char *about, const char *(*use)(const char *variant, int r, const element *x0),
                 void (*step)(void), void (*get)(element *x)) {
	char line[8192], variant[64] = "";
	int r = 0;
	element *x0 = NULL;
	printf("variants %s\nready %s\n", variants, about);
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		if (!strcmp(line, "quit")) return 0;
		if (sscanf(line, "use %d %63s", &r, variant) == 2) {
			char name[64];
			snprintf(name, sizeof name, "x0-%d.bin", r);
			free(x0);
			x0 = allocate((size_t)d * r);
			load(name, x0, (size_t)d * r);
			const char *no = use(variant, r, x0);
			printf(no ? "no %s\n" : "ok\n", no);
			if (no) r = 0;
		} else if (r == 0) {
			printf("error expected use R VARIANT first\n");
		} else if (!strncmp(line, "steps ", 6)) {
			struct timespec from, to;
			long n = atol(line + 6);
			clock_gettime(CLOCK_MONOTONIC, &from);
			for (long i = 0; i < n; i++) step();
			clock_gettime(CLOCK_MONOTONIC, &to);
			printf("%.9f\n", (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec));
		} else if (!strcmp(line, "reset")) {
			use(variant, r, x0);
			printf("ok\n");
		} else if (!strncmp(line, "save ", 5)) {
			size_t n = (size_t)d * r;
			element *x = allocate(n);
			get(x);
			FILE *f = fopen(line + 5, "wb");
			if (!f || fwrite(x, sizeof(element), n, f) != n || fclose(f)) fail("cannot write", line + 5);
			free(x);
			printf("ok\n");
		} else {
			printf("error unknown command %s\n", line);
		}
		fflush(stdout);
	}
	return 0;
}
