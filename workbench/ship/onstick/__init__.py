"""What lies on the stick: scripts for a double click, and the Python that sets up and starts the workbench.

``target`` and ``start`` are copied there as they are, so they import nothing but the standard library and each other.
"""
