"""R and Python together: the wire between them, and the door by which R calls Python."""
