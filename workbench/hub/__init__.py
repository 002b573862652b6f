"""The one layer between every tab and every model: what exists, where weights come from, running, cancelling,
licences, and the guarantees that hold whatever a model does.
"""
