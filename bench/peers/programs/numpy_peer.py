"""X ← X + η(ΣX − X(XᵀX)) in NumPy, as X(I − ηXᵀX) + ηΣX: no temporary of X's size."""

from protocol import blas, eta, serve, threads

import numpy as np


class Rows:
    """X row-major."""

    product = staticmethod(np.matmul)

    def __init__(self, sigma, x0):
        self.sigma, self.X = sigma, x0.copy()
        self.Y, self.Z = np.empty_like(x0), np.empty_like(x0)
        self.I = np.eye(x0.shape[1], dtype=x0.dtype)

    def step(self):
        X, Y, Z = self.X, self.Y, self.Z
        self.product(self.sigma, X, out=Y)
        M = self.I - eta * self.product(X.T, X)
        self.product(X, M, out=Z)
        Y *= eta
        Y += Z
        self.X, self.Y = Y, X

    def x(self):
        return self.X


class Columns(Rows):
    """X column-major: Xᵀ is held row-major, and XᵀΣ = (ΣX)ᵀ."""

    def __init__(self, sigma, x0):
        super().__init__(sigma, np.ascontiguousarray(x0.T))
        self.I = np.eye(x0.shape[1], dtype=x0.dtype)

    def step(self):
        X, Y, Z = self.X, self.Y, self.Z
        self.product(X, self.sigma, out=Y)
        M = self.I - eta * self.product(X, X.T)
        self.product(M, X, out=Z)
        Y *= eta
        Y += Z
        self.X, self.Y = Y, X

    def x(self):
        return self.X.T


class RowsDot(Rows):
    product = staticmethod(np.dot)


class ColumnsDot(Columns):
    product = staticmethod(np.dot)


class ColumnsEach(Columns):
    """Each column of ΣX by itself."""

    most = 8

    def step(self):
        X, Y, Z = self.X, self.Y, self.Z
        for x, y in zip(X, Y):
            np.dot(self.sigma, x, out=y)
        M = self.I - eta * np.dot(X, X.T)
        np.dot(M, X, out=Z)
        Y *= eta
        Y += Z
        self.X, self.Y = Y, X


class Vector:
    """A single column as an array of one dimension."""

    most = 1

    def __init__(self, sigma, x0):
        self.sigma, self.x_ = sigma, x0[:, 0].copy()
        self.y = np.empty_like(self.x_)

    def step(self):
        x, y = self.x_, self.y
        np.dot(self.sigma, x, out=y)
        m = 1 - eta * np.dot(x, x)
        y *= eta
        x *= m
        x += y

    def x(self):
        return self.x_[:, None]


if __name__ == "__main__":
    serve(
        "NumPy %s%s, threads=%d" % (np.__version__, blas("numpy"), threads),
        {
            "matmul-rows": Rows,
            "matmul-columns": Columns,
            "dot-rows": RowsDot,
            "dot-columns": ColumnsDot,
            "dot-each": ColumnsEach,
            "dot-vector": Vector,
        },
    )
