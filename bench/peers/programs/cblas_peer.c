/* X ← X + η(ΣX − X(XᵀX)) on a CBLAS, a shared library named by path, as
   Y = ηΣX, Y += X(I − ηXᵀX): three calls and no temporary. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>

#include "protocol.h"

enum { RowMajor = 101, ColMajor = 102, NoTrans = 111, Trans = 112, Lower = 122, Left = 141 };

/* An argument takes 64 bits in a register and on the stack, so a long serves
   libraries whose integers have 32 bits and those whose have 64; but Apple packs
   arguments on the stack of its own processors. */
#if defined(__APPLE__) && defined(__aarch64__)
typedef int integer;
#else
typedef long integer;
#endif

static void *library;
static void (*gemm)(int order, int ta, int tb, integer m, integer n, integer k, element alpha, const element *a, integer lda, const element *b, integer ldb, element beta, element *c, integer ldc);
static void (*symm)(int order, int side, int uplo, integer m, integer n, element alpha, const element *a, integer lda, const element *b, integer ldb, element beta, element *c, integer ldc);
static void (*syrk)(int order, int uplo, int trans, integer n, integer k, element alpha, const element *a, integer lda, element beta, element *c, integer ldc);
static void (*symv)(int order, int uplo, integer n, element alpha, const element *a, integer lda, const element *x, integer incx, element beta, element *y, integer incy);
static void (*gemv)(int order, int trans, integer m, integer n, element alpha, const element *a, integer lda, const element *x, integer incx, element beta, element *y, integer incy);
static element (*dot)(integer n, const element *x, integer incx, const element *y, integer incy);
static void (*axpy)(integer n, element alpha, const element *x, integer incx, element *y, integer incy);

/* Names of builds that can be loaded beside another: scipy_cblas_dgemm64_. */
static const char *prefix = "", *suffix = "";

static void *routine(const char *name) {
	char full[128];
	snprintf(full, sizeof full, "%scblas_%c%s%s", prefix, sizeof(element) == 4 ? 's' : 'd', name, suffix);
	return dlsym(library, full);
}

/* find is NULL for what the library lacks. MKL and BLIS have one name for both
   kinds of integers. */
static void *find(const char *name) {
	char full[128];
	snprintf(full, sizeof full, "%s%s%s", prefix, name, suffix);
	void *found = dlsym(library, full);
	return found ? found : dlsym(library, name);
}

/* number_core puts the number of a core in place of its name in BLIS_ARCH_TYPE:
   BLIS takes numbers, which differ between versions, and AMD's names too. It must
   come before BLIS reads the variable. */
static void number_core(void) {
	const char *wanted = getenv("BLIS_ARCH_TYPE"), *(*name)(int);
	if (!wanted || !(*(void **)&name = find("bli_arch_string"))) return;
	for (int i = 0; strcmp(name(i), "generic"); i++) { /* the last, but of AMD's */
		if (strcmp(name(i), wanted)) continue;
		char number[16];
		snprintf(number, sizeof number, "%d", i);
		setenv("BLIS_ARCH_TYPE", number, 1);
		return;
	}
}

static void open_library(const char *path) {
	const char *prefixes[] = {"", "scipy_"}, *suffixes[] = {"", "64_", "_64"};
	if (!(library = dlopen(path, RTLD_NOW | RTLD_GLOBAL))) {
		char text[8192];
		const char *why = dlerror();
		if (!strncmp(why, path, strlen(path))) fail("cannot load", why);
		snprintf(text, sizeof text, "%s: %s; %s names the directories of what it needs", path, why,
#ifdef __APPLE__
		         "DYLD_LIBRARY_PATH"
#else
		         "LD_LIBRARY_PATH"
#endif
		);
		fail("cannot load", text);
	}
	for (int i = 0; i < 6 && !gemm; i++) {
		prefix = prefixes[i / 3], suffix = suffixes[i % 3];
		*(void **)&gemm = routine("gemm");
	}
	if (!gemm) fail("the library lacks", sizeof(element) == 4 ? "cblas_sgemm" : "cblas_dgemm");
	number_core();
	*(void **)&symm = routine("symm");
	*(void **)&syrk = routine("syrk");
	*(void **)&symv = routine("symv");
	*(void **)&gemv = routine("gemv");
	*(void **)&dot = routine("dot");
	*(void **)&axpy = routine("axpy");
	/* Threads are set by the environment too. */
	const char *setters[] = {"openblas_set_num_threads", "MKL_Set_Num_Threads"};
	for (int i = 0; i < 2; i++) {
		void (*set)(int);
		if ((*(void **)&set = find(setters[i]))) set(threads);
	}
	void (*set)(long);
	if ((*(void **)&set = find("bli_thread_set_num_threads"))) set(threads);
}

/* wide says whether the integers of the library have 64 bits. A number that is less
   than 0 in 64 bits and 1 in the lower 32 makes a sum of no products or of one. */
static int wide(void) {
	const long n = -1 - (long)0xfffffffe;
	const element one = 1;
	if (*suffix || sizeof(integer) < 8) return *suffix != 0;
	return dot && dot((integer)n, &one, 1, &one, 1) == 0;
}

/* threads_in_use is what the library says, else what was asked for. */
static int threads_in_use(void) {
	int (*get)(void);
	const char *getters[] = {"openblas_get_num_threads", "bli_thread_get_num_threads", "MKL_Get_Max_Threads"};
	for (int i = 0; i < 3; i++)
		if ((*(void **)&get = find(getters[i])) && get() > 0) return get();
	return threads;
}

