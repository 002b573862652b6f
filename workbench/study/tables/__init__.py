"""From logs to tables: what is counted in a trial, summaries with intervals, figures, files and the export.

    from workbench.study.tables import summarize, tidy

    summary = summarize("study-logs")     # or sqlite:FILE, hub:OWNER/DATASET
    table = tidy("study-logs")            # pandas, one row a trial

:mod:`.cut` finds the trials, :mod:`.trial` says what every column means, :mod:`.compared` is the model of preferences,
:mod:`.writing` and :mod:`.exporting` make the files. All of it works on logs with gaps, and says where they are.
"""

from workbench.study.tables.frames import tidy as tidy
from workbench.study.tables.summary import Summary as Summary
from workbench.study.tables.summary import summarize as summarize
