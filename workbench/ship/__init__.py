"""Taking the workbench to computers that have no network: a folder for a stick, started by a double click.

``targets`` names the computers, ``own`` makes the project's wheel, ``wheelhouse`` fetches all that it needs for one of
them, ``carried`` the files of fetched models, ``bundle`` puts the folder together and ``checksums`` tells whether it is
still whole. What runs from the stick itself, with any Python of the right version and nothing installed, lies in
``onstick`` and uses the standard library alone.
"""
