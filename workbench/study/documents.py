"""What an ethics board, a participant and a reader of the paper are given, written from the study's own file.

An information sheet, a text on data management, and the skeleton of a preregistration, each as Markdown and as HTML.
What the file does not say stands there as a line to fill in, marked with "(to be written)".
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from workbench import __version__, fsutil
from workbench.study.plan.instruments import INSTRUMENTS
from workbench.study.plan.load import measures
from workbench.study.plan.order import block_size
from workbench.study.plan.study import Break, Information, Listening, Questionnaire, Study, Task

OPEN = "(to be written)"


def documents(study: Study) -> dict[str, str]:
    """The documents as Markdown, by the file's name without its ending."""
    return {
        "information-sheet": information_sheet(study), "data-management": data_management(study),
        "preregistration": preregistration(study),
    }  # fmt: skip


def write(study: Study, folder: Path) -> list[Path]:
    """Write every document as Markdown and as HTML into a folder; returns the files.

    Raises:
        Unavailable: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fsutil.explain(folder, error) from error
    out = []
    for name, text in documents(study).items():
        for ending, content in ((".md", text), (".html", to_html(text, study.language))):
            out.append(folder / f"{name}{ending}")
            fsutil.write_file(out[-1], content.encode("utf-8"))
    return out


def information_sheet(study: Study) -> str:
    """What participants read before they decide."""
    lines = [f"# {study.title}", "", "Information for participants", "", *_who(study), ""]
    for step in study.all_steps():
        if isinstance(step, Information):
            lines += [f"## {step.title or 'About the study'}", "", step.text, ""]
    lines += ["## What you will do", ""]
    lines += [f"- {text}" for text in _doings(study)]
    lines += ["", "## What is kept", "", *(f"- {text}" for text in kept(study)), ""]
    lines += ["## Your rights", "", "- Taking part is voluntary. You may pause, and stop at any time without a reason."]
    gone = "everything that was kept of you is then deleted" if study.data.withdrawn == "delete" else (
        "what was kept until then stays, without your name"
    )  # fmt: skip
    lines += [
        f"- You may withdraw with your code, also after the end; {gone}.",
        "- On the study's own page you can see what is kept of you, take it away as a file, and delete it.", "",
    ]  # fmt: skip
    for consent in study.consents:
        whose = "A child's assent" if consent.kind == "assent" else (
            "Consent of a parent or guardian" if consent.guardian else "Consent"
        )  # fmt: skip
        lines += [f"## {whose} (version {consent.version})", "", consent.text, ""]
        lines += [f"- [ ] {box.text}{'' if box.required else ' (optional)'}" for box in consent.boxes]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def data_management(study: Study) -> str:
    """What is kept, why, how long, and who can see it."""
    data = study.data
    lines = [
        f"# Data management: {study.title}", "", *_who(study), "", "## Purpose", "", data.purpose, "",
        "## What is kept", "", *(f"- {text}" for text in kept(study)), "", "## How", "",
        "- Nothing leaves a participant's page before they agree; the wording they agreed to is kept by its SHA-256.",
        "- People are known by salted ids (HMAC-SHA-256) alone; the secret lies apart from the log, and a code that "
        "somebody comes back with is never stored.",
        "- The log is append-only; every event carries a number, so that a loss shows.",
        f"- Kept for {data.keep_days} days after a session, then deleted by the program itself.",
        f"- Shared with: {data.shared}.",
        "- Access to the server: " + OPEN, "- Place and backup of the log: " + OPEN, "",
        "## Withdrawal", "",
        "Participants withdraw by themselves, with their code, also after the end. "
        + ("All their events are erased from the log, and their entry in the list of participants."
           if data.withdrawn == "delete" else "What was kept until then stays; nothing is added."),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def preregistration(study: Study) -> str:
    """The skeleton of a preregistration, after the questions that registries ask."""
    compare, plan = study.compare, study.assignment
    lines = [f"# Preregistration: {study.title}", "", *_who(study), "", "## Hypothesis", ""]
    lines += [(compare.hypothesis if compare else "") or OPEN, "", "## Design", ""]
    design = "within people: everybody meets every condition" if plan.design == "within" else (
        "between people: everybody meets one condition"
    )  # fmt: skip
    lines += [
        f"- {design[:1].upper()}{design[1:]}.",
        f"- Order: {plan.order}, seed {plan.seed}, fixed before the study.",
    ]
    if block_size(study) > 1:
        lines.append(f"- Balanced in every block of {block_size(study)} people.")
    lines += ["- Conditions:", *(f"  - {c.name}: {_condition(study, c.id)}" for c in study.conditions), ""]
    lines += ["## Sample", "", f"- {plan.people} people; data are not looked at for stopping earlier."]
    lines += [f"- Whoever is not seen for {plan.drop_out_hours:g} hours is replaced on the same row of the table.", ""]
    lines += ["## Measures", ""]
    for step in study.all_steps():
        if isinstance(step, Questionnaire):
            made = INSTRUMENTS.get(step.instrument)
            lines.append(f"- {step.id}: {made.source if made else f'{len(step.items)} items of our own'}")
    lines += [f"- Can be compared between conditions: {', '.join(measures(study))}.", "", "## Analysis", ""]
    if compare is not None:
        lines += [
            f"- Primary: {compare.measure}, {compare.between[0]} against {compare.between[1]}, two-sided, alpha "
            f"{compare.alpha:g}; expected difference {compare.effect:g} standard deviations of one trial.",
            "- A mixed model with condition and position as fixed effects and people as random intercepts.",
        ]
    lines += [
        "- Exclusions: " + OPEN, "- Everything else is exploratory and will be called so.", "", "## Materials", "",
        f"- Study version {study.version}, music-workbench {__version__}; the lock beside the study's file holds the "
        "hashes of code, models and material.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def kept(study: Study) -> list[str]:
    """What is kept of participants, in plain sentences."""
    out = ["What you do in the page during the tasks, step by step, with the time of each step."]
    steps = study.all_steps()
    if any(isinstance(step, Questionnaire) for step in steps):
        out.append("Your answers to the questions.")
    if any(isinstance(step, Listening) for step in steps):
        out.append("What you chose when comparing two recordings, and how long you listened.")
    if study.marks:
        out.append("Thoughts that you note while you work.")
    out.append("The music that you make, as notes.")
    out.append(
        "Recordings and videos only if you tick the box for it."
        if study.data.recordings else "No recordings of your voice and no videos."
    )  # fmt: skip
    out.append(f"Never your name or your network address. All of it is deleted after {study.data.keep_days} days.")
    return out


def _who(study: Study) -> list[str]:
    return [
        f"- Study: {study.id}, version {study.version}", f"- Institution: {study.institution or OPEN}",
        f"- Contact: {study.contact}", f"- Ethics approval: {study.ethics or OPEN}",
    ]  # fmt: skip


def _doings(study: Study) -> list[str]:
    out = []
    for step in study.all_steps():
        name = step.title or step.id
        if isinstance(step, Task):
            most = f" (at most {step.seconds / 60:g} minutes)" if step.seconds else ""
            out.append(f"{name}{most}")
        elif isinstance(step, Questionnaire):
            out.append(f"{name}: {len(step.items)} {'question' if len(step.items) == 1 else 'questions'}")
        elif isinstance(step, Listening):
            out.append(f"{name}: {len(step.pairs)} comparisons by ear")
        elif isinstance(step, Break):
            out.append(f"{name}: a break, at least {step.hours:g} hours" if step.hours else f"{name}: a break")
    return out


def _condition(study: Study, name: str) -> str:
    told = study.condition(name)
    parts = [f"{task} by {model}" if model else f"no {task}" for task, model in told.models.items()]
    parts += [f"tabs {', '.join(told.tabs)}"] if told.tabs is not None else []
    parts += [f"without {control}" for control, on in told.controls.items() if not on]
    parts += [f"answers after {told.latency_ms} ms"] if told.latency_ms is not None else []
    return "; ".join(parts) or "the whole workbench"


def to_html(text: str, language: str = "en") -> str:
    """Our own Markdown (headings, lists, paragraphs, *emphasis*) as a page that stands by itself."""
    body: list[str] = []
    inside = False
    for block in re.split(r"\n(?=\n)|\n(?=- |  - |#)", text):
        line = block.strip("\n")
        item = line.lstrip().startswith("- ")
        if inside and not item:
            body.append("</ul>")
        if item and not inside:
            body.append("<ul>")
        inside = item
        if not line.strip():
            continue
        if (heading := re.match(r"(#{1,3}) (.*)", line, re.S)) is not None:
            level = len(heading[1])
            body.append(f"<h{level}>{_inline(heading[2])}</h{level}>")
        else:
            tag = "li" if item else "p"
            body.append(f"<{tag}>{_inline(line.strip().removeprefix('- '))}</{tag}>")
    if inside:
        body.append("</ul>")
    title = html.escape(text.splitlines()[0].lstrip("# "))
    style = "body { font: 16px/1.5 sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em; }"
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}"><meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{style}</style>\n" + "\n".join(body) + "\n</html>\n"
    )


def _inline(text: str) -> str:
    return re.sub(r"\*([^*\n]+)\*", r"<em>\1</em>", html.escape(text))
