"""Labels, and other targets, of any type: read, weighed, split, and made numbers."""
