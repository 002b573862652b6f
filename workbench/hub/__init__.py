"""The one layer between every tab and every model.

``protocol`` says what a model is, ``tasks`` and ``controls`` what can be asked of one; ``registry`` (with ``spec`` and
``card``) which models exist, ``weights`` (with ``download`` and ``checkpoint``) where their files come from; ``hub``
(with ``runtime`` and ``estimates``) runs them, ``guarantees`` and ``audio_guarantees`` hold whatever they do;
``public`` has the rules of a server for visitors, ``conformance`` the suite that every model passes, ``repositories``
what is added from the Hub and pushed to it.
"""
