"""The anywidget widgets: the same browser core as the app, owned by Python."""
