"""Printed prose: markdown as the nodes that the print template draws, never as source text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from spm_lib.reports.pdf.table import table_node
from spm_lib.reports.pdf.text import printable

if TYPE_CHECKING:
    import mistune

Node = dict[str, Any]
Token = Mapping[str, Any]
_LINKS = ("https://", "http://", "mailto:")


def prose_nodes(markdown: str) -> list[Node]:
    """Return the nodes of a markdown text.

    Raw HTML is shown as text, a picture as its description; only links to the web and to mail
    can be followed.

    Examples
    --------
    >>> prose_nodes("**Hello** $x$")
    [{'kind': 'para', 'runs': [{'text': 'Hello', 'strong': True}, {'text': ' $x$'}]}]
    """
    return _nodes(_reader()(markdown))


@cache
def _reader() -> mistune.Markdown:
    import mistune

    return mistune.create_markdown(renderer=None, plugins=["table"])


def _nodes(tokens: Any) -> list[Node]:
    return [_BLOCKS[t["type"]](t) for t in tokens if t["type"] in _BLOCKS]


def _heading(token: Token) -> Node:
    level = token["attrs"]["level"]
    return {"kind": "heading", "level": level, "text": _plain(token["children"])}


def _paragraph(token: Token) -> Node:
    return {"kind": "para", "runs": list(_runs(token["children"]))}


def _list(token: Token) -> Node:
    return {
        "kind": "list",
        "start": token["attrs"].get("start", 1) if token["attrs"]["ordered"] else None,
        "items": [_nodes(item["children"]) for item in token["children"]],
    }


def _quote(token: Token) -> Node:
    return {"kind": "quote", "nodes": _nodes(token["children"])}


def _code(token: Token) -> Node:
    return {"kind": "verbatim", "text": printable(token["raw"].rstrip("\n")), "dir": "ltr"}


def _markup(token: Token) -> Node:
    return {"kind": "para", "runs": [{"text": printable(token["raw"].strip())}]}


def _rule(_token: Token) -> Node:
    return {"kind": "rule"}


def _table(token: Token) -> Node:
    head, *bodies = token["children"]
    heads = [_plain(cell["children"]) for cell in head["children"]]
    right = [cell["attrs"]["align"] == "right" for cell in head["children"]]
    rows = [
        (False, [_plain(cell["children"]) for cell in row["children"]])
        for body in bodies
        for row in body["children"]
    ]
    return table_node(heads=heads, numeric=right, rows=rows)


_BLOCKS: dict[str, Callable[[Token], Node]] = {
    "heading": _heading,
    "paragraph": _paragraph,
    "block_text": _paragraph,
    "list": _list,
    "block_quote": _quote,
    "block_code": _code,
    "block_html": _markup,
    "thematic_break": _rule,
    "table": _table,
}


def _runs(tokens: Iterable[Token], **style: Any) -> Iterator[Node]:
    """Give a text's pieces one after the other, each with its own style."""
    for token in tokens:
        kind = token["type"]
        if kind == "linebreak":
            yield {"text": "\n", **style}
        elif kind == "softbreak":
            yield {"text": " ", **style}
        elif "children" in token:
            yield from _runs(token["children"], **style, **_style(token))
        else:
            code = {"code": True} if kind == "codespan" else {}
            yield {"text": printable(token.get("raw", "")), **style, **code}


def _style(token: Token) -> Node:
    if token["type"] in ("strong", "emphasis"):
        return {token["type"]: True}
    url = token.get("attrs", {}).get("url", "") if token["type"] == "link" else ""
    return {"url": url} if url.lower().startswith(_LINKS) else {}


def _plain(tokens: Iterable[Token]) -> str:
    return "".join(run["text"] for run in _runs(tokens))
