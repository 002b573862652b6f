"""A study as an app: the study's file, its log and its participants behind the pages that they see."""

from __future__ import annotations

from pathlib import Path

from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry
from workbench.page.logbook import Logbook
from workbench.page.studydesk import StudyDesk
from workbench.study import freeze
from workbench.study.log.ids import load_salt
from workbench.study.log.sinks import open_sink
from workbench.study.plan.load import load_study
from workbench.study.plan.reception import Reception, roster_place
from workbench.study.plan.roster import Roster
from workbench.study.plan.study import Study
from workbench.study.tables.live import Live, desk_of
from workbench.ui.app import App, Settings, build
from workbench.ui.researcher import Researcher


def study_app(
    file: str | Path, where: str, *, password: str = "", salt: Path | None = None, rules: PublicRules | None = None,
    anyway: bool = False, host: str | None = None, names: tuple[str, ...] = (),
) -> tuple[App, list[str]]:  # fmt: skip
    """The app of a study, and sentences for whoever starts it.

    Args:
        file: the study's.
        where: its log is kept: a folder, ``sqlite:FILE`` or ``hub:OWNER/DATASET``.
        password: of the researcher's page; "": there is none.
        salt: file of the study's secret; by default one beside the person's other settings.
        rules: limits for participants; by default those for strangers.
        anyway: start although something differs from what was frozen; it is said in the log.
        host, names: as for :class:`workbench.ui.app.Settings`.

    Raises:
        BadFile: the study has a mistake, or differs from its lock.
        Unavailable: a model, the log or the list of participants cannot be had.
    """
    study = load_study(file)
    digest, differs = freeze.started(study, anyway)
    remarks = [f"NOTE: {text}" for text in differs]
    if not digest:
        remarks.append("NOTE: The study is not frozen; 'workbench study freeze' writes down what it runs on.")
    if not password:
        remarks.append("NOTE: There is no --password-file, so there is no page for the researcher.")
    secret = load_salt(study.id, salt)
    roster = Roster(roster_place(where, study))
    try:
        sink = open_sink(where)
        book = Logbook(sink, secret, study=study.id, keep_days=study.data.keep_days)
        told = f"{digest} differs" if differs else digest
        reception = Reception(study, roster, book, secret, freeze=told, seconds_of=seconds_of)
        researcher = None
        if password:
            files = (study.path, freeze.place(study) if digest else None)
            researcher = Researcher(Live(sink, desk_of(reception, files)), password)
        app = build(Settings(_rules(study, rules), host=host, names=names, study=True, researcher=researcher))
    except BaseException:
        roster.close()
        raise
    app.pages.logbook, app.pages.study = book, StudyDesk(reception, book)
    return app, remarks


def _rules(study: Study, rules: PublicRules | None) -> PublicRules:
    """The limits, with the study's own models allowed."""
    from dataclasses import replace

    rules = rules or PublicRules(jobs_per_address=64, pages_per_address=200)  # a laboratory has one address
    mine = frozenset(freeze.models(study))
    usual = frozenset(spec.id for spec in Registry.load() if spec.embedded) if rules.models is None else rules.models
    return replace(rules, models=usual | mine)


def seconds_of(path: Path) -> float:
    """How long a sound file is, in seconds; raises :class:`BadFile` if it is none."""
    from workbench.sound.files import read_audio

    return float(read_audio(path).seconds)
