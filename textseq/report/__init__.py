"""What pages and terminals are written with, whatever they show."""
