"""Who made a piece or a file, whether it may be sold, and whose the things are that went into it."""

from __future__ import annotations

from workbench.errors import BadRequest
from workbench.page.rows import Call, Fields, Message, Request, Row
from workbench.provenance.authorship import summary
from workbench.provenance.manifest import written_by
from workbench.provenance.rights import RIGHTS
from workbench.provenance.sourcetype import MEANINGS, SCHEME
from workbench.provenance.verify import Finding, verify


def told_of(finding: Finding) -> Message:
    """A finding as a page is told of it."""
    return {"state": finding.state, "own": finding.own, "sentences": finding.sentences()}


def made(request: Request) -> Message:
    """What a file of the shelf says of its makers."""
    item = request.page.media.get(request.message.get("id"))
    return {"type": "made.told", "made": told_of(verify(item.path))}


def makers(request: Request) -> Message:
    """Who wrote the piece as it stands, whether it may be sold, and whose the things are that it was made from."""
    page = request.page
    project = page.project()
    facts = written_by(project.score, project.events, sounds=page.prompts.takes.held(page.media, project.score))
    said = [f"{summary(facts['authors'])}."] if facts["authors"] else []
    said.append(f"In short: {MEANINGS[facts['source_type'].removeprefix(SCHEME)]}.")
    said += [f"{item['name'] or item['slot']}: {RIGHTS[item['rights']]}." for item in facts["inputs"]]
    selling = facts["selling"]
    return {
        "type": "makers.told", "answer": selling["answer"], "sentence": selling["sentence"], "sentences": said,
        "replace": [
            {name: part[name] for name in ("track", "first", "last")} for part in selling["bound"] if part["track"]
        ],
    }  # fmt: skip


def rights(request: Request) -> Message:
    """Keep what a person says of whose a file is."""
    message, page = request.message, request.page
    item = page.media.get(message.get("id"))
    if message.get("rights") not in RIGHTS:
        raise BadRequest(f"A file can be {', '.join(RIGHTS.values())}.")
    facts = {"slot": item.kind, "name": item.name, "sha256": item.sha256, "rights": message["rights"]}
    log = page.document.log if page.document is not None else page.log
    log.add("prompt", "user", {"action": "rights", **facts})
    return {"type": "ack", "revision": page.revision}


_HERE = "workbench.page.handlers.makers"
#: What a file says of its makers, in TypeScript.
MADE = (
    '{ readonly state: "none" | "whole" | "changed" | "unchecked"; readonly own: boolean; '
    "readonly sentences: readonly string[] }"
)
_TOLD: dict[str, Fields] = {"made.told": {"made": MADE}}

ROWS: tuple[Row, ...] = (
    Call(
        "made", f"{_HERE}:made", "What a file of the shelf says of its makers, and whether it is unchanged.",
        {"id": "string"}, _TOLD, slow=True,
    ),
    Call(
        "makers", f"{_HERE}:makers",
        "Who wrote the piece, and `answer`: may it be sold? `replace`: the bars whose model forbids it.",
        {},
        {
            "makers.told": {
                "answer": '"yes" | "unclear" | "no"', "sentence": "string", "sentences": "readonly string[]",
                "replace": "readonly { readonly track: string; readonly first: number; readonly last: number }[]",
            }
        },
        slow=True, document=True,
    ),
    Call(
        "media.rights", f"{_HERE}:rights", "Whose a file of the shelf is: mine, licensed, public-domain or not-said.",
        {"id": "string", "rights": "string"}, {"ack": {"revision": "number"}},
    ),
)  # fmt: skip
