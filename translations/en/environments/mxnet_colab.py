# @title Prepare Google Colab (elsewhere this does nothing)
import sys

if "google.colab" in sys.modules:
    from importlib import import_module, util
    from platform import python_version

    import numpy
    import setuptools  # in place of distutils, which Python 3.12 has not

    needed = ("matplotlib", "safetensors")
    missing = [name for name in needed if not util.find_spec(name)]
    if missing:
        get_ipython().run_line_magic("pip", f"install -q {' '.join(missing)}")
    if not util.find_spec("mxnet"):
        # keep the NumPy of Colab, not the old one that is asked for
        line = "install -q --no-deps mxnet==1.9.1 graphviz"
        get_ipython().run_line_magic("pip", line)
    # names that MXNet 1.9.1 imports and a new NumPy lacks
    gone = {"bool": numpy.bool_, "PZERO": 0.0, "NZERO": -0.0, "PINF": numpy.inf}
    gone |= {"NINF": -numpy.inf, "Inf": numpy.inf}
    gone |= {"NAN": numpy.nan, "NaN": numpy.nan, "round_": numpy.round}
    gone |= {"alltrue": numpy.all, "sometrue": numpy.any}
    gone |= {"product": numpy.prod, "cumproduct": numpy.cumprod}
    gone |= {"in1d": numpy.isin, "msort": numpy.sort, "trapz": numpy.trapezoid}
    # financial functions need a place only; nobody calls them
    gone |= dict.fromkeys(["mirr", "npv", "pmt", "ppmt", "pv", "rate"])
    for name, value in gone.items():
        if not hasattr(numpy, name):
            setattr(numpy, name, value)
    for name, version in BOOK_VERSIONS.items():
        if name == "python":
            found = python_version()
        else:
            found = import_module(name).__version__
        print(f"{name}: {found} (verified in this book: {version})")
