"""The mixed models of a study as scripts to read, change and run on the exported table, in Python and in R."""

from __future__ import annotations

from workbench.study.tables.summary import Summary

#: What is modelled if it is there: name -> how.
_RATES = {"acceptance": ("accepted", "suggestions")}
_TIMES = ("first_keep",)
_MEANS = ("edits_after_accept", "heard_each", "undo_rate", "share_model")


def scripts(summary: Summary) -> dict[str, str]:
    """File name -> text: ``mixed_models.py`` and ``mixed_models.R``, both for the ``trials.csv`` beside them."""
    scores = sorted({name for trial in summary.trials for name in trial.scores})
    baseline = summary.names[0] if summary.names else ""
    return {"mixed_models.py": _python(baseline, scores), "mixed_models.R": _r(baseline, scores)}


def _python(baseline: str, scores: list[str]) -> str:
    return f'''"""Mixed models of this study. Run it where trials.csv is:  python mixed_models.py

Needs:  pip install pandas statsmodels

Every person did several trials, and one person's trials are alike. So each model has an intercept of its own for
every person (a random intercept). What is asked is the fixed effect of the condition, against the baseline below;
`position` (which of a person's trials it was) takes out practice and tiredness, which a balanced order spreads evenly.

Decide before the study which ONE of these answers your question (your preregistration says so). The others explore:
their p values are not corrected for how many they are.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf

BASELINE = {baseline!r}
SCORES = {scores!r}

table = pd.read_csv(Path(sys.argv[1] if len(sys.argv) > 1 else "trials.csv"), dtype={{"condition": str}})
table = table[table["practice"] == 0]  # practice is not counted
table["condition"] = pd.Categorical(
    table["condition"], [BASELINE, *sorted(set(table["condition"]) - {{BASELINE}})]
)


def formula(outcome, rows):
    """Condition and position, as far as they vary."""
    terms = [name for name in ("condition", "position") if rows[name].nunique() > 1]
    return f"{{outcome}} ~ {{' + '.join(terms) or '1'}}"


def enough(outcome, rows):
    """Whether a model of this outcome can be fitted at all; says so if it cannot."""
    if rows["person"].nunique() < 3 or len(rows) < 6 or rows[outcome].nunique() < 2:
        print(f"\\n== {{outcome}}: too few trials or people, or no differences, for a model ==")
        return False
    return True


def show(title, fitted):
    """Coefficients with 95 % intervals and p values."""
    bounds = fitted.conf_int()
    out = pd.DataFrame({{"estimate": fitted.params, "low": bounds[0], "high": bounds[1], "p": fitted.pvalues}})
    print(f"\\n== {{title}} ==\\n{{out.round(4).to_string()}}")


def linear(outcome, title):
    """A linear mixed model with a random intercept for each person, by restricted maximum likelihood."""
    rows = table.dropna(subset=[outcome])
    if not enough(outcome, rows):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a person's variance of zero: the model is then an ordinary regression
        fitted = smf.mixedlm(formula(outcome, rows), rows, groups=rows["person"]).fit(reml=True)
    show(title, fitted)


# 1. Acceptance: of the suggestions shown, how many were kept? A share of counts is binomial. Generalised estimating
#    equations keep each person's trials together and their standard errors do not lean on the binomial being exact.
#    (The R script fits the mixed logistic model proper, with lme4.) Estimates are log odds; exp() gives odds ratios.
rows = table[table["suggestions"] > 0].copy()
rows["acceptance"] = rows["accepted"] / rows["suggestions"]
if enough("acceptance", rows):
    model = smf.gee(
        formula("acceptance", rows), groups="person", data=rows, weights=rows["suggestions"],
        family=sm.families.Binomial(), cov_struct=sm.cov_struct.Exchangeable(),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        show("acceptance (log odds)", model.fit())

# 2. Time to the first keep: times are skewed, so their logarithm is modelled; exp() of an estimate is a ratio of times.
#    Trials in which nothing was kept have no such time and are left out: say how many when you report this.
table["log_first_keep"] = np.log(table["first_keep"].clip(lower=0.1))
print(f"\\n{{int(table['first_keep'].isna().sum())}} of {{len(table)}} trials have no first keep.")
linear("log_first_keep", "time to the first keep (log seconds)")

# 3. Everything else, on its own scale.
for name in {list(_MEANS)!r} + SCORES:
    if name in table:
        linear(name, name)
'''


def _r(baseline: str, scores: list[str]) -> str:
    names = ", ".join(f'"{name}"' for name in (*_MEANS, *scores))
    quoted = baseline.replace("\\", "\\\\").replace('"', '\\"')
    return f"""# Mixed models of this study. Run it where trials.csv is:  Rscript mixed_models.R
#
# Needs:  install.packages(c("lme4", "lmerTest"))
#
# Every person did several trials, and one person's trials are alike. So each model has an intercept of its own for
# every person (a random intercept). What is asked is the fixed effect of the condition, against the baseline below;
# position (which of a person's trials it was) takes out practice and tiredness, which a balanced order spreads evenly.
#
# Decide before the study which ONE of these answers your question (your preregistration says so). The others explore:
# their p values are not corrected for how many they are.

library(lme4)
library(lmerTest)

baseline <- "{quoted}"
trials <- read.csv("trials.csv", fileEncoding = "UTF-8")
trials <- subset(trials, practice == 0) # practice is not counted
trials$condition <- relevel(factor(trials$condition), ref = baseline)
trials$person <- factor(trials$person)

# 1. Acceptance: of the suggestions shown, how many were kept? A share of counts is binomial; estimates are log odds.
#    Where every person met every condition several times, let the effect differ between people as well:
#    (1 + condition | person).
shown <- subset(trials, suggestions > 0)
print(summary(glmer(cbind(accepted, suggestions - accepted) ~ condition + position + (1 | person),
                    data = shown, family = binomial)))

# 2. Time to the first keep: times are skewed, so their logarithm is modelled; exp() of an estimate is a ratio of times.
#    Trials in which nothing was kept have no such time and are left out: say how many when you report this.
cat(sum(is.na(trials$first_keep)), "of", nrow(trials), "trials have no first keep.\\n")
print(summary(lmer(log(pmax(first_keep, 0.1)) ~ condition + position + (1 | person), data = trials)))

# 3. Everything else, on its own scale.
for (name in c({names})) {{
  rows <- trials[!is.na(trials[[name]]), ]
  if (nrow(rows) < 6 || length(unique(rows[[name]])) < 2) next
  cat("\\n==", name, "==\\n")
  print(summary(lmer(reformulate(c("condition", "position", "(1 | person)"), name), data = rows)))
}}
"""
