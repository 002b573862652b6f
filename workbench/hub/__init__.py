"""The one layer between every tab and every model.

``protocol`` says what a model is; ``tasks`` what can be asked of one, a folder a task, joined in ``tasks/table``;
``registry`` (with ``spec`` and ``card``) which models exist; ``weights`` where their files come from; ``hub`` (with
``runtime`` and ``estimates``) runs them, a task's guard holding whatever they do; ``public`` has the rules of a server
for visitors, ``conformance`` the suite that every model passes, ``repositories`` what is added from the Hub and pushed
to it. Nothing outside ``tasks/<task>`` names a task.
"""
