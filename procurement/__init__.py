"""What the bank asks, who its people are and what happened: the front wing of Assay."""
