"""Raw HTML of sources does not break the pages of an EPUB, which are XHTML."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tabbook.base import config as configuration
from tabbook.export import epub
from tabbook.source import book
from tabbook.sphinxext.epub.raw_html import xhtml
from tests.support.books import store_outputs, write_files

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:sphinx")

SOURCE = """# One

Text<br>with <b>bold</b>&nbsp;and <span class=x>more</span> &copy; <wbr>.

<p align=center>
A & B &lt; C <font color=red>red</font>
<!-- hidden -->

<ul><li>one<li>two</ul>

<details>
<summary>More</summary>

*text*

</details>

| a<br>b | c |
|---|---|
| 1 | 2 |

```{.python .input}
x = 1
```
"""


def test_pages_with_raw_html_are_well_formed(tmp_path: Path) -> None:
    files = {
        "config.ini": "[project]\ntitle = Raw\n[build]\nnotebooks = *.md\n",
        "index.md": SOURCE,
        "environments/python.txt": "ipykernel==7.4.0\n",
    }
    write_files(tmp_path, files)
    assert len(list(store_outputs(tmp_path, lambda *arguments: {}))) == 1
    loaded = book.load(configuration.load(tmp_path))
    with zipfile.ZipFile(epub.make(loaded, loaded.config.default)) as archive:
        page = ElementTree.fromstring(archive.read("index.xhtml").decode())
    tags = [element.tag.rpartition("}")[2] for element in page.iter()]
    assert (tags.count("br"), tags.count("li"), tags.count("details")) == (2, 2, 1)
    text = "".join(page.itertext())
    for shown in ("bold\u00a0and more © .", "A & B < C red", "onetwo"):
        assert shown in text
    assert "hidden" not in text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<br>", "<br />"),
        ("<b>", "<b>"),
        ("</b>", "</b>"),
        ("</br>", ""),
        ("<IMG SRC=a.png hidden onclick=x>", '<img src="a.png" />'),
        ("<p align=center title='a \"b\"'>x</p>", '<p title="a &quot;b&quot;">x</p>'),
        ("a & b &amp; &nosuch; &#228;", "a &amp; b &amp; &amp;nosuch; ä"),
        ("<script>a < b</script>x", "x"),
        ("<p>one<p>two", "<p>one<p>two</p></p>"),
    ],
)
def test_html_is_written_as_xml(html: str, expected: str) -> None:
    assert xhtml(html) == expected
