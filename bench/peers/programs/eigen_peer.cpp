// X ← X + η(ΣX − X(XᵀX)) in Eigen, as Y = ηΣX, Y += X(I − ηXᵀX): no temporary.

#include <memory>
#include <string>

#include <Eigen/Dense>

#include "protocol.h"

using namespace Eigen;

enum Kind {
	Triangle,     // one triangle of Σ; Eigen does it on one thread
	TriangleEach, // one triangle of Σ for each column of X, columns on threads
	Whole,        // all of Σ, on Eigen's own threads
	Blocks,       // all of Σ, a block of its rows for each thread
	BlocksEach,   // the same for each column of X
};

struct Iteration {
	virtual ~Iteration() {}
	virtual void step() = 0;
	virtual void get(element *x) const = 0;
};

typedef Matrix<element, Dynamic, Dynamic, RowMajor> RowMatrix;
typedef Matrix<element, Dynamic, Dynamic, ColMajor> Square;

// Columns is 1 for vectors, whose products have kernels of their own.
template <int Order, int Columns, Kind P> struct Variant : Iteration {
	typedef Matrix<element, Dynamic, Columns, Order> Thin;
	Map<const Square, Aligned64, OuterStride<>> S;
	Thin X, Y;
	Matrix<element, Columns, Columns> G, M;

	Variant(int r, const element *x0) : S(sigma, d, d, OuterStride<>(lds)), X(Map<const RowMatrix>(x0, d, r)), Y(d, r), G(r, r), M(r, r) {}

	void step() override {
		if (P == Triangle) {
			Y.noalias() = S.template selfadjointView<Lower>() * (eta * X);
		} else if (P == TriangleEach) {
#pragma omp parallel for schedule(static) num_threads(threads)
			for (Index j = 0; j < X.cols(); j++) Y.col(j).noalias() = S.template selfadjointView<Lower>() * (eta * X.col(j));
		} else if (P == Whole) {
			Y.noalias() = eta * S * X;
		} else {
#pragma omp parallel for schedule(static) num_threads(threads)
			for (int t = 0; t < threads; t++) {
				const Index from = Index(d) * t / threads, n = Index(d) * (t + 1) / threads - from;
				// Columns of Σ, which are its rows, lie together in memory.
				const auto rows = S.middleCols(from, n).transpose();
				if (P == Blocks) {
					Y.middleRows(from, n).noalias() = eta * rows * X;
				} else {
					for (Index j = 0; j < X.cols(); j++) Y.col(j).segment(from, n).noalias() = eta * rows * X.col(j);
				}
			}
		}
		if constexpr (P == Triangle && Columns != 1) {
			G.setZero();
			G.template selfadjointView<Lower>().rankUpdate(X.transpose());
			M = G.template selfadjointView<Lower>();
		} else {
			M.noalias() = X.transpose() * X;
		}
		M = Matrix<element, Columns, Columns>::Identity(M.rows(), M.cols()) - eta * M;
		Y.noalias() += X * M;
		X.swap(Y);
	}

	void get(element *x) const override { Map<RowMatrix>(x, X.rows(), X.cols()) = X; }
};

static std::unique_ptr<Iteration> iteration;

template <Kind P> static const char *make(const std::string &layout, int r, const element *x0) {
	if (layout == "rows") iteration.reset(new Variant<RowMajor, Dynamic, P>(r, x0));
	else if (layout == "columns") iteration.reset(new Variant<ColMajor, Dynamic, P>(r, x0));
	else if (r == 1) iteration.reset(new Variant<ColMajor, 1, P>(r, x0));
	else return "this variant is for r = 1";
	return NULL;
}

template <Kind P> static const char *each(int r, const element *x0) {
	if (r > 8) return "this variant is for r up to 8";
	iteration.reset(new Variant<ColMajor, Dynamic, P>(r, x0));
	return NULL;
}

static const char *use(const char *variant, int r, const element *x0) {
	const std::string name(variant), product = name.substr(0, name.find('-')), layout = name.substr(name.find('-') + 1);
	iteration.reset();
	if (name == "selfadjoint-each") return each<TriangleEach>(r, x0);
	if (name == "blocks-each") return each<BlocksEach>(r, x0);
	if (product == "selfadjoint") return make<Triangle>(layout, r, x0);
	if (product == "plain") return make<Whole>(layout, r, x0);
	return make<Blocks>(layout, r, x0);
}

static void step() { iteration->step(); }
static void get(element *x) { iteration->get(x); }

int main(int argc, char **argv) {
	if (argc != 6) return 2; // DIR D ETA DTYPE THREADS
	start(argv);
	setNbThreads(threads);
	char about[256];
#if defined(EIGEN_VECTORIZE_AVX512)
	const char *simd = " AVX-512";
#elif defined(EIGEN_VECTORIZE_AVX2)
	const char *simd = " AVX2";
#else
	const char *simd = "";
#endif
	snprintf(about, sizeof about, "Eigen %d.%d.%d%s, threads=%d", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION,
	         simd, nbThreads());
	return serve("selfadjoint-rows selfadjoint-columns selfadjoint-each selfadjoint-vector plain-rows plain-columns plain-vector "
	             "blocks-rows blocks-columns blocks-each blocks-vector",
	             "", about, use, step, get);
}
