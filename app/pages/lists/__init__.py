"""Two more views of the page of comparison: work lists, and the reckoning of the two axes."""
