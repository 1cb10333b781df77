"""Names of compiled notebooks, which links, records and archives share."""


def notebook_path(section: str, framework: str) -> str:
    """Return the path of a notebook, relative to the folder of the notebooks."""
    return f"{framework}/{section}.ipynb"
