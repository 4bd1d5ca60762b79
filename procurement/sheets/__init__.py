"""The only home of workbook and table I/O: files that people upload, and workbooks that we hand out.

Nothing here knows Django, a database or a tender, and importing a module is cheap: pandas, openpyxl and
XlsxWriter are imported by the functions that need them.

``values``     strings that people write, read as amounts, dates, numbers, answers and words
``reading``    an uploaded ``.xlsx`` or ``.csv`` as tables of text, or a sentence that says why not
``templates``  the columns of each import, the blank files we hand out, and the dry run of a filled-in one
``writing``    the base of every workbook we write: formats, text that never becomes a formula, print set-up
"""
