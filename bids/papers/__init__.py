"""The papers of a tender as the records have them, before anybody prints them.

`records` holds what a paper is written from; `document` is what all of them are made of: sheets of tables,
notes and signatures, which a page and a `.docx` show alike. Then one module for each paper: `award_paper`
(評選總表), `minutes`, `opening_record`, `notice`, `letter`. `words` writes dates, sums and names.

They are written in the language that is active while they are made.
"""
