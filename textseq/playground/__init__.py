"""Pages in which a model can be played with: its own numbers, and its equations in JavaScript."""
