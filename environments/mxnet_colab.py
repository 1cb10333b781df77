# Google Colabで開いたときだけ働く準備です。ほかの環境では何もしません。
import sys

if "google.colab" in sys.modules:
    import numpy

    get_ipython().run_line_magic(
        "pip", "install --quiet --no-deps mxnet==1.9.1 graphviz"
    )
    # NumPy 2が取り除いた名前のうち、MXNet 1.9.1が読み込み時に参照するもの
    gone = {"bool": numpy.bool_, "PZERO": 0.0, "NZERO": -0.0, "PINF": numpy.inf}
    gone |= {"NINF": -numpy.inf, "NAN": numpy.nan, "NaN": numpy.nan}
    gone |= {"Inf": numpy.inf, "alltrue": numpy.all, "sometrue": numpy.any}
    gone |= {"product": numpy.prod, "cumproduct": numpy.cumprod}
    gone |= {"round_": numpy.round}
    gone |= dict.fromkeys("fv ipmt irr mirr nper npv pmt ppmt pv rate".split())
    for name, value in gone.items():
        if not hasattr(numpy, name):
            setattr(numpy, name, value)
