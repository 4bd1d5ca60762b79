"""The demo: case files of the story and of four published evaluations, and the people who play in it."""
