"""Every network's code as plain torch modules, each readable in one sitting."""