/* file is the one that the library was loaded from, empty where that is not known. */
static const char *file(void) {
	static char path[PATH_MAX];
	Dl_info info;
	if (!dladdr(*(void **)&gemm, &info) || !realpath(info.dli_fname, path)) *path = 0;
	return path;
}

/* describe writes what the library says of itself. */
static void describe(const char *path, char *to, size_t n) {
	const char *(*text)(void), *(*name)(int);
	int (*number)(void);
	char version[256] = "", core[128] = "";
	if ((*(void **)&text = find("openblas_get_config"))) {
		snprintf(version, sizeof version, "%s", text());
		char *end = strchr(version, ' '); /* OpenBLAS 0.3.21 … */
		if (end && (end = strchr(end + 1, ' '))) *end = 0;
		if ((*(void **)&text = find("openblas_get_corename"))) snprintf(core, sizeof core, " %s", text());
	} else if ((*(void **)&text = find("bli_info_get_version_str"))) {
		snprintf(version, sizeof version, "BLIS %s", text());
		if ((*(void **)&number = find("bli_arch_query_id")) && (*(void **)&name = find("bli_arch_string")))
			snprintf(core, sizeof core, " %s", name(number()));
	} else {
		void (*fill)(char *, int);
		if ((*(void **)&fill = find("mkl_get_version_string"))) {
			fill(version, sizeof version - 1);
			for (size_t k = strlen(version); k > 0 && version[k - 1] == ' '; k--) version[k - 1] = 0;
		} else {
			snprintf(version, sizeof version, "%s", path);
		}
	}
	snprintf(to, n, "%s%s%s, threads=%d", version, wide() ? " (64-bit integers)" : "", core, threads_in_use());
}

/* variants lists those whose routines the library has. */
static const char *variants(void) {
	static char names[256];
	snprintf(names, sizeof names, "gemm-rows gemm-columns gemm-transposed-rows gemm-transposed-columns%s%s%s", symm ? " symm-rows symm-columns" : "",
	         symv ? " symv" : "", gemv ? " gemv" : "");
	return names;
}

static int order, r, ldx, by_symm, by_symv, by_gemv, transposed;
static element *x, *y, *m; /* d×r, d×r, r×r */

static const char *use(const char *variant, int columns, const element *x0) {
	by_symm = !strncmp(variant, "symm", 4);
	by_symv = !strcmp(variant, "symv");
	by_gemv = !strcmp(variant, "gemv");
	transposed = strstr(variant, "transposed") ? Trans : NoTrans;
	if (by_gemv && columns > 8) return "this variant is for r up to 8";
	r = columns;
	order = strstr(variant, "rows") ? RowMajor : ColMajor;
	ldx = order == RowMajor ? r : d;
	free(x), free(y), free(m);
	x = allocate((size_t)d * r), y = allocate((size_t)d * r), m = allocate((size_t)r * r);
	for (size_t i = 0; i < (size_t)d; i++)
		for (size_t j = 0; j < (size_t)r; j++) x[order == RowMajor ? i * r + j : i + j * d] = x0[i * r + j];
	return NULL;
}

static void get(element *to) {
	for (size_t i = 0; i < (size_t)d; i++)
		for (size_t j = 0; j < (size_t)r; j++) to[i * r + j] = x[order == RowMajor ? i * r + j : i + j * d];
}

static void step(void) {
	if (by_symm) {
		symm(order, Left, Lower, d, r, eta, sigma, lds, x, ldx, 0, y, ldx);
	} else if (by_symv) {
		for (int j = 0; j < r; j++) symv(ColMajor, Lower, d, eta, sigma, lds, x + (size_t)j * d, 1, 0, y + (size_t)j * d, 1);
	} else if (by_gemv) {
		for (int j = 0; j < r; j++) gemv(ColMajor, Trans, d, d, eta, sigma, lds, x + (size_t)j * d, 1, 0, y + (size_t)j * d, 1);
	} else {
		gemm(order, transposed, NoTrans, d, r, d, eta, sigma, lds, x, ldx, 0, y, ldx);
	}
	if (r == 1 && dot && axpy) {
		axpy(d, 1 - eta * dot(d, x, 1, x, 1), x, 1, y, 1);
	} else {
		memset(m, 0, sizeof(element) * r * r);
		for (int i = 0; i < r; i++) m[i * r + i] = 1;
		if (r > 8 && syrk) { /* half the work, on large matrices half the time */
			syrk(ColMajor, Lower, order == RowMajor ? NoTrans : Trans, r, d, -eta, x, ldx, 1, m, r);
			for (int j = 0; j < r; j++)
				for (int i = j + 1; i < r; i++) m[j + i * r] = m[i + j * r];
		} else {
			gemm(order, Trans, NoTrans, r, r, d, -eta, x, ldx, x, ldx, 1, m, r);
		}
		gemm(order, NoTrans, NoTrans, d, r, r, 1, x, ldx, m, r, 1, y, ldx);
	}
	element *next = y;
	y = x, x = next;
}

int main(int argc, char **argv) {
	char about[512];
	if (argc != 7) return 2; /* DIR D ETA DTYPE THREADS LIBRARY */
	start(argv);
	open_library(argv[6]);
	describe(argv[6], about, sizeof about);
	return serve(variants(), file(), about, use, step, get);
}
