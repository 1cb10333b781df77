# Google Colabで開いたときだけ働く準備です。ほかの環境では何もしません。
import importlib.util
import sys

if "google.colab" in sys.modules and importlib.util.find_spec("torch") is None:
    get_ipython().run_line_magic("pip", "install --quiet torch")
