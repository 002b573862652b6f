"""Models of others behind the workbench's tasks: one file an adapter, each with weights that are fetched when wanted.

Every network and every decoder here was written for the workbench from the papers and the layout of the published
weights; of the packages that carry the weights nothing is installed or run.
"""
