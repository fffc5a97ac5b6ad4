/* X ← X + η(ΣX − X(XᵀX)) on a CBLAS, a shared library named by path, as
   Y = ηΣX, Y += X(I − ηXᵀX): three calls and no temporary. */

#define _GNU_SOURCE
#include <dlfcn.h>

#include "protocol.h"

enum { RowMajor = 101, ColMajor = 102, NoTrans = 111, Trans = 112, Lower = 122, Left = 141 };

#ifdef F32
#define NAME(routine) "cblas_s" routine
#else
#define NAME(routine) "cblas_d" routine
#endif

static void *library;
static void (*symm)(int order, int side, int uplo, int m, int n, element alpha, const element *a, int lda, const element *b, int ldb, element beta, element *c, int ldc);
static void (*gemm)(int order, int ta, int tb, int m, int n, int k, element alpha, const element *a, int lda, const element *b, int ldb, element beta, element *c, int ldc);
static void (*syrk)(int order, int uplo, int trans, int n, int k, element alpha, const element *a, int lda, element beta, element *c, int ldc);
static void (*symv)(int order, int uplo, int n, element alpha, const element *a, int lda, const element *x, int incx, element beta, element *y, int incy);
static void (*gemv)(int order, int trans, int m, int n, element alpha, const element *a, int lda, const element *x, int incx, element beta, element *y, int incy);

static void *find(const char *name) {
	void *p = dlsym(library, name);
	if (!p) fail("the library lacks", name);
	return p;
}

static void open_library(const char *path) {
	if (!(library = dlopen(path, RTLD_NOW | RTLD_GLOBAL))) fail("cannot load", dlerror());
	*(void **)&symm = find(NAME("symm"));
	*(void **)&gemm = find(NAME("gemm"));
	*(void **)&syrk = find(NAME("syrk"));
	*(void **)&symv = find(NAME("symv"));
	*(void **)&gemv = find(NAME("gemv"));
	/* Threads are set by the environment too. */
	const char *setters[] = {"openblas_set_num_threads", "MKL_Set_Num_Threads"};
	for (int i = 0; i < 2; i++) {
		void (*set)(int);
		if ((*(void **)&set = dlsym(library, setters[i]))) set(threads);
	}
	void (*set)(long);
	if ((*(void **)&set = dlsym(library, "bli_thread_set_num_threads"))) set(threads);
}

/* describe writes what the library says of itself. */
static void describe(const char *path, char *to, size_t n) {
	const char *(*text)(void), *(*name)(int);
	int (*number)(void);
	char version[256] = "", core[128] = "";
	if ((*(void **)&text = dlsym(library, "openblas_get_config"))) {
		snprintf(version, sizeof version, "%s", text());
		char *end = strchr(version, ' '); /* OpenBLAS 0.3.21 … */
		if (end && (end = strchr(end + 1, ' '))) *end = 0;
		if ((*(void **)&text = dlsym(library, "openblas_get_corename"))) snprintf(core, sizeof core, " %s", text());
	} else if ((*(void **)&text = dlsym(library, "bli_info_get_version_str"))) {
		snprintf(version, sizeof version, "BLIS %s", text());
		if ((*(void **)&number = dlsym(library, "bli_arch_query_id")) && (*(void **)&name = dlsym(library, "bli_arch_string")))
			snprintf(core, sizeof core, " %s", name(number()));
	} else {
		void (*fill)(char *, int);
		if ((*(void **)&fill = dlsym(library, "mkl_get_version_string"))) {
			fill(version, sizeof version - 1);
			for (size_t k = strlen(version); k > 0 && version[k - 1] == ' '; k--) version[k - 1] = 0;
		} else {
			snprintf(version, sizeof version, "%s", path);
		}
	}
	snprintf(to, n, "%s%s, threads=%d", version, core, threads);
}

static int order, r, ldx, by_symm, by_column, by_gemv;
static element *x, *y, *m; /* d×r, d×r, r×r */

static const char *use(const char *variant, int columns, const element *x0) {
	by_symm = !strncmp(variant, "symm", 4);
	by_column = !strcmp(variant, "symv");
	by_gemv = !strcmp(variant, "gemv");
	if (by_gemv && columns != 1) return "this variant is for r = 1";
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
		symm(order, Left, Lower, d, r, eta, sigma, d, x, ldx, 0, y, ldx);
	} else if (by_column) {
		for (int j = 0; j < r; j++) symv(ColMajor, Lower, d, eta, sigma, d, x + (size_t)j * d, 1, 0, y + (size_t)j * d, 1);
	} else if (by_gemv) {
		gemv(ColMajor, Trans, d, d, eta, sigma, d, x, 1, 0, y, 1);
	} else {
		gemm(order, NoTrans, NoTrans, d, r, d, eta, sigma, d, x, ldx, 0, y, ldx);
	}
	memset(m, 0, sizeof(element) * r * r);
	for (int i = 0; i < r; i++) m[i * r + i] = 1;
	if (by_symm || by_column) {
		syrk(ColMajor, Lower, order == RowMajor ? NoTrans : Trans, r, d, -eta, x, ldx, 1, m, r);
		for (int j = 0; j < r; j++)
			for (int i = j + 1; i < r; i++) m[j + i * r] = m[i + j * r];
	} else {
		gemm(order, Trans, NoTrans, r, r, d, -eta, x, ldx, x, ldx, 1, m, r);
	}
	gemm(order, NoTrans, NoTrans, d, r, r, 1, x, ldx, m, r, 1, y, ldx);
	element *next = y;
	y = x, x = next;
}

int main(int argc, char **argv) {
	char about[512];
	if (argc != 7) return 2; /* DIR D ETA DTYPE THREADS LIBRARY */
	start(argv);
	open_library(argv[6]);
	describe(argv[6], about, sizeof about);
	return serve("symm-rows symm-columns gemm-rows gemm-columns symv gemv", about, use, step, get);
}
