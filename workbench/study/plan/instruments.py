"""The questionnaires that are built in, each with its items, its source, and the terms it may be used under.

``sus``        System Usability Scale: Brooke, J. (1996), SUS: a "quick and dirty" usability scale, in Usability
               Evaluation in Industry, 189-194. "It is made freely available for use in usability assessment"; whoever
               reports it names the source.
``nasa-tlx``   Task Load Index with pair comparisons: Hart, S. G., & Staveland, L. E. (1988), Development of NASA-TLX,
               Advances in Psychology 52, 139-183. A work of the United States' government, in the public domain.
``raw-tlx``    The same without pair comparisons: Hart, S. G. (2006), NASA-Task Load Index (NASA-TLX); 20 years later.
``csi``        Creativity Support Index: Cherry, E., & Latulipe, C. (2014), Quantifying the creativity support of
               digital tools through the Creativity Support Index, ACM Transactions on Computer-Human Interaction
               21(4), article 21; published by its authors for use in studies, who ask to be cited.
``gold-msi``   General Sophistication of the Goldsmiths Musical Sophistication Index (18 of its items): Müllensiefen,
               D., Gingras, B., Musil, J., & Stewart, L. (2014), The musicality of non-musicians, PLoS ONE 9(2), e89642,
               an article under CC BY; Goldsmiths: "All materials can be used free of charge".
``ownership``  Six statements of this workbench's own about whose the music is; they have not been validated.

The answers' keys are stable: they stand in logs. Scores are in :mod:`.scoring`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

from workbench.study.plan.study import Item

AGREE = ("Strongly disagree", "Strongly agree")


@dataclass(frozen=True)
class Instrument:
    """A questionnaire.

    ``source``: where it comes from, to be cited; ``terms``: why it may be used; ``validated``: whether its scores have
    been tested on people.
    """

    name: str
    title: str
    text: str
    items: tuple[Item, ...]
    source: str
    terms: str
    validated: bool = True


def _likert(name: str, texts: tuple[str, ...], points: int, ends: tuple[str, str]) -> tuple[Item, ...]:
    return tuple(
        Item(f"{name}{number}", "likert", text, ends[0], ends[1], points) for number, text in enumerate(texts, 1)
    )


#: Scale -> what is asked, low end, high end. Performance runs from perfect to failure: high is a load throughout.
TLX: Mapping[str, tuple[str, str, str]] = MappingProxyType({
    "mental": ("Mental demand: how mentally demanding was the task?", "Very low", "Very high"),
    "physical": ("Physical demand: how physically demanding was the task?", "Very low", "Very high"),
    "temporal": ("Temporal demand: how hurried or rushed was the pace of the task?", "Very low", "Very high"),
    "performance": (
        "Performance: how successful were you in accomplishing what you were asked to do?", "Perfect", "Failure",
    ),
    "effort": (
        "Effort: how hard did you have to work to accomplish your level of performance?", "Very low", "Very high",
    ),
    "frustration": (
        "Frustration: how insecure, discouraged, irritated, stressed and annoyed were you?", "Very low", "Very high",
    ),
})  # fmt: skip
#: What a pair comparison calls each scale.
TLX_NAMES: Mapping[str, str] = MappingProxyType({
    "mental": "Mental demand", "physical": "Physical demand", "temporal": "Temporal demand",
    "performance": "Performance", "effort": "Effort", "frustration": "Frustration",
})  # fmt: skip

#: Factor -> its two statements.
CSI: Mapping[str, tuple[str, str]] = MappingProxyType({
    "collaboration": (
        "The system or tool allowed other people to work with me easily.",
        "It was really easy to share ideas and designs with other people inside this system or tool.",
    ),
    "enjoyment": (
        "I would be happy to use this system or tool on a regular basis.",
        "I enjoyed using the system or tool.",
    ),
    "exploration": (
        "It was easy for me to explore many different ideas, options, designs, or outcomes, using this system or tool.",
        "The system or tool was helpful in allowing me to track different ideas, outcomes, or possibilities.",
    ),
    "expressiveness": (
        "I was able to be very creative while doing the activity inside this system or tool.",
        "The system or tool allowed me to be very expressive.",
    ),
    "immersion": (
        "My attention was fully tuned to the activity, and I forgot about the system or tool that I was using.",
        "I became so absorbed in the activity that I forgot about the system or tool that I was using.",
    ),
    "results": (
        "I was satisfied with what I got out of the system or tool.",
        "What I was able to produce was worth the effort I had to exert to produce it.",
    ),
})  # fmt: skip
#: What a pair comparison calls each factor.
CSI_NAMES: Mapping[str, str] = MappingProxyType({
    "collaboration": "Work with other people", "enjoyment": "Enjoy using the system or tool",
    "exploration": "Explore many different ideas, outcomes, or possibilities",
    "expressiveness": "Be creative and expressive", "immersion": "Become immersed in the activity",
    "results": "Produce results that are worth the effort I put in",
})  # fmt: skip

SUS = (
    "I think that I would like to use this system frequently.",
    "I found the system unnecessarily complex.",
    "I thought the system was easy to use.",
    "I think that I would need the support of a technical person to be able to use this system.",
    "I found the various functions in this system were well integrated.",
    "I thought there was too much inconsistency in this system.",
    "I would imagine that most people would learn to use this system very quickly.",
    "I found the system very cumbersome to use.",
    "I felt very confident using the system.",
    "I needed to learn a lot of things before I could get going with this system.",
)

#: Statements of General Sophistication by their number in Gold-MSI v1.0.
MSI: Mapping[int, str] = MappingProxyType({
    1: "I spend a lot of my free time doing music-related activities.",
    3: "I enjoy writing about music, for example on blogs and forums.",
    4: "If somebody starts singing a song I don't know, I can usually join in.",
    7: "I can sing or play music from memory.",
    10: "I am able to hit the right notes when I sing along with a recording.",
    12: "I can compare and discuss differences between two performances or versions of the same piece of music.",
    14: "I have never been complimented for my talents as a musical performer.",
    15: "I often read or search the internet for things related to music.",
    17: "I am not able to sing in harmony when somebody is singing a familiar tune.",
    19: "I am able to identify what is special about a given musical piece.",
    23: "When I sing, I have no idea whether I'm in tune or not.",
    24: "Music is kind of an addiction for me - I couldn't live without it.",
    25: "I don't like singing in public because I'm afraid that I would sing wrong notes.",
    27: "I would not consider myself a musician.",
    29: "After hearing a new song two or three times, I can usually sing it by myself.",
})  # fmt: skip
#: Those that count the other way round.
MSI_REVERSED = (14, 17, 23, 25, 27)
#: Questions with seven choices, which count 1 to 7.
MSI_CHOICES: Mapping[int, tuple[str, tuple[str, ...]]] = MappingProxyType({
    32: (
        "I engaged in regular, daily practice of a musical instrument (including voice) for ___ years.",
        ("0", "1", "2", "3", "4-5", "6-9", "10 or more"),
    ),
    33: (
        "At the peak of my interest, I practiced ___ hours per day on my primary instrument.",
        ("0", "0.5", "1", "1.5", "2", "3-4", "5 or more"),
    ),
    37: ("I can play ___ musical instruments.", ("0", "1", "2", "3", "4", "5", "6 or more")),
})  # fmt: skip

OWNERSHIP = (
    "This music is mine.",
    "I decided how this music sounds.",
    "I could say of every part why it is there.",
    "I would put my own name on this music.",
    "The tool made this music more than I did.",
    "I would like to show this music to somebody.",
)


def pairs(names: Mapping[str, str], prefix: str, text: str) -> tuple[Item, ...]:
    """A comparison of every two of some names: 15 for six."""
    return tuple(
        Item(f"{prefix}-{one}-{other}", "pair", text, choices=(names[one], names[other]))
        for one, other in combinations(names, 2)
    )


_TLX_ITEMS = tuple(Item(name, "slider", text, low, high, 21) for name, (text, low, high) in TLX.items())
_CSI_ITEMS = tuple(
    Item(f"{name}{number}", "likert", text, "Highly disagree", "Highly agree", 10)
    for number in (1, 2)
    for name, texts in CSI.items()
    for text in (texts[number - 1],)
)
_MSI_ITEMS = tuple(
    Item(f"msi{number}", "likert", text, "Completely disagree", "Completely agree", 7) for number, text in MSI.items()
) + tuple(Item(f"msi{number}", "choice", text, choices=choices) for number, (text, choices) in MSI_CHOICES.items())

_HART = "Hart, S. G., & Staveland, L. E. (1988). Development of NASA-TLX (Task Load Index). Advances in Psychology, 52."
_PUBLIC = "In the public domain, as a work of the United States' government."

INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType({
    made.name: made
    for made in (
        Instrument(
            "sus", "How was it to use?", "Think of what you have just used.",
            _likert("sus", SUS, 5, AGREE),
            "Brooke, J. (1996). SUS: a \"quick and dirty\" usability scale. Usability Evaluation in Industry, 189-194.",
            "Freely available for use in usability assessment, with its source named.",
        ),
        Instrument(
            "nasa-tlx", "How demanding was it?",
            "First place a mark on each scale. Then, of every two, choose which contributed more to the workload.",
            (*_TLX_ITEMS, *pairs(TLX_NAMES, "pair", "Which contributed more to the workload of this task?")),
            _HART, _PUBLIC,
        ),
        Instrument(
            "raw-tlx", "How demanding was it?", "Place a mark on each scale.", _TLX_ITEMS,
            f"{_HART} Without weights: Hart, S. G. (2006). NASA-Task Load Index (NASA-TLX); 20 years later.", _PUBLIC,
        ),
        Instrument(
            "csi", "Making something with it", "Rate each statement; then, of every two, choose what mattered more.",
            (*_CSI_ITEMS, *pairs(
                CSI_NAMES, "pair", "When doing this task, it was most important that I was able to ...",
            )),
            "Cherry, E., & Latulipe, C. (2014). Quantifying the creativity support of digital tools through the "
            "Creativity Support Index. ACM Transactions on Computer-Human Interaction, 21(4), 21.",
            "Published by its authors for use in studies; they ask to be cited.",
        ),
        Instrument(
            "gold-msi", "You and music", "Choose how much you agree with each statement.", _MSI_ITEMS,
            "Müllensiefen, D., Gingras, B., Musil, J., & Stewart, L. (2014). The musicality of non-musicians: an index "
            "for assessing musical sophistication in the general population. PLoS ONE, 9(2), e89642.",
            "Goldsmiths: all materials can be used free of charge; the article is under CC BY.",
        ),
        Instrument(
            "ownership", "Whose music is it?", "Think of the music that you have just made.",
            _likert("own", OWNERSHIP, 7, AGREE),
            "Six statements of the workbench's own.", "Apache-2.0, as the workbench.", validated=False,
        ),
    )
})  # fmt: skip
