# @title Prepare Google Colab (elsewhere this does nothing)
import sys

if "google.colab" in sys.modules:
    from importlib import import_module, util
    from platform import python_version

    needed = ("tensorflow", "matplotlib", "safetensors")
    missing = [name for name in needed if not util.find_spec(name)]
    if missing:
        get_ipython().run_line_magic("pip", f"install -q {' '.join(missing)}")
    for name, version in BOOK_VERSIONS.items():
        if name == "python":
            found = python_version()
        else:
            found = import_module(name.removesuffix("-cpu")).__version__
        print(f"{name}: {found} (verified in this book: {version})")
