"""Past records from a file: `sheets` reads its rows, `fields` says which column is what, `rows`
makes an activity of a row or tells what is wrong, `engine` runs over the whole file.

Nothing here is kept between two requests: `actions` does that.
"""
