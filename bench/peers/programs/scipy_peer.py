"""X ← X + η(ΣX − X(XᵀX)) with SciPy's BLAS, as Y = ηΣX, Y += X(I − ηXᵀX): everything
column-major and in place."""

from protocol import blas, dtype, eta, serve, threads

import numpy as np
import scipy
from scipy.linalg.blas import get_blas_funcs

symm, gemm, syrk, symv, gemv, dot, axpy = get_blas_funcs(("symm", "gemm", "syrk", "symv", "gemv", "dot", "axpy"), dtype=dtype)


class Symm:
    """One triangle of Σ."""

    def __init__(self, sigma, x0):
        self.sigma = sigma.T  # column-major without a copy: Σ is symmetric
        self.X = np.array(x0, order="F")
        self.Y = np.zeros_like(self.X)
        self.I = np.asfortranarray(np.eye(x0.shape[1], dtype=x0.dtype))

    def product(self, X, Y):
        return symm(eta, self.sigma, X, c=Y, lower=1, overwrite_c=1)

    def step(self):
        X = self.X
        Y = self.product(X, self.Y)
        if X.shape[1] <= 64:
            M = gemm(-eta, X, X, beta=1, c=self.I, trans_a=1)
        else:  # half the work makes up for copying a triangle
            M = syrk(-eta, X, beta=1, c=self.I, trans=1, lower=1)
            M += np.tril(M, -1).T
        self.X, self.Y = gemm(1, X, M, beta=1, c=Y, overwrite_c=1), X

    def x(self):
        return self.X


class Gemm(Symm):
    """All of Σ."""

    def product(self, X, Y):
        return gemm(eta, self.sigma, X, c=Y, overwrite_c=1)


class Symv(Symm):
    """One triangle of Σ for each column of X."""

    def product(self, X, Y):
        for j in range(X.shape[1]):
            symv(eta, self.sigma, X[:, j], y=Y[:, j], lower=1, overwrite_y=1)
        return Y


class Gemv(Symm):
    """All of Σ for each column of X."""

    most = 8

    def product(self, X, Y):
        for j in range(X.shape[1]):
            gemv(eta, self.sigma, X[:, j], y=Y[:, j], trans=1, overwrite_y=1)
        return Y


class SymvVector:
    """A single column: nothing but products of vectors."""

    most = 1

    def __init__(self, sigma, x0):
        self.sigma, self.x_ = sigma.T, x0[:, 0].copy()
        self.y = np.zeros_like(self.x_)

    def product(self, x, y):
        return symv(eta, self.sigma, x, y=y, lower=1, overwrite_y=1)

    def step(self):
        x = self.x_
        y = self.product(x, self.y)
        self.x_, self.y = axpy(x, y, a=1 - eta * dot(x, x)), x

    def x(self):
        return self.x_[:, None]


class GemvVector(SymvVector):
    def product(self, x, y):
        return gemv(eta, self.sigma, x, y=y, trans=1, overwrite_y=1)


if __name__ == "__main__":
    serve(
        "SciPy %s%s, threads=%d" % (scipy.__version__, blas("scipy"), threads),
        {"symm": Symm, "gemm": Gemm, "symv": Symv, "gemv": Gemv, "symv-vector": SymvVector, "gemv-vector": GemvVector},
    )
