"""X ← X + η(ΣX − X(XᵀX)) in PyTorch on the CPU, as X(I − ηXᵀX) + ηΣX, in place."""

import re

from protocol import blas, eta, serve, threads

import torch

torch.set_num_threads(threads)


class Rows:
    """X row-major; the update is added to ηΣX."""

    def __init__(self, sigma, x0):
        self.sigma, self.X = torch.from_numpy(sigma), torch.from_numpy(x0).clone()
        self.Y = torch.empty_like(self.X)
        self.I = torch.eye(x0.shape[1], dtype=self.X.dtype)
        self.G = torch.empty_like(self.I)

    def step(self):
        X, Y, M = self.X, self.Y, self.G
        torch.mm(X.t(), X, out=M)
        torch.sub(self.I, M, alpha=eta, out=M)
        torch.mm(self.sigma, X, out=Y)
        Y.addmm_(X, M, beta=eta)
        self.X, self.Y = Y, X

    def x(self):
        return self.X.numpy()


class RowsAddmm(Rows):
    """ηΣX is added to X(I − ηXᵀX)."""

    def step(self):
        X, Y, M = self.X, self.Y, self.G
        torch.mm(X.t(), X, out=M)
        torch.sub(self.I, M, alpha=eta, out=M)
        torch.mm(X, M, out=Y)
        Y.addmm_(self.sigma, X, alpha=eta)
        self.X, self.Y = Y, X


class Columns(Rows):
    """X column-major: Xᵀ is held row-major, and XᵀΣ = (ΣX)ᵀ."""

    def __init__(self, sigma, x0):
        super().__init__(sigma, x0)
        self.X = self.X.t().contiguous()
        self.Y = torch.empty_like(self.X)

    def step(self):
        X, Y, M = self.X, self.Y, self.G
        torch.mm(X, X.t(), out=M)
        torch.sub(self.I, M, alpha=eta, out=M)
        torch.mm(X, self.sigma, out=Y)
        Y.addmm_(M, X, beta=eta)
        self.X, self.Y = Y, X

    def x(self):
        return self.X.t().numpy()


class ColumnsAddmm(Columns):
    def step(self):
        X, Y, M = self.X, self.Y, self.G
        torch.mm(X, X.t(), out=M)
        torch.sub(self.I, M, alpha=eta, out=M)
        torch.mm(M, X, out=Y)
        Y.addmm_(X, self.sigma, alpha=eta)
        self.X, self.Y = Y, X


class ColumnsEach(Columns):
    """Each column of ΣX by itself."""

    most = 8

    def step(self):
        X, Y, M = self.X, self.Y, self.G
        torch.mm(X, X.t(), out=M)
        torch.sub(self.I, M, alpha=eta, out=M)
        for x, y in zip(X, Y):
            torch.mv(self.sigma, x, out=y)
        Y.addmm_(M, X, beta=eta)
        self.X, self.Y = Y, X


class Vector:
    """A single column as a tensor of one dimension."""

    most = 1

    def __init__(self, sigma, x0):
        self.sigma, self.x_ = torch.from_numpy(sigma), torch.from_numpy(x0)[:, 0].clone()

    def step(self):
        x = self.x_
        m = 1 - eta * float(torch.dot(x, x))
        self.x_ = torch.addmv(x, self.sigma, x, beta=m, alpha=eta)

    def x(self):
        return self.x_[:, None].numpy()


def library():
    """Names the BLAS that PyTorch was built with."""
    built = torch.__config__.show()
    info = re.search(r"BLAS_INFO=(\w+)", built)
    if info and info.group(1) == "mkl":
        version = re.search(r"Math Kernel Library Version (\S+)", built)
        return ", MKL" + (" " + version.group(1) if version else "")
    return blas("torch")  # a shared library


if __name__ == "__main__":
    with torch.inference_mode():
        serve(
            "PyTorch %s%s, threads=%d" % (torch.__version__, library(), torch.get_num_threads()),
            {
                "mm-rows": Rows,
                "mm-columns": Columns,
                "addmm-rows": RowsAddmm,
                "addmm-columns": ColumnsAddmm,
                "mv-each": ColumnsEach,
                "addmv": Vector,
            },
        )
