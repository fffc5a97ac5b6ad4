"""X ← X + η(ΣX − X(XᵀX)) with SciPy's BLAS, as Y = ηΣX, Y += X(I − ηXᵀX): everything
column-major and in place."""

import numpy as np
import scipy
from scipy.linalg.blas import get_blas_funcs

from protocol import blas, dtype, eta, serve, threads

symm, gemm, syrk, symv = get_blas_funcs(("symm", "gemm", "syrk", "symv"), dtype=dtype)


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


if __name__ == "__main__":
    serve("SciPy %s%s, threads=%d" % (scipy.__version__, blas(), threads), {"symm": Symm, "gemm": Gemm, "symv": Symv})
