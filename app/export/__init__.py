"""What leaves the product: report maps, tables and stand-alone pages, all made from a recipe."""
