"""One module a row of the table: ORDER, TITLE, and run(bench), which yields its cases."""
