"""What the Python peers share: the protocol (see protocol.go) and reading files.

Import it before the packages that it serves: what they print is no answer.
"""

import ctypes
import os
import re
import sys
import time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import numpy as np

folder, d, eta, dtype, threads = sys.argv[1:6]
d, eta, threads = int(d), float(eta), int(threads)
dtype = {"f64": np.float64, "f32": np.float32}[dtype]


library = ""  # path of the BLAS that blas finds


def load(name, rows, cols):
    return np.fromfile(os.path.join(folder, name), dtype).reshape(rows, cols)


def loaded():
    """Paths of the shared libraries of this process, where Linux lists them."""
    try:
        with open("/proc/self/maps") as maps:
            fields = [line.rstrip("\n").split(None, 5) for line in maps]
    except OSError:
        return []
    return sorted({f[5] for f in fields if len(f) == 6 and ".so" in os.path.basename(f[5])})


def name_of(path):
    """Names the BLAS in a library; empty where it is none that is known."""
    name = os.path.basename(path)
    if "mkl_rt" in name or "mkl_core" in name:
        return "MKL"
    if "libblis" in name:
        return "BLIS"
    if "openblas" not in name:
        return ""
    shared = ctypes.CDLL(path)
    for prefix, suffix in [("", ""), ("", "64_"), ("scipy_", ""), ("scipy_", "64_")]:
        try:
            config = getattr(shared, prefix + "openblas_get_config" + suffix)
            core = getattr(shared, prefix + "openblas_get_corename" + suffix)
        except AttributeError:
            continue
        config.restype = core.restype = ctypes.c_char_p
        version = re.search(r"OpenBLAS \S+", config().decode())
        return "%s %s" % (version.group() if version else "OpenBLAS", core().decode())
    return "OpenBLAS"


def blas(package):
    """Names the BLAS of a package: the one that came with it, else the system's.

    Nothing where there is none or more than one: several packages may be loaded.
    """
    global library
    packages = ("site-packages" + os.sep, "dist-packages" + os.sep)
    own, system = {}, {}
    for path in loaded():
        folder = os.path.dirname(path) + os.sep
        inside = [folder.split(p, 1)[1] for p in packages if p in folder]
        if inside and package in inside[0]:
            own[name_of(path)] = path
        elif not inside:
            system[name_of(path)] = path
    own.pop("", None), system.pop("", None)
    found = own or system
    if len(found) != 1:
        return ""
    [(name, library)] = found.items()
    return ", " + name


def serve(about, variants):
    """Answers commands until quit.

    variants maps a name to a class. An object made of (sigma, x0) has a method
    step() and one x(), the iterate as a d×r array; sigma and x0 are row-major and
    belong to all. The class attribute most is the greatest r that it is for.
    """
    sigma = load("sigma.bin", d, d)
    print("variants", *variants, file=answers)
    if library:
        print("library", library, file=answers)
    print("ready", about, file=answers, flush=True)
    for line in sys.stdin:
        word, *args = line.split()
        answer = "ok"
        if word == "use":
            r, make = int(args[0]), variants[args[1]]
            x0 = load("x0-%d.bin" % r, d, r)
            if getattr(make, "most", r) < r:
                answer = "no this variant is for r up to %d" % make.most
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
        print(answer, file=answers, flush=True)
