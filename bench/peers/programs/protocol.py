"""What the Python peers share: the protocol (see protocol.go) and reading files."""

import ctypes
import os
import re
import sys
import time

import numpy as np

folder, d, eta, dtype, threads = sys.argv[1:6]
d, eta, threads = int(d), float(eta), int(threads)
dtype = {"f64": np.float64, "f32": np.float32}[dtype]


def load(name, rows, cols):
    return np.fromfile(os.path.join(folder, name), dtype).reshape(rows, cols)


def blas():
    """Names the BLAS that is loaded, where Linux says which it is."""
    try:
        with open("/proc/self/maps") as maps:
            paths = sorted({line.split()[-1] for line in maps if ".so" in line})
    except OSError:
        return ""
    for path in paths:
        name = os.path.basename(path)
        if "mkl_rt" in name or "mkl_core" in name:
            return ", MKL"
        if "libblis" in name:
            return ", BLIS"
        if "openblas" not in name:
            continue
        library = ctypes.CDLL(path)
        for prefix, suffix in [("", ""), ("", "64_"), ("scipy_", ""), ("scipy_", "64_")]:
            try:
                config = getattr(library, prefix + "openblas_get_config" + suffix)
                core = getattr(library, prefix + "openblas_get_corename" + suffix)
            except AttributeError:
                continue
            config.restype = core.restype = ctypes.c_char_p
            version = re.search(r"OpenBLAS \S+", config().decode())
            return ", %s %s" % (version.group() if version else "OpenBLAS", core().decode())
        return ", OpenBLAS"
    return ""


def serve(about, variants):
    """Answers commands until quit.

    variants maps a name to a class. An object made of (sigma, x0) has a method
    step() and one x(), the iterate as a d×r array; sigma and x0 are row-major and
    belong to all. The class attribute only_r is the r that it is for.
    """
    sigma = load("sigma.bin", d, d)
    print("variants", *variants)
    print("ready", about, flush=True)
    for line in sys.stdin:
        word, *args = line.split()
        answer = "ok"
        if word == "use":
            r, make = int(args[0]), variants[args[1]]
            x0 = load("x0-%d.bin" % r, d, r)
            if getattr(make, "only_r", r) != r:
                answer = "no this variant is for r = %d" % make.only_r
            else:
                iteration = make(sigma, x0)
        elif word == "steps":
            step, n = iteration.step, int(args[0])
            start = time.perf_counter()
            for _ in range(n):
                step()
            answer = "%.9f" % (time.perf_counter() - start)
        elif word == "reset":
            iteration = make(sigma, x0)
        elif word == "save":
            np.ascontiguousarray(iteration.x(), dtype).tofile(line.split(None, 1)[1].rstrip("\n"))
        elif word == "quit":
            return
        else:
            answer = "error unknown command " + word
        print(answer, flush=True)
