# @title Google Colabの準備（ほかの環境では何もしません）
import sys

if "google.colab" in sys.modules:
    from importlib import import_module, util
    from platform import python_version

    import numpy
    import setuptools  # Python 3.12で消えたdistutilsの代わり

    needed = ("matplotlib", "safetensors")
    missing = [name for name in needed if not util.find_spec(name)]
    if missing:
        get_ipython().run_line_magic("pip", f"install -q {' '.join(missing)}")
    if not util.find_spec("mxnet"):
        # 依存する古いNumPyは入れず、Colabにあるものを使う
        line = "install -q --no-deps mxnet==1.9.1 graphviz"
        get_ipython().run_line_magic("pip", line)
    # MXNet 1.9.1が読み込み時に参照し、新しいNumPyにはない名前
    gone = {"bool": numpy.bool_, "PZERO": 0.0, "NZERO": -0.0, "PINF": numpy.inf}
    gone |= {"NINF": -numpy.inf, "Inf": numpy.inf}
    gone |= {"NAN": numpy.nan, "NaN": numpy.nan, "round_": numpy.round}
    gone |= {"alltrue": numpy.all, "sometrue": numpy.any}
    gone |= {"product": numpy.prod, "cumproduct": numpy.cumprod}
    gone |= {"in1d": numpy.isin, "msort": numpy.sort, "trapz": numpy.trapezoid}
    # 金融の関数は置き場所だけを作る（この本では使わない）
    gone |= dict.fromkeys(["mirr", "npv", "pmt", "ppmt", "pv", "rate"])
    for name, value in gone.items():
        if not hasattr(numpy, name):
            setattr(numpy, name, value)
    for name, version in BOOK_VERSIONS.items():
        if name == "python":
            found = python_version()
        else:
            found = import_module(name).__version__
        print(f"{name}: {found}（この本で確かめた版は{version}）")
