# @title Prepare Google Colab (elsewhere this does nothing)
import sys

if "google.colab" in sys.modules:
    from importlib import metadata, util
    from platform import python_version

    needed = {"jax": "jax", "flax": "flax", "optax": "optax"}
    needed |= {"orbax": "orbax-checkpoint", "safetensors": "safetensors"}
    needed |= {"flatbuffers": "flatbuffers"}
    missing = [needed[name] for name in needed if not util.find_spec(name)]
    if missing:
        get_ipython().run_line_magic("pip", f"install -q {' '.join(missing)}")
    for name, version in BOOK_VERSIONS.items():
        found = python_version() if name == "python" else metadata.version(name)
        print(f"{name}: {found} (verified in this book: {version})")
