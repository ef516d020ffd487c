"""From images to texts."""
